"""What a simulation of a network takes and gives, however it is simulated."""

from dataclasses import dataclass
from typing import Literal

from codesign.arrays import Floats, Integers
from codesign.circuits.network import Network, as_tuples
from codesign.circuits.testbench import Testbench
from codesign.design import Design
from codesign.extraction.records import LayerRecord
from codesign.spice import Cost, Waveforms

Method = Literal["whole", "columns"]
"""A deck for all of the network, or one for each column."""


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

    @property
    def network(self) -> Network:
        """The circuit."""
        return Network(self.design, as_tuples(self.weights))

    def testbenches(self) -> list[Testbench]:
        """One testbench for each sample."""
        network = self.network
        return [Testbench(network, (tuple(float(time) for time in sample),)) for sample in self.spike_times]


@dataclass(frozen=True)
class WholeRun:
    """What only decks of a whole network tell.

    Attributes:
        energies: from the supply over one inference, J, shape (samples,).
        testbench: of the first sample.
        waveforms: of the first sample, for pictures.
    """

    energies: Floats
    testbench: Testbench
    waveforms: Waveforms


@dataclass(frozen=True)
class NetworkRun:
    """The result of a job in SPICE.

    Attributes:
        job: the job.
        records: of each sample, of each layer, in normalised units.
        whole: what only whole decks tell; None where columns were simulated.
        cost: what all simulations of the run took; None where that is not known.
    """

    job: NetworkJob
    records: list[list[LayerRecord]]
    whole: WholeRun | None
    cost: Cost | None = None

    @property
    def energy_pJ(self) -> float | None:
        """Mean energy of an inference, pJ; None where columns were simulated."""
        return None if self.whole is None else float(self.whole.energies.mean()) * 1e12


def whole_run(run: NetworkRun) -> WholeRun:
    """What only whole decks tell, of a run that was asked to be whole."""
    assert run.whole is not None
    return run.whole
