"""The last steps of a flow: `report.json`, `report.html` and the figures."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from codesign.circuits.timeline import Timeline
from codesign.comparison.candidate import calibrated, conventional, fitted
from codesign.comparison.figures import error_bars, phase_figure, trace_panels
from codesign.comparison.network_run import NetworkRun
from codesign.comparison.summary import (
    SeedComparison,
    accuracy_summary,
    comparison_doubts,
    comparison_summary,
    extraction_summary,
)
from codesign.comparison.traces import fitting_traces, network_traces
from codesign.execution.session import Session
from codesign.extraction.extract import Extraction
from codesign.figure import figure_png
from codesign.files import write_atomically
from codesign.flow.file import FlowFile
from codesign.flow.layout import LaidOut
from codesign.flow.page import REPORT, TRACES, draw_page, figure_path
from codesign.provenance import tool_version
from codesign.report.content import LayerErrors, Report, ReportProvenance, Runtime, SimulationContent
from codesign.report.traces import TraceSet, save_traces
from codesign.spice import total_cost


def summarise(
    flow: FlowFile,
    extraction: Extraction,
    seeds: Sequence[SeedComparison],
    pipeline_difference: float | None,
    session: Session,
    started: float,
    laid_out: LaidOut | None = None,
) -> Report:
    """The content of `report.json`.

    Args:
        flow: the flow.
        extraction: its extraction.
        seeds: its comparisons.
        pipeline_difference: from `pipeline_step`, V; None where there was no stream.
        session: what it ran on.
        started: `time.monotonic()` at the start of the flow, s.
        laid_out: what the layouts gave.
    """
    timeline, layers = Timeline(flow.design.timing), len(flow.design.layer_sizes) - 1
    energies = [one.proposed.whole.energies for one in seeds if one.proposed.whole is not None]
    compared = comparison_summary(flow.design, extraction, seeds)
    doubts = [*extraction.model.doubts, *comparison_doubts(compared)]
    if laid_out is not None:
        after = [*laid_out.extraction.model.doubts, *comparison_doubts(laid_out.summary)]
        doubts += [f"in the layout, {doubt}" for doubt in after]
    return Report(
        doubts=tuple(doubts),
        extraction=extraction_summary(extraction),
        comparison=compared,
        accuracy=accuracy_summary(extraction, seeds),
        energy_per_inference_pJ=float(np.concatenate(energies).mean()) * 1e12 if energies else None,
        latency_us=timeline.latency(layers) * 1e6,
        period_us=timeline.period * 1e6,
        pipeline_max_difference_mV=None if pipeline_difference is None else pipeline_difference * 1e3,
        post_layout=None if laid_out is None else laid_out.summary,
        simulation=_simulation(flow, [run for one in seeds for run in (one.proposed, one.conventional)]),
        runtime=Runtime(
            wall_s=round(time.monotonic() - started, 1),
            spice_runs=session.cache.misses,
            cache_hits=session.cache.hits,
        ),
        provenance=provenance_of(flow, session),
    )


def provenance_of(flow: FlowFile, session: Session) -> ReportProvenance:
    """What made a report: tools, models, design, data."""
    return ReportProvenance(
        codesign=tool_version(),
        ngspice=session.simulator.ngspice.version,
        pdk=f"{session.simulator.pdk.source}, {session.simulator.pdk.version}",
        design=flow.design.digest,
        flow=flow.digest,
        conditions=flow.design.conditions,
        seeds=flow.seeds,
        data=flow.data.model_dump(mode="json"),
    )


def report_step(
    flow: FlowFile,
    extraction: Extraction,
    seeds: Sequence[SeedComparison],
    report: Report,
    folder: Path,
    laid_out: LaidOut | None = None,
) -> None:
    """Write figures, `traces.npz`, `report.json` and, from these, `report.html`."""
    first, hidden, output = seeds[0], report.comparison.hidden, report.comparison.output
    bars = {
        "fitted": "fitted",
        "conventional": "conventional",
        "conventional_same_weights": "conventional,\nsame weights",
        "bestfit_ideal": "best-fit ideal",
        "hindsight_ideal": "best-fit ideal\nin hindsight",
    }
    figures: dict[str, Figure | bytes] = {
        "traces": trace_panels(
            [
                ("conventional", first.conventional, conventional(flow.design)),
                ("proposed", first.proposed, fitted(extraction)),
            ]
        ),
        "fit": extraction.plot(),
        "errors": error_bars({label: (_rmse(hidden, name), _rmse(output, name)) for name, label in bars.items()}),
    }
    if (whole := first.proposed.whole) is not None:
        figures["phases"] = phase_figure(whole.testbench, whole.waveforms)
    if laid_out is not None:
        one = laid_out.seeds[0]
        figures["layout_traces"] = trace_panels(
            [
                ("conventional, layout", one.conventional, conventional(flow.design)),
                ("proposed, layout", one.proposed, fitted(laid_out.extraction)),
            ]
        )
        figures["layout"] = laid_out.files.png.read_bytes()
        figures["layout_fit"] = laid_out.extraction.plot()
    for name, figure in figures.items():
        picture = figure if isinstance(figure, bytes) else figure_png(figure)
        write_atomically(figure_path(folder, name), picture)
    save_traces(folder / TRACES, [*_traces(flow, extraction, seeds), *_layout_traces(flow, laid_out)])
    report.save(folder / REPORT)
    draw_page(folder)


def _simulation(flow: FlowFile, runs: Sequence[NetworkRun]) -> SimulationContent:
    inferences, cost = sum(len(run.records) for run in runs), total_cost(run.cost for run in runs)
    if cost is None:
        return SimulationContent(method=flow.method)
    return SimulationContent(
        method=flow.method, processor_s_per_inference=cost.processor_s / inferences, peak_MB=cost.peak_MB or None
    )


def _traces(flow: FlowFile, extraction: Extraction, seeds: Sequence[SeedComparison], view: str = "") -> list[TraceSet]:
    """Every input of every seed, and the fitting set."""
    sets: list[TraceSet] = []
    for one in seeds:
        models = [
            ("proposed network, fitted model", one.proposed, fitted(extraction)),
            ("conventional network, conventional model", one.conventional, conventional(flow.design)),
        ]
        if one.chip is not None:
            model = calibrated(extraction, one.chip.deviations)
            models.append(("proposed network, model calibrated to the chip", one.proposed, model))
        sets += [network_traces(title + view, f"seed {one.seed}", run, model) for title, run, model in models]
    return [*sets, fitting_traces(f"fitting set, fit{view}", extraction)]


def _layout_traces(flow: FlowFile, laid_out: LaidOut | None) -> list[TraceSet]:
    return [] if laid_out is None else _traces(flow, laid_out.extraction, laid_out.seeds, ", layout")


def _rmse(errors: LayerErrors, model: str) -> float | None:
    """Error of a model by its name, mV."""
    return getattr(errors, f"rmse_{model}_mV")
