"""Every rule of the deck catches its failing drawings and accepts its passing ones."""

import klayout.db as db
import pytest

from codesign.layout.drc import check_cell
from codesign.layout.drc.antenna import antenna_ratios
from codesign.layout.drc.regions import LayerRegions
from codesign.layout.technology import load_technology
from tests.layout.rule_examples import EXAMPLES, Shape, box

TECHNOLOGY = load_technology()


def draw(shapes: tuple[Shape, ...]) -> tuple[db.Layout, db.Cell]:
    layout = db.Layout()
    layout.dbu = TECHNOLOGY.database_unit_um
    cell = layout.create_cell("example")
    for layer, numbers in shapes:
        target = cell.shapes(layout.layer(*TECHNOLOGY.drawing[layer]))
        if len(numbers) == 4:
            target.insert(db.DBox(*numbers))
        else:
            target.insert(db.DPolygon([db.DPoint(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]))
    return layout, cell


def broken_rules(shapes: tuple[Shape, ...]) -> set[str]:
    _layout, cell = draw(shapes)
    return {violation.rule for violation in check_cell(cell).violations}


def test_every_rule_has_examples() -> None:
    assert {rule.name for rule in TECHNOLOGY.drc} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_passing_examples(name: str) -> None:
    for shapes in EXAMPLES[name].passing:
        assert name not in broken_rules(shapes)


@pytest.mark.parametrize("name", EXAMPLES)
def test_failing_examples(name: str) -> None:
    for number, shapes in enumerate(EXAMPLES[name].failing):
        assert name in broken_rules(shapes), f"failing example {number} was not caught"


def wire_on_gate(length: float, diode: bool) -> tuple[Shape, ...]:
    """A met1 wire of `length` um and 0.14 um width on a gate of 0.15 x 0.42 um."""
    shapes = (
        box("n_active", 0, 0, 1.0, 0.42) + box("poly", 0.4, -0.13, 0.55, 1.0) + box("contact", 0.4, 0.7, 0.57, 0.87)
    )
    shapes += (
        box("local_interconnect", 0.3, 0.6, 0.7, 1.0)
        + box("via_0", 0.4, 0.7, 0.57, 0.87)
        + box("metal_1", 0.4, 0.7, 0.4 + length, 0.84)
    )
    if diode:
        shapes += (
            box("contact", 0.1, 0.1, 0.27, 0.27)
            + box("local_interconnect", 0.1, 0.1, 0.27, 1.0)
            + box("local_interconnect", 0.1, 0.8, 0.7, 1.0)
        )
    return shapes


def test_antenna_ratio_is_side_wall_over_gate_area() -> None:
    _layout, cell = draw(wire_on_gate(20.0, diode=False))
    ratios = {ratio.rule: ratio for ratio in antenna_ratios(LayerRegions(cell, TECHNOLOGY), TECHNOLOGY)}
    assert ratios["ar.met1.1"].ratio == pytest.approx(2 * (20.0 + 0.14) * 0.35 / (0.15 * 0.42), rel=1e-6)
    assert ratios["ar.met1.1"].violations == 0


def test_antenna_rule_catches_a_long_wire_and_a_diode_cures_it() -> None:
    _layout, cell = draw(wire_on_gate(40.0, diode=False))
    assert {ratio.rule for ratio in check_cell(cell).antenna if ratio.violations} == {"ar.met1.1"}
    _layout, cell = draw(wire_on_gate(40.0, diode=True))
    assert all(ratio.violations == 0 for ratio in check_cell(cell).antenna)
