"""Unit cells that are none: named, with both currents, before anything is fitted."""

from pathlib import Path

import numpy as np
import pytest

from codesign.design import Design
from codesign.execution.session import Session
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.extract import extract
from codesign.extraction.testbenches import PARALLEL_UNITS, unit_cells_deck
from codesign.extraction.unit_cells import check_unit_cells
from codesign.spice import ResultCache, Simulator, Waveforms
from tests.circuits.designs import design_of
from tests.extraction.synthetic import DESIGN


def waveforms(on: float = 130e-9, off: float = 1e-12, units: float = PARALLEL_UNITS) -> Waveforms:
    """A positive cell as given and a negative one as it should be, currents that fall by a third over the range."""
    volts = np.linspace(DESIGN.levels.lowest, DESIGN.levels.highest, 61)
    shape = 1 - (volts - DESIGN.levels.reset) / 3
    currents = {"on_positive": on, "off_positive": off, "many_positive": units * on}
    currents |= {"on_negative": 130e-9, "off_negative": 0.0, "many_negative": PARALLEL_UNITS * 130e-9}
    return Waveforms(volts, {f"i(v{name})": value * shape for name, value in currents.items()})


def test_cells_that_leak_a_little_pass() -> None:
    check_unit_cells(DESIGN, waveforms())
    check_unit_cells(DESIGN, waveforms(off=10e-9))


@pytest.mark.parametrize(
    ("made", "about"),
    [
        (
            waveforms(off=130e-9),
            "positive unit cell conducts while its spike is off: 1.49e-07 A into a membrane at 0.35 V",
        ),
        (waveforms(off=-20e-9), "conducts while its spike is off: .* and -2.3e-08 A while it is off"),
        (waveforms(on=1e-12, off=130e-9), "1.15e-12 A .* while its spike is on, and 1.49e-07 A while it is off"),
        (waveforms(on=-130e-9), "conducts the wrong way: -1.3e-07 A .* at 0.805 V .*, and 9.98e-13 A while it is off"),
        (waveforms(on=1e-12), "does not conduct: 9.98e-13 A"),
        (
            waveforms(units=1),
            "9 units of the positive cell in parallel carry 1.3e-07 A, not 9 times the 1.3e-07 A of one",
        ),
        (waveforms(units=8.9), "carry 1.16e-06 A, not 9 times the 1.3e-07 A"),
    ],
)
def test_a_cell_that_is_none_is_named_with_both_currents(made: Waveforms, about: str) -> None:
    with pytest.raises(ExtractionFailed, match=about) as caught:
        check_unit_cells(DESIGN, made)
    assert "check " in str(caught.value) and "\n" not in str(caught.value)


def user_design(folder: Path, old: str, new: str) -> Design:
    """The design of the users' cells with one change in their file."""
    like = design_of("user", (2, 2))
    assert like.synapse.kind == "user"
    text = like.synapse.file.read_text()
    assert old in text
    (folder / "cells.spice").write_text(text.replace(old, new))
    return like.model_copy(update={"synapse": like.synapse.model_copy(update={"file": folder / "cells.spice"})})


@pytest.mark.spice
@pytest.mark.parametrize("kind", ["transistor", "resistor", "user"])
@pytest.mark.parametrize(("corner", "temperature"), [("tt", 27), ("ff", 150)])
def test_cells_that_are_good_pass(kind: str, corner: str, temperature: float, simulator: Simulator) -> None:
    # What is checked is the circuit, not a draw of it.
    design = design_of(kind, (2, 2)).at(corner=corner, temperature=temperature, mismatch=True)
    check_unit_cells(design, simulator.run(unit_cells_deck(design)))


@pytest.mark.spice
@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        (
            ".subckt excite out fire_n vb vp",
            ".subckt excite out fire_n vb vp\nRleak vp out 300k",
            "while its spike is off",
        ),
        ("mid fire_n vp", "mid vb vp", "the positive unit cell conducts while its spike is off"),
        ("Xswitch mid fire vn", "Xswitch mid vn vn", "the negative unit cell does not conduct"),
    ],
)
def test_an_extraction_refuses_cells_that_are_none(
    tmp_path: Path, old: str, new: str, about: str, simulator: Simulator, cache: ResultCache
) -> None:
    with (
        Session(simulator=simulator, cache=cache, progress=False) as session,
        pytest.raises(ExtractionFailed, match=about),
    ):
        # Forced or not: no model describes such a cell.
        extract(user_design(tmp_path, old, new), session=session, force=True)
    # Nothing else was simulated.
    assert cache.misses == 1
