"""A design on trial: what is simulated, drawn and trained for it, each only when it is asked for."""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from codesign.arrays import Integers
from codesign.circuits.network import Network, as_tuples
from codesign.circuits.synapse import SIGNS, Sign
from codesign.circuits.timeline import Timeline
from codesign.comparison.network_run import NetworkJob, whole_run
from codesign.comparison.population import population
from codesign.comparison.simulation import simulate_networks
from codesign.design import Design
from codesign.execution.session import Session
from codesign.extraction.cell_deviations import cell_decks, cell_deviations
from codesign.extraction.crosscheck import CurrentSweep, current_sweep
from codesign.extraction.extract import Extraction, extract
from codesign.extraction.testbenches import dc_sweep_deck, unit_cells_deck
from codesign.extraction.unit_cells import check_unit_cells
from codesign.extraction.variation import extract_variation
from codesign.layout.output import drawn_area
from codesign.model.response import network_response
from codesign.training.chips import DrawnChips
from codesign.training.jobs import TrainingJob, run_job
from codesign.training.settings import TrainingSettings
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import TrainedNetwork
from codesign.variation.draws import draw_chips
from codesign.variation.response import chips_response
from codesign.variation.variation_model import VariationModel

TYPICAL_WEIGHT = 0.9
"""Swings by which a typical synapse moves the membrane within a window: a trained 5-5-5 network of
`flows/5-5-5.toml` has 316 units of 0.14 swings in 50 synapses."""

_NO_TIMES = np.empty(0)


@dataclass(frozen=True)
class Task:
    """What is the same for every design of an exploration.

    Attributes:
        session: what simulations run on.
        data: what networks are trained and judged on.
        training: how.
        seed: of trainings and draws.
        networks: random networks in the fitting set.
        chips: that sigmas are estimated from.
        model_chips: on the model.
        yield_limit: loss of accuracy up to which a chip is good, a fraction.
        inputs: test inputs that the energy is the mean of.
    """

    session: Session
    data: SpikeData
    training: TrainingSettings
    seed: int
    networks: int
    chips: int
    model_chips: int
    yield_limit: float
    inputs: int


class Candidate:
    """A design on trial. SI units; every property raises a CodesignError where the design has none."""

    def __init__(self, design: Design, task: Task) -> None:
        self.design = design
        self.task = task

    def abs_e(self, sign: Sign) -> float:
        """Reversal potential of a sign's unit cell in DC, in swings from the reset level."""
        return abs(self._sweeps[sign].e_rev) / self.design.levels.swing

    @cached_property
    def cell_sigma(self) -> float:
        """Standard deviation of the logarithm of a unit cell's current within a chip, that of the worse sign."""
        decks = cell_decks(self.design, self.task.chips)
        cells = cell_deviations(self.design, self.task.session.run(decks, "unit cells on chips"))
        return max(math.sqrt(np.var(cells[sign][:, :, 0], axis=1, ddof=1).mean()) for sign in SIGNS)

    @cached_property
    def extraction(self) -> Extraction:
        """The neuron model of the matched circuit."""
        return extract(self.design, networks=self.task.networks, session=self.task.session)

    @cached_property
    def variation(self) -> VariationModel:
        """How chips differ."""
        session, chips = self.task.session, self.task.chips
        return extract_variation(self.design, self.extraction, chips=chips, each_device=False, session=session).model

    def neuron_sigma(self, quantity: str) -> float:
        """Standard deviation of a neuron's quantity over neurons and chips: its own and what its layer shares."""
        spreads = (self.variation.neuron, self.variation.layer)
        return math.hypot(*(spread.sigma[spread.names.index(quantity)] for spread in spreads))

    @cached_property
    def chip_error(self) -> float:
        """Root mean square distance of v(1) on a chip from that of the matched circuit, swings.

        Of the columns of the fitting set, through the exact equation, each membrane from its own start.
        """
        model, random = self.extraction.fit.model, np.random.default_rng(self.task.seed)
        squares: list[float] = []
        for record in self.extraction.records[: self.task.networks]:
            weights, times = [record.weights], record.spike_times[None]
            drawn = draw_chips(self.variation, self.extraction.model.scale, weights, random, self.task.model_chips)
            [chips] = chips_response(model, weights, drawn, times)
            matched = network_response(model, weights, times, _NO_TIMES)[0].final - model.start(record.weights)
            squares.append(float(np.mean((chips.final - chips.start[:, None] - matched) ** 2)))
        return math.sqrt(np.mean(squares))

    @cached_property
    def area(self) -> float:
        """Of a network of typical weights, as drawn, um2."""
        return drawn_area(Network(self.design, as_tuples(typical_weights(self.design))))

    @property
    def latency(self) -> float:
        """From the start of the first layer's accumulation to the end of the last layer's firing, s."""
        return Timeline(self.design.timing).latency(len(self.design.layer_sizes) - 1)

    @cached_property
    def energy(self) -> float:
        """Of an inference of the trained network in SPICE, J."""
        times = self.task.data.test.times[: self.task.inputs]
        [run] = simulate_networks(
            [NetworkJob(self.design, self.network.layers, times)], self.task.session, what="energy"
        )
        return float(whole_run(run).energies.mean())

    @property
    def accuracy(self) -> float:
        """On the test samples, on the fitted model by the exact equation, a fraction."""
        return self.network.record.test_accuracy

    @cached_property
    def yield_(self) -> float:
        """Fraction of the chips on the model whose accuracy is at most the limit below that of the matched circuit."""
        task = self.task
        found = population(
            self.extraction.model,
            self.variation,
            self.network.layers,
            task.data.test,
            task.data.test.times[:1],
            chips=task.model_chips,
            seed=task.seed,
        )
        share, _, _ = found.yield_within(task.yield_limit)
        return share

    @cached_property
    def network(self) -> TrainedNetwork:
        """Trained on the fitted model; for chips that differ, where the flow trains so."""
        task, model = self.task, self.extraction.model
        chips = DrawnChips(self.variation, model.scale) if task.training.variation else None
        sizes = self.design.layer_sizes
        return run_job(
            TrainingJob(task.data, model.normalised(), sizes, "fitted", task.seed, task.training, chips=chips)
        )

    @cached_property
    def _sweeps(self) -> dict[Sign, CurrentSweep]:
        cells, sweep = self.task.session.run([unit_cells_deck(self.design), dc_sweep_deck(self.design)], "unit cells")
        check_unit_cells(self.design, cells)
        return {sign: current_sweep(self.design, sweep, sign) for sign in SIGNS}


def typical_weights(design: Design) -> tuple[Integers, ...]:
    """Weights of alternating signs and of `TYPICAL_WEIGHT`, unit cells; one array a layer, shape (neurons, inputs)."""
    units = min(max(1, round(TYPICAL_WEIGHT / design.nominal_gain)), design.synapse.max_units)
    sizes = design.layer_sizes
    return tuple(
        units * np.where(np.add.outer(np.arange(neurons), np.arange(inputs)) % 2, -1, 1).astype(np.int64)
        for inputs, neurons in pairwise(sizes)
    )
