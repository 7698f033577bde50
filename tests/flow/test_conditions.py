"""A table of conditions: which they are, and what a failed one leaves."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from codesign.comparison.condition_figure import condition_figure
from codesign.design import Conditions
from codesign.errors import CodesignError
from codesign.extraction.errors import ExtractionFailed
from codesign.figure import figure_png
from codesign.flow import conditions
from codesign.flow.conditions import all_conditions, fitted_models
from codesign.flow.file import FlowFile
from codesign.report.__main__ import app
from codesign.report.conditions import ConditionRow, ConditionTable, LayerOfCondition, TrimmedAccuracy
from codesign.report.content import ReportError, ReportProvenance
from tests.model.test_trim import NOMINAL

FLOW = FlowFile.load(Path(__file__).parents[2] / "flows" / "5-5-5.toml")


def row(corner: str, temperature: float, error: float) -> ConditionRow:
    layer = LayerOfCondition(rmse_mV=error, rmse_conventional_mV=60.0, rmse_bestfit_ideal_mV=30.0)
    return ConditionRow(
        conditions=Conditions(corner=corner, temperature=temperature),
        model=NOMINAL,
        hidden=layer,
        output=layer.model_copy(update={"rmse_mV": 2 * error}),
        accuracy=0.75,
        agreement=1.0,
        model_accuracy=0.9,
        window=TrimmedAccuracy(factor=1.02, accuracy=0.94),
        reference=TrimmedAccuracy(factor=0.98, accuracy=0.92),
        energy_per_inference_pJ=220.0,
    )


FAILED = ConditionRow(conditions=Conditions(corner="ss", temperature=-40), failure="no convergence")


def table_of(*rows: ConditionRow) -> ConditionTable:
    return ConditionTable(
        n_conditions=len(rows),
        n_inputs=4,
        failed=sum(one.failure is not None for one in rows),
        nominal_accuracy=0.95,
        rows=rows,
        provenance=ReportProvenance(
            codesign="0", ngspice="0", pdk="", design="", flow="", conditions=Conditions(), seeds=(1,), data={}
        ),
    )


def test_forty_five_conditions() -> None:
    found = all_conditions(FLOW)
    assert len({(one.corner, one.temperature, one.supply) for one in found}) == len(found) == 45
    assert {one.supply for one in found} == {1.7, 1.8, 1.9}
    few = FLOW.conditions.model_copy(update={"corners": ("ff",), "temperatures": (0.0,), "supplies": (1.75,)})
    [one] = all_conditions(FLOW.model_copy(update={"conditions": few}))
    assert (one.corner, one.temperature, one.supply) == ("ff", 0.0, 1.75)


def bench() -> Any:
    return conditions._Bench(FLOW, NOMINAL.normalised(), (), None, None, None, None, False)  # type: ignore[arg-type]


def test_a_condition_that_fails_is_a_row_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ExtractionFailed("the fit leaves a residual")

    monkeypatch.setattr(conditions, "extract", refuse)
    [first, *_] = all_conditions(FLOW)
    assert bench().row_or_failure(first) == ConditionRow(conditions=first, failure="the fit leaves a residual")
    beyond = first.model_copy(update={"supply": 3.3})
    assert "conditions.supply = 3.3" in (bench().row_or_failure(beyond).failure or "")


def test_page_figure_and_documents_show_every_condition(tmp_path: Path) -> None:
    table = table_of(row("tt", 27, 0.5), FAILED, row("ss", 85, 1.0))
    assert figure_png(condition_figure(table)).startswith(b"\x89PNG")
    conditions._report(FLOW, table, tmp_path)
    page = (tmp_path / "conditions.html").read_text()
    assert "no convergence" in page and "1 of 3 conditions failed" in page and "94.0 % at 1.02" in page
    document = tmp_path / "page.md"
    document.write_text("<!-- measured: all conditions -->\nold\n<!-- measured: end -->\n")
    filled = CliRunner().invoke(app, [str(tmp_path / "conditions.json"), str(document)])
    assert filled.exit_code == 0, filled.output
    text = document.read_text()
    assert "old" not in text and "| ss, -40 C, 1.8 V | no convergence |" in text
    assert "| tt, 27 C, 1.8 V | 0.500, 1.00 | 120, 60.0 | 60.0, 30.0 | 90.0 % | 94.0 % at 1.02 | 220 |" in text


def test_the_models_of_a_table_are_read_back(tmp_path: Path) -> None:
    conditions._report(FLOW, table_of(row("tt", 27, 0.5), FAILED), tmp_path)
    assert fitted_models(tmp_path / "conditions.json") == [(Conditions(), NOMINAL)]
    (tmp_path / "conditions.json").write_text("{}")
    with pytest.raises(ReportError, match="not a report of this version"):
        fitted_models(tmp_path / "conditions.json")


def test_no_condition_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    network = SimpleNamespace(layers=(), record=SimpleNamespace(test_accuracy=0.9))
    monkeypatch.setattr(conditions, "extract_step", lambda *_, **__: SimpleNamespace(model=NOMINAL))
    monkeypatch.setattr(conditions, "train_step", lambda *_: {("fitted", 1): network, ("ideal", 1): network})
    monkeypatch.setattr(conditions._Bench, "row_or_failure", lambda *_: FAILED)
    with pytest.raises(CodesignError, match="no condition could be simulated; the first: no convergence"):
        conditions.conditions_flow(FLOW, SimpleNamespace(), tmp_path / "out")  # type: ignore[arg-type]
