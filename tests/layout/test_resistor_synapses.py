"""Crossbars and networks of poly-resistor synapses, and unit cells that nobody draws."""

from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from codesign import design
from codesign.circuits.block import library
from codesign.circuits.crossbar import Crossbar
from codesign.circuits.network import Network
from codesign.cli.layout import app
from codesign.flow.file import FlowFile
from codesign.layout.cells.resistor_crossbar import ResistorCrossbarPlan, draw_resistor_crossbar
from codesign.layout.cells.resistor_synapse import ResistorUnit
from codesign.layout.drawing import Drawing
from codesign.layout.drc import check_gds
from codesign.layout.errors import LayoutError
from codesign.layout.lvs import compare_files
from codesign.layout.output import write_layout
from tests.layout.helpers import TECHNOLOGY, broken_rules, write_both
from tests.layout.networks import network

FLOWS = Path(__file__).parents[2] / "flows"
SYNAPSE = design.ResistorSynapse(kind="resistor", positive_length=27, negative_length=21.7)


def crossbar(name: str, weights: tuple[tuple[int, ...], ...]) -> tuple[Drawing, str]:
    """A crossbar with membranes at the left, and its netlist without the bias ports, which have no wires."""
    positive = ResistorUnit("p", 420, 150, 350, 27000)
    negative = ResistorUnit("n", 420, 150, 350, 21700)
    plan = ResistorCrossbarPlan(name, weights, positive, negative, ["left"] * len(weights), ["left"] * len(weights[0]))
    drawing = draw_resistor_crossbar(plan, TECHNOLOGY)
    text = library([Crossbar(1, weights, SYNAPSE)]).replace("crossbar_1", name)
    ports, rest = text.split(f".subckt {name}", 1)[1].split("\n", 1)
    return drawing, text.split(f".subckt {name}", 1)[0] + (
        f".subckt {name}{ports.replace(' bias_positive bias_negative', '')}\n{rest}"
    )


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("mixed", ((3, -2), (-1, 4), (0, 1))),
        ("positive", ((15, 15),)),
        ("negative", ((-15,), (-1,))),
        ("with_an_empty_row", ((1, 0),)),
    ],
)
def test_crossbars_are_clean_and_match(name: str, weights: tuple[tuple[int, ...], ...], tmp_path: Path) -> None:
    drawing, text = crossbar(name, weights)
    assert broken_rules(drawing, tmp_path) == {}
    assert compare_files(*write_both(drawing, text, tmp_path)).messages == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [("units=3", "units=4"), ("l=27.0", "l=27.005"), ("Xresistor middle membrane", "Xresistor membrane membrane")],
    ids=["a unit added", "a grid longer", "shorted"],
)
def test_other_resistors_do_not_match(old: str, new: str, tmp_path: Path) -> None:
    drawing, text = crossbar("mixed", ((3, -2), (-1, 4)))
    assert old in text
    messages = compare_files(*write_both(drawing, text.replace(old, new, 1), tmp_path)).messages
    assert any("res_xhigh_po" in message for message in messages), messages


def test_a_resistor_off_the_rules_is_refused() -> None:
    unit = ResistorUnit("n", 420, 150, 400, 20000)
    with pytest.raises(LayoutError, match=r"its width must be one of 0\.35"):
        draw_resistor_crossbar(ResistorCrossbarPlan("odd", ((-1,),), unit, unit, ["left"], ["left"]), TECHNOLOGY)
    unit = ResistorUnit("n", 420, 150, 350, 20001)
    with pytest.raises(LayoutError, match="off the 5 nm grid"):
        draw_resistor_crossbar(ResistorCrossbarPlan("odd", ((-1,),), unit, unit, ["left"], ["left"]), TECHNOLOGY)


@pytest.mark.slow
def test_the_5_5_5_network_is_clean_and_matches(tmp_path: Path) -> None:
    flow = FlowFile.load(FLOWS / "resistor.toml")
    files = write_layout(Network(flow.design, network((5, 5, 5)).weights), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


USER_CELL = """.subckt {name} out in vdd vss
{device}
.ends
"""


@pytest.mark.parametrize(
    "device",
    ["R1 out vdd 100k", "X1 out in vss vss sky130_fd_pr__nfet_01v8 w=1 l=1 ad=1 as=1 pd=1 ps=1"],
    ids=["ideal resistor", "one transistor"],
)
def test_a_users_cell_is_refused_in_one_line(device: str, tmp_path: Path) -> None:
    (tmp_path / "cells.spice").write_text("".join(USER_CELL.format(name=name, device=device) for name in "pn"))
    ports = 'membrane = "out", spike = "in", supply = "vdd", ground = "vss"'
    synapse = [
        "[design.synapse]", 'kind = "user"', 'file = "cells.spice"',
        f'positive = {{ subcircuit = "p", spike_active = "low", {ports} }}',
        f'negative = {{ subcircuit = "n", spike_active = "high", {ports} }}',
    ]  # fmt: skip
    flow = (FLOWS / "resistor.toml").read_text()
    head, tail = flow.split("[design.synapse]")
    flow = head + "\n".join(synapse) + "\n\n[design.neuron]" + tail.split("[design.neuron]")[1]
    (tmp_path / "flow.toml").write_text(flow)
    np.savez(tmp_path / "weights.npz", layer_1=np.array([[1, -1]]))
    root = typer.Typer()
    root.add_typer(app, name="room")
    out = tmp_path / "out"
    arguments = ["room", "layout", str(tmp_path / "flow.toml"), str(tmp_path / "weights.npz"), "--out", str(out)]
    result = CliRunner().invoke(root, arguments)
    assert result.exit_code == 2, result.output
    assert result.output.startswith("error: ") and result.output.count("\n") == 1
    assert "draw" in result.output
    assert not out.exists()
