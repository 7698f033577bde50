"""The check of the unit cells alone: on with their spike, off without, and n units with n times the current."""

import numpy as np

from codesign.circuits.synapse import SIGNS, Sign
from codesign.design import Design
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.testbenches import PARALLEL_UNITS
from codesign.spice import Waveforms

LARGEST_LEAKAGE = 0.1
"""Largest current of a cell that is off, as a part of the current of one that is on. This project's own cells leak
0.06 of it in the fast corner at 150 Celsius, less than 0.001 at room temperature."""

LARGEST_DEVIATION = 0.01
"""Largest relative deviation of the current of units in parallel from as many times that of one."""

_SMALLEST_CURRENT = 1e-3
"""A cell with less than this part of the reference current does not conduct."""


def check_unit_cells(design: Design, waveforms: Waveforms) -> None:
    """Check the unit cells against what a weight assumes of them.

    Args:
        design: the design.
        waveforms: of `unit_cells_deck(design)`.

    Raises:
        ExtractionFailed: a cell conducts while its spike is off, not at all, or the wrong way, or units in parallel do
            not carry the current of as many cells; the message gives both currents.
    """
    for sign in SIGNS:
        _check_unit_cell(design, waveforms, sign)


def _check_unit_cell(design: Design, waveforms: Waveforms, sign: Sign) -> None:
    on, off, many = (waveforms[f"i(v{state}_{sign})"] for state in ("on", "off", "many"))
    at_reset, worst = int(np.abs(waveforms.axis - design.levels.reset).argmin()), int(np.abs(off).argmax())
    current, leakage = float(on[at_reset]), float(abs(off[worst]))
    smallest = _SMALLEST_CURRENT * design.bias.reference_current
    if max(abs(current), leakage) < smallest:
        fault, point, check = "does not conduct", at_reset, "its ports and its bias"
    elif leakage > max(LARGEST_LEAKAGE * abs(current), smallest):
        fault, point, check = "conducts while its spike is off", worst, "spike_active, and what leads past the switch"
    elif current < 0:
        fault, point, check = "conducts the wrong way", at_reset, "which of the cells is the positive one"
    elif np.abs(many - PARALLEL_UNITS * on).max() > LARGEST_DEVIATION * PARALLEL_UNITS * np.abs(on).max():
        raise ExtractionFailed(
            f"{PARALLEL_UNITS} units of the {sign} cell in parallel carry {many[at_reset]:.3g} A, not "
            f"{PARALLEL_UNITS} times the {current:.3g} A of one; check which of its devices are not multiplied"
        )
    else:
        return
    way = "into" if sign == "positive" else "out of"
    raise ExtractionFailed(
        f"the {sign} unit cell {fault}: {on[point]:.3g} A {way} a membrane at {waveforms.axis[point]:.3g} V while its "
        f"spike is on, and {off[point]:.3g} A while it is off; check {check}"
    )
