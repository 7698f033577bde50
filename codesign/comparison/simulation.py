"""Networks through SPICE: many networks and inputs at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.circuits.network import Network, as_tuples
from codesign.circuits.testbench import SUPPLY, Testbench, View, schematic
from codesign.design import Design
from codesign.errors import CodesignError
from codesign.execution.session import Session
from codesign.extraction.observation import observe
from codesign.extraction.records import LayerRecord
from codesign.spice import Waveforms


class ComparisonError(CodesignError):
    """Data that do not fit the network that is compared."""


@dataclass(frozen=True)
class NetworkJob:
    """A network and the inputs to simulate it with.

    Attributes:
        design: the design, of the network's layer sizes.
        weights: unit cells of each layer, shape (neurons, inputs).
        spike_times: of the inputs, shape (samples, inputs), in windows; 1 or more means never.
    """

    design: Design
    weights: tuple[Integers, ...]
    spike_times: Floats

    def testbenches(self) -> list[Testbench]:
        """One testbench for each sample."""
        network = Network(self.design, as_tuples(self.weights))
        return [Testbench(network, (tuple(float(time) for time in sample),)) for sample in self.spike_times]


@dataclass(frozen=True)
class NetworkRun:
    """The result of a job in SPICE.

    Attributes:
        job: the job.
        records: of each sample, of each layer, in normalised units.
        energies: from the supply over one inference, J, shape (samples,).
        first: testbench and waveforms of the first sample, for pictures.
    """

    job: NetworkJob
    records: list[list[LayerRecord]]
    energies: Floats
    first: tuple[Testbench, Waveforms]


def simulate_networks(
    jobs: Sequence[NetworkJob], session: Session, *, what: str = "validation", view: View = schematic
) -> list[NetworkRun]:
    """Simulate every sample of every job, each in a transient of its own.

    Args:
        jobs: networks and inputs.
        session: what the simulations run on.
        what: the name on the progress bar.
        view: schematic or layout.

    Raises:
        SimulationError: a run failed.
        NetworkError: weights that do not fit their design.
    """
    sizes = [len(job.spike_times) for job in jobs]
    flat = iter(view([testbench for job in jobs for testbench in job.testbenches()]))
    testbenches = [[next(flat) for _ in range(size)] for size in sizes]
    decks = [testbench.deck() for group in testbenches for testbench in group]
    waveforms = iter(session.run(decks, what))
    return [_run(job, group, [next(waveforms) for _ in group]) for job, group in zip(jobs, testbenches, strict=True)]


def supply_energy(testbench: Testbench, waveforms: Waveforms) -> float:
    """Energy that the supply delivers over the whole transient, J."""
    current = -waveforms[f"i(v{SUPPLY})"]
    return float(np.trapezoid(current, waveforms.time)) * testbench.network.design.conditions.supply


def _run(job: NetworkJob, testbenches: Sequence[Testbench], waveforms: Sequence[Waveforms]) -> NetworkRun:
    pairs = list(zip(testbenches, waveforms, strict=True))
    return NetworkRun(
        job,
        [observe(testbench, one)[0] for testbench, one in pairs],
        np.array([supply_energy(testbench, one) for testbench, one in pairs]),
        pairs[0],
    )
