"""Layers whose membrane obeys the circuit's equation, and the exact solver that judges them.

    dv/dt = sum_j w_j (1 - v/E_j + kappa_j v^2) theta(t - t_j),   v(0) = 0,   0 <= t <= 1

Times are in accumulation windows and v in swings: everything here is normalised and has no unit.
"""

from codesign.dstd.checks import check_spike_times
from codesign.dstd.current import SynapseCurrent
from codesign.dstd.errors import DstdError
from codesign.dstd.exact import exact_membrane
from codesign.dstd.firing import EarliestSpikePool2d, Fire, fire
from codesign.dstd.initialisation import initialise_, initialise_deep_
from codesign.dstd.layers import DSTDConv2d, DSTDLinear
from codesign.dstd.membrane import membrane, membrane_conv2d

__all__ = [
    "DSTDConv2d",
    "DSTDLinear",
    "DstdError",
    "EarliestSpikePool2d",
    "Fire",
    "SynapseCurrent",
    "check_spike_times",
    "exact_membrane",
    "fire",
    "initialise_",
    "initialise_deep_",
    "membrane",
    "membrane_conv2d",
]
