"""The steps of a flow, in order."""

import hashlib
import json
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from platformdirs import user_cache_path

from codesign.circuits.emission import emit_netlist
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.comparison.candidate import conventional, fitted
from codesign.comparison.figures import error_bars, figure_png, fit_figure, phase_figure, trace_panels
from codesign.comparison.report import write_report
from codesign.comparison.simulation import NetworkJob, NetworkRun, as_tuples, simulate_networks
from codesign.comparison.summary import (
    SeedComparison,
    accuracy_summary,
    comparison_summary,
    extraction_summary,
)
from codesign.design import Design
from codesign.errors import CodesignError
from codesign.extraction.extract import Extraction, extract, fit_measured
from codesign.extraction.observation import observe
from codesign.files import write_atomically
from codesign.flow_file import FlowFile
from codesign.neuron_model import NeuronModel, NormalisedModel
from codesign.pdk import Pdk
from codesign.provenance import tool_version
from codesign.spice import ResultCache, Simulator, run_decks
from codesign.training.datasets import load_data
from codesign.training.jobs import TrainingJob, run_jobs
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import Kind, TrainedNetwork

STREAM_INPUTS = 5
"""Inferences in the stream that checks pipelined operation."""

SCHEMA = 1
"""Version of the shape of `report.json`."""

MODELS = (
    ("fitted", "fitted model, weights trained on it (proposed)"),
    ("conventional", "E = ∞, nominal gains, weights trained on that (conventional)"),
    ("conventional_same_weights", "E = ∞, nominal gains, the proposed weights"),
    ("bestfit_ideal", "E = ∞, all else fitted to the fitting set, the proposed weights"),
    ("bestfit_ideal_own_weights", "E = ∞, all else fitted to the fitting set, the conventional weights"),
    ("hindsight_ideal", "E = ∞, all else fitted to the judged traces themselves"),
)
"""The models of the error table, and what they are."""


class OutputFolderError(CodesignError):
    """An output folder that cannot be used."""


@dataclass(frozen=True)
class Tools:
    """What the steps run on.

    Attributes:
        simulator: runs decks.
        cache: of simulation results.
        threads: executor of simulations, which are child processes.
        processes: executor of trainings.
    """

    simulator: Simulator
    cache: ResultCache
    threads: Executor
    processes: Executor


def claim_folder(folder: Path, flow: FlowFile) -> None:
    """Make `folder` this flow's own, or refuse one that holds another's results.

    Raises:
        OutputFolderError: the folder holds the results of another flow or other files.
        CodesignError: it cannot be written.
    """
    mark = folder / "flow.json"
    content = flow.model_dump_json(indent=2) + "\n"
    try:
        if mark.is_file():
            if mark.read_bytes() != content.encode():
                raise OutputFolderError(f"{folder} holds the results of another flow or design; choose another --out")
        # Hidden files may be left of a killed run.
        elif folder.is_dir() and not all(entry.name.startswith(".") for entry in folder.iterdir()):
            raise OutputFolderError(f"{folder} is not empty and not a flow's output; choose another --out")
    except OSError as error:
        raise OutputFolderError(f"cannot read {folder}: {error.strerror}; choose another --out") from error
    write_atomically(mark, content)


def extract_step(flow: FlowFile, tools: Tools, folder: Path) -> Extraction:
    """Extract the neuron model into `neuron_model.json` and `figures/fit.png`."""
    extraction = extract(
        flow.design,
        networks=flow.extraction.networks,
        simulator=tools.simulator,
        cache=tools.cache,
        executor=tools.threads,
        progress=True,
    )
    extraction.model.save(folder / "neuron_model.json")
    write_atomically(folder / "figures" / "fit.png", figure_png(_fit_figure(extraction)))
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
    jobs = {
        (kind, seed): _training_job(flow, model if kind == "fitted" else nominal, data, kind, seed)
        for kind in kinds
        for seed in flow.seeds
    }
    trained = dict(zip(jobs, run_jobs(list(jobs.values()), tools.processes), strict=True))
    for (kind, seed), network in trained.items():
        network.save(folder / "networks" / f"{kind}-seed-{seed}.safetensors")
    return trained


def validate_step(
    flow: FlowFile,
    extraction: Extraction,
    trained: dict[tuple[Kind, int], TrainedNetwork],
    data: SpikeData,
    tools: Tools,
) -> list[SeedComparison]:
    """Simulate held-out inputs on both networks of every seed."""
    settings, test = flow.validation, data.test
    proposed = [_held_out(test.times, settings.inputs, seed) for seed in flow.seeds]
    baseline = [_held_out(test.times, settings.conventional_inputs, seed) for seed in flow.seeds]
    jobs = [
        NetworkJob(flow.design, trained[kind, seed].layers, test.times[chosen])
        for kind, samples in (("fitted", proposed), ("ideal", baseline))
        for seed, chosen in zip(flow.seeds, samples, strict=True)
    ]
    runs = simulate_networks(
        jobs, simulator=tools.simulator, cache=tools.cache, executor=tools.threads, progress="validation"
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


def run_flow(flow: FlowFile, tools: Tools, folder: Path) -> dict[str, Any]:
    """All steps of a flow into `folder`.

    Returns:
        The content of `report.json`.

    Raises:
        CodesignError: a step failed; what the earlier steps made stays.
    """
    started = time.monotonic()
    claim_folder(folder, flow)
    data = load_data(flow.data, flow.design.layer_sizes)
    extraction = extract_step(flow, tools, folder)
    nominal = conventional(flow.design).model
    trained = train_step(flow, extraction.fit.model, nominal, data, tools, folder)
    first = trained["fitted", flow.seeds[0]]
    netlist_step(flow.design, first.layers, data.test.times[:1], tools.simulator.pdk, folder / "netlist")
    seeds = validate_step(flow, extraction, trained, data, tools)
    difference = pipeline_step(seeds[0].proposed, tools)
    summary = summarise(flow, extraction, seeds, difference, tools, started)
    report_step(flow, extraction, seeds, summary, folder)
    return summary


def netlist_step(
    design: Design, layers: Sequence[NDArray[np.int64]], spike_times: NDArray[np.float64], pdk: Pdk, folder: Path
) -> None:
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


def summarise(
    flow: FlowFile,
    extraction: Extraction,
    seeds: Sequence[SeedComparison],
    pipeline_difference: float,
    tools: Tools,
    started: float,
) -> dict[str, Any]:
    """The content of `report.json`.

    Args:
        flow: the flow.
        extraction: its extraction.
        seeds: its comparisons.
        pipeline_difference: from `pipeline_step`, V.
        tools: what it ran on.
        started: `time.monotonic()` at the start of the flow, s.
    """
    testbench, _ = seeds[0].proposed.first
    timeline, layers = testbench.timeline, len(testbench.network.layers)
    latency = timeline.firing(layers, 0).stop - timeline.accumulation(1, 0).start
    energies = np.concatenate([one.proposed.energies for one in seeds])
    return {
        "schema": SCHEMA,
        "extraction": extraction_summary(extraction),
        "comparison": comparison_summary(flow.design, extraction, seeds),
        "accuracy": accuracy_summary(extraction, seeds),
        "energy_per_inference_pJ": float(energies.mean()) * 1e12,
        "latency_us": latency * 1e6,
        "period_us": timeline.period * 1e6,
        "pipeline_max_difference_mV": pipeline_difference * 1e3,
        "runtime": {
            "wall_s": round(time.monotonic() - started, 1),
            "spice_runs": tools.cache.misses,
            "cache_hits": tools.cache.hits,
        },
        "provenance": {
            "codesign": tool_version(),
            "ngspice": tools.simulator.ngspice.version,
            "pdk": f"{tools.simulator.pdk.source}, {tools.simulator.pdk.version}",
            "design": flow.design.digest,
            "flow": flow.digest,
            "conditions": flow.design.conditions.model_dump(),
            "seeds": list(flow.seeds),
            "data": flow.data.model_dump(mode="json"),
        },
    }


def report_step(
    flow: FlowFile,
    extraction: Extraction,
    seeds: Sequence[SeedComparison],
    summary: dict[str, Any],
    folder: Path,
) -> None:
    """Write `report.json`, `report.html` and the figures."""
    first, hidden, output = seeds[0], summary["comparison"]["hidden"], summary["comparison"]["output"]
    bars = {
        "fitted": "fitted",
        "conventional": "conventional",
        "conventional_same_weights": "conventional,\nsame weights",
        "bestfit_ideal": "best-fit ideal",
        "hindsight_ideal": "best-fit ideal\nin hindsight",
    }
    figures = {
        "traces": trace_panels(
            [
                ("conventional", first.conventional, conventional(flow.design)),
                ("proposed", first.proposed, fitted(extraction)),
            ]
        ),
        "fit": _fit_figure(extraction),
        "errors": error_bars(
            {label: (hidden[f"rmse_{name}_mV"], output[f"rmse_{name}_mV"]) for name, label in bars.items()}
        ),
        "phases": phase_figure(*first.proposed.first),
    }
    details = {
        "flow": flow,
        "models": MODELS,
        "parameters": _parameters(extraction),
        "checks": _checks(extraction),
        "provenance": summary["provenance"],
    }
    write_report(folder / "report.html", summary, figures, details)
    write_atomically(folder / "report.json", json.dumps(summary, indent=2) + "\n")


def _fit_figure(extraction: Extraction) -> Figure:
    return fit_figure(extraction.model, extraction.fit, extraction.records, extraction.check)


def _parameters(extraction: Extraction) -> list[tuple[str, Any, str]]:
    model = extraction.model
    return [
        ("reversal potential, positive", model.e_rev_pos, "V"),
        ("reversal potential, negative", model.e_rev_neg, "V"),
        ("curvature, positive", model.curvature_pos, "1/V²"),
        ("curvature, negative", model.curvature_neg, "1/V²"),
        ("unit current, positive", model.unit_current_pos, "A"),
        ("unit current, negative", model.unit_current_neg, "A"),
        ("membrane capacitance", model.capacitance, "F"),
        ("capacitance per positive cell", model.capacitance_per_unit_pos, "F"),
        ("capacitance per negative cell", model.capacitance_per_unit_neg, "F"),
        ("reset offset", model.reset_offset, "V"),
        ("turn-on delay, positive", model.turn_on_delay_pos, "s"),
        ("turn-on delay, negative", model.turn_on_delay_neg, "s"),
        ("ramp", model.ramp, "V/s"),
        ("firing delay", model.firing_delay, "s"),
        ("switch-off kick, positive", model.kick_pos, "V"),
        ("switch-off kick, negative", model.kick_neg, "V"),
    ]


def _checks(extraction: Extraction) -> list[tuple[str, float, float, str]]:
    model, check = extraction.model, extraction.check
    positive, negative = check.sweeps["positive"], check.sweeps["negative"]
    return [
        ("E_rev, positive", model.e_rev_pos.value, positive.e_rev, "V"),
        ("E_rev, negative", model.e_rev_neg.value, negative.e_rev, "V"),
        ("unit current, positive", model.unit_current_pos.value, positive.current_at_reset, "A"),
        ("unit current, negative", model.unit_current_neg.value, negative.current_at_reset, "A"),
        (
            "capacitance per positive cell",
            model.capacitance_per_unit_pos.value,
            check.capacitance_per_unit["positive"],
            "F",
        ),
        (
            "capacitance per negative cell",
            model.capacitance_per_unit_neg.value,
            check.capacitance_per_unit["negative"],
            "F",
        ),
    ]


def _held_out(times: NDArray[np.float64], count: int, seed: int) -> NDArray[np.int64]:
    """Indices of `count` test samples, drawn without replacement."""
    return np.sort(np.random.default_rng(seed).permutation(len(times))[:count])


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
