"""Schematics as pictures: every device and net of the block is there, joined as in the netlist, and can be read."""

import re
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from codesign.circuits.block import Block
from codesign.circuits.branches import RAILS, branches
from codesign.circuits.cells import cells_of
from codesign.circuits.diagram import schematic_svg
from codesign.circuits.gates import Inverter
from codesign.flow.file import FlowFile

ROOT = Path(__file__).parents[2]
FLOWS = ("5-5-5", "dense", "programmable", "resistor", "user-cell")
SVG = "{http://www.w3.org/2000/svg}"
CELLS = [
    pytest.param(cell, id=f"{flow}-{cell.name}")
    for flow in FLOWS
    for cell in cells_of(FlowFile.load(ROOT / "flows" / f"{flow}.toml").design)
]


def texts(block: Block) -> list[tuple[str, str, float, float, float]]:
    """Text, class, left edge, right edge and baseline of each text; letters are taken as 6.6 pixels wide."""
    found = []
    for one in ElementTree.fromstring(schematic_svg(block)).iter(f"{SVG}text"):
        x, width = float(one.get("x", 0)), 6.6 * len(one.text or "")
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[one.get("text-anchor", "start")]
        found.append((one.text or "", one.get("class", ""), left, left + width, float(one.get("y", 0))))
    return found


@pytest.mark.parametrize("cell", CELLS)
def test_every_device_part_and_net_is_named(cell: Block) -> None:
    shown = texts(cell)
    schematic = cell.schematic()
    plain = Counter(text for text, kind, *_ in shown if "net" not in kind)
    for placed in schematic.placed:
        assert plain[placed.name] >= 1
    nets = {text for text, kind, *_ in shown if "net" in kind}
    # Bulks are not drawn; they are at a rail.
    ends = {net for one in schematic.devices for net in one.nets[: 3 if one.shape == "mosfet" else 2]}
    ends |= {net for part in schematic.parts for port, net in part.net_of.items() if port not in RAILS}
    assert ends <= nets
    bold = {text for text, kind, *_ in shown if "port" in kind}
    assert bold == nets & set(cell.ports)


@pytest.mark.parametrize("cell", CELLS)
def test_bulks_are_at_the_rail_of_their_kind(cell: Block) -> None:
    """As the page says, since the picture does not show them."""
    for device in cell.schematic().devices:
        if device.shape == "mosfet":
            assert device.nets[3] == ("vdd" if device.role.startswith("pmos") else "vss")


@pytest.mark.parametrize("cell", CELLS)
def test_texts_do_not_cover_each_other_and_stay_within(cell: Block) -> None:
    root = ElementTree.fromstring(schematic_svg(cell))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    shown = texts(cell)
    for one, other in combinations(shown, 2):
        apart = one[3] <= other[2] or other[3] <= one[2] or abs(one[4] - other[4]) >= 11
        assert apart, (one, other)
    for text, _, left, right, level in shown:
        assert left >= 0 and right <= width and 10 <= level <= height, text


@pytest.mark.parametrize("cell", CELLS)
def test_branches_hold_each_device_once_between_its_own_nets(cell: Block) -> None:
    devices = cell.schematic().devices
    standing = branches(devices)
    assert Counter(one.device.name for branch in standing for one in branch) == Counter(one.name for one in devices)
    for branch in standing:
        for upper, lower in pairwise(branch):
            assert upper.bottom == lower.top and upper.bottom not in RAILS
        for one in branch:
            ends = (one.device.nets[0], one.device.nets[2 if one.device.shape == "mosfet" else 1])
            assert sorted(ends) == sorted((one.top, one.bottom))
            assert one.top != "vss" and one.bottom != "vdd"


def test_an_inverter_is_drawn_as_in_a_textbook() -> None:
    places = {text: (left, level) for text, _, left, _, level in texts(Inverter())}
    # The supply above the PMOS transistor, the output between, ground below the NMOS transistor, all in one branch.
    order = sorted(("vdd", "up", "output", "down", "vss"), key=lambda text: places[text][1])
    assert order == ["vdd", "up", "output", "down", "vss"]
    assert places["up"][0] == places["down"][0]
    assert places["input"][0] < places["up"][0]
    picture = schematic_svg(Inverter())
    # One bubble, that of the PMOS transistor.
    assert len(re.findall(r'<circle [^>]*r="4"', picture)) == 1


@pytest.mark.parametrize("flow", ["5-5-5", "dense"])
def test_the_pictures_of_the_documentation_are_these(flow: str) -> None:
    """Draw them again with `codesign schematic flows/FLOW.toml --out docs/images/FLOW`."""
    design = FlowFile.load(ROOT / "flows" / f"{flow}.toml").design
    drawn = {cell.name: schematic_svg(cell, design.technology) for cell in cells_of(design)}
    shown = sorted((ROOT / "docs" / "images" / flow).glob("*.svg"))
    assert shown
    for path in shown:
        assert path.read_text() == drawn[path.stem], path
