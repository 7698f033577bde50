"""Sobol chips: every deviate standard normal, means closer to 0 than those of drawn chips."""

import numpy as np
import pytest
from scipy.stats import kstest

from codesign.circuits.chip import Chip
from codesign.variation.sobol import sobol_chips

DEVICES = {"bias.mirror": 1, "crossbar_1.1_1.resistor": 2, "neuron_1_1.pair": 1}


def test_sobol_deviates_are_standard_normal_and_balanced() -> None:
    chips = sobol_chips(DEVICES, 256, seed=4)
    deviates = np.array([[*(d for name, n in DEVICES.items() for d in chip.deviates(name, n))] for chip in chips])
    assert deviates.shape == (256, 4)
    drawn = np.array([[*(d for name, n in DEVICES.items() for d in Chip(k).deviates(name, n))] for k in range(256)])
    assert np.abs(deviates.mean(axis=0)).max() < np.abs(drawn.mean(axis=0)).max() / 3
    for column in deviates.T:
        assert kstest(column, "norm").pvalue > 0.5


def test_sobol_chips_repeat_with_their_seed_only() -> None:
    first, again, other = (sobol_chips(DEVICES, 4, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert [chip.seed for chip in first] == [1, 2, 3, 4]


def test_a_device_that_was_not_named_is_drawn() -> None:
    chip = sobol_chips(DEVICES, 2, seed=1)[1]
    assert chip.deviates("elsewhere", 1) == pytest.approx(Chip(2).deviates("elsewhere", 1))
