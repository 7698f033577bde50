"""Independent measurements of what the transient fit gives: the DC current and the membrane capacitance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats
from codesign.circuits.synapse import SIGNS, Sign
from codesign.design import Design
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.testbenches import (
    CAPACITANCE_CURRENTS,
    LOADED_UNITS,
    capacitance_deck,
    capacitance_start,
    dc_sweep_deck,
)
from codesign.model.quantity import Quantity
from codesign.spice import Deck, Waveforms

_CHARGED = (0.1, 0.5)
"""Part of the swing over which the capacitance is measured, either way from the reset level."""

LOADS: tuple[Sign | None, ...] = (None, *SIGNS)


@dataclass(frozen=True)
class CurrentSweep:
    """DC current of one unit cell over the membrane voltage, and its quadratic fit.

    Attributes:
        voltage: membrane, V from the reset level, shape (points,).
        current: A, positive, shape (points,).
        current_at_reset: I of I(v) = I (1 - v / E + curvature v^2), A.
        e_rev: E, V.
        curvature: 1/V^2.
    """

    voltage: Floats
    current: Floats
    current_at_reset: float
    e_rev: float
    curvature: float


@dataclass(frozen=True)
class CrossCheck:
    """Direct measurements beside the transient fit.

    Attributes:
        sweeps: DC current of the positive and the negative unit cell.
        capacitance: of a column without synapses at the reset level, F.
        capacitance_per_unit: what one unit cell, switched off, adds, F, by sign.
    """

    sweeps: dict[Sign, CurrentSweep]
    capacitance: Quantity
    capacitance_per_unit: dict[Sign, float]


def crosscheck_decks(design: Design) -> list[Deck]:
    """The decks that `read_crosscheck` needs."""
    return [dc_sweep_deck(design), *(capacitance_deck(design, loaded) for loaded in LOADS)]


def read_crosscheck(design: Design, waveforms: Sequence[Waveforms]) -> CrossCheck:
    """Read the waveforms of `crosscheck_decks`, in its order.

    Raises:
        ExtractionFailed: a membrane does not move.
    """
    sweep, *charging = waveforms
    capacitances = [_capacitance(design, one) for one in charging]
    empty, *loaded = capacitances
    return CrossCheck(
        sweeps={sign: current_sweep(design, sweep, sign) for sign in SIGNS},
        capacitance=empty,
        capacitance_per_unit={
            sign: (one.value - empty.value) / LOADED_UNITS for sign, one in zip(SIGNS, loaded, strict=True)
        },
    )


def current_sweep(design: Design, sweep: Waveforms, sign: Sign) -> CurrentSweep:
    """The current of one sign's cell, from the waveforms of `dc_sweep_deck(design)`."""
    voltage, current = sweep.axis - design.levels.reset, sweep[f"i(v{sign})"]
    curve, slope, level = (float(value) for value in np.polyfit(voltage, current, 2))
    return CurrentSweep(voltage, current, level, -level / slope, curve / level)


def _capacitance(design: Design, charging: Waveforms) -> Quantity:
    charge_rate = CAPACITANCE_CURRENTS * design.bias.reference_current
    start = capacitance_start(design) + design.timing.edge
    near, far = (part * design.levels.swing for part in _CHARGED)
    values: list[float] = []
    for name, direction in (("up", 1), ("down", -1)):
        moved = direction * (charging[name] - charging.at(name, start))
        after = charging.time >= start
        times = np.interp((near, far), moved[after], charging.time[after])
        if moved[-1] < far or times[1] <= times[0]:
            raise ExtractionFailed("the membrane does not follow a current into it; check the neuron and its reset")
        values.append(charge_rate * float(times[1] - times[0]) / (far - near))
    mean = float(np.mean(values))
    return Quantity(value=mean, interval=abs(values[0] - values[1]) / 2)
