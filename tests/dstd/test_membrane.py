"""DSTD against the exact solver and numerical derivatives."""

import itertools
import math

import pytest
import torch

from codesign.dstd import DstdError, exact_membrane, membrane

PHYSICS = [(1.0, -1.0, 0.0, 0.0), (4.0, -2.5, 0.02, 0.005), (3.0, -math.inf, 0.1, -0.05)]


def layer(inputs=200, outputs=20, batch=4, total=4.0, seed=1):
    """Weights of both signs whose magnitudes sum to about `total` per neuron, and spikes all over the
    window."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(outputs, inputs, dtype=torch.float64, generator=generator)
    weight *= total / (0.8 * inputs)
    return weight, torch.rand(batch, inputs, dtype=torch.float64, generator=generator)


def gradients(function, weight, times, scalars, **options):
    inputs = [tensor.clone().requires_grad_() for tensor in (weight, times, *scalars)]
    v = function(*inputs, **options)
    return torch.autograd.grad((v * torch.linspace(-1, 1, v.numel(), dtype=v.dtype).view_as(v)).sum(), inputs)


def rms(tensor):
    return tensor.square().mean().sqrt().item()


@pytest.mark.parametrize("physics", PHYSICS)
@pytest.mark.parametrize(("basis", "order"), [("dstd", 1.85), ("cf4", 2.7), ("legendre", 1.85)])
def test_converges_to_the_exact_solution(physics, basis, order):
    weight, times = layer(total=8.0)
    exact = exact_membrane(weight, times, *physics)
    errors = [rms(membrane(weight, times, *physics, steps=steps, basis=basis) - exact) for steps in (4, 8, 16, 32, 64)]
    assert all(after < before for before, after in itertools.pairwise(errors))
    assert math.log2(errors[0] / errors[-1]) / 4 > order


@pytest.mark.parametrize("basis", ["dstd", "cf4", "legendre"])
@pytest.mark.parametrize("steps", [2, 10])
def test_is_exact_at_infinite_reversal_potential(basis, steps):
    weight, times = layer()
    times[0, :3] = torch.tensor([1.0, 7.0, math.inf])
    expected = (1 - times).clamp(min=0) @ weight.T
    v = membrane(weight, times, math.inf, -math.inf, steps=steps, basis=basis)
    torch.testing.assert_close(v, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("basis", ["dstd", "cf4", "legendre"])
@pytest.mark.parametrize("kappas", [(0.0, 0.0), (0.02, 0.005), (0.5, -0.2)])
def test_gradients_agree_with_numerical_ones(basis, kappas):
    weight, times = layer(inputs=5, outputs=3, batch=2)
    times[0, 0] = 1.3
    scalars = [torch.tensor(x, dtype=torch.float64) for x in (2.0, -1.5, *kappas)]
    inputs = [tensor.requires_grad_() for tensor in (weight, times, *scalars)]

    def four_steps(*tensors):
        return membrane(*tensors, steps=4, basis=basis)

    assert torch.autograd.gradcheck(four_steps, inputs)


@pytest.mark.parametrize(("basis", "order"), [("dstd", 0.9), ("cf4", 1.4), ("legendre", 1.4)])
def test_gradients_converge_to_the_exact_ones(basis, order):
    weight, times = layer(inputs=60, outputs=8, total=8.0)
    scalars = [torch.tensor(x, dtype=torch.float64) for x in (2.0, -1.5, 0.03, 0.01)]
    exact = gradients(exact_membrane, weight, times, scalars)
    coarse, fine = (gradients(membrane, weight, times, scalars, steps=steps, basis=basis) for steps in (8, 64))
    for reference, before, after in zip(exact, coarse, fine, strict=True):
        assert math.log2(rms(before - reference) / rms(after - reference)) / 3 > order
        assert rms(after - reference) < 0.02 * rms(reference)


def test_inverse_reversal_potential_of_zero_has_a_gradient():
    weight, times = layer(inputs=5, outputs=3, batch=2)
    inverse = torch.full((), 1e-9, dtype=torch.float64, requires_grad=True)
    membrane(weight, times, 1 / inverse, -math.inf).sum().backward()
    step = 1e-5
    difference = (membrane(weight, times, 1 / step, -math.inf) - membrane(weight, times, math.inf, -math.inf)).sum()
    assert inverse.grad is not None
    assert inverse.grad.item() == pytest.approx(difference.item() / step, rel=1e-3)


@pytest.mark.parametrize("basis", ["dstd", "cf4", "legendre"])
def test_a_spike_on_a_node_is_counted_once(basis):
    weight, _ = layer(inputs=3, outputs=2, batch=1)
    times = torch.tensor([[0.0, 0.5, 1.0]], dtype=torch.float64, requires_grad=True)
    membrane(weight, times, math.inf, -math.inf, steps=4, basis=basis).sum().backward()
    assert times.grad is not None
    expected = -weight.sum(0) * torch.tensor([1, 1, 0])
    torch.testing.assert_close(times.grad[0], expected)


def test_weight_of_zero_has_the_gradient_of_a_positive_weight():
    weight, times = layer(inputs=4, outputs=2, batch=2)
    weight[0, 0] = 0.0
    nudged = weight.clone()
    nudged[0, 0] = 1e-9
    at_zero, beside = (
        gradients(membrane, w, times, [torch.tensor(x, dtype=torch.float64) for x in (1.0, -0.5)])[0]
        for w in (weight, nudged)
    )
    torch.testing.assert_close(at_zero, beside)


def test_only_spike_times_and_one_sum_are_saved():
    weight, times = layer(inputs=50, outputs=30, batch=4)
    weight.requires_grad_()
    times.requires_grad_()
    shapes = []
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: shapes.append(tuple(tensor.shape)), lambda _: None):
        membrane(weight, times, 1.0, -1.0, steps=6)
    assert sorted(shape for shape in shapes if shape) == [(4, 30)] * 6 + [(4, 50), (30, 50)]


def test_large_conductances_stay_finite_in_single_precision():
    weight, times = layer(total=4000.0)
    weight, times = weight.float().requires_grad_(), times.float().requires_grad_()
    v = membrane(weight, times, 0.5, -0.5, 0.01, 0.01)
    v.sum().backward()
    assert weight.grad is not None
    assert times.grad is not None
    assert bool(v.isfinite().all() and weight.grad.isfinite().all() and times.grad.isfinite().all())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"e_pos": 0.0}, "e_pos must be above 0"),
        ({"e_pos": -1.0}, "e_pos must be above 0"),
        ({"e_pos": math.nan}, "e_pos must be above 0"),
        ({"e_neg": 0.0}, "e_neg must be below 0"),
        ({"e_neg": 1.0}, "e_neg must be below 0"),
        ({"e_neg": torch.tensor(1.0)}, "e_neg must be below 0"),
        ({"e_pos": torch.ones(3)}, "one number per layer"),
        ({"kappa_pos": math.inf}, "kappa_pos must be finite"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"steps": 5, "basis": "cf4"}, "must be even"),
        ({"basis": "hat"}, "basis must be"),
        (
            {"weight": torch.ones(20, 201, dtype=torch.float64)},
            "weight takes 201 inputs, spike_times has 200",
        ),
        ({"weight": torch.ones(20, 200)}, "make them the same"),
        ({"weight": torch.ones(20, 200, dtype=torch.float16)}, "weight must be float32 or float64"),
        ({"spike_times": torch.ones(4, 200, dtype=torch.int64)}, "spike_times must be float32 or float64"),
        ({"spike_times": torch.ones(200, dtype=torch.float64)}, "must have 2 dimensions"),
        ({"spike_times": torch.full((4, 200), math.nan, dtype=torch.float64)}, "800 spike times are NaN"),
        ({"spike_times": torch.full((4, 200), -0.5, dtype=torch.float64)}, "below 0, the first -0.5"),
    ],
)
def test_bad_input_has_one_clear_error(change, message):
    weight, times = layer()
    arguments = {"weight": weight, "spike_times": times, "e_pos": 1.0, "e_neg": -1.0} | change
    with pytest.raises(DstdError, match=message):
        membrane(**arguments)


@pytest.mark.parametrize("physics", PHYSICS)
@pytest.mark.parametrize("inputs", [5, 200])
def test_five_polynomials_are_as_good_as_ten_intervals(physics, inputs):
    weight, times = layer(inputs=inputs, outputs=50, batch=20, total=3.0)
    exact = exact_membrane(weight, times, *physics)
    intervals = membrane(weight, times, *physics, steps=10)
    polynomials = membrane(weight, times, *physics, steps=5, basis="legendre")
    assert rms(polynomials - exact) < rms(intervals - exact)
