"""Chips that fill the space of all deviations evenly."""

# SciPy ships no type stubs.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from codesign.circuits.chip import Chip

_SMALLEST = 2.0**-53


def sobol_chips(devices: Mapping[str, int], count: int, seed: int) -> list[Chip]:
    """Chips whose deviates are a scrambled Sobol sequence: means converge faster over them than over drawn chips.

    Args:
        devices: number of deviates of each device by its name, as `codesign.circuits.flat.deviates_of` tells.
        count: number of chips; a power of 2 keeps the balance of the sequence.
        seed: of the scrambling.

    Returns:
        Chips with the numbers 1 to `count`.

    Raises:
        ValueError: more deviates than the sequence has dimensions (21201).
    """
    points = qmc.Sobol(sum(devices.values()), rng=seed).random(count)
    # The sequence may hold a 0.
    normal = ndtri(np.maximum(points, _SMALLEST))
    ends = np.cumsum(list(devices.values()))
    parts = [(name, slice(end - size, end)) for (name, size), end in zip(devices.items(), ends, strict=True)]
    return [
        Chip(number, {name: tuple(row[part].tolist()) for name, part in parts})
        for number, row in enumerate(normal, start=1)
    ]
