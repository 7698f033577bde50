"""Chips that differ: one network on thousands of them on the model, and on tens of them in SPICE."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from codesign.comparison.candidate import best_fit_ideal, conventional, fitted
from codesign.comparison.chip_figures import error_figure, ratio_figure
from codesign.comparison.chips import Candidates
from codesign.comparison.population import Anywhere, Population, Spreads, anywhere, population, spreads, yield_of
from codesign.comparison.population_figure import population_figure
from codesign.comparison.simulation import simulate_networks
from codesign.execution.session import Session
from codesign.figure import figure_png
from codesign.files import write_atomically
from codesign.flow.chips import ChipBench
from codesign.flow.conditions import TESTER_INPUTS, fitted_models
from codesign.flow.extraction import extract_step, variation_step
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.report import provenance_of
from codesign.flow.training import train_step
from codesign.flow.validation import held_out
from codesign.model.over_conditions import ModelsOverConditions
from codesign.report.montecarlo import AnyConditions, ChipAccuracy, ChipRow, ModelChips, MonteCarlo, over_chips
from codesign.report.page import provenance_rows, write_page
from codesign.spice import ResultCache
from codesign.training.datasets import load_data

CALIBRATION_INPUTS = 12
"""Inputs that a chip is calibrated with, training samples."""

MODEL_CHIPS = 1000
"""Chips on the model."""

YIELD_LIMIT = 0.02
"""Loss of accuracy up to which a chip is good."""

_AGREEMENT = 0.15
"""Relative difference of a standard deviation on the model from that in SPICE which is said."""


def montecarlo_flow(
    flow: FlowFile,
    session: Session,
    folder: Path,
    *,
    chips: int,
    inputs: int,
    calibration_inputs: int = CALIBRATION_INPUTS,
    model_chips: int = MODEL_CHIPS,
    yield_limit: float = YIELD_LIMIT,
    conditions: Path | None = None,
    force: bool = False,
) -> MonteCarlo:
    """Extract, train and model the variation, draw chips on the model, simulate chips 1 to `chips`, into `folder`.

    Args:
        flow: the flow; its first seed is that of the training, whatever mismatch its conditions name is left out.
        session: what it runs on.
        folder: of the output.
        chips: how many are simulated; a chip whose simulation fails is a row that says so.
        inputs: held-out inputs on each chip and network.
        calibration_inputs: training inputs that each chip is calibrated with; 0 leaves calibrations out.
        model_chips: how many are drawn on the model.
        yield_limit: loss of accuracy up to which a chip is good, a fraction.
        conditions: `conditions.json` of the same design: chips on the model are drawn at its conditions too.
        force: continue with a model that the gate on the fit refuses.

    Returns:
        The content of `montecarlo.json`.

    Raises:
        CodesignError: extraction, training or the matched circuit failed; the results of earlier steps stay.
    """
    flow = flow.model_copy(update={"design": flow.design.at(mismatch=False), "seeds": flow.seeds[:1]})
    counts = {"chips": chips, "chip_inputs": inputs, "calibration_inputs": calibration_inputs}
    models = None if conditions is None else ModelsOverConditions(fitted_models(conditions))
    table = {} if conditions is None else {"conditions": hashlib.sha256(conditions.read_bytes()).hexdigest()}
    claim_folder(folder, flow, **counts, model_chips=model_chips, yield_limit=yield_limit, **table)
    data = load_data(flow.data, flow.design.layer_sizes)
    extraction = extract_step(flow, session, folder, force=force)
    variation = variation_step(flow, extraction, session, folder, each_device=False).model
    trained = train_step(flow, extraction.model, data, session, folder, variation)
    seed = flow.seeds[0]
    chosen = held_out(data.test.times, inputs, seed)
    bench = ChipBench(
        extraction=extraction,
        variation=variation,
        weights=tuple(trained[kind, seed].layers for kind in ("fitted", "ideal")),
        times=data.test.times[chosen],
        labels=data.test.labels[chosen],
        calibration_times=data.train.times[held_out(data.train.times, calibration_inputs, seed)],
        candidates=Candidates(fitted(extraction), conventional(flow.design), best_fit_ideal(extraction)),
        session=session,
        method=flow.method,
    )
    found = population(
        extraction.model,
        variation,
        bench.weights[0],
        data.test,
        bench.times,
        chips=model_chips,
        seed=seed,
    )
    matched = bench.row(0, flow.design)
    rows = tuple(bench.row_or_failure(chip, flow.design) for chip in range(1, chips + 1))
    simulated = [bench.runs[row.chip] for row in rows if row.failure is None]
    compared = spreads(found, simulated) if len(simulated) > 1 else None
    model = _model_chips(found, compared, yield_limit, model_chips / found.seconds * _seconds_per_chip(bench))
    if models is not None:
        drawn = anywhere(
            models,
            extraction.model.normalised(),
            variation,
            bench.weights[0],
            data.test,
            data.train.times[:TESTER_INPUTS],
            chips=model_chips,
            seed=seed,
            biased=flow.design.synapse.biased,
        )
        least = found.nominal - yield_limit
        model = model.model_copy(update={"anywhere": _anywhere(drawn, least, len(models.models))})
    result = _result(flow, session, bench, matched, rows, model)
    _report(flow, result, folder, found, compared)
    return result


def _seconds_per_chip(bench: ChipBench) -> float:
    """Time of one process for all inputs of a chip, from a simulation that is made anew, not taken from the cache."""
    job = bench.runs[0].job
    with (
        TemporaryDirectory() as folder,
        Session(simulator=bench.session.simulator, cache=ResultCache(Path(folder)), workers=1, progress=False) as alone,
    ):
        started = time.perf_counter()
        simulate_networks([replace(job, spike_times=job.spike_times[:1])], alone, method=bench.method)
        return (time.perf_counter() - started) * len(bench.times)


def _model_chips(found: Population, compared: Spreads | None, limit: float, speedup: float) -> ModelChips:
    share, low, high = found.yield_within(limit)
    ratios = {} if compared is None else {"v(1)": compared.v_ratio, "the spike times": compared.times_ratio}
    apart = [f"{what} {ratio:.2f} times" for what, ratio in ratios.items() if not abs(ratio - 1) <= _AGREEMENT]
    return ModelChips(
        n_chips=len(found.accuracies),
        yield_limit=limit,
        yield_=share,
        yield_low=low,
        yield_high=high,
        nominal_accuracy=found.nominal,
        mean_accuracy=float(found.accuracies.mean()),
        sigma_v_ratio=None if compared is None else compared.v_ratio,
        sigma_spike_time_ratio=None if compared is None else compared.times_ratio,
        speedup=speedup,
        warning=f"the model's spread over chips is not that of SPICE: {', '.join(apart)} that" if apart else None,
    )


def _anywhere(drawn: Anywhere, least: float, conditions: int) -> AnyConditions:
    share, low, high = yield_of(drawn.trimmed, least)
    return AnyConditions(
        n_chips=len(drawn.trimmed),
        n_conditions=conditions,
        yield_=share,
        yield_low=low,
        yield_high=high,
        yield_untrimmed=yield_of(drawn.untrimmed, least)[0],
        mean_accuracy=float(drawn.trimmed.mean()),
        largest_trim=float(np.abs(drawn.factors - 1).max()),
    )


def _result(
    flow: FlowFile,
    session: Session,
    bench: ChipBench,
    matched: ChipRow,
    rows: tuple[ChipRow, ...],
    model: ModelChips,
) -> MonteCarlo:
    done = [row for row in rows if row.failure is None]
    known = tuple(row for row in done if row.calibration_failure is None)
    calibrated = len(bench.calibration_times) > 0
    return MonteCarlo(
        n_chips=len(rows),
        n_inputs=len(bench.times),
        failed=len(rows) - len(done),
        swing_mV=flow.design.levels.swing * 1e3,
        n_calibration_inputs=len(bench.calibration_times),
        uncalibrated=over_chips(rows),
        calibrated_membranes=over_chips(known, "rmse_calibrated_membranes_mV") if calibrated else None,
        calibrated_spike_times=over_chips(known, "rmse_calibrated_spike_times_mV") if calibrated else None,
        accuracy=ChipAccuracy(
            matched=matched.accuracy,
            spice_chips_mean=_mean([row.accuracy for row in done]),
            agreement=_mean([row.agreement for row in done]),
        ),
        model=model,
        matched=matched,
        chips=rows,
        provenance=provenance_of(flow, session),
    )


def _report(flow: FlowFile, result: MonteCarlo, folder: Path, found: Population, compared: Spreads | None) -> None:
    """Write `montecarlo.json`, `montecarlo.html` and the figures."""
    figures = {
        "chip_errors": figure_png(error_figure(result)),
        "chip_ratios": figure_png(ratio_figure(result)),
        "population": figure_png(population_figure(found, compared)),
    }
    write_page(
        folder / "montecarlo.html",
        "montecarlo.html.j2",
        figures,
        {
            "flow": flow,
            "result": result,
            "provenance": list(provenance_rows(result.provenance.model_dump(mode="json"))),
        },
    )
    write_atomically(folder / "montecarlo.json", result.model_dump_json(indent=2, by_alias=True) + "\n")


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
