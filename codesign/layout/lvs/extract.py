"""The layout side: devices and nets extracted from the drawn layers of a flat cell."""

from dataclasses import dataclass

import klayout.db as db

from codesign.layout.errors import LayoutError
from codesign.layout.gds import GdsFile
from codesign.layout.lvs.classes import DeviceKind, device_kinds, prepare_class
from codesign.layout.technology import Conductor, Layer, Technology
from codesign.pdk.technology import MosfetRole

# Capacitance (F/um2) and sheet resistance (ohm) only fill parameters that are not compared.
_PLATE_CAPACITANCE = 1e-15
_SHEET_RESISTANCE = 1000.0
_SUBSTRATE_MARGIN_UM = 5.0

CONDUCTORS: dict[Conductor, tuple[str, ...]] = {
    "local_interconnect": ("local_interconnect",),
    "metal_1": ("metal_1",),
    "metal_2": ("metal_2",),
    "metal_3": ("metal_3_off_plate", "metal_3_under_plate"),
    "metal_4": ("metal_4",),
    "metal_5": ("metal_5",),
}
"""The layers of the extraction that make up each wiring conductor."""

CONTACTS: dict[str, str] = {
    "n_diffusion": "n_diffusion_contact",
    "p_diffusion": "p_diffusion_contact",
    "n_tap": "n_tap_contact",
    "p_tap": "p_tap_contact",
    "poly": "poly_contact",
}
"""The contacts of each layer below the local interconnect."""

_CONNECTIONS: tuple[tuple[str, str], ...] = (
    ("substrate", "p_tap"),
    ("n_well", "n_tap"),
    *CONTACTS.items(),
    *((contact, "local_interconnect") for contact in CONTACTS.values()),
    ("local_interconnect", "via_0"),
    ("via_0", "metal_1"),
    ("metal_1", "via_1"),
    ("via_1", "metal_2"),
    ("metal_2", "via_2"),
    ("via_2", "metal_3_off_plate"),
    ("via_2", "metal_3_under_plate"),
    ("metal_3_off_plate", "metal_3_under_plate"),
    ("metal_3_off_plate", "via_3_off_plate"),
    ("via_3_off_plate", "metal_4"),
    ("mim_plate", "via_3_on_plate"),
    ("via_3_on_plate", "metal_4"),
    ("metal_4", "via_4"),
    ("via_4", "metal_5"),
)

_LABELLED: dict[Layer, tuple[str, ...]] = {
    "substrate": ("substrate",),
    "n_well": ("n_well",),
    "poly": ("poly",),
    **CONDUCTORS,
}
"""The layers that a label on each conductor names."""

_TRANSISTORS: dict[MosfetRole, tuple[str, str, str]] = {
    "nmos": ("n_diffusion", "n_gate", "substrate"),
    "nmos_low_threshold": ("n_diffusion", "n_gate_low_threshold", "substrate"),
    "pmos": ("p_diffusion", "p_gate", "n_well"),
    "pmos_low_threshold": ("p_diffusion", "p_gate_low_threshold", "n_well"),
}
"""The layers of each transistor's source and drain, gate, and bulk."""

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
        self._kinds = device_kinds(technology.process)
        self._database = db.LayoutVsSchematic(db.RecursiveShapeIterator(layout, top, []))

    def run(self) -> ExtractedLayout:
        drawn: dict[Layer, db.Region] = {name: self._draw(name) for name in self._technology.drawing}
        layers = self._derive(drawn)
        names = self._technology.parasitics.klayout_pex.layers
        for name, region in layers.items():
            self._database.register(region, names.get(name, name))
        self._extract_devices(layers, drawn)
        self._connect(layers)
        self._database.extract_netlist()
        netlist = self._database.netlist()
        for device_class in netlist.each_device_class():
            prepare_class(device_class, self._kinds[device_class.name])
        circuit = next(iter(netlist.each_circuit_top_down()), None)
        if circuit is None:
            circuit = db.Circuit()
            circuit.name = self._top.name
            netlist.add(circuit)
        # Summed here: where KLayout combines fingers, it mixes drains and sources.
        junctions = _junctions(circuit, self._kinds)
        netlist.combine_devices()
        return ExtractedLayout(self._database, circuit, layers, self._layout.dbu, junctions)

    def _draw(self, name: Layer) -> db.Region:
        layer, datatype = self._technology.drawing[name]
        return self._database.make_polygon_layer(self._layout.layer(layer, datatype))

    def _derive(self, drawn: dict[Layer, db.Region]) -> dict[str, db.Region]:
        margin = round(_SUBSTRATE_MARGIN_UM / self._layout.dbu)
        whole = self._database.make_layer()
        whole.insert(self._top.bbox().enlarged(margin, margin))
        well, contact = drawn["n_well"], drawn["contact"]
        n_diff, p_diff = drawn["active"] & drawn["n_implant"], drawn["active"] & drawn["p_implant"]
        if not (drawn["active"] & drawn["poly"] & drawn["high_threshold_implant"]).is_empty():
            implant = self._technology.names["high_threshold_implant"]
            raise LayoutError(
                f"{self._top.name} has gates under {implant}; the technology has no role for such transistors, so that "
                "nothing can be said of them"
            )
        body = drawn["poly"] & drawn["resistor_mark"] & drawn["resistor_implant"]
        diffusion = {"n_diffusion": n_diff - drawn["poly"], "p_diffusion": p_diff - drawn["poly"]}
        taps = {
            "n_tap": drawn["tap"] & drawn["n_implant"] & well,
            "p_tap": (drawn["tap"] & drawn["p_implant"]) - well,
        }
        poly = {"poly": drawn["poly"] - body}
        via_3_on_plate = drawn["via_3"].interacting(drawn["mim_plate"])
        return {
            "substrate": whole - well,
            "n_well": well.dup(),
            **diffusion,
            "n_gate": (n_diff & drawn["poly"]) - drawn["low_threshold_implant"],
            "n_gate_low_threshold": n_diff & drawn["poly"] & drawn["low_threshold_implant"],
            "p_gate": (p_diff & drawn["poly"]) - drawn["low_threshold_implant"],
            "p_gate_low_threshold": p_diff & drawn["poly"] & drawn["low_threshold_implant"],
            **taps,
            **poly,
            "resistor_body": body,
            **{CONTACTS[name]: contact & region for name, region in {**diffusion, **taps, **poly}.items()},
            "local_interconnect": drawn["local_interconnect"].dup(),
            "via_0": drawn["via_0"].dup(),
            "metal_1": drawn["metal_1"].dup(),
            "via_1": drawn["via_1"].dup(),
            "metal_2": drawn["metal_2"].dup(),
            "via_2": drawn["via_2"].dup(),
            "metal_3_off_plate": drawn["metal_3"] - drawn["mim_plate"],
            "metal_3_under_plate": drawn["metal_3"] & drawn["mim_plate"],
            "mim_plate": drawn["mim_plate"].dup(),
            "via_3_on_plate": via_3_on_plate,
            "via_3_off_plate": drawn["via_3"] - via_3_on_plate,
            "metal_4": drawn["metal_4"].dup(),
            "via_4": drawn["via_4"].dup(),
            "metal_5": drawn["metal_5"].dup(),
        }

    def _extract_devices(self, layers: dict[str, db.Region], drawn: dict[Layer, db.Region]) -> None:
        process = self._technology.process
        for role, (diffusion, gate, bulk) in _TRANSISTORS.items():
            self._database.extract_devices(
                db.DeviceExtractorMOS4Transistor(process.device(role)),
                {
                    "SD": layers[diffusion],
                    "G": layers[gate],
                    "W": layers[bulk],
                    "tS": layers[diffusion],
                    "tD": layers[diffusion],
                    "tG": layers["poly"],
                    "tB": layers[bulk],
                },
            )
        self._database.extract_devices(
            db.DeviceExtractorCapacitor(process.device("mim_capacitor"), _PLATE_CAPACITANCE),
            {
                "P1": layers["mim_plate"],
                "P2": layers["metal_3_under_plate"],
                "tA": layers["mim_plate"],
                "tB": layers["metal_3_under_plate"],
            },
        )
        self._database.extract_devices(
            db.DeviceExtractorResistorWithBulk(process.device("poly_resistor"), _SHEET_RESISTANCE),
            {
                "R": layers["resistor_body"],
                "C": layers["poly"],
                "W": layers["substrate"],
                "tA": layers["poly"],
                "tB": layers["poly"],
                "tW": layers["substrate"],
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


def _junctions(circuit: db.Circuit, kinds: dict[str, DeviceKind]) -> dict[JunctionKey, tuple[float, float]]:
    found: dict[JunctionKey, tuple[float, float]] = {}
    for device in circuit.each_device():
        if not kinds[device.device_class().name].is_transistor:
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
