"""What cannot work in a design, refused before any simulation.

Every check raises ValueError with the key, the value and the limit.
"""

from collections.abc import Mapping

from codesign.pdk.technology import Technology

LARGEST_CAPACITANCE = 1e-9
"""F: half a square millimetre of chip."""

LARGEST_GAIN = 1.0
"""Swings by which one unit cell may move the membrane within a window."""

RAMPS = (0.1, 10.0)
"""Swings by which the ramp may move the membrane within a window: with less hardly a neuron fires, with more all fire
at once."""

_SHORTEST_EDGE = 1e-12
"""s: the sources of a deck count femtoseconds."""

_EDGES = 100
"""Edges in the shortest window."""

_LONGEST_PAUSE = 100
"""Windows that the reset and the guard may last."""


def check_timing(window: float, edge: float, pauses: Mapping[str, float]) -> None:
    """Refuse an edge that is no part of the window, and pauses that no edge or no simulation fits into.

    Args:
        window: s.
        edge: s.
        pauses: the other phases by their keys, s.
    """
    if not _SHORTEST_EDGE <= edge <= window / _EDGES:
        raise ValueError(
            f"timing.edge = {edge:g} s must lie between {_SHORTEST_EDGE:g} s and a hundredth of timing.window, "
            f"{window / _EDGES:g} s"
        )
    for key, pause in pauses.items():
        if not edge <= pause <= _LONGEST_PAUSE * window:
            raise ValueError(
                f"timing.{key} = {pause:g} s must lie between timing.edge, {edge:g} s, and {_LONGEST_PAUSE} windows, "
                f"{_LONGEST_PAUSE * window:g} s"
            )


def check_capacitances(technology: Technology, capacitances: Mapping[str, tuple[float, int]]) -> None:
    """Refuse capacitances that the process does not draw, or that no chip has room for.

    Args:
        technology: of the process.
        capacitances: F, and the number of capacitors that it may be drawn as, 0 for wires; by key.
    """
    for key, (value, parts) in capacitances.items():
        least = parts * technology.mim_capacitor.smallest_capacitance
        if value > LARGEST_CAPACITANCE:
            raise ValueError(
                f"{key} = {value:g} F is more than {LARGEST_CAPACITANCE:g} F, too much for a chip; lower it"
            )
        if value < least:
            raise ValueError(
                f"{key} = {value:g} F is less than {least:.3g} F, the least that {technology.label} draws; raise it"
            )


def check_current(technology: Technology, reference: float, mirror_width: float, mirror_length: float) -> None:
    """Refuse a reference current, A, that the mirrors, um, cannot carry, or below that of transistors that are off."""
    largest = technology.drive_current * mirror_width / mirror_length
    if reference > largest:
        raise ValueError(
            f"bias.reference_current = {reference:g} A is more than the {largest:.3g} A that mirrors of mirror_width = "
            f"{mirror_width:g} um and mirror_length = {mirror_length:g} um carry; lower it"
        )
    if reference < technology.off_current:
        raise ValueError(
            f"bias.reference_current = {reference:g} A is less than the {technology.off_current:g} A of a transistor "
            "that is off; raise it"
        )


def check_gain(gain: float, ramp: float) -> None:
    """Refuse cells and ramps that are too strong or too weak for the membrane.

    Args:
        gain: of one unit cell, swings in a window.
        ramp: slope of the ramp, swings in a window.
    """
    if gain > LARGEST_GAIN:
        raise ValueError(
            f"one unit cell would move the membrane by {gain:.3g} swings within a window, more than {LARGEST_GAIN:g}; "
            "lower bias.reference_current or timing.window, or raise neuron.capacitance"
        )
    if not RAMPS[0] <= ramp <= RAMPS[1]:
        raise ValueError(
            f"the ramp would cross {ramp:.3g} swings within a window, which must be {RAMPS[0]:g} to "
            f"{RAMPS[1]:g}; change neuron.ramp_units, bias.reference_current, timing.window or neuron.capacitance"
        )
