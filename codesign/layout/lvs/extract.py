"""The layout side: devices and nets extracted from the drawn layers of a flat cell."""

from dataclasses import dataclass

import klayout.db as db

from codesign.layout.gds import GdsFile
from codesign.layout.lvs.classes import CAPACITOR, RESISTOR, TRANSISTORS, prepare_class
from codesign.layout.technology import Technology

# MIM capacitance and sheet resistance only fill parameters that are not compared.
_MIM_CAPACITANCE = 2e-15
_SHEET_RESISTANCE = 2000.0
_SUBSTRATE_MARGIN_UM = 5.0

CONDUCTORS: dict[str, tuple[str, ...]] = {
    "li1": ("li_con",),
    "met1": ("met1_con",),
    "met2": ("met2_con",),
    "met3": ("met3_ncap", "met3_cap"),
    "met4": ("met4_ncap",),
    "met5": ("met5_con",),
}
"""The layers of the extraction that make up each wiring conductor. Layers are called as klayout-pex reads them."""

CONTACTS: dict[str, str] = {
    "nsd": "licon_nsd_con",
    "psd": "licon_psd_con",
    "ntap_conn": "licon_ntap_con",
    "ptap_conn": "licon_ptap_con",
    "poly_con": "licon_poly_con",
}
"""The contacts of each layer below li1."""

_CONNECTIONS: tuple[tuple[str, str], ...] = (
    ("sub", "ptap_conn"),
    ("nwell", "ntap_conn"),
    *CONTACTS.items(),
    *((contact, "li_con") for contact in CONTACTS.values()),
    ("li_con", "mcon_con"),
    ("mcon_con", "met1_con"),
    ("met1_con", "via1_con"),
    ("via1_con", "met2_con"),
    ("met2_con", "via2_con"),
    ("via2_con", "met3_ncap"),
    ("via2_con", "met3_cap"),
    ("met3_ncap", "met3_cap"),
    ("met3_ncap", "via3_ncap"),
    ("via3_ncap", "met4_ncap"),
    ("capm", "via3_cap"),
    ("via3_cap", "met4_ncap"),
    ("met4_ncap", "via4_ncap"),
    ("via4_ncap", "met5_con"),
)

_LABELLED: dict[str, tuple[str, ...]] = {
    "substrate": ("sub",),
    "nwell": ("nwell",),
    "poly": ("poly_con",),
    **CONDUCTORS,
}
"""The layers that a label on each conductor names."""

JunctionKey = tuple[str, int, int, int]
"""Model of a transistor, and the cluster ids of its gate, of the net at one end, and of the net at the other."""


@dataclass(frozen=True)
class ExtractedLayout:
    """A layout's netlist, and what it came from.

    Attributes:
        database: the KLayout extraction (owns the netlist; can be written as an LVSDB).
        circuit: the only circuit.
        layers: the layers of the extraction by name.
        dbu: um per database unit.
        junctions: area (um2) and perimeter (um) of the diffusion at one end of a transistor, its fingers summed.
    """

    database: db.LayoutVsSchematic
    circuit: db.Circuit
    layers: dict[str, db.Region]
    dbu: float
    junctions: dict[JunctionKey, tuple[float, float]]

    def shapes_of_net(self, net: db.Net, layers: tuple[str, ...]) -> db.Region:
        """The merged shapes of a net on some layers of the extraction."""
        shapes = db.Region()
        for name in layers:
            shapes += self.database.shapes_of_net(net, self.layers[name], True)
        return shapes.merged()


def extract_layout(gds: GdsFile, technology: Technology) -> ExtractedLayout:
    """Extract transistors, MIM capacitors and poly resistors with their nets from a GDS file.

    Labels within the parts of the top cell name their own ports, which are inner nets here: they are passed over.
    """
    flat = gds.layout.dup()
    top = flat.cell(gds.top.name)
    for cell in flat.each_cell():
        if cell.cell_index() != top.cell_index():
            for layer in flat.layer_indexes():
                for label in list(cell.shapes(layer).each(db.Shapes.STexts)):
                    label.delete()
    top.flatten(-1, True)
    return _Extractor(flat, top, technology).run()


class _Extractor:
    """Makes the layers, extracts the devices, connects the conductors."""

    def __init__(self, layout: db.Layout, top: db.Cell, technology: Technology) -> None:
        self._layout = layout
        self._top = top
        self._technology = technology
        self._database = db.LayoutVsSchematic(db.RecursiveShapeIterator(layout, top, []))

    def run(self) -> ExtractedLayout:
        drawn = {name: self._draw(name) for name in self._technology.drawing}
        layers = self._derive(drawn)
        for name, region in layers.items():
            self._database.register(region, name)
        self._extract_devices(layers, drawn)
        self._connect(layers)
        self._database.extract_netlist()
        netlist = self._database.netlist()
        for device_class in netlist.each_device_class():
            prepare_class(device_class)
        circuit = next(iter(netlist.each_circuit_top_down()), None)
        if circuit is None:
            circuit = db.Circuit()
            circuit.name = self._top.name
            netlist.add(circuit)
        # Summed here: where KLayout combines fingers, it mixes drains and sources.
        junctions = _junctions(circuit)
        netlist.combine_devices()
        return ExtractedLayout(self._database, circuit, layers, self._layout.dbu, junctions)

    def _draw(self, name: str) -> db.Region:
        layer, datatype = self._technology.drawing[name]
        return self._database.make_polygon_layer(self._layout.layer(layer, datatype))

    def _derive(self, drawn: dict[str, db.Region]) -> dict[str, db.Region]:
        margin = round(_SUBSTRATE_MARGIN_UM / self._layout.dbu)
        whole = self._database.make_layer()
        whole.insert(self._top.bbox().enlarged(margin, margin))
        well, licon = drawn["nwell"], drawn["licon"]
        n_diff, p_diff = drawn["diff"] & drawn["nsdm"], drawn["diff"] & drawn["psdm"]
        body = drawn["poly"] & drawn["poly_res"] & drawn["urpm"]
        diffusion = {"nsd": n_diff - drawn["poly"], "psd": p_diff - drawn["poly"]}
        taps = {
            "ntap_conn": drawn["tap"] & drawn["nsdm"] & well,
            "ptap_conn": (drawn["tap"] & drawn["psdm"]) - well,
        }
        poly = {"poly_con": drawn["poly"] - body}
        via3_on_capm = drawn["via3"].interacting(drawn["capm"])
        return {
            "sub": whole - well,
            "nwell": well.dup(),
            **diffusion,
            "n_gate": (n_diff & drawn["poly"]) - drawn["lvtn"],
            "n_gate_lvt": n_diff & drawn["poly"] & drawn["lvtn"],
            "p_gate": (p_diff & drawn["poly"]) - drawn["lvtn"],
            "p_gate_lvt": p_diff & drawn["poly"] & drawn["lvtn"],
            **taps,
            **poly,
            "resistor_body": body,
            **{CONTACTS[name]: licon & region for name, region in {**diffusion, **taps, **poly}.items()},
            "li_con": drawn["li1"].dup(),
            "mcon_con": drawn["mcon"].dup(),
            "met1_con": drawn["met1"].dup(),
            "via1_con": drawn["via"].dup(),
            "met2_con": drawn["met2"].dup(),
            "via2_con": drawn["via2"].dup(),
            "met3_ncap": drawn["met3"] - drawn["capm"],
            "met3_cap": drawn["met3"] & drawn["capm"],
            "capm": drawn["capm"].dup(),
            "via3_cap": via3_on_capm,
            "via3_ncap": drawn["via3"] - via3_on_capm,
            "met4_ncap": drawn["met4"].dup(),
            "via4_ncap": drawn["via4"].dup(),
            "met5_con": drawn["met5"].dup(),
        }

    def _extract_devices(self, layers: dict[str, db.Region], drawn: dict[str, db.Region]) -> None:
        for model, diffusion, gate, bulk in (
            ("nfet_01v8", "nsd", "n_gate", "sub"),
            ("nfet_01v8_lvt", "nsd", "n_gate_lvt", "sub"),
            ("pfet_01v8", "psd", "p_gate", "nwell"),
            ("pfet_01v8_lvt", "psd", "p_gate_lvt", "nwell"),
        ):
            self._database.extract_devices(
                db.DeviceExtractorMOS4Transistor(model),
                {
                    "SD": layers[diffusion],
                    "G": layers[gate],
                    "W": layers[bulk],
                    "tS": layers[diffusion],
                    "tD": layers[diffusion],
                    "tG": layers["poly_con"],
                    "tB": layers[bulk],
                },
            )
        self._database.extract_devices(
            db.DeviceExtractorCapacitor(CAPACITOR, _MIM_CAPACITANCE),
            {"P1": layers["capm"], "P2": layers["met3_cap"], "tA": layers["capm"], "tB": layers["met3_cap"]},
        )
        self._database.extract_devices(
            db.DeviceExtractorResistorWithBulk(RESISTOR, _SHEET_RESISTANCE),
            {
                "R": layers["resistor_body"],
                "C": layers["poly_con"],
                "W": layers["sub"],
                "tA": layers["poly_con"],
                "tB": layers["poly_con"],
                "tW": layers["sub"],
            },
        )

    def _connect(self, layers: dict[str, db.Region]) -> None:
        connect = self._database.connect
        for first, second in _CONNECTIONS:
            connect(layers[first], layers[second])
        for name in dict.fromkeys(name for pair in _CONNECTIONS for name in pair):
            connect(layers[name])
        for conductor, names in _LABELLED.items():
            technology = self._technology
            purposes = {"label": technology.label, "pin": technology.pin, "drawing": technology.drawing}
            for purpose, numbers in purposes.items():
                if conductor in numbers:
                    index = self._layout.layer(*numbers[conductor])
                    labels = self._database.make_text_layer(index, f"{conductor}_{purpose}")
                    for name in names:
                        connect(layers[name], labels)


def _junctions(circuit: db.Circuit) -> dict[JunctionKey, tuple[float, float]]:
    found: dict[JunctionKey, tuple[float, float]] = {}
    for device in circuit.each_device():
        if device.device_class().name not in TRANSISTORS:
            continue
        for end in "DS":
            key = junction_key(device, end)
            area, perimeter = found.get(key, (0.0, 0.0))
            found[key] = (area + device.parameter(f"A{end}"), perimeter + device.parameter(f"P{end}"))
    return found


def junction_key(device: db.Device, end: str) -> JunctionKey:
    """The key of one end ("D" or "S") of a transistor."""
    gate, this, other = (device.net_for_terminal(name).cluster_id for name in ("G", end, "S" if end == "D" else "D"))
    return device.device_class().name, gate, this, other
