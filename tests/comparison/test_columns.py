"""Columns by themselves against the whole network, in ngspice."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from codesign.circuits.chip import chip_of
from codesign.circuits.columns import ColumnBench
from codesign.circuits.network import Network, NetworkError
from codesign.circuits.spike_lines import silent_lines
from codesign.circuits.testbench import Testbench, schematic
from codesign.comparison.network_run import NetworkJob
from codesign.comparison.simulation import ComparisonError, simulate_networks
from codesign.design import Design
from codesign.execution.session import Session
from codesign.flow.file import FlowFile
from codesign.spice import Waveforms
from tests.circuits.designs import design_of

FLOWS = Path(__file__).parents[2] / "flows"


def job_of(design: Design, samples: int = 2) -> NetworkJob:
    random, sizes = np.random.default_rng(1), design.layer_sizes
    weights = tuple(random.integers(-8, 13, (neurons, inputs)) for inputs, neurons in pairwise(sizes))
    return NetworkJob(design, weights, random.uniform(0, 1.1, (samples, sizes[0])))


@pytest.mark.spice
@pytest.mark.slow
@pytest.mark.parametrize("chip", [None, 3])
def test_columns_give_what_the_whole_network_does(chip: int | None) -> None:
    design = FlowFile.load(FLOWS / "5-5-5.toml").design.model_copy(update={"layer_sizes": (4, 3, 2)})
    if chip is not None:
        design = design.at(mismatch=True, seed=chip)
    with Session(workers=2, progress=False) as session:
        [whole], [columns] = (
            simulate_networks([job_of(design)], session, method=method) for method in ("whole", "columns")
        )
    assert columns.whole is None and columns.energy_pJ is None and whole.whole is not None
    fired = 0
    for one, other in zip(whole.records, columns.records, strict=True):
        for expected, found in zip(one, other, strict=True):
            apart = np.abs(found.traces - expected.traces) * design.levels.swing
            assert np.sqrt((apart**2).mean()) < 0.05e-3 and apart.max() < 0.3e-3
            assert np.array_equal(np.isfinite(found.fired), np.isfinite(expected.fired))
            spiked = np.isfinite(expected.fired)
            late = (found.fired[spiked] - expected.fired[spiked]) * design.timing.window
            assert np.abs(late).max(initial=0.0) < 0.2e-9
            fired += len(late)
    assert fired > 4


def quiet(bench: ColumnBench) -> Waveforms:
    """Shared lines on which nothing happens."""
    ends = np.array([0.0, 1e-5])
    return Waveforms(ends, dict.fromkeys(bench.lines_deck().probes, np.full(2, 0.9)))


def bench_of(design: Design) -> ColumnBench:
    weights = (np.array([[2, 3, 1, -1, -4, 2]]),)
    return ColumnBench(NetworkJob(design, weights, np.zeros((0, 6))).network, chip_of(design))


def test_cells_that_do_the_same_are_one_instance_in_the_matched_circuit() -> None:
    bench = bench_of(design_of("autozero", (6, 1)))
    deck = bench.column_deck(1, 1, [silent_lines(1.8)] * 6, quiet(bench), "input 1")
    placed = [line.split() for line in deck.circuit.splitlines() if line.startswith("Xcells_")]
    assert sorted(words[-1] for words in placed) == ["units=5", "units=8"]


def test_on_a_chip_every_cell_is_there_with_its_deviates() -> None:
    design = design_of("autozero", (6, 1)).at(mismatch=True, seed=2)
    bench = bench_of(design)
    lines = bench.column_deck(1, 1, [silent_lines(1.8)] * 6, quiet(bench), "input 1").circuit.lower().splitlines()
    whole = Testbench(bench.network, ((1.0,) * 6,)).deck().circuit.lower().splitlines()

    def deviates(lines: list[str]) -> list[str]:
        cells = [line for line in lines if "crossbar_1" in line.split()[0]]
        return sorted(line[line.index("deviate_1") :] for line in cells if "deviate_1" in line)

    assert deviates(lines) == deviates(whole) and len(deviates(lines)) >= 12


def test_a_deck_says_which_layer_neuron_and_input_it_is() -> None:
    bench = bench_of(design_of("autozero", (6, 1)))
    deck = bench.column_deck(1, 1, [silent_lines(1.8)] * 6, quiet(bench), "input 5")
    assert deck.title == "layer 1, neuron 1, input 5 of network_6_1"


def test_spikes_begin_and_end_where_they_should() -> None:
    """The test pulse of a driver becomes the pulse of an input: from its time to the end of the window."""
    bench = bench_of(design_of("autozero", (6, 1)))
    time = np.linspace(0.0, bench.rows_deck().analysis.stop, 4001)
    start, stop = 10e-9, 10e-9 + bench.network.design.timing.reset / 4
    rise = 1.8 * ((time >= start) & (time < stop))
    probes = {probe: 1.8 - rise if "_b_" in probe else rise for probe in bench.rows_deck().probes}
    first, *_, last = bench.input_lines(Waveforms(time, probes), [0.25, 0.5, 0.5, 0.5, 0.5, 1.0])
    window = bench.timeline.accumulation(1, 0)
    assert first.time == pytest.approx(window.start + 0.25 * (window.stop - window.start), abs=1e-10)
    high = first.spike[first.spike[:, 1] > 0.9, 0]
    assert (high[0], high[-1]) == pytest.approx((first.time, window.stop), abs=2e-10)
    assert last.time == np.inf


def test_layouts_and_stored_weights_are_refused() -> None:
    with Session(workers=1, progress=False) as session:
        job = job_of(design_of("autozero", (2, 2)))
        with pytest.raises(ComparisonError, match='take the method "whole"'):
            simulate_networks([job], session, method="columns", view=lambda benches: schematic(benches))
    stored = FlowFile.load(FLOWS / "programmable.toml").design
    with pytest.raises(NetworkError, match='take the method "whole"'):
        ColumnBench(Network(stored, ((((1,) * 5,) * 5),) * 2))
