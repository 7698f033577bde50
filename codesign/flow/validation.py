"""The steps of a flow that simulate held-out inputs, each alone and as a stream."""

from collections.abc import Mapping

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.circuits.testbench import Testbench, View, schematic
from codesign.comparison.network_run import NetworkJob, NetworkRun
from codesign.comparison.simulation import simulate_networks
from codesign.comparison.summary import SeedComparison
from codesign.execution.session import Session
from codesign.extraction.observation import observe
from codesign.flow.file import FlowFile
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import Kind, TrainedNetwork

STREAM_INPUTS = 5
"""Inferences in the stream that checks pipelined operation."""


def validate_step(
    flow: FlowFile,
    trained: Mapping[tuple[Kind, int], TrainedNetwork],
    data: SpikeData,
    session: Session,
    layout: View | None = None,
) -> list[SeedComparison]:
    """Simulate held-out inputs on both networks of every seed, in the schematic or, given that view, as laid out."""
    settings, test = flow.validation, data.test
    inputs, conventional_inputs = settings.inputs, settings.conventional_inputs
    if layout is not None:
        inputs = conventional_inputs = settings.layout_inputs
    proposed = [held_out(test.times, inputs, seed) for seed in flow.seeds]
    baseline = [held_out(test.times, conventional_inputs, seed) for seed in flow.seeds]
    samples_of: dict[Kind, list[Integers]] = {"fitted": proposed, "ideal": baseline}
    jobs = [
        NetworkJob(flow.design, trained[kind, seed].layers, test.times[chosen])
        for kind, samples in samples_of.items()
        for seed, chosen in zip(flow.seeds, samples, strict=True)
    ]
    runs = simulate_networks(
        jobs,
        session,
        what="validation" if layout is None else "validation of the layout",
        view=layout or schematic,
        method="whole" if layout is not None else flow.method,
    )
    count = len(flow.seeds)
    return [
        SeedComparison(
            seed=seed,
            proposed=runs[index],
            conventional=runs[count + index],
            labels=test.labels[proposed[index]],
            test_accuracy=trained["fitted", seed].record.test_accuracy,
            conventional_test_accuracy=trained["ideal", seed].record.test_accuracy,
        )
        for index, seed in enumerate(flow.seeds)
    ]


def pipeline_step(alone: NetworkRun, session: Session) -> float | None:
    """Simulate the first inputs of a run as a stream in one transient.

    Returns:
        The largest difference of a membrane in an accumulation window from the same inference alone, V; None for
        a network that was simulated by columns.
    """
    count = min(STREAM_INPUTS, len(alone.records))
    if alone.whole is None:
        return None
    times = tuple(tuple(float(time) for time in sample) for sample in alone.job.spike_times[:count])
    stream = Testbench(alone.job.network, times)
    [waveforms] = session.run([stream.deck()], "pipeline")
    differences = [
        np.abs(streamed.traces - single.traces).max()
        for streams, singles in zip(observe(stream, waveforms), alone.records, strict=False)
        for streamed, single in zip(streams, singles, strict=True)
    ]
    return float(max(differences)) * alone.job.design.levels.swing


def held_out(times: Floats, count: int, seed: int) -> Integers:
    """Indices of `count` test samples, drawn without replacement."""
    return np.sort(np.random.default_rng(seed).permutation(len(times))[:count])
