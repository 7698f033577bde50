"""Reading the direct measurements, from waveforms whose answer is known."""

import pytest

from codesign.extraction.crosscheck import crosscheck_decks, read_crosscheck
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.testbenches import LOADED_UNITS
from codesign.spice import DcSweep
from tests.extraction.synthetic import CURRENT, CURVATURE, DESIGN, E_NEG, E_POS, charging, sweep


def test_currents_and_capacitances_are_read_off() -> None:
    loads = (2e-12, 2e-12 + LOADED_UNITS * 3e-16, 2e-12 + LOADED_UNITS * 2e-16)
    check = read_crosscheck(DESIGN, [sweep(), *(charging(load) for load in loads)])
    positive, negative = check.sweeps["positive"], check.sweeps["negative"]
    assert (positive.e_rev, negative.e_rev) == (pytest.approx(E_POS), pytest.approx(E_NEG))
    assert positive.current_at_reset == pytest.approx(CURRENT)
    assert (positive.curvature, negative.curvature) == (pytest.approx(CURVATURE), pytest.approx(0, abs=1e-9))
    assert check.capacitance.value == pytest.approx(2e-12, rel=1e-4)
    assert check.capacitance_per_unit["positive"] == pytest.approx(3e-16, rel=1e-2)
    assert check.capacitance_per_unit["negative"] == pytest.approx(2e-16, rel=1e-2)


def test_a_membrane_that_does_not_move_is_told_of() -> None:
    with pytest.raises(ExtractionFailed, match="does not follow a current"):
        read_crosscheck(DESIGN, [sweep(), *(charging(2e-12, works=False) for _ in range(3))])


def test_the_decks_are_one_sweep_over_the_valid_range_and_three_chargings() -> None:
    first, *others = crosscheck_decks(DESIGN.at(corner="ff", temperature=85))
    assert isinstance(first.analysis, DcSweep)
    assert (first.analysis.start, first.analysis.stop) == (0.35, 1.4)
    assert len(others) == 3
    assert all((deck.corner, deck.temperature) == ("ff", 85) for deck in (first, *others))
