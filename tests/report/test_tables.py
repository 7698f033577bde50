"""Tables in documents say what the report says, and nothing else in the document changes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from codesign.design import Conditions
from codesign.report.__main__ import app
from codesign.report.content import (
    Accuracy,
    Comparison,
    ExtractionContent,
    LayerErrors,
    Report,
    ReportError,
    ReportProvenance,
    Runtime,
    SimulationContent,
)
from codesign.report.tables import fill_tables

DOCUMENT = """# Title

Before 831.

<!-- measured: comparison at tt, 27 C -->
old
<!-- measured: end -->

<!-- measured: conditions -->
| condition | currents |
|---|---|
| tt, 27 C | old row |
| ss, 27 C | another's |
<!-- measured: end -->

After.
"""


def report_at(corner: str) -> Report:
    errors = LayerErrors.model_construct(
        **dict.fromkeys(LayerErrors.model_fields, 0.0)
        | {"rmse_fitted_mV": 0.0284, "ratio_conventional": 831.4, "fitted_fraction_of_swing": 6.3e-5}
    )
    return Report(
        extraction=ExtractionContent(**dict.fromkeys(ExtractionContent.model_fields, 2.345)),
        comparison=Comparison[LayerErrors](
            n_inputs=102,
            n_seeds=3,
            swing_mV=450.0,
            outside_valid_range=0.0,
            hidden=errors,
            output=errors.model_copy(update={"rmse_fitted_mV": None}),
            seeds=(),
        ),
        accuracy=Accuracy(model=1, spice=1, agreement=1, n=102, test_median=0.947, conventional_test_median=0.9),
        energy_per_inference_pJ=80.0,
        latency_us=3.02,
        period_us=2.23,
        pipeline_max_difference_mV=0.64,
        simulation=SimulationContent(method="whole"),
        runtime=Runtime(wall_s=1.0, spice_runs=1, cache_hits=0),
        provenance=ReportProvenance(
            codesign="0",
            ngspice="39",
            pdk="x",
            design="d",
            flow="f",
            conditions=Conditions(corner=corner),
            seeds=(1,),
            data={},
        ),
    )


def test_a_table_says_what_the_report_says(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(DOCUMENT)
    assert fill_tables(document, report_at("tt")) == ("comparison at tt, 27 C", "conditions")
    text = document.read_text()
    assert "| fitted model against SPICE, rms | 0.0284, none mV |" in text
    assert "in errors of the fitted model | 831, 831 |" in text
    assert "| of the swing | 0.00630 %, 0.00630 % |" in text
    assert "| SPICE and model classify alike | 100 % of 102 |" in text
    assert "| tt, 27 C | 2,345,000,000, 2,345,000,000 | 2.35, 2.35 | 0.0284, none | 831, 831 | 0, 0 | 102 |\n" in text
    assert "old" not in text and "| ss, 27 C | another's |" in text
    assert text.startswith("# Title\n\nBefore 831.\n") and text.endswith("\nAfter.\n")


def test_another_condition_fills_its_own_row_only(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(DOCUMENT)
    assert fill_tables(document, report_at("ss")) == ("conditions",)
    assert "old\n" in document.read_text() and "old row" in document.read_text()
    assert "another's" not in document.read_text()


def test_a_condition_without_a_row_changes_nothing(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(DOCUMENT)
    assert fill_tables(document, report_at("fs")) == ()
    assert document.read_text() == DOCUMENT


def test_the_command_writes_from_a_file_and_refuses_in_one_line(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(DOCUMENT)
    report_at("tt").save(tmp_path / "report.json")
    good = CliRunner().invoke(app, [str(tmp_path / "report.json"), str(document)])
    assert good.exit_code == 0 and "comparison at tt, 27 C" in good.output
    bad = CliRunner().invoke(app, [str(document), str(document)])
    assert bad.exit_code == 2 and bad.output.startswith("error: ") and len(bad.output.splitlines()) == 1


def test_a_document_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot read"):
        fill_tables(tmp_path / "none.md", report_at("tt"))
