"""Membrane errors with numbers known beforehand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from codesign.comparison.errors import deviation, hidden_rmse, output_rmse, unknown_deviation
from tests.comparison.runs import MODEL, TIMES, WEIGHTS, candidate, run_with


def test_errors_of_hidden_and_output_layers_are_kept_apart() -> None:
    found = deviation(run_with((0.03, -0.01)), candidate())
    assert [layer.shape for layer in found.layers] == [(4, 3, 5), (4, 2, 5)]
    np.testing.assert_allclose(found.layers[0], 0.03, atol=1e-12)
    np.testing.assert_allclose(found.layers[1], -0.01, atol=1e-12)
    assert hidden_rmse([found]) == pytest.approx(0.03)
    assert output_rmse([found]) == pytest.approx(0.01)


def test_several_runs_count_by_their_samples() -> None:
    runs = [deviation(run_with((0.03, 0.0), samples=3), candidate()), deviation(run_with((0.0, 0.0), 1), candidate())]
    # Three samples with 0.03 and one with 0: sqrt(3/4) 0.03.
    assert hidden_rmse(runs) == pytest.approx(0.03 * math.sqrt(3) / 2)
    assert output_rmse(runs) == pytest.approx(0.0, abs=1e-12)


def test_the_models_starting_level_counts() -> None:
    run = run_with((0.0, 0.0), offset=-0.02)
    assert hidden_rmse([deviation(run, candidate(-0.02))]) == pytest.approx(0.0, abs=1e-12)
    assert hidden_rmse([deviation(run, candidate(0.0))]) == pytest.approx(0.02)


def test_no_spike_time_of_the_circuit_is_used() -> None:
    run = run_with((0.0, 0.0))
    lying = [[replace(layer, fired=layer.fired / 2, spike_times=layer.spike_times / 3) for layer in sample]
             for sample in run.records]  # fmt: skip
    assert output_rmse([deviation(replace(run, records=lying), candidate())]) == pytest.approx(0.0, abs=1e-12)


def test_without_hidden_layers_there_is_no_hidden_error() -> None:
    run = run_with((0.0, 0.0))
    first = [sample[:1] for sample in run.records]
    shallow = replace(run, job=replace(run.job, weights=WEIGHTS[:1]), records=first)
    found = deviation(shallow, candidate())
    assert math.isnan(hidden_rmse([found]))
    assert output_rmse([found]) == pytest.approx(0.0, abs=1e-12)


def test_samples_outside_the_valid_range_are_counted() -> None:
    run = run_with((0.0, 0.0))
    assert deviation(run, candidate()).outside == 0.0
    # Of 5 neurons' 5 instants, put one neuron's last two out of range in every sample.
    for sample in run.records:
        sample[0].traces[1, -2:] = MODEL.v_max + 0.1
    assert deviation(run, candidate()).outside == pytest.approx(2 / 25)
    assert TIMES.size == 5


def test_the_valid_range_is_counted_from_the_nominal_reset_level() -> None:
    run = run_with((0.0, 0.0))
    for sample in run.records:
        sample[0].traces[1, -1] = MODEL.v_max - 0.01
    # A starting level of its own does not move the range.
    assert deviation(run, candidate(offset=-0.02)).outside == 0.0


def test_an_unknown_deviation_has_the_shape_of_a_known_one() -> None:
    run = run_with((0.0, 0.0))
    unknown, known = unknown_deviation(run), deviation(run, candidate())
    assert [layer.shape for layer in unknown.layers] == [layer.shape for layer in known.layers]
    assert math.isnan(hidden_rmse([unknown])) and math.isnan(output_rmse([unknown]))
