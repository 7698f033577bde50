"""Networks through SPICE column by column, layer after layer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign.arrays import Floats
from codesign.circuits.chip import chip_of
from codesign.circuits.columns import ColumnBench
from codesign.circuits.spike_lines import SpikeLines
from codesign.comparison.network_run import NetworkJob, NetworkRun
from codesign.execution.session import Session
from codesign.extraction.observation import SAMPLE_TIMES, first_fall, plausible_membrane, scale_of
from codesign.extraction.records import LayerRecord
from codesign.spice import Cost, Deck, Waveforms, total_cost


def simulate_columns(jobs: Sequence[NetworkJob], session: Session, what: str) -> list[NetworkRun]:
    """Simulate every sample of every job, each column in a deck of its own (`codesign.circuits.columns`).

    Args:
        jobs: networks and inputs.
        session: what the simulations run on.
        what: the name on the progress bars.

    Raises:
        SimulationError: a run failed; the message names layer, neuron and input.
        NetworkError: weights that do not fit their design, or that are stored.
    """
    benches = [ColumnBench(job.network, chip_of(job.design)) for job in jobs]
    common = session.run([deck for one in benches for deck in (one.lines_deck(), one.rows_deck())], f"{what}, lines")
    inferences = [
        _Inference(bench, shared, number, bench.input_lines(rows, list(sample)), np.array(sample))
        for bench, job, shared, rows in zip(benches, jobs, common[::2], common[1::2], strict=True)
        for number, sample in enumerate(job.spike_times, start=1)
    ]
    for layer in range(1, max((len(job.weights) for job in jobs), default=0) + 1):
        ready = [one for one in inferences if layer in one.bench.network.layers]
        columns = iter(session.run([deck for one in ready for deck in one.columns(layer)], f"{what}, layer {layer}"))
        for one in ready:
            one.accumulated(layer, [next(columns) for _ in range(one.neurons(layer))])
        firing = session.run([one.firing(layer) for one in ready], f"{what}, layer {layer}, firing")
        for one, waveforms in zip(ready, firing, strict=True):
            one.fired(layer, waveforms)
    done, runs = iter(inferences), list[NetworkRun]()
    for job, shared, rows in zip(jobs, common[::2], common[1::2], strict=True):
        own = [next(done) for _ in job.spike_times]
        cost = total_cost([shared.cost, rows.cost, *(one for inference in own for one in inference.costs)])
        runs.append(NetworkRun(job, [inference.records for inference in own], None, cost))
    return runs


@dataclass
class _Inference:
    """One input on its way through the layers.

    Attributes:
        bench: the network's decks.
        shared: result of its shared lines.
        number: of the input, from 1.
        lines: of the rows of the layer that is next.
        spike_times: of these rows, in windows.
        records: of the layers so far.
        costs: of their simulations.
    """

    bench: ColumnBench
    shared: Waveforms
    number: int
    lines: list[SpikeLines]
    spike_times: Floats
    records: list[LayerRecord] = field(default_factory=list[LayerRecord])
    costs: list[Cost | None] = field(default_factory=list["Cost | None"])
    _traces: Floats = field(default_factory=lambda: np.zeros(0))
    _firing: Waveforms | None = None
    _state: dict[str, float] = field(default_factory=dict[str, float])

    def neurons(self, layer: int) -> int:
        return self.bench.network.design.layer_sizes[layer]

    def columns(self, layer: int) -> list[Deck]:
        return [
            self.bench.column_deck(layer, column, self.lines, self.shared, self._name)
            for column in range(1, self.neurons(layer) + 1)
        ]

    def accumulated(self, layer: int, columns: Sequence[Waveforms]) -> None:
        """Take the membranes of a layer."""
        timeline, design = self.bench.timeline, self.bench.network.design
        start = self.bench.column_start(layer)
        times = timeline.accumulation(layer, 0).start - start + SAMPLE_TIMES * design.timing.window
        probes = [f"membrane_{layer}_{column}" for column in range(1, len(columns) + 1)]
        traces = [
            plausible_membrane(waveforms.at(probe, times), self.bench.network, layer, column)
            for column, (probe, waveforms) in enumerate(zip(probes, columns, strict=True), start=1)
        ]
        self.costs += [waveforms.cost for waveforms in columns]
        self._traces = scale_of(design).membrane(np.array(traces))
        self._state = self.bench.before_firing(layer, columns, self._firing)

    def firing(self, layer: int) -> Deck:
        return self.bench.firing_deck(layer, self._state, self.shared, self._name)

    def fired(self, layer: int, firing: Waveforms) -> None:
        """Take the spikes of a layer, which are the next one's inputs."""
        self.costs.append(firing.cost)
        network, phase = self.bench.network, self.bench.timeline.firing(layer, 0)
        start, half = self.bench.firing_start(layer), network.design.conditions.supply / 2
        falls = [
            first_fall(firing, f"fired_b_{layer}_{column}", half, phase.start - start, phase.stop - start)
            for column in range(1, self.neurons(layer) + 1)
        ]
        fired = scale_of(network.design).time(np.array(falls), phase.start - start)
        weights = np.array(network.weights[layer - 1], dtype=np.int64)
        self.records.append(LayerRecord(weights, self.spike_times, SAMPLE_TIMES, self._traces, fired))
        self.spike_times, self._firing = fired, firing
        if layer < len(network.weights):
            self.lines = self.bench.fired_lines(layer, firing)

    @property
    def _name(self) -> str:
        return f"input {self.number}"
