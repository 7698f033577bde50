"""The steps of a flow, in order."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from codesign.arrays import Floats, Integers
from codesign.circuits.emission import emit_netlist
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.comparison.candidate import conventional
from codesign.comparison.figures import figure_png, fit_figure
from codesign.comparison.simulation import NetworkRun, as_tuples
from codesign.design import Design
from codesign.extraction.extract import Extraction, fit_measured
from codesign.extraction.observation import observe
from codesign.files import write_atomically
from codesign.flow.extraction import extract_flow
from codesign.flow.file import FlowFile
from codesign.flow.layout import check_drawable, post_layout_step
from codesign.flow.report import extraction_figure, report_step, summarise
from codesign.flow.tools import Tools, claim_folder
from codesign.flow.validation import validate_step
from codesign.model.neuron_model import NeuronModel, NormalisedModel
from codesign.pdk import Pdk
from codesign.provenance import tool_version
from codesign.report.content import Report
from codesign.spice import run_decks
from codesign.training.datasets import load_data
from codesign.training.jobs import TrainingJob, run_jobs
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import Kind, TrainedNetwork

STREAM_INPUTS = 5
"""Inferences in the stream that checks pipelined operation."""


def extract_step(flow: FlowFile, tools: Tools, folder: Path) -> Extraction:
    """Extract the neuron model into `neuron_model.json` and `figures/fit.png`."""
    extraction = extract_flow(flow, tools)
    extraction.model.save(folder / "neuron_model.json")
    write_atomically(folder / "figures" / "fit.png", figure_png(extraction_figure(extraction)))
    return extraction


def measured_step(design: Design, measurement: Path, capacitance: float, folder: Path) -> NeuronModel:
    """Fit measured waveforms into `neuron_model.json` and `figures/fit.png`.

    Args:
        design: levels and timing of the measured circuit.
        measurement: CSV file, see `codesign.extraction.measured.read_measured`.
        capacitance: of the membrane without synapses, F.
        folder: of the output.
    """
    model, fit, records = fit_measured(design, measurement, capacitance)
    model.save(folder / "neuron_model.json")
    write_atomically(folder / "figures" / "fit.png", figure_png(fit_figure(model, fit, records, None)))
    return model


def train_step(
    flow: FlowFile, model: NormalisedModel, nominal: NormalisedModel, data: SpikeData, tools: Tools, folder: Path
) -> dict[tuple[Kind, int], TrainedNetwork]:
    """Train on the fitted and on the ideal model with every seed, into `networks/`.

    Checkpoints are kept in the user cache folder by what they were made from, so that a flow that was
    interrupted, or is run again, goes on from them.
    """
    kinds: tuple[Kind, Kind] = ("fitted", "ideal")
    jobs: dict[tuple[Kind, int], TrainingJob] = {
        (kind, seed): _training_job(flow, model if kind == "fitted" else nominal, data, kind, seed)
        for kind in kinds
        for seed in flow.seeds
    }
    trained = dict(zip(jobs, run_jobs(list(jobs.values()), tools.processes), strict=True))
    for (kind, seed), network in trained.items():
        network.save(folder / "networks" / f"{kind}-seed-{seed}.safetensors")
    return trained


def run_flow(flow: FlowFile, tools: Tools, folder: Path, *, post_layout: bool = False) -> Report:
    """All steps of a flow into `folder`.

    Args:
        flow: the flow.
        tools: what it runs on.
        folder: of the output.
        post_layout: draw the networks too, and compare again with what is extracted from the layouts.

    Returns:
        The content of `report.json`.

    Raises:
        CodesignError: a step failed; what the earlier steps made stays.
    """
    started = time.monotonic()
    claim_folder(folder, flow)
    data = load_data(flow.data, flow.design.layer_sizes)
    if post_layout:
        check_drawable(flow.design)
    extraction = extract_step(flow, tools, folder)
    nominal = conventional(flow.design).model
    trained = train_step(flow, extraction.fit.model, nominal, data, tools, folder)
    first = trained["fitted", flow.seeds[0]]
    netlist_step(flow.design, first.layers, data.test.times[:1], tools.simulator.pdk, folder / "netlist")
    seeds = validate_step(flow, trained, data, tools)
    difference = pipeline_step(seeds[0].proposed, tools)
    laid_out = post_layout_step(flow, extraction, trained, data, tools, folder) if post_layout else None
    summary = summarise(flow, extraction, seeds, difference, tools, started, laid_out)
    report_step(flow, extraction, seeds, summary, folder, laid_out)
    return summary


def netlist_step(design: Design, layers: Sequence[Integers], spike_times: Floats, pdk: Pdk, folder: Path) -> None:
    """Write the netlist of a network and its testbench with the given inputs."""
    network = Network(design, as_tuples(layers))
    testbench = Testbench(network, tuple(tuple(float(time) for time in sample) for sample in spike_times))
    emit_netlist(testbench, folder, testbench.deck().models(pdk))


def pipeline_step(alone: NetworkRun, tools: Tools) -> float:
    """Simulate the first inputs of a run as a stream in one transient.

    Returns:
        The largest difference of a membrane in an accumulation window from the same inference alone, V.
    """
    count = min(STREAM_INPUTS, len(alone.records))
    testbench, _ = alone.first
    times = tuple(tuple(float(time) for time in sample) for sample in alone.job.spike_times[:count])
    stream = Testbench(testbench.network, times)
    waveforms = run_decks(
        [stream.deck()], simulator=tools.simulator, cache=tools.cache, executor=tools.threads, progress="pipeline"
    )
    differences = [
        np.abs(streamed.traces - single.traces).max()
        for streams, singles in zip(observe(stream, waveforms[0]), alone.records, strict=False)
        for streamed, single in zip(streams, singles, strict=True)
    ]
    return float(max(differences)) * alone.job.design.levels.swing


def _training_job(flow: FlowFile, model: NormalisedModel, data: SpikeData, kind: Kind, seed: int) -> TrainingJob:
    job = TrainingJob(data, model, flow.design.layer_sizes, kind, seed, flow.training)
    made_from = [
        model.model_dump_json(),
        data.digest,
        repr(job.layer_sizes),
        kind,
        str(seed),
        flow.training.model_dump_json(),
        tool_version(),
    ]
    key = hashlib.sha256("\n".join(made_from).encode()).hexdigest()
    return replace(job, checkpoint=user_cache_path("codesign") / "trainings" / f"{key}.pt")
