"""The figures show what they say."""

import math

import pytest
import torch

from codesign.studies.benchmarks.accuracy import Case, errors, fitted_order, gradient_errors
from codesign.studies.benchmarks.layer_benchmark import Row
from codesign.studies.figures.convergence import draw_convergence
from codesign.studies.figures.gain import draw_gain
from codesign.studies.figures.traces import discretised_trace, exact_trace, random_neuron

PNG = b"\x89PNG"


def test_traces_at_infinite_reversal_potential_are_the_running_sum():
    weight, times = random_neuron()
    instants = torch.tensor([0.2, 0.5, 1.0], dtype=torch.float64)
    expected = [(weight * (instant - times).clamp(min=0)).sum().item() for instant in instants]
    assert exact_trace(weight, times, math.inf, instants).tolist() == pytest.approx(expected, abs=1e-12)
    nodes, values = discretised_trace(weight, times, math.inf, 10, "dstd")
    assert nodes == pytest.approx([0.1 * k for k in range(1, 11)])
    assert [values[1], values[4], values[9]] == pytest.approx(expected, abs=1e-12)


def test_discretised_trace_lies_on_the_exact_one():
    weight, times = random_neuron()
    for basis in ("dstd", "cf4"):
        nodes, values = discretised_trace(weight, times, 1.0, 10, basis)
        exact = exact_trace(weight, times, 1.0, torch.tensor(nodes, dtype=torch.float64))
        assert values == pytest.approx(exact.tolist(), abs=2e-3)


@pytest.mark.parametrize(("basis", "order"), [("dstd", 2), ("cf4", 3)])
def test_orders_of_the_error(basis, order):
    steps = [4, 8, 16]
    assert fitted_order(steps, errors(Case("total 4", 3.0), basis, steps)) == pytest.approx(order, abs=0.15)


def test_error_falls_as_one_over_the_reversal_potential():
    small, large = (errors(Case("total 4", reversal), "dstd", [8])[0] for reversal in (10.0, 40.0))
    assert small / large == pytest.approx(4, rel=0.15)


def test_polynomials_have_the_smaller_gradient_error():
    case = Case("total 4", 3.0)
    intervals, polynomials = gradient_errors(case, "dstd", [10])[0], gradient_errors(case, "legendre", [5])[0]
    assert polynomials < 0.2 * intervals


def test_drawings_are_written(tmp_path):
    rows = [
        Row("cpu", method, inputs, 16, steps, seconds * inputs, saved * inputs, saved)
        for inputs in (100, 1000)
        for method, steps, seconds, saved in (("dstd", 10, 1.0, 1), ("exact, sorted cumulative sums", None, 50.0, 500))
    ]
    draw_gain(rows, tmp_path / "gain.png")
    row = {"rms_error": [1e-2, 1e-3], "order": 2.0, "relative_gradient_error": [0.1, 0.05], "gradient_order": 1.0}
    draw_convergence({"steps": [4, 8], "cases": {"a": {"dstd": row}}}, tmp_path / "convergence.png")
    for name in ("gain.png", "convergence.png"):
        assert (tmp_path / name).read_bytes().startswith(PNG)
