"""The gate on the fit: each kind of doubt is raised where it is due, and none about a good fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.extract import fit_measured
from codesign.extraction.fit import Fit, fit_model
from codesign.extraction.gate import data_doubts, fit_doubts, pass_gate
from codesign.extraction.records import LayerRecord
from codesign.model.neuron_model import NeuronModel
from codesign.model.parameters import PARAMETERS, Parameter
from tests.extraction.measurements import measurement
from tests.extraction.synthetic import DESIGN, NOMINAL, near_threshold_records, records


@pytest.fixture(scope="module")
def made() -> list[LayerRecord]:
    return records(16, seed=1, noise=2e-4) + near_threshold_records(1, noise=2e-4)


@pytest.fixture(scope="module")
def fit(made: list[LayerRecord]) -> Fit:
    return fit_model(made, NOMINAL)


def test_good_data_and_their_fit_raise_no_doubt(made: list[LayerRecord], fit: Fit) -> None:
    assert data_doubts(made, NOMINAL) == []
    assert fit_doubts(fit, NOMINAL) == []
    assert pass_gate([], force=False) == ()


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: row.name)
@pytest.mark.parametrize("width", [np.inf, np.nan, 0.5])
def test_an_interval_that_is_infinite_or_huge_is_doubted(fit: Fit, row: Parameter, width: float) -> None:
    doubted = replace(fit, intervals=fit.intervals | {row.name: width})
    [doubt] = fit_doubts(doubted, NOMINAL)
    assert doubt.startswith(f"the data do not determine {row.label} (")


@pytest.mark.parametrize(
    ("name", "value", "doubted"),
    [
        ("gain_pos", NOMINAL.gain_pos * 10, True),
        ("gain_neg", NOMINAL.gain_neg / 10, True),
        ("load_pos", 0.1, True),
        ("kick_neg", -0.1, True),
        ("e_pos", 0.1, True),
        ("e_neg", -np.inf, False),
        ("fire_lag", 1e-4, False),
        ("ramp", 0.5, False),
    ],
)
def test_a_parameter_at_a_bound_is_doubted_unless_it_may_vanish(
    fit: Fit, name: str, value: float, doubted: bool
) -> None:
    doubts = fit_doubts(replace(fit, model=fit.model.model_copy(update={name: value})), NOMINAL)
    assert ["ended at a bound" in doubt for doubt in doubts] == [True] * doubted


@pytest.mark.parametrize(("size", "doubted"), [(0.02, False), (0.04, True), (np.inf, True)])
@pytest.mark.parametrize("which", ["residuals", "firing_residuals"])
def test_a_residual_of_more_than_a_few_percent_is_doubted(fit: Fit, which: str, size: float, doubted: bool) -> None:
    doubts = fit_doubts(replace(fit, **{which: np.full_like(getattr(fit, which), size)}), NOMINAL)
    assert ["residual" in doubt for doubt in doubts] == [True] * doubted


def test_force_keeps_the_model_and_marks_it(tmp_path: Path) -> None:
    path = tmp_path / "bench.csv"
    random = np.random.default_rng(1)
    noisy = [replace(one, traces=one.traces + random.normal(0, 0.05, one.traces.shape)) for one in records(12, seed=4)]
    path.write_text(measurement(noisy))
    with pytest.raises(ExtractionFailed, match="--force"):
        fit_measured(DESIGN, path, capacitance=2e-12)
    model = fit_measured(DESIGN, path, capacitance=2e-12, force=True).model
    assert any("residual of the membrane" in doubt for doubt in model.doubts)
    model.save(tmp_path / "model.json")
    assert NeuronModel.load(tmp_path / "model.json").doubts == model.doubts
