"""Simulations that several tests look at."""

import pytest

from codesign.circuits.testbench import Testbench
from codesign.pdk import Pdk
from codesign.spice import Simulator, Waveforms, find_ngspice
from tests.circuits.designs import small_testbench

ALONE = (0.2, 0.45)
"""Spike times of the inference that is simulated alone, in a stream, and by hand."""


@pytest.fixture(scope="session")
def lasting_simulator(pdk: Pdk, tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """The real ngspice, for results that outlive a test."""
    return Simulator(find_ngspice(), pdk, timeout=120.0, runs_folder=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def alone(lasting_simulator: Simulator) -> tuple[Testbench, Waveforms]:
    """One inference of a 2-2-2 network."""
    testbench = small_testbench(ALONE)
    return testbench, lasting_simulator.run(testbench.deck())
