"""The last steps of a flow: `report.json`, `report.html` and the figures."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from codesign.comparison.candidate import conventional, fitted
from codesign.comparison.figures import error_bars, phase_figure, trace_panels
from codesign.comparison.summary import (
    SeedComparison,
    accuracy_summary,
    comparison_doubts,
    comparison_summary,
    extraction_summary,
)
from codesign.execution.session import Session
from codesign.extraction.extract import Extraction
from codesign.figure import figure_png
from codesign.flow.file import FlowFile
from codesign.flow.layout import LaidOut
from codesign.provenance import tool_version
from codesign.report.content import LayerErrors, Report, ReportProvenance, Runtime
from codesign.report.page import provenance_rows, write_report

MODELS = (
    ("fitted", "fitted model, weights trained on it (proposed)"),
    ("conventional", "E = ∞, nominal gains, weights trained on that (conventional)"),
    ("conventional_same_weights", "E = ∞, nominal gains, the proposed weights"),
    ("bestfit_ideal", "E = ∞, all else fitted to the fitting set, the proposed weights"),
    ("bestfit_ideal_own_weights", "E = ∞, all else fitted to the fitting set, the conventional weights"),
    ("hindsight_ideal", "E = ∞, all else fitted to the judged traces themselves"),
)
"""The models of the error table, and what they are."""

CHIP_MODELS = (("calibrated", "fitted model, calibrated to the chip that is simulated"), *MODELS)
"""The models of the error table of one chip, and what they are."""

LAYOUT_MODELS = (
    ("fitted", "model fitted again to extracted columns, with each column's wires"),
    ("schematic_fitted", "model fitted to the schematic, with the wires that the design expects"),
    *MODELS[1:],
)
"""The models of the post-layout error table, and what they are."""


def summarise(
    flow: FlowFile,
    extraction: Extraction,
    seeds: Sequence[SeedComparison],
    pipeline_difference: float,
    session: Session,
    started: float,
    laid_out: LaidOut | None = None,
) -> Report:
    """The content of `report.json`.

    Args:
        flow: the flow.
        extraction: its extraction.
        seeds: its comparisons.
        pipeline_difference: from `pipeline_step`, V.
        session: what it ran on.
        started: `time.monotonic()` at the start of the flow, s.
        laid_out: what the layouts gave.
    """
    testbench, _ = seeds[0].proposed.first
    timeline, layers = testbench.timeline, len(testbench.network.layers)
    energies = np.concatenate([one.proposed.energies for one in seeds])
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
        energy_per_inference_pJ=float(energies.mean()) * 1e12,
        latency_us=timeline.latency(layers) * 1e6,
        period_us=timeline.period * 1e6,
        pipeline_max_difference_mV=pipeline_difference * 1e3,
        post_layout=None if laid_out is None else laid_out.summary,
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
    """Write `report.json`, `report.html` and the figures."""
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
        "phases": phase_figure(*first.proposed.first),
    }
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
    details = {
        "flow": flow,
        "layout_models": LAYOUT_MODELS,
        "changes": [] if laid_out is None else _changes(extraction, laid_out.extraction),
        "models": MODELS if first.chip is None else CHIP_MODELS,
        "parameters": extraction.model.quantities,
        "checks": _checks(extraction),
        "provenance": provenance_rows(report.provenance.model_dump()),
    }
    pngs = {name: figure if isinstance(figure, bytes) else figure_png(figure) for name, figure in figures.items()}
    write_report(folder / "report.html", report, pngs, details)
    report.save(folder / "report.json")


def _rmse(errors: LayerErrors, model: str) -> float | None:
    """Error of a model by its name, mV."""
    return getattr(errors, f"rmse_{model}_mV")


def _changes(before: Extraction, after: Extraction) -> list[tuple[str, float, float, str]]:
    """Each parameter in the schematic and in the layout."""
    return [
        (name, schematic.value, layout.value, unit)
        for (name, schematic, unit), (_, layout, _) in zip(before.model.quantities, after.model.quantities, strict=True)
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
