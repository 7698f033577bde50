"""How drivers and ramps grow with what they drive, so that a wide layer has the edges and the ramp of a small one."""

UNIT_LOAD = 5
"""Columns or neurons that a driver of one unit and the ramp of a design are for: as many as the networks have that the
neuron model is extracted from."""


def driver_units(loads: int) -> int:
    """Parallel inverters that drive a line with so many columns or neurons on it."""
    return max(1, round(loads / UNIT_LOAD))


def ramp_units(units: int, neurons: int) -> int:
    """Reference currents of a ramp for so many neurons, where a ramp of `UNIT_LOAD` has `units`."""
    return max(1, round(units * neurons / UNIT_LOAD))


def times(units: int) -> str:
    """The end of the name of a block of so many units; nothing for one."""
    return "" if units == 1 else f"_x{units}"
