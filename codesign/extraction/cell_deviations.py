"""How the current of a unit cell differs over chips: many cells of each sign on each chip, swept in DC."""

from collections.abc import Sequence

import numpy as np

from codesign.arrays import Floats
from codesign.circuits.synapse import SIGNS
from codesign.design import Design
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.testbenches import many_cells_deck
from codesign.extraction.variation_decks import CELLS
from codesign.spice import Deck, Waveforms

FIRST_CHIP = 1_000_001
"""Chips from this one on are looked at, so that they are none of those that a Monte Carlo simulates."""


def chips_looked_at(count: int) -> range:
    """The numbers of the chips that a variation is estimated from."""
    return range(FIRST_CHIP, FIRST_CHIP + count)


def cell_decks(design: Design, chips: int) -> list[Deck]:
    """The decks that `cell_deviations` needs: a cell of the matched circuit, then `CELLS` of each chip.

    Args:
        design: the design; whatever chip its conditions name is left out.
        chips: how many.
    """
    numbers = chips_looked_at(chips)
    matched = many_cells_deck(design.at(mismatch=False), 1)
    return [matched, *(many_cells_deck(design.at(mismatch=True, seed=number), CELLS) for number in numbers)]


def cell_deviations(design: Design, waveforms: Sequence[Waveforms]) -> dict[str, Floats]:
    """Deviations of the cells from the matched one, by sign, shape (chips, cells, quantities in `CELL`), SI units.

    Args:
        design: the design.
        waveforms: of `cell_decks`, in its order.

    Raises:
        ExtractionFailed: a cell carries no current.
    """
    return {sign: _cells(design, waveforms, sign) for sign in SIGNS}


def _cells(design: Design, waveforms: Sequence[Waveforms], sign: str) -> Floats:
    nominal, *swept = waveforms
    numbers = range(1, CELLS + 1)
    values = np.array([[_current(design, chip, f"i(v{sign}_{number})") for number in numbers] for chip in swept])
    return values - _current(design, nominal, f"i(v{sign}_1)")


def _current(design: Design, sweep: Waveforms, probe: str) -> Floats:
    """Logarithm of the current at the reset level, abs(1 / E) and curvature of a swept cell."""
    curve, slope, level = np.polyfit(sweep.axis - design.levels.reset, sweep[probe], 2)
    if level <= 0:
        raise ExtractionFailed(f"a unit cell of a chip carries no current ({probe} {level:.2g} A); check the cell")
    sign = 1 if probe.startswith("i(vpositive") else -1
    return np.array([np.log(level), -sign * slope / level, curve / level])
