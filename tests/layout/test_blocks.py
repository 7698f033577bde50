"""Blocks and crossbars drawn from the circuits' own netlists: no rule broken, and the same circuit."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from codesign import design
from codesign.circuits.bias import BiasGenerator
from codesign.circuits.block import Block
from codesign.circuits.gates import Inverter, Nand
from codesign.circuits.neuron import Neuron
from codesign.layout.cells.crossbar import CrossbarPlan, draw_crossbar
from codesign.layout.cells.row import draw_rows
from codesign.layout.cells.synapse import Unit
from codesign.layout.errors import LayoutError
from codesign.layout.lvs import compare_files
from codesign.layout.netlist import flatten, parse_spice
from tests.layout.helpers import PREFIX, TECHNOLOGY, broken_rules, draw_circuit, draw_weights, write_both

BLOCKS = [
    Inverter(),
    Inverter(3.36),
    Nand(),
    Neuron(design.Neuron(), design.Bias()),
    BiasGenerator(design.Bias(), design.TransistorSynapse()),
]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_blocks_are_clean_and_match(block: Block, tmp_path: Path) -> None:
    drawing, text = draw_circuit(block)
    assert broken_rules(drawing, tmp_path) == {}
    report = compare_files(*write_both(drawing, text, tmp_path))
    assert report.messages == ()
    assert report.match


CORNERS = {
    "one_positive": ((1,),),
    "one_negative": ((-1,),),
    "no_unit": ((0,),),
    "all_positive": ((15,) * 3,) * 3,
    "all_negative": ((-15,) * 3,) * 3,
    "wide": ((3, -2, 0, 15, -15, 1, 7),),
    "tall": ((3,), (-2,), (0,), (15,), (-15,)),
}


@pytest.mark.parametrize("name", CORNERS)
def test_crossbars_are_clean_and_match(name: str, tmp_path: Path) -> None:
    drawing, text = draw_weights(name, CORNERS[name])
    assert broken_rules(drawing, tmp_path) == {}
    assert compare_files(*write_both(drawing, text, tmp_path)).messages == ()


WEIGHTS = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda size: st.tuples(*[st.tuples(*[st.integers(-15, 15)] * size[0])] * size[1])
)


@settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(weights=WEIGHTS)
def test_crossbars_of_any_weights_are_clean_and_match(weights: tuple[tuple[int, ...], ...], tmp_path: Path) -> None:
    drawing, text = draw_weights("any_weights", weights)
    assert broken_rules(drawing, tmp_path) == {}
    assert compare_files(*write_both(drawing, text, tmp_path)).messages == ()


@pytest.mark.parametrize("unit", [("p", 1000, 150, 150), ("p", 420, 150, 1000), ("p", 605, 200, 355)])
def test_crossbars_of_other_unit_cells_are_clean(unit, tmp_path) -> None:  # type: ignore[no-untyped-def]
    plan = CrossbarPlan("other", ((2, -3), (-1, 4)), Unit(*unit), Unit("n", *unit[1:]), ("right", "left"))
    assert broken_rules(draw_crossbar(plan, TECHNOLOGY), tmp_path) == {}


def test_a_unit_cell_below_the_rules_is_refused() -> None:
    plan = CrossbarPlan("small", ((1,),), Unit("p", 400, 150, 150), Unit("n", 420, 150, 150), ("left",))
    with pytest.raises(LayoutError, match=r"unit cell of width 0\.4 um cannot be drawn: at least 0\.42 um"):
        draw_crossbar(plan, TECHNOLOGY)


def test_ragged_weights_are_refused() -> None:
    unit = Unit("p", 420, 150, 150)
    with pytest.raises(LayoutError, match="full table"):
        draw_crossbar(CrossbarPlan("ragged", ((1, 2), (3,)), unit, unit, ("left", "left")), TECHNOLOGY)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("X1 a b vss x sky130_fd_pr__nfet_01v8 w=1 l=1", "its bulk is on x"),
        ("X1 a b vss vss sky130_fd_pr__nfet_01v8 w=1.001 l=1", "off the 5 nm grid"),
    ],
)
def test_devices_that_cannot_be_drawn_are_refused(line: str, message: str) -> None:
    text = f".subckt cell a b vdd vss\n{line}\n.ends"
    with pytest.raises(LayoutError, match=message):
        draw_rows(
            "cell", flatten(parse_spice(text, "cell"), "cell", "cell", PREFIX).devices, ("a", "b"), (), TECHNOLOGY
        )
