"""A chip that cannot be simulated is a row that says so, and in no median."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from codesign.cli import main
from codesign.comparison.chip_figures import error_figure, ratio_figure
from codesign.comparison.population import Population, Spreads
from codesign.design import Design
from codesign.figure import figure_png
from codesign.flow import montecarlo
from codesign.flow.chips import ChipBench
from codesign.report.__main__ import app
from codesign.report.content import ReportProvenance
from codesign.report.montecarlo import ChipAccuracy, ChipRow, LayerOfChip, MonteCarlo, over_chips
from codesign.spice import SimulationError
from tests.variation.example import VARIATION

DESIGN = Design(name="few")
FLOW = Path(__file__).parents[2] / "flows" / "5-5-5.toml"


def layer(error: float) -> LayerOfChip:
    return LayerOfChip(
        rmse_mV=error,
        rmse_conventional_mV=60.0,
        rmse_bestfit_ideal_mV=30.0,
        rmse_from_nominal_level_mV=2 * error,
        offset_sigma_mV=1.0,
    )


def row(chip: int, error: float) -> ChipRow:
    return ChipRow(chip=chip, hidden=layer(error), output=layer(2 * error), accuracy=0.9, agreement=1.0)


ROWS = (row(1, 1.0), ChipRow(chip=2, failure="no convergence"), row(3, 2.0), row(4, 4.0))


def test_medians_are_over_the_chips_that_ran() -> None:
    found = over_chips(ROWS)
    assert found.hidden is not None and found.output is not None
    assert found.hidden.ratio_conventional_median == pytest.approx(30)
    assert found.hidden.ratio_bestfit_ideal_median == pytest.approx(15)
    assert found.output.rmse_mV_median == pytest.approx(4)
    assert over_chips(ROWS[1:2]).hidden is None


def test_a_failed_chip_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(jobs: Any, session: Any, what: str, method: str) -> None:
        del jobs, session, method
        raise SimulationError(f"{what} does not converge")

    monkeypatch.setattr("codesign.flow.chips.simulate_networks", fail)
    nothing: Any = SimpleNamespace()
    inputs = np.zeros((1, 5))
    bench = ChipBench(nothing, VARIATION, ((), ()), inputs, np.zeros(1, dtype=np.int64), inputs, nothing, nothing)
    failed = bench.row_or_failure(2, DESIGN)
    assert failed == ChipRow(chip=2, failure="chip 2 does not converge")
    with pytest.raises(SimulationError):
        bench.row(0, DESIGN)


def result_of(rows: tuple[ChipRow, ...]) -> MonteCarlo:
    return MonteCarlo(
        n_chips=len(rows),
        n_inputs=1,
        failed=sum(row.failure is not None for row in rows),
        swing_mV=450.0,
        uncalibrated=over_chips(rows),
        accuracy=ChipAccuracy(matched=0.95, spice_chips_mean=0.9, agreement=1.0),
        matched=row(0, 0.5),
        chips=rows,
        provenance=ReportProvenance(
            codesign="0", ngspice="0", pdk="", design="", flow="", conditions=DESIGN.conditions, seeds=(1,), data={}
        ),
    )


@pytest.mark.spice
def test_no_chip_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(main, "montecarlo_flow", lambda *_, **__: result_of(ROWS[1:2]))
    monkeypatch.setattr("sys.argv", ["codesign", "montecarlo", str(FLOW), "--out", "nowhere"])
    with pytest.raises(SystemExit, match="2"):
        main.main()
    assert capsys.readouterr().err == "error: no chip could be simulated; the first: no convergence\n"


def test_figures_and_page_show_what_failed(tmp_path: Path) -> None:
    result = result_of(ROWS)
    for figure in (error_figure(result), ratio_figure(result)):
        assert figure_png(figure).startswith(b"\x89PNG")
    flow: Any = SimpleNamespace(design=DESIGN)
    found = Population(0.95, np.linspace(0.9, 0.95, 20), [], 1.0)
    compared = Spreads(*np.linspace(0.01, 0.02, 40).reshape(4, 10))
    assert found.yield_within(0.0)[0] == pytest.approx(1 / 20)
    assert found.yield_within(0.05)[0] == 1 and found.yield_within(0.05)[1] == pytest.approx(0.832, abs=1e-3)
    montecarlo._report(flow, result, tmp_path, found, compared)
    page = (tmp_path / "montecarlo.html").read_text()
    assert "no convergence" in page and "1 of 4 chips could not be simulated" in page
    assert MonteCarlo.model_validate_json((tmp_path / "montecarlo.json").read_text()) == result
    document = tmp_path / "page.md"
    document.write_text("<!-- measured: chips at tt, 27 C -->\nold\n<!-- measured: end -->\n")
    filled = CliRunner().invoke(app, [str(tmp_path / "montecarlo.json"), str(document)])
    assert filled.exit_code == 0, filled.output
    text = document.read_text()
    assert "old" not in text and "| conventional mapping, in errors of that model | 30.0, 15.0 |" in text
    assert "| chips; of them failed; inputs on each | 4; 1; 1 |" in text
