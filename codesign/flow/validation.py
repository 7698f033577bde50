"""The step of a flow that holds held-out inputs against SPICE."""

from collections.abc import Mapping

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.circuits.testbench import View, schematic
from codesign.comparison.simulation import NetworkJob, simulate_networks
from codesign.comparison.summary import SeedComparison
from codesign.flow.file import FlowFile
from codesign.flow.tools import Tools
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import Kind, TrainedNetwork


def validate_step(
    flow: FlowFile,
    trained: Mapping[tuple[Kind, int], TrainedNetwork],
    data: SpikeData,
    tools: Tools,
    layout: View | None = None,
) -> list[SeedComparison]:
    """Simulate held-out inputs on both networks of every seed, in the schematic or, given that view, as laid out."""
    settings, test = flow.validation, data.test
    inputs, conventional_inputs = settings.inputs, settings.conventional_inputs
    if layout is not None:
        inputs = conventional_inputs = settings.layout_inputs
    proposed = [_held_out(test.times, inputs, seed) for seed in flow.seeds]
    baseline = [_held_out(test.times, conventional_inputs, seed) for seed in flow.seeds]
    samples_of: dict[Kind, list[Integers]] = {"fitted": proposed, "ideal": baseline}
    jobs = [
        NetworkJob(flow.design, trained[kind, seed].layers, test.times[chosen])
        for kind, samples in samples_of.items()
        for seed, chosen in zip(flow.seeds, samples, strict=True)
    ]
    runs = simulate_networks(
        jobs,
        simulator=tools.simulator,
        cache=tools.cache,
        executor=tools.threads,
        progress="validation" if layout is None else "validation of the layout",
        view=layout or schematic,
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


def _held_out(times: Floats, count: int, seed: int) -> Integers:
    """Indices of `count` test samples, drawn without replacement."""
    return np.sort(np.random.default_rng(seed).permutation(len(times))[:count])
