"""Columns against whole decks: membranes, processor time and memory, in one run."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pydantic import TypeAdapter

from codesign.arrays import Floats
from codesign.comparison.network_run import Method, NetworkJob, NetworkRun
from codesign.comparison.simulation import simulate_networks
from codesign.design import Design
from codesign.execution.session import Session
from codesign.files import write_atomically
from codesign.report.content import Content
from codesign.spice import Cost, ResultCache, Simulator

RMS_BAR, WORST_BAR = 0.05, 0.3
"""How far membranes by columns may lie from those of the whole network, mV."""

COST_BAR, MEMORY_BAR = 0.2, 300.0
"""From 1,000 synapses on: processor time of columns in that of the whole network, and memory of a simulation, MB."""

SYNAPSE_BAR = 1.3
"""How much a synapse of a larger network may cost by columns, in those of the smallest one."""

_LARGE = 1000


class BenchmarkRow(Content):
    """One measured figure."""

    name: str
    value: float
    bar: float
    met: bool

    @classmethod
    def at_most(cls, bar: float, name: str, value: float) -> "BenchmarkRow":
        """A figure that should not exceed its bar."""
        return cls(name=name, value=value, bar=bar, met=value <= bar)


ROWS = TypeAdapter(list[BenchmarkRow])
"""Reads and writes `bench_spice.json`."""


def random_job(design: Design, sizes: tuple[int, ...], inputs: int, seed: int = 0) -> NetworkJob:
    """A network of random weights whose membrane capacitors follow the number of its inputs.

    Args:
        design: whose cells, neurons and phases it has.
        sizes: of its layers.
        inputs: random ones.
        seed: of both.
    """
    random, neuron = np.random.default_rng(seed), design.neuron
    # So that membranes move as far as in the design's own network.
    wider = sizes[0] / design.layer_sizes[0]
    larger = neuron.model_copy(update={"capacitance": neuron.capacitance * wider})
    scaled = design.model_copy(update={"layer_sizes": sizes, "neuron": larger if wider > 1 else neuron})
    most = min(13, design.synapse.max_units + 1)
    weights = tuple(random.integers(-most // 2, most, (neurons, rows)) for rows, neurons in pairwise(sizes))
    return NetworkJob(scaled, weights, random.uniform(0, 1.1, (inputs, sizes[0])))


def benchmark_columns(
    design: Design, sizes: Sequence[tuple[int, ...]], inputs: int, simulator: Simulator, *, progress: bool = True
) -> list[BenchmarkRow]:
    """Simulate random networks both ways, nothing cached, one process at a time.

    Args:
        design: whose cells, neurons and phases the networks have.
        sizes: layer sizes of each network.
        inputs: of each.
        simulator: runs the decks.
        progress: show progress bars.
    """
    rows: list[BenchmarkRow] = []
    smallest: tuple[str, float] | None = None
    for size in sorted(sizes, key=_synapses):
        job, name = random_job(design, size, inputs), "-".join(map(str, size))
        (columns, column_cost), (whole, whole_cost) = (
            _run(job, method, simulator, progress) for method in ("columns", "whole")
        )
        apart = [deviation * design.levels.swing * 1e3 for deviation in _deviations(columns, whole)]
        rms = max(float(np.sqrt((layer**2).mean())) for layer in apart)
        rows += [
            BenchmarkRow.at_most(RMS_BAR, f"{name}: membranes by columns against whole, rms, mV", rms),
            BenchmarkRow.at_most(WORST_BAR, f"{name}: the same, worst, mV", max(float(x.max()) for x in apart)),
        ]
        if _synapses(size) >= _LARGE:
            cost = f"{name}: processor time by columns in that of the whole network"
            rows += [
                BenchmarkRow.at_most(COST_BAR, cost, column_cost.processor_s / whole_cost.processor_s),
                BenchmarkRow.at_most(MEMORY_BAR, f"{name}: most memory by columns, MB", column_cost.peak_MB),
            ]
        a_synapse = column_cost.processor_s / _synapses(size)
        if smallest is None:
            smallest = name, a_synapse
        else:
            cost = f"{name}: processor time of a synapse by columns in that of {smallest[0]}"
            rows.append(BenchmarkRow.at_most(SYNAPSE_BAR, cost, a_synapse / smallest[1]))
    return rows


def write_benchmark(rows: Sequence[BenchmarkRow], folder: Path) -> Path:
    """Write `bench_spice.json`.

    Raises:
        CodesignError: the file cannot be written.
    """
    path = folder / "bench_spice.json"
    write_atomically(path, ROWS.dump_json(list(rows), indent=2).decode() + "\n")
    return path


def _synapses(sizes: tuple[int, ...]) -> int:
    return sum(inputs * neurons for inputs, neurons in pairwise(sizes))


def _run(job: NetworkJob, method: Method, simulator: Simulator, progress: bool) -> tuple[NetworkRun, Cost]:
    with TemporaryDirectory() as folder:
        cache = ResultCache(Path(folder))
        with Session(simulator=simulator, cache=cache, workers=1, progress=progress) as session:
            what = "-".join(map(str, job.design.layer_sizes))
            [run] = simulate_networks([job], session, what=f"{what}, {method}", method=method)
    assert run.cost is not None
    return run, run.cost


def _deviations(one: NetworkRun, other: NetworkRun) -> list[Floats]:
    """Of the membranes of each layer, in swings."""
    return [
        np.abs(np.array([a[layer].traces - b[layer].traces for a, b in zip(one.records, other.records, strict=True)]))
        for layer in range(len(one.job.weights))
    ]
