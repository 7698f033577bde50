"""The layout side: devices and nets extracted from the drawn layers of a flat cell."""

from dataclasses import dataclass

import klayout.db as db

from codesign.layout.gds import GdsFile
from codesign.layout.lvs.classes import CAPACITOR, RESISTOR, prepare_class
from codesign.layout.technology import Technology

# MIM capacitance and sheet resistance only fill parameters that are not compared.
_MIM_CAPACITANCE = 2e-15
_SHEET_RESISTANCE = 2000.0
_SUBSTRATE_MARGIN_UM = 5.0


@dataclass(frozen=True)
class ExtractedLayout:
    """A layout's netlist, and what it came from.

    Attributes:
        database: the KLayout extraction (owns the netlist; can be written as an LVSDB).
        circuit: the only circuit.
        layers: the layers of the extraction by name.
        dbu: um per database unit.
    """

    database: db.LayoutVsSchematic
    circuit: db.Circuit
    layers: dict[str, db.Region]
    dbu: float


def extract_layout(gds: GdsFile, technology: Technology) -> ExtractedLayout:
    """Extract transistors, MIM capacitors and poly resistors with their nets from a GDS file."""
    flat = gds.layout.dup()
    top = flat.cell(gds.top.name)
    top.flatten(-1, True)
    return _Extractor(flat, top, technology).run()


class _Extractor:
    """Makes the layers, extracts the devices, connects the conductors. Layer names are those that kpex reads."""

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
        netlist.combine_devices()
        return ExtractedLayout(self._database, circuit, layers, self._layout.dbu)

    def _draw(self, name: str) -> db.Region:
        layer, datatype = self._technology.drawing[name]
        return self._database.make_polygon_layer(self._layout.layer(layer, datatype))

    def _derive(self, drawn: dict[str, db.Region]) -> dict[str, db.Region]:
        margin = round(_SUBSTRATE_MARGIN_UM / self._layout.dbu)
        whole = self._database.make_layer()
        whole.insert(self._top.bbox().enlarged(margin, margin))
        well = drawn["nwell"]
        n_diff, p_diff = drawn["diff"] & drawn["nsdm"], drawn["diff"] & drawn["psdm"]
        body = drawn["poly"] & drawn["poly_res"] & drawn["urpm"]
        capacitor_metal = drawn["capm"] & drawn["met3"]
        via3_on_capm = drawn["via3"].interacting(drawn["capm"])
        return {
            "sub": whole - well,
            "well": well.dup(),
            "nsd": n_diff - drawn["poly"],
            "psd": p_diff - drawn["poly"],
            "n_gate": (n_diff & drawn["poly"]) - drawn["lvtn"],
            "n_gate_lvt": n_diff & drawn["poly"] & drawn["lvtn"],
            "p_gate": (p_diff & drawn["poly"]) - drawn["lvtn"],
            "p_gate_lvt": p_diff & drawn["poly"] & drawn["lvtn"],
            "ntap_conn": drawn["tap"] & drawn["nsdm"] & well,
            "ptap_conn": (drawn["tap"] & drawn["psdm"]) - well,
            "poly_con": drawn["poly"] - body,
            "resistor_body": body,
            "licon": drawn["licon"].dup(),
            "li_con": drawn["li1"].dup(),
            "mcon_con": drawn["mcon"].dup(),
            "met1_con": drawn["met1"].dup(),
            "via1_con": drawn["via"].dup(),
            "met2_con": drawn["met2"].dup(),
            "via2_con": drawn["via2"].dup(),
            "met3": drawn["met3"].dup(),
            "met3_cap": capacitor_metal,
            "capm": drawn["capm"].dup(),
            "via3_cap": via3_on_capm,
            "via3_ncap": drawn["via3"] - via3_on_capm,
            "met4": drawn["met4"].dup(),
            "via4_con": drawn["via4"].dup(),
            "met5_con": drawn["met5"].dup(),
        }

    def _extract_devices(self, layers: dict[str, db.Region], drawn: dict[str, db.Region]) -> None:
        for model, diffusion, gate, bulk in (
            ("nfet_01v8", "nsd", "n_gate", "sub"),
            ("nfet_01v8_lvt", "nsd", "n_gate_lvt", "sub"),
            ("pfet_01v8", "psd", "p_gate", "well"),
            ("pfet_01v8_lvt", "psd", "p_gate_lvt", "well"),
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
            {"P1": layers["capm"], "P2": layers["met3_cap"], "tA": layers["capm"], "tB": layers["met3"]},
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
        conducting = (
            "sub", "well", "nsd", "psd", "ntap_conn", "ptap_conn", "poly_con", "licon", "li_con", "mcon_con",
            "met1_con", "via1_con", "met2_con", "via2_con", "met3", "capm", "via3_cap", "via3_ncap", "met4",
            "via4_con", "met5_con",
        )  # fmt: skip
        for name in conducting:
            connect(layers[name])
        for first, second in (
            ("sub", "ptap_conn"), ("well", "ntap_conn"),
            ("licon", "nsd"), ("licon", "psd"), ("licon", "ntap_conn"), ("licon", "ptap_conn"), ("licon", "poly_con"),
            ("licon", "li_con"), ("li_con", "mcon_con"), ("mcon_con", "met1_con"), ("met1_con", "via1_con"),
            ("via1_con", "met2_con"), ("met2_con", "via2_con"), ("via2_con", "met3"), ("met3", "via3_ncap"),
            ("via3_ncap", "met4"), ("capm", "via3_cap"), ("via3_cap", "met4"), ("met4", "via4_con"),
            ("via4_con", "met5_con"),
        ):  # fmt: skip
            connect(layers[first], layers[second])
        for conductor, layer in (
            ("li1", "li_con"), ("met1", "met1_con"), ("met2", "met2_con"), ("met3", "met3"), ("met4", "met4"),
            ("met5", "met5_con"),
        ):  # fmt: skip
            numbers = self._technology.label[conductor]
            labels = self._database.make_text_layer(self._layout.layer(*numbers), f"{conductor}_label")
            connect(layers[layer], labels)
