"""Jobs become decks, and the supply's energy is read off."""

import numpy as np
import pytest

from codesign.circuits.network import NetworkError
from codesign.comparison.network_run import NetworkJob
from codesign.comparison.simulation import supply_energy
from codesign.spice import Waveforms
from tests.comparison.runs import DESIGN, WEIGHTS, run_with


def test_each_sample_is_a_testbench_of_its_own() -> None:
    job = run_with((0.0, 0.0), samples=3).job
    testbenches = job.testbenches()
    assert len(testbenches) == 3
    assert testbenches[0].network.weights[0] == ((5, -2), (3, 6), (-1, 8))
    for testbench, sample in zip(testbenches, job.spike_times, strict=True):
        assert testbench.spike_times == (tuple(sample),)


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(NetworkError, match="wants 2x3 3x2"):
        NetworkJob(DESIGN, WEIGHTS[:1], np.zeros((1, 2))).testbenches()


def test_energy_by_hand() -> None:
    # 10 uA rising to 30 uA within 2 us out of 1.8 V: 1.8 V 20 uA 2 us = 72 pJ; ngspice's current flows into the source.
    [testbench] = run_with((0.0, 0.0), samples=1).job.testbenches()
    waveforms = Waveforms(np.array([0.0, 2e-6]), {"i(vsupply)": np.array([-10e-6, -30e-6])})
    assert supply_energy(testbench, waveforms) == pytest.approx(72e-12)
