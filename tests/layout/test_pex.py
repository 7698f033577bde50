"""Parasitic extraction against hand calculation, and an extracted netlist that stands in for the schematic."""

import math
from pathlib import Path

import klayout.db as db
import numpy as np
import pytest
import typer
from scipy import sparse
from scipy.sparse.linalg import spsolve
from typer.testing import CliRunner

from codesign.circuits.gates import Inverter
from codesign.cli.layout import app
from codesign.layout.errors import LayoutError
from codesign.layout.gds import read_gds
from codesign.layout.lvs.extract import extract_layout
from codesign.layout.pex import extract_files
from codesign.layout.pex.capacitance import WHOLE_COUPLING, Capacitances, Coupling, wire_capacitances
from codesign.layout.pex.resistance import resistor_network
from tests.layout.helpers import PREFIX, TECHNOLOGY, draw_circuit, draw_weights, write_both

ROOT = typer.Typer()
ROOT.add_typer(app, name="room")


def wires(folder: Path, *shapes: tuple[str, str, tuple[float, float, float, float]]) -> Path:
    """A layout of labelled wires: (net, layer, corners in um)."""
    layout = db.Layout()
    cell = layout.create_cell("wires")
    for net, layer, corners in shapes:
        box = db.DBox(*corners)
        cell.shapes(layout.layer(*TECHNOLOGY.drawing[layer])).insert(box)
        if net and layer in TECHNOLOGY.label:
            label = db.DText(net, db.DTrans(db.DVector(box.center().x, box.center().y)))
            cell.shapes(layout.layer(*TECHNOLOGY.label[layer])).insert(label)
    layout.write(str(folder / "wires.gds"))
    return folder / "wires.gds"


def capacitances(path: Path, coupling: Coupling = WHOLE_COUPLING) -> Capacitances:
    extracted = extract_layout(read_gds(path, TECHNOLOGY), TECHNOLOGY)
    names = {net.cluster_id: net.name.lower() for net in extracted.circuit.each_net() if net.name}
    return wire_capacitances(extracted, names, "vss", TECHNOLOGY, coupling)


def fringe_share(distance: float, area_capacitance: float) -> float:
    """The share of an edge's field that lands within a distance in um: magic's atan law with its halo of 8 um."""
    return math.atan(0.02 * area_capacitance * distance) / math.atan(0.02 * area_capacitance * 8)


def test_a_met1_wire_of_100_um_by_hand(tmp_path: Path) -> None:
    found = capacitances(wires(tmp_path, ("a", "metal_1", (0, 0, 100, 0.14))))
    by_hand = 100 * 0.14 * 25.8e-18 + 2 * (100 + 0.14) * 40.6e-18
    assert found == {("a", "vss"): pytest.approx(by_hand, rel=1e-9)}


def test_a_wire_at_an_angle_is_refused(tmp_path: Path) -> None:
    path = wires(tmp_path, ("a", "metal_1", (0, 0, 100, 0.14)))
    layout = db.Layout()
    layout.read(str(path))
    corners = [db.DPoint(0, 0.14), db.DPoint(0, 5), db.DPoint(5, 0.14)]
    layout.top_cell().shapes(layout.layer(*TECHNOLOGY.drawing["metal_1"])).insert(db.DPolygon(corners))
    layout.write(str(path))
    with pytest.raises(LayoutError, match=r"metal_1 of the net a .* right angles only"):
        capacitances(path)


@pytest.mark.parametrize("coupling", [1, 2])
def test_two_parallel_wires_by_hand(coupling: Coupling, tmp_path: Path) -> None:
    path = wires(tmp_path, ("a", "metal_1", (0, 0, 100, 0.14)), ("b", "metal_1", (0, 0.42, 100, 0.56)))
    found = capacitances(path, coupling)
    assert found["a", "b"] == pytest.approx(coupling / 2 * 100 * 44e-18 / (0.28 + 0.25), rel=1e-9)
    to_ground = 100 * 0.14 * 25.8e-18 + (100 * (1 + fringe_share(0.28, 25.8)) + 2 * 0.14) * 40.6e-18
    assert found["a", "vss"] == pytest.approx(to_ground, rel=1e-9)
    assert found["b", "vss"] == pytest.approx(to_ground, rel=1e-9)


@pytest.mark.parametrize("spacing", [0.28, 0.56])
def test_the_whole_coupling_is_that_of_a_field_solution(spacing: float, tmp_path: Path) -> None:
    path = wires(
        tmp_path, ("a", "metal_1", (0, 0, 100, 0.14)), ("b", "metal_1", (0, 0.14 + spacing, 100, 0.28 + spacing))
    )
    found = capacitances(path)
    mutual, to_ground = two_met1_lines(spacing)
    assert found["a", "b"] / 100 == pytest.approx(mutual, rel=0.2)
    assert found["a", "vss"] / 100 == pytest.approx(to_ground, rel=0.25)


def two_met1_lines(spacing: float, step: float = 0.02) -> tuple[float, float]:
    """Capacitance of two met1 lines to each other, and of one to the substrate, in F per um of length.

    Laplace's equation in finite differences over the cross-section, in one dielectric of 4.1: lines of 0.14 um by
    0.36 um, 1.376 um over the substrate; no field through the other sides of a window of 6 um by 4 um.
    """
    columns, rows = 300, 200
    x, y = (np.arange(columns) + 0.5) * step - columns * step / 2, (np.arange(rows) + 0.5) * step
    beside = ((y > 1.376) & (y < 1.736))[:, None]
    left = (beside & (np.abs(x + spacing / 2 + 0.07) < 0.07)[None, :]).ravel()
    right = (beside & (np.abs(x - spacing / 2 - 0.07) < 0.07)[None, :]).ravel()
    along, up = (
        np.diag(np.ones(n - 1), -1) + np.diag(np.ones(n - 1), 1) + np.diag([-1.0, *[-2.0] * (n - 2), -1.0])
        for n in (columns, rows)
    )
    up[0, 0] = -3.0  # The substrate is half a step below the lowest row.
    laplacian = sparse.csr_array(sparse.kron(sparse.eye(rows), along) + sparse.kron(up, sparse.eye(columns)))
    free = ~(left | right)
    potential = left.astype(float)
    potential[free] = spsolve(laplacian[free][:, free].tocsc(), -(laplacian[free] @ potential))
    charge = laplacian @ potential * 4.1 * 8.854e-18
    mutual = charge[right].sum()
    return float(mutual), float(-charge[left].sum() - mutual)


def test_a_wire_between_two_others_shields_them(tmp_path: Path) -> None:
    bars = [(name, "metal_1", (0, y, 50, y + 0.14)) for name, y in (("a", 0.0), ("b", 0.28), ("c", 0.56))]
    assert ("a", "c") not in capacitances(wires(tmp_path, *bars))


def test_a_crossing_by_hand(tmp_path: Path) -> None:
    path = wires(tmp_path, ("a", "metal_1", (0, 0, 40, 1)), ("b", "metal_2", (19, -10, 21, 11)))
    # Overlap of 2 x 1 um; the edges of b over a (2 x 1 um long) and of a below b (2 x 2 um long), out to the halo.
    by_hand = 2 * 1 * 133.9e-18 + 2 * 1 * 67.1e-18 + 2 * 2 * 48.2e-18
    assert capacitances(path)["a", "b"] == pytest.approx(by_hand, rel=1e-9)


def test_resistance_of_a_met1_wire_by_hand(tmp_path: Path) -> None:
    contacts = [
        ("", layer, (x, 0.5, x + 0.17, 0.67)) for x in (0.5, 99.33) for layer in ("local_interconnect", "via_0")
    ]
    path = wires(tmp_path, ("a", "metal_1", (0, 0, 100, 1)), *contacts)
    extracted = extract_layout(read_gds(path, TECHNOLOGY), TECHNOLOGY)
    net = next(net for net in extracted.circuit.each_net() if net.name.lower() == "a")
    network = resistor_network(extracted, net, [(0, 0), (100, 0)], TECHNOLOGY)
    assert network is not None
    assert sum(resistance for _a, _b, resistance in network.resistors) == pytest.approx(98.83 * 0.125, rel=0.01)


@pytest.fixture(scope="module")
def crossbar(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_both(*draw_weights("tile", ((3, -2), (-1, 4))), tmp_path_factory.mktemp("pex"))


def test_the_extracted_netlist_takes_the_place_of_the_schematic(crossbar: tuple[Path, Path]) -> None:
    report = extract_files(*crossbar)
    schematic = crossbar[1].read_text()
    ports = next(line for line in schematic.splitlines() if line.startswith(".subckt tile"))
    assert ports.lower() in report.netlist
    assert report.netlist.count(PREFIX) == 8
    assert all(value > 0 for value in report.capacitances.values())
    membrane = sum(value for pair, value in report.capacitances.items() if "membrane_1" in pair)
    assert 1e-15 < membrane < 20e-15


def test_every_line_of_the_extracted_netlist_hangs_together(crossbar: tuple[Path, Path]) -> None:
    lines = extract_files(*crossbar).netlist.splitlines()
    joined = [set(line.split()[1:3]) for line in lines if line.startswith("Rwire")]
    nodes = {node for pair in joined for node in pair}
    for root in {node.split("__")[0] for node in nodes}:
        reached, grown = {root}, True
        while grown:
            more = {node for pair in joined if pair & reached for node in pair} - reached
            reached |= more
            grown = bool(more)
        assert {node for node in nodes if node.split("__")[0] == root} <= reached


def test_a_layout_that_does_not_match_is_not_extracted(crossbar: tuple[Path, Path], tmp_path: Path) -> None:
    changed = tmp_path / "changed.spice"
    changed.write_text(crossbar[1].read_text().replace("units=3", "units=4"))
    with pytest.raises(LayoutError, match="does not match"):
        extract_files(crossbar[0], changed)


def test_the_command(crossbar: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "extracted.spice"
    result = CliRunner().invoke(ROOT, ["room", "pex", *map(str, crossbar), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "wire capacitances" in result.output and out.exists()
    result = CliRunner().invoke(
        ROOT, ["room", "pex", str(crossbar[0]), str(tmp_path / "none.spice"), "--out", str(out)]
    )
    assert result.exit_code == 2 and result.output.startswith("error: cannot read")


def test_wires_without_devices_are_extracted_too(tmp_path: Path) -> None:
    files = write_both(*draw_weights("positive", ((1,),)), tmp_path)
    pairs = extract_files(*files).capacitances
    assert ("bias_negative", "vss") in pairs and ("membrane_1", "vss") in pairs


def parameters(line: str) -> dict[str, float]:
    return {key: float(value) for key, value in (word.split("=") for word in line.split() if "=" in word)}


def test_junctions_are_those_drawn(crossbar: tuple[Path, Path], tmp_path: Path) -> None:
    lines = extract_files(*crossbar).netlist.splitlines()
    # Every unit has a membrane contact of its own, 0.29 um long; the middle node is shared by both transistors.
    source = parameters(next(line for line in lines if line.startswith("X1_1__source membrane")))
    assert source["m"] == 3
    assert source["ad"] == pytest.approx(0.42 * 0.29) and source["pd"] == pytest.approx(2 * (0.42 + 0.29))
    assert source["as"] == pytest.approx(0.42 * 0.29 / 2)
    # Fingers share: three of four contacts of an inverter of two 1.68 um wide fingers are at the rails.
    files = write_both(*draw_circuit(Inverter(3.36)), tmp_path)
    lines = extract_files(*files).netlist.splitlines()
    wide = parameters(next(line for line in lines if "pfet" in line))
    assert wide["m"] > 1 and wide["ad"] * wide["m"] < wide["as"] * wide["m"]
