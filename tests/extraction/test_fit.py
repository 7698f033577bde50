"""The fit finds the model that synthetic records were made from, and says how well it knows it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.fit import Fit, fit_model
from codesign.extraction.intervals import clustered_errors
from codesign.extraction.records import Columns
from tests.extraction.synthetic import NOMINAL, OFFSET, RESISTIVE, TRUTH, near_threshold_records, records, true_values

NOISE = 2e-4


@pytest.fixture(scope="module")
def exact() -> Fit:
    """The fit of records without noise."""
    return fit_model(records(12, seed=1), NOMINAL)


def test_without_noise_it_finds_the_truth(exact: Fit) -> None:
    for name, value in TRUTH.model_dump().items():
        assert getattr(exact.model, name) == pytest.approx(value, rel=1e-4, abs=1e-6), name
    assert exact.offset == pytest.approx(OFFSET, abs=1e-7)
    assert exact.rmse < 1e-7
    assert exact.firing_rmse < 1e-7


def test_an_ideal_model_fits_worse(exact: Fit) -> None:
    ideal = fit_model(records(12, seed=1), NOMINAL, ideal=True)
    assert (ideal.model.e_pos, ideal.model.e_neg) == (math.inf, -math.inf)
    assert (ideal.model.kappa_pos, ideal.model.kappa_neg) == (0.0, 0.0)
    assert "conductance_pos" not in ideal.intervals
    assert ideal.rmse > 0.01 > 1000 * exact.rmse


def test_an_ideal_circuit_is_found_to_be_ideal() -> None:
    truth = TRUTH.model_copy(update={"e_pos": math.inf, "e_neg": -math.inf, "kappa_pos": 0.0, "kappa_neg": 0.0})
    fit = fit_model(records(12, seed=2, model=truth), NOMINAL)
    assert 1 / fit.model.e_pos < 1e-4
    assert -1 / fit.model.e_neg < 1e-4
    assert fit.model.gain_pos == pytest.approx(truth.gain_pos, rel=1e-4)


def test_what_the_capacitance_of_resistors_does_is_found() -> None:
    fit = fit_model(records(24, seed=2, model=RESISTIVE), NOMINAL.model_copy(update={"resistive": True}))
    assert fit.rmse < 1e-6 and fit.firing_rmse < 1e-6
    for name in ("on_load_pos", "on_load_neg", "start_pos", "start_neg", "off_delay_pos", "off_delay_neg"):
        assert getattr(fit.model, name) == pytest.approx(getattr(RESISTIVE, name), rel=1e-2), name
    # A fit that does not look for them leaves them.
    plain = fit_model(records(24, seed=2, model=RESISTIVE), NOMINAL)
    assert plain.model.on_load_pos == plain.model.off_delay_neg == 0
    assert plain.rmse > 100 * fit.rmse


def test_what_leaks_is_found() -> None:
    leaks = {"leak_pos": 0.0007, "leak_neg": 0.0003, "leak": 0.001}
    fit = fit_model(records(12, seed=2, model=TRUTH.model_copy(update=leaks)), NOMINAL)
    assert fit.rmse < 1e-6 and fit.firing_rmse < 1e-6
    for name, value in leaks.items():
        assert getattr(fit.model, name) == pytest.approx(value, rel=1e-3), name


def test_a_comparator_hold_that_the_data_cannot_tell_from_none_is_left_out() -> None:
    """Without a lag nothing tells a hold from none: the reference at sf, -40 C and 1.7 V is such a case."""
    truth, noise = TRUTH.model_copy(update={"fire_lag": 1e-4, "fire_hold": 1e-4}), 2e-3
    seen = records(12, seed=3, noise=noise, model=truth) + near_threshold_records(1, noise=noise, model=truth)
    fit = fit_model(seen, NOMINAL)
    assert "fire_hold" not in fit.intervals and fit.model.fire_hold == 1e-4
    assert fit.model.fire_lag - truth.fire_lag < fit.intervals["fire_lag"] < 0.01
    assert fit.model.fire_delay == pytest.approx(truth.fire_delay, abs=fit.intervals["fire_delay"])
    assert fit.firing_rmse == pytest.approx(noise, rel=0.2)


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    truth = true_values()
    hits: list[bool] = []
    for seed in range(4):
        made = records(16, seed=10 + seed, noise=NOISE) + near_threshold_records(seed, noise=NOISE)
        fit = fit_model(made, NOMINAL)
        found = fit.model.model_dump() | {
            "conductance_pos": 1 / fit.model.e_pos,
            "conductance_neg": -1 / fit.model.e_neg,
            "offset": fit.offset,
        }
        assert fit.rmse == pytest.approx(NOISE, rel=0.1)
        hits += [abs(found[name] - truth[name]) <= width for name, width in fit.intervals.items()]
        assert all(width > 0 for width in fit.intervals.values())
        # Within noise the intervals are narrow: E is known to better than a percent.
        assert fit.intervals["conductance_pos"] * TRUTH.e_pos < 0.01
    assert len(hits) == 4 * 21
    # Binomial with 84 draws at 0.95: fewer than 72 come once in four thousand times.
    assert sum(hits) >= 72


def test_clustered_errors_of_a_mean_by_hand() -> None:
    # A mean of 4 clusters whose two samples are equal: the error is that of 4 samples, not of 8.
    values = np.repeat([1.0, 2.0, 4.0, 5.0], 2)
    [half_width] = clustered_errors(np.ones((8, 1)), values - values.mean(), np.repeat(np.arange(4), 2))
    four = np.array([1.0, 2.0, 4.0, 5.0])
    # Student's t, 3 degrees of freedom, 97.5 %.
    assert half_width == pytest.approx(3.182446 * four.std(ddof=1) / 2, rel=1e-6)


def test_a_parameter_that_nothing_depends_on_is_not_known() -> None:
    random = np.random.default_rng(1)
    jacobian = np.column_stack([np.full(6, 1e-6), np.zeros(6)])
    known, unknown = clustered_errors(jacobian, random.standard_normal(6), np.arange(6))
    assert 0 < known < math.inf
    assert unknown == math.inf


def test_parameters_of_which_only_the_sum_shows_are_not_known() -> None:
    random = np.random.default_rng(1)
    slope = np.linspace(0, 1, 9)
    jacobian = np.column_stack([np.ones(9), slope, 3 * np.ones(9)])
    one, known, other = clustered_errors(jacobian, random.standard_normal(9), np.arange(9))
    assert 0 < known < math.inf
    assert (one, other) == (math.inf, math.inf)


def test_without_neurons_above_the_threshold_lag_and_hold_are_not_known() -> None:
    made = records(16, seed=1, noise=NOISE)
    ramped = [replace(record, fired=np.where(record.fired > 0.1, record.fired, np.inf)) for record in made]
    fit = fit_model(ramped, NOMINAL)
    assert all(fit.intervals[name] == math.inf for name in ("fire_delay", "fire_lag", "fire_hold"))
    assert fit.intervals["ramp"] < 0.05
    assert fit.firing_rmse < 3 * NOISE


def test_samples_out_of_range_do_not_count() -> None:
    good = records(24, seed=1)
    narrow = NOMINAL.model_copy(update={"v_max": 0.6})
    # What lies beyond the range may be anything: here the traces are clipped like a saturating circuit's.
    clipped = [replace(record, traces=np.where(record.traces > 0.6, 5.0, record.traces)) for record in good]
    fit = fit_model(clipped, narrow)
    assert fit.model.e_pos == pytest.approx(TRUTH.e_pos, rel=1e-3)
    beyond = Columns.of(clipped).traces > 0.6
    assert np.isnan(fit.residuals[beyond]).all()


def test_records_of_different_width_stand_side_by_side() -> None:
    first, *others = records(12, seed=1)
    one = replace(
        first,
        weights=first.weights[:1, :3],
        spike_times=first.spike_times[:3],
        traces=first.traces[:1],
        fired=first.fired[:1],
    )
    columns = Columns.of([one, *others])
    assert columns.weights.shape == (56, 5)
    np.testing.assert_array_equal(columns.weights[0, 3:], 0)
    np.testing.assert_array_equal(columns.spike_times[0, 3:], np.inf)


def test_too_few_data_are_refused() -> None:
    with pytest.raises(ExtractionFailed, match="no records"):
        fit_model([], NOMINAL)
    [one] = records(1, seed=1)
    few = replace(one, times=one.times[[0, -1]], traces=one.traces[:, [0, -1]])
    with pytest.raises(ExtractionFailed, match="too few membrane samples"):
        fit_model([few], NOMINAL)
    silent = [replace(record, fired=np.full(5, np.inf)) for record in records(12, seed=1)]
    with pytest.raises(ExtractionFailed, match=r"only 0 neurons .* needs 14; raise extraction\.networks"):
        fit_model(silent, NOMINAL)
    with pytest.raises(ExtractionFailed, match="sampled at different times"):
        fit_model([one, few], NOMINAL)


def test_spike_times_that_run_backwards_are_refused() -> None:
    backwards = [
        replace(record, fired=np.where(np.isfinite(record.fired), 1 - record.fired, np.inf))
        for record in records(12, seed=1)
    ]
    with pytest.raises(ExtractionFailed, match="fire later"):
        fit_model(backwards, NOMINAL)
