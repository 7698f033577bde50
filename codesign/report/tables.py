"""Measured tables in documents, written from a `report.json` so that no number is copied by hand.

A table stands between `<!-- measured: NAME -->` and `<!-- measured: end -->`. A report fills `comparison at CONDITION`
and `post-layout at CONDITION` of its own condition (`tt, 27 C`), and its own row of every table named `conditions`; a
`montecarlo.json` fills `chips at CONDITION`, a `conditions.json` `all conditions`, an `explore.json` `Pareto front`.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from codesign.files import write_atomically
from codesign.quantity import percent, quantity
from codesign.report.conditions import ConditionRow, ConditionTable, LayerOfCondition
from codesign.report.content import Comparison, Report, ReportError
from codesign.report.exploration import Exploration, MeasuredBy, TrialRow
from codesign.report.montecarlo import AnyConditions, LayerOfChip, LayerOfChips, ModelChips, MonteCarlo, OverChips

_BLOCK = re.compile(
    r"(?P<begin><!-- measured: (?!end)(?P<name>[^\n]+?) -->\n)(?P<table>.*?)(?P<end><!-- measured: end -->)", re.DOTALL
)

_LAYERS = ("hidden", "output")


Measured = Report | MonteCarlo | ConditionTable | Exploration
"""What tables are written from."""


def fill_tables(document: str | Path, report: Measured) -> tuple[str, ...]:
    """Write the measured tables of a report into `document`; other tables stay as they are.

    Returns:
        The names of the tables that were written.

    Raises:
        ReportError: the document cannot be read.
        CodesignError: it cannot be written.
    """
    tables = report_tables(report)
    row = conditions_row(report) if isinstance(report, Report) else None
    written: list[str] = []

    def fill(block: re.Match[str]) -> str:
        name, before = block["name"], block["table"]
        table = _with_row(before, row) if row is not None and name == "conditions" else f"\n{tables.get(name, '')}\n\n"
        if table is None or not table.strip():
            return block[0]
        written.append(name)
        return f"{block['begin']}{table}{block['end']}"

    path = Path(document)
    try:
        before = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"cannot read {path}: {error}; give a text file") from error
    after = _BLOCK.sub(fill, before)
    if after != before:
        write_atomically(path, after)
    return tuple(written)


def report_tables(report: Measured) -> dict[str, str]:
    """The Markdown tables of a report, by their names in documents."""
    if isinstance(report, ConditionTable):
        return {"all conditions": _conditions(report)}
    if isinstance(report, Exploration):
        return {"Pareto front": _front(report)}
    condition = _condition(report)
    if isinstance(report, MonteCarlo):
        return {f"chips at {condition}": _chips(report)}
    tables = {f"comparison at {condition}": _comparison(report)}
    if report.post_layout is not None:
        tables[f"post-layout at {condition}"] = _post_layout(report)
    return tables


def conditions_row(report: Report) -> str:
    """The row of a report in the table of conditions."""
    extraction, comparison = report.extraction, report.comparison
    cells = (
        _condition(report),
        ", ".join(_current(amperes) for amperes in (extraction.unit_current_pos_A, extraction.unit_current_neg_A)),
        f"{quantity(extraction.e_rev_pos)}, {quantity(extraction.e_rev_neg)}",
        _each(comparison, lambda errors: quantity(errors.rmse_fitted_mV)),
        _each(comparison, lambda errors: quantity(errors.ratio_conventional)),
        _each(comparison, lambda errors: quantity(errors.ratio_bestfit_ideal)),
        str(comparison.n_inputs),
    )
    return f"| {' | '.join(cells)} |"


def _with_row(table: str, row: str) -> str | None:
    """The table with the row of the same first cell replaced; None where there is none."""
    key = row.split("|")[1]
    lines = table.split("\n")
    places = [place for place, line in enumerate(lines) if line.startswith("|") and line.split("|")[1] == key]
    if not places:
        return None
    lines[places[0]] = row
    return "\n".join(lines)


def _condition(report: Report | MonteCarlo) -> str:
    conditions = report.provenance.conditions
    return f"{conditions.corner}, {conditions.temperature:g} C"


def _comparison(report: Report) -> str:
    comparison, accuracy, extraction = report.comparison, report.accuracy, report.extraction
    return "\n".join(
        [
            _errors(comparison),
            _row("swing; inputs, over all seeds", f"{quantity(comparison.swing_mV)} mV; {comparison.n_inputs}"),
            _row(
                "reversal potentials, in swings", f"{quantity(extraction.e_rev_pos)}, {quantity(extraction.e_rev_neg)}"
            ),
            _row("SPICE and model classify alike", f"{percent(accuracy.agreement)} of {accuracy.n}"),
            _row("test accuracy, exact ODE, median of the seeds", percent(accuracy.test_median)),
            _row("an inference in a stream against alone", f"{quantity(report.pipeline_max_difference_mV)} mV"),
            _row("energy; latency", f"{quantity(report.energy_per_inference_pJ)} pJ; {quantity(report.latency_us)} µs"),
            _row("time; simulations", f"{report.runtime.wall_s:.0f} s; {report.runtime.spice_runs}"),
        ]
    )


def _chips(result: MonteCarlo) -> str:
    accuracy = result.accuracy

    def each(text: Callable[[LayerOfChips], str], over: OverChips = result.uncalibrated) -> str:
        return ", ".join("none" if group is None else text(group) for group in (over.hidden, over.output))

    def matched(text: Callable[[LayerOfChip], str]) -> str:
        layers = (result.matched.hidden, result.matched.output)
        return ", ".join("none" if layer is None else text(layer) for layer in layers)

    energy = quantity(result.matched.energy_per_inference_pJ)
    return "\n".join(
        [
            "| hidden, output; median over chips | measured |",
            "|---|---|",
            _row("model of the matched circuit against SPICE, rms", f"{each(lambda g: quantity(g.rmse_mV_median))} mV"),
            _row(
                "conventional mapping, in errors of that model", each(lambda g: quantity(g.ratio_conventional_median))
            ),
            _row("best-fit ideal model, likewise", each(lambda g: quantity(g.ratio_bestfit_ideal_median))),
            *(
                _row(
                    f"model calibrated to each chip by {what}, {result.n_calibration_inputs} other inputs: rms; "
                    "conventional mapping, best-fit ideal, in its errors",
                    f"{each(lambda g: quantity(g.rmse_mV_median), over)} mV; "
                    f"{each(lambda g: quantity(g.ratio_conventional_median), over)}; "
                    f"{each(lambda g: quantity(g.ratio_bestfit_ideal_median), over)}",
                )
                for what, over in (
                    ("membranes", result.calibrated_membranes),
                    ("spike times only", result.calibrated_spike_times),
                )
                if over is not None
            ),
            _row("on the matched circuit: that model, rms", f"{matched(lambda one: quantity(one.rmse_mV))} mV"),
            _row(
                "there: conventional mapping, best-fit ideal, in errors of that model",
                f"{matched(lambda one: quantity(one.ratio_conventional))}; "
                f"{matched(lambda one: quantity(one.ratio_bestfit_ideal))}",
            ),
            _row("chips; of them failed; inputs on each", f"{result.n_chips}; {result.failed}; {result.n_inputs}"),
            _row(
                "accuracy: matched circuit, mean of the chips",
                f"{percent(accuracy.matched)}, {percent(accuracy.spice_chips_mean)}",
            ),
            _row("a chip chooses the model's class", percent(accuracy.agreement)),
            *_model_chips(result.model),
            _row("energy of an inference, matched circuit", f"{energy} pJ"),
        ]
    )


def _conditions(table: ConditionTable) -> str:
    head = (
        "| condition | error, hidden, output, mV | ratio to conventional | to best-fit ideal | test accuracy "
        "| with the window trimmed | energy, pJ |"
    )
    return "\n".join([head, "|---|---|---|---|---|---|---|", *(_condition_of_table(row) for row in table.rows)])


def _condition_of_table(row: ConditionRow) -> str:
    if row.failure is not None:
        return f"| {row.name} | {row.failure} | | | | | |"

    def each(text: Callable[[LayerOfCondition], str]) -> str:
        return ", ".join(text(layer) for layer in (row.hidden, row.output) if layer is not None)

    window = "none" if row.window is None else f"{percent(row.window.accuracy)} at {quantity(row.window.factor)}"
    cells = (
        row.name,
        each(lambda one: quantity(one.rmse_mV)),
        each(lambda one: quantity(one.ratio_conventional)),
        each(lambda one: quantity(one.ratio_bestfit_ideal)),
        percent(row.model_accuracy),
        window,
        quantity(row.energy_per_inference_pJ),
    )
    return f"| {' | '.join(cells)} |"


def _model_chips(model: ModelChips | None) -> list[str]:
    if model is None:
        return []
    interval = f"{percent(model.yield_low)} to {percent(model.yield_high)}"
    anywhere = [] if model.anywhere is None else [_anywhere(model.anywhere)]
    return [
        _row(
            f"{model.n_chips} chips on the model: at most {model.yield_limit * 100:g} points below "
            f"{percent(model.nominal_accuracy)} on all test samples",
            f"{percent(model.yield_)} ({interval})",
        ),
        *anywhere,
        _row(
            "sigma on the model over that in SPICE: v(1), spike times",
            f"{quantity(model.sigma_v_ratio)}, {quantity(model.sigma_spike_time_ratio)}",
        ),
        _row("chips a second on the model over those in SPICE, one process each", f"{model.speedup:,.0f}"),
    ]


def _anywhere(drawn: AnyConditions) -> str:
    return _row(
        f"the same at conditions drawn from {drawn.n_conditions} and between, one trim of the window a chip; untrimmed",
        f"{percent(drawn.yield_)} ({percent(drawn.yield_low)} to {percent(drawn.yield_high)}); "
        f"{percent(drawn.yield_untrimmed)}",
    )


def _post_layout(report: Report) -> str:
    post = report.post_layout
    assert post is not None
    return "\n".join(
        [
            _errors(post),
            _row(
                "conventional mapping, in errors of the model fitted to the schematic",
                _each(post, lambda errors: quantity(errors.ratio_conventional_to_schematic_fitted)),
            ),
            _row("design rule violations; LVS", f"{post.drc_violations}; {'match' if post.lvs_match else 'mismatch'}"),
            _row("inputs, over all seeds", str(post.n_inputs)),
        ]
    )


def _errors(comparison: Comparison[Any]) -> str:
    rows = [
        "| hidden, output | measured |",
        "|---|---|",
        _row("fitted model against SPICE, rms", f"{_each(comparison, lambda e: quantity(e.rmse_fitted_mV))} mV"),
        _row("of the swing", _each(comparison, lambda e: percent(e.fitted_fraction_of_swing))),
        _row(
            "conventional mapping (nominal gains), in errors of the fitted model",
            _each(comparison, lambda e: quantity(e.ratio_conventional)),
        ),
        _row("best-fit ideal model, likewise", _each(comparison, lambda e: quantity(e.ratio_bestfit_ideal))),
    ]
    # None where the ideal model cannot be fitted to the judged traces.
    if comparison.hidden.ratio_hindsight_ideal is not None:
        row = _each(comparison, lambda e: quantity(e.ratio_hindsight_ideal))
        rows.append(_row("fitted in hindsight, likewise", row))
    return "\n".join(rows)


def _each(comparison: Comparison[Any], text: Callable[[Any], str]) -> str:
    return ", ".join(text(getattr(comparison, layer)) for layer in _LAYERS)


def _row(what: str, measured: str) -> str:
    return f"| {what} | {measured} |"


def _front(found: Exploration) -> str:
    """The trials on the front, and how many were tried."""
    columns, keys = (*found.objectives, *found.limited), list(found.chosen_row.values)

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    def heading(one: MeasuredBy) -> str:
        return f"{one.label}, {one.unit}" if one.unit else one.label

    def cell(value: float | str | None) -> str:
        # As in the design's file.
        return f"{value:.3g}" if isinstance(value, int | float) else str(value or "")

    def row(trial: TrialRow) -> str:
        name = f"{trial.number}{', chosen' if trial.number == found.chosen else ''}"
        results = [quantity(trial.results[one.name]) for one in columns]
        return line([name, *results, *(cell(trial.values.get(key)) for key in keys)])

    return "\n".join(
        [
            line(["trial", *map(heading, columns), *(f"`{key}`" for key in keys)]),
            line(["---"] * (1 + len(columns) + len(keys))),
            *map(row, found.front_rows),
            "",
            f"Of {found.n_trials} designs {found.n_feasible} were feasible, and {len(found.front)} are on the front.",
        ]
    )


def _current(amperes: float | None) -> str:
    return quantity(None if amperes is None else 1e9 * amperes)
