"""Steps for a network that was not trained by the flow: a user's own weights."""

import time
from pathlib import Path

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.comparison.candidate import fitted
from codesign.comparison.simulation import NetworkJob, simulate_networks
from codesign.comparison.summary import SeedComparison
from codesign.execution.session import Session
from codesign.flow.extraction import extract_step
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.report import report_step, summarise
from codesign.flow.validation import pipeline_step
from codesign.model.neuron_model import NormalisedModel
from codesign.model.response import network_response
from codesign.report.content import Report
from codesign.training.datasets import load_data
from codesign.weights import IntegerWeights


def with_layer_sizes(flow: FlowFile, weights: IntegerWeights) -> FlowFile:
    """The flow with the layer sizes of the weights."""
    return flow.model_copy(update={"design": flow.design.model_copy(update={"layer_sizes": weights.layer_sizes})})


def spread_spike_times(inputs: int) -> Floats:
    """One spike time for each input, evenly spread over the window, shape (1, inputs)."""
    return ((np.arange(inputs) + 0.5) / inputs)[None]


def validate_weights(
    flow: FlowFile, weights: IntegerWeights, session: Session, folder: Path, *, random_inputs: bool
) -> Report:
    """Hold the fitted model and the ideal ones against SPICE on given weights, into `folder`.

    Args:
        flow: design (its layer sizes are replaced by those of the weights), data and number of inputs.
        weights: the network.
        session: what the steps run on.
        folder: of the report.
        random_inputs: use random spike times instead of the flow's test data; "right" is then what the model says.

    Returns:
        The content of `report.json`; the conventional mapping stands on the same weights.
    """
    started = time.monotonic()
    flow = with_layer_sizes(flow, weights)
    claim_folder(folder, flow, weights=weights.digest)
    seed, count, layers = flow.seeds[0], flow.validation.inputs, weights.layers
    random = np.random.default_rng(seed)
    # Data that do not fit are told of before the long simulations.
    test = None if random_inputs else load_data(flow.data, weights.layer_sizes).test
    # A model that does not describe the circuit is what a validation is to find: the report says so.
    extraction = extract_step(flow, session, folder, force=True)
    if test is None:
        times = random.uniform(0, 1, (count, weights.layer_sizes[0]))
        labels = _classes(extraction.fit.model, layers, times)
    else:
        times, labels = test.times, test.labels
    correct = _classes(fitted(extraction).model, layers, times) == labels
    chosen = np.sort(random.permutation(len(times))[:count])
    job = NetworkJob(flow.design, layers, times[chosen])
    [run] = simulate_networks([job], session)
    accuracy = float(correct.mean())
    seeds = [SeedComparison(seed, run, run, labels[chosen], accuracy, accuracy)]
    summary = summarise(flow, extraction, seeds, pipeline_step(run, session), session, started)
    report_step(flow, extraction, seeds, summary, folder)
    return summary


def _classes(model: NormalisedModel, layers: tuple[Integers, ...], times: Floats) -> Integers:
    return network_response(model, layers, times, np.empty(0))[-1].final.argmax(axis=1)
