"""Drawings as GDS files, and what DRC and LVS say of them."""

from pathlib import Path

from codesign import design
from codesign.circuits.block import Block, library
from codesign.circuits.crossbar import Crossbar
from codesign.layout.cells.crossbar import CrossbarPlan, draw_crossbar
from codesign.layout.cells.row import draw_rows, is_transistor
from codesign.layout.cells.synapse import Unit
from codesign.layout.drawing import Drawing, write_gds
from codesign.layout.drc import check_gds
from codesign.layout.geometry import Side
from codesign.layout.schematic import flat_schematic
from codesign.layout.technology import load_technology

TECHNOLOGY = load_technology()
RAILS = ("vdd", "vss")
PREFIX = TECHNOLOGY.process.devices.prefix


def broken_rules(drawing: Drawing, folder: Path) -> dict[str, int]:
    """Rules that a drawing breaks, antenna rules included, with the number of places."""
    path = folder / f"{drawing.name}.gds"
    write_gds(drawing, path)
    report = check_gds(path)
    broken = {violation.rule: len(violation.markers) for violation in report.violations}
    return broken | {ratio.rule: ratio.violations for ratio in report.antenna if ratio.violations}


def draw_circuit(block: Block) -> tuple[Drawing, str]:
    """The transistors of a block of `codesign.circuits` in rows, and their netlist: a network draws its capacitors."""
    flat = flat_schematic(block, TECHNOLOGY.process)
    transistors = [device for device in flat.devices if is_transistor(device, TECHNOLOGY)]
    ports = [port for port in flat.ports if port not in RAILS]
    lines = [
        f"X{one.name} {' '.join(one.nets)} {PREFIX}{one.model} w={one.width} l={one.length} m={one.count}"
        for one in transistors
    ]
    text = "\n".join([f".subckt {flat.name} {' '.join(flat.ports)}", *lines, ".ends"])
    return draw_rows(flat.name, transistors, ports, [], TECHNOLOGY).drawing, text


def draw_weights(name: str, weights: tuple[tuple[int, ...], ...]) -> tuple[Drawing, str]:
    """The layout of a crossbar, membranes to the left and right in turn, and its netlist under the same name."""
    sides: list[Side] = ["left" if number % 2 else "right" for number in range(len(weights))]
    unit = {channel: Unit(channel, 420, 150, 150) for channel in ("p", "n")}
    drawing = draw_crossbar(CrossbarPlan(name, weights, unit["p"], unit["n"], sides), TECHNOLOGY)
    text = library([Crossbar(1, weights, design.TransistorSynapse())])
    return drawing, text.replace("crossbar_1", name)


def write_both(drawing: Drawing, text: str, folder: Path) -> tuple[Path, Path]:
    """Write a layout and its netlist; returns both paths."""
    gds, spice = folder / f"{drawing.name}.gds", folder / f"{drawing.name}.spice"
    write_gds(drawing, gds)
    spice.write_text(text, encoding="utf-8")
    return gds, spice
