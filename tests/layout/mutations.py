# ruff: noqa: E501 - the mutations are a table
"""Ways to make a layout and its netlist two different circuits, each with what LVS must say about it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import klayout.db as db

from tests.layout.helpers import TECHNOLOGY

LayoutChange = Callable[[db.Layout, db.Cell], None]


@dataclass(frozen=True)
class Mutation:
    """A change to the flat layout or to the netlist, and a pattern that one of the messages must match."""

    message: str
    layout: LayoutChange | None = None
    spice: tuple[str, str] | None = None


def layer(layout: db.Layout, name: str) -> int:
    return layout.layer(*TECHNOLOGY.drawing[name])


def label(layout: db.Layout, conductor: str) -> int:
    return layout.layer(*TECHNOLOGY.label[conductor])


def remove(name: str, index: int) -> LayoutChange:
    """Remove a shape of a layer, counted from the left and then from below."""

    def change(layout: db.Layout, cell: db.Cell) -> None:
        shapes = cell.shapes(layer(layout, name))
        found = sorted(shapes.each(), key=lambda shape: (shape.bbox().left, shape.bbox().bottom))
        shapes.erase(found[index])

    return change


def remove_touching(name: str, other: str, *, inverse: bool = False) -> LayoutChange:
    """Remove all shapes of a layer that touch another layer (or that do not)."""

    def change(layout: db.Layout, cell: db.Cell) -> None:
        shapes = cell.shapes(layer(layout, name))
        region, cover = db.Region(shapes), db.Region(cell.shapes(layer(layout, other)))
        region.merged_semantics = False
        kept = region.interacting(cover) if inverse else region.not_interacting(cover)
        shapes.clear()
        shapes.insert(kept)

    return change


def remove_one_touching(name: str, other: str) -> LayoutChange:
    """Remove the first shape of a layer, from the left and then from below, that touches another layer."""

    def change(layout: db.Layout, cell: db.Cell) -> None:
        cover = db.Region(cell.shapes(layer(layout, other)))
        shapes = cell.shapes(layer(layout, name))
        for shape in sorted(shapes.each(), key=lambda shape: (shape.bbox().left, shape.bbox().bottom)):
            if not (db.Region(shape.bbox()) & cover).is_empty():
                shapes.erase(shape)
                return

    return change


def add(name: str, left: float, bottom: float, right: float, top: float) -> LayoutChange:
    def change(layout: db.Layout, cell: db.Cell) -> None:
        cell.shapes(layer(layout, name)).insert(db.DBox(left, bottom, right, top))

    return change


def short_pins(conductor: str, first: str, second: str) -> LayoutChange:
    """Join two labelled nets by a bar between their labels."""

    def change(layout: db.Layout, cell: db.Cell) -> None:
        places = {shape.text.string: shape.text.position() for shape in cell.shapes(label(layout, conductor)).each()}
        bar = db.Box(places[first], places[second]).enlarged(70, 70)
        cell.shapes(layer(layout, conductor)).insert(bar)

    return change


def relabel(conductor: str, names: dict[str, str | None]) -> LayoutChange:
    """Rename labels, or remove those that become None."""

    def change(layout: db.Layout, cell: db.Cell) -> None:
        shapes = cell.shapes(label(layout, conductor))
        texts = [shape.text.dup() for shape in shapes.each()]
        shapes.clear()
        for text in texts:
            name = names.get(text.string, text.string)
            if name is not None:
                shapes.insert(db.Text(name, text.trans))

    return change


def grow(name: str, index: int, left: int, bottom: int, right: int, top: int) -> LayoutChange:
    """Enlarge one shape of a layer by some nm on each side."""

    def change(layout: db.Layout, cell: db.Cell) -> None:
        shapes = cell.shapes(layer(layout, name))
        shape = sorted(shapes.each(), key=lambda shape: (shape.bbox().left, shape.bbox().bottom))[index]
        box = shape.bbox()
        shapes.erase(shape)
        shapes.insert(db.Box(box.left - left, box.bottom - bottom, box.right + right, box.top + top))

    return change


def clear(name: str) -> LayoutChange:
    def change(layout: db.Layout, cell: db.Cell) -> None:
        cell.shapes(layer(layout, name)).clear()

    return change


def mutate_text(text: str, pattern: str, replacement: str) -> str:
    changed, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
    assert count == 1, f"{pattern} is not in the netlist"
    return changed


# On the neuron: membrane capacitor, reset switch, ramp, comparator, logic and driver.
NEURON = {
    "first via removed": Mutation(r"net mismatch|device mismatch", remove("via_1", 0)),
    "tenth via removed": Mutation(r"net mismatch|device mismatch", remove("via_1", 9)),
    "last via removed": Mutation(r"net mismatch|device mismatch", remove("via_1", -12)),
    "gate contacts removed": Mutation(r"mismatch", remove_touching("contact", "nitride_cut")),
    "met1 wire removed": Mutation(r"mismatch", remove("metal_1", 4)),
    "met2 track removed": Mutation(r"mismatch|no label|open", remove("metal_2", 1)),
    "spike and spike_b shorted": Mutation(r"nets spike and spike_b|spike.*spike_b.* are shorted", short_pins("metal_2", "spike", "spike_b")),
    "threshold and reset shorted": Mutation(r"shorted", short_pins("metal_2", "threshold", "reset")),
    "labels swapped": Mutation(r"spike", relabel("metal_2", {"spike": "spike_b", "spike_b": "spike"})),
    "label missing": Mutation(r"port threshold has no label", relabel("metal_2", {"threshold": None})),
    "label renamed": Mutation(r"label vref of the layout is no port", relabel("metal_2", {"threshold": "vref"})),
    "label doubled": Mutation(r"net reset is open", relabel("metal_2", {"fire": "reset"})),
    "diffusion one grid taller": Mutation(r"size mismatch.*W=|device mismatch.*W=", grow("active", 0, 0, 5, 0, 0)),
    "gate one grid longer": Mutation(r"L=", grow("poly", 5, 0, 0, 5, 0)),
    "low threshold lost": Mutation(r"nfet_01v8_lvt|pfet_01v8_lvt", clear("low_threshold_implant")),
    "supply taps cut": Mutation(r"vdd", remove_touching("tap", "n_well")),
    "ground taps cut": Mutation(r"vss", remove_touching("tap", "n_well", inverse=True)),
    "nwell missing": Mutation(r"mismatch|vss|vdd", clear("n_well")),
    "netlist: W": Mutation(r"W=", spice=(r"w=1\.0 ", "w=1.005 ")),
    "netlist: L": Mutation(r"L=", spice=(r"l=0\.5 ", "l=0.505 ")),
    "netlist: fingers": Mutation(r"W=", spice=(r"(^Xramp_source.*) m=7", r"\1 m=6")),
    "netlist: gates swapped": Mutation(r"mismatch", spice=(r"^Xramp_switch membrane fire_b", "Xramp_switch membrane fire")),
    "netlist: kind": Mutation(r"nfet_01v8", spice=(r"(^Xreset_n.*)nfet_01v8", r"\1nfet_01v8_lvt")),
    "netlist: device missing": Mutation(r"device mismatch", spice=(r"^Xidle_switch.*$", "")),
}  # fmt: skip

# On a crossbar of 2 x 2 synapses.
WEIGHTS = ((3, -2), (-1, 4))
CROSSBAR = {
    "unit missing": Mutation(r"W=1\.26.*W=1\.68|W=1\.68", spice=(r"units=3", "units=4")),
    "unit added": Mutation(r"W=", spice=(r"units=2", "units=1")),
    "synapse missing": Mutation(r"device mismatch|net mismatch", spice=(r"^X1_2.*$", "")),
    "synapse of the other sign": Mutation(r"pfet_01v8|nfet_01v8", spice=(r"(^X1_1.*)bias_positive vdd vss synapse_positive", r"\1bias_negative vdd vss synapse_negative")),
    "synapses on each other's column": Mutation(r"membrane", spice=(r"^X1_1 membrane_1", "X1_1 membrane_2")),
    "synapse on another row": Mutation(r"spike", spice=(r"^X1_2 membrane_2 spike_1 spike_b_1", "X1_2 membrane_2 spike_2 spike_b_2")),
    "membranes shorted": Mutation(r"shorted", short_pins("metal_2", "membrane_1", "membrane_2")),
    "membrane via removed": Mutation(r"mismatch", remove("via_1", -1)),
    "membrane labels swapped": Mutation(r"membrane", relabel("metal_2", {"membrane_1": "membrane_2", "membrane_2": "membrane_1"})),
    "contact of a unit removed": Mutation(r"mismatch", remove("contact", 45)),
}  # fmt: skip

# On the whole 5-5-5 network: blocks, crossbars, routing and capacitors at once.
NETWORK = {
    "one gate contact removed": Mutation(r"mismatch", remove_one_touching("contact", "nitride_cut")),
    "mcon removed": Mutation(r"mismatch", remove_touching("via_0", "contact", inverse=True)),
    "via removed": Mutation(r"mismatch", remove("via_1", 40)),
    "one contact of a capacitor removed": Mutation(r"mismatch", remove_one_touching("metal_4", "mim_plate")),
    "via3 of the top plates removed": Mutation(r"membrane|capacitor|cap_mim", remove_touching("via_3", "mim_plate")),
    "via3 of the bottom plates removed": Mutation(r"cap_mim|vss|vdd", remove_touching("via_3", "mim_plate", inverse=True)),
    "met1 wire removed": Mutation(r"mismatch", remove("metal_1", 10)),
    "met2 wire removed": Mutation(r"mismatch|no label|open", remove("metal_2", 200)),
    "capacitor missing": Mutation(r"cap_mim", remove("mim_plate", 0)),
    "capacitor one grid wider": Mutation(r"cap_mim_m3_1 A=", grow("mim_plate", 2, 0, 0, 5, 0)),
    "gate one grid longer": Mutation(r"L=", grow("poly", 300, 0, 0, 5, 0)),
    "gate contacts removed": Mutation(r"mismatch", remove_touching("contact", "nitride_cut")),
    "supply taps cut": Mutation(r"vdd", remove_touching("tap", "n_well")),
    "ground taps cut": Mutation(r"vss", remove_touching("tap", "n_well", inverse=True)),
    "n-wells missing": Mutation(r"mismatch|vdd", clear("n_well")),
    "low threshold lost": Mutation(r"nfet_01v8 at", clear("low_threshold_implant")),
    "inputs shorted": Mutation(r"input_1.*input_2.*shorted", short_pins("metal_2", "input_1", "input_2")),
    "supplies shorted": Mutation(r"v(ss|dd) and v(ss|dd).* shorted|shorted", short_pins("metal_4", "vdd", "vss")),
    "threshold and reset level shorted": Mutation(r"shorted", short_pins("metal_2", "threshold", "reset_level")),
    "inputs swapped": Mutation(r"input_[12]|spike_0_[12]", relabel("metal_2", {"input_1": "input_2", "input_2": "input_1"})),
    "output moved": Mutation(r"output_1|output_2", relabel("metal_2", {"output_1": "output_2", "output_2": "output_1"})),
    "phases swapped": Mutation(r"mismatch", relabel("metal_2", {"reset_1": "fire_1", "fire_1": "reset_1"})),
    "label missing": Mutation(r"port reference has no label", relabel("metal_2", {"reference": None})),
    "label renamed": Mutation(r"label vref of the layout is no port", relabel("metal_2", {"reference": "vref"})),
    "label doubled": Mutation(r"net reset_1 is open", relabel("metal_2", {"reset_2": "reset_1"})),
    "netlist: unit added": Mutation(r"W=", spice=(r"(^X1_1 membrane_1 .*) units=\d+", r"\1 units=9")),
    "netlist: synapse missing": Mutation(r"mismatch", spice=(r"^X2_1 .*$", "")),
    "netlist: column swapped": Mutation(r"membrane", spice=(r"(^Xneuron_1_1 )membrane_1_1", r"\1membrane_1_2")),
    "netlist: neuron missing": Mutation(r"mismatch|output_3", spice=(r"^Xneuron_2_3 .*$", "")),
    "netlist: W off by one grid": Mutation(r"W=", spice=(r"w=1\.0$", "w=1.005")),
    "netlist: L off by one grid": Mutation(r"L=", spice=(r"l=0\.5 ", "l=0.505 ")),
    "netlist: capacitor count": Mutation(r"cap_mim|membrane", spice=(r"(^Xmembrane .*cap_mim.*) m=\d+", r"\1 m=3")),
    "netlist: plates swapped": Mutation(r"cap_mim|membrane", spice=(r"^Xmembrane (membrane) (vss|vdd)", r"Xmembrane \2 \1")),
    "netlist: layers swapped": Mutation(r"mismatch|unit|W=", spice=(r"^(Xcrossbar_1 .*) crossbar_1$", r"\1 crossbar_2")),
}  # fmt: skip
