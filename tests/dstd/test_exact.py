"""The exact solver against SciPy's ODE solver and numerical derivatives."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from codesign.dstd import DstdError, exact_membrane


def random_layer(inputs=6, outputs=3, batch=2, scale=1.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    weight = scale * torch.randn(outputs, inputs, dtype=torch.float64, generator=generator)
    times = 1.2 * torch.rand(batch, inputs, dtype=torch.float64, generator=generator)
    return weight, times


def reference(weight, times, e_pos, e_neg, kappa_pos, kappa_neg):
    e = np.where(weight >= 0, e_pos, e_neg)
    kappa = np.where(weight >= 0, kappa_pos, kappa_neg)
    result = np.zeros((len(times), len(weight)))
    for b, row in enumerate(times):
        v = np.zeros(len(weight))
        edges = np.unique(np.concatenate([[0], row[row < 1], [1]]))
        for start, end in itertools.pairwise(edges):
            on = row <= start

            def slope(_, v, on=on):
                return (weight * (1 - v[:, None] / e + kappa * v[:, None] ** 2))[:, on].sum(axis=1)

            v = solve_ivp(slope, (start, end), v, rtol=1e-11, atol=1e-12).y[:, -1]
        result[b] = v
    return result


@pytest.mark.parametrize(
    ("e_pos", "e_neg", "kappa_pos", "kappa_neg"),
    [
        (1.0, -1.0, 0.0, 0.0),
        (4.0, -2.5, 0.02, 0.005),
        (4.0, -2.5, 0.3, -0.1),
        (3.0, -math.inf, 0.0, 0.1),
        (math.inf, -math.inf, 0.03, -0.05),
    ],
)
@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_agrees_with_an_ode_solver(e_pos, e_neg, kappa_pos, kappa_neg, scale):
    weight, times = random_layer(scale=scale)
    v = exact_membrane(weight, times, e_pos, e_neg, kappa_pos, kappa_neg)
    expected = reference(weight.numpy(), times.numpy(), e_pos, e_neg, kappa_pos, kappa_neg)
    np.testing.assert_allclose(v.numpy(), expected, rtol=1e-8, atol=1e-9)


def test_infinite_reversal_potential_is_the_multiply_accumulate():
    weight, times = random_layer(inputs=50)
    expected = (1 - times).clamp(min=0) @ weight.T
    torch.testing.assert_close(exact_membrane(weight, times, math.inf, -math.inf), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kappas", [(0.0, 0.0), (0.02, 0.005), (0.5, -0.2)])
def test_gradients(kappas):
    weight, times = random_layer()
    scalars = [torch.tensor(x, dtype=torch.float64) for x in (2.0, -1.5, *kappas)]
    inputs = [tensor.requires_grad_() for tensor in (weight, times, *scalars)]
    assert torch.autograd.gradcheck(exact_membrane, inputs)


def test_gradients_at_infinite_reversal_potential_are_finite():
    weight, times = random_layer()
    inverse = torch.zeros((), dtype=torch.float64, requires_grad=True)
    weight.requires_grad_()
    v = exact_membrane(weight, times, 1 / inverse, -math.inf)
    v.sum().backward()
    torch.testing.assert_close(weight.grad, (1 - times).clamp(min=0).sum(0).expand_as(weight))


def test_simultaneous_spikes_have_finite_gradients():
    weight, _ = random_layer()
    times = torch.full((2, 6), 0.25, dtype=torch.float64, requires_grad=True)
    exact_membrane(weight, times, 1.0, -1.0, 0.1, 0.1).sum().backward()
    assert times.grad is not None
    assert bool(times.grad.isfinite().all())


@pytest.mark.parametrize("size", [1.6, 3.0, 10.0, 100.0])
@pytest.mark.parametrize("spike_times", [[0.0, 1.0], [0.0, 0.9]])
def test_a_runaway_membrane_is_not_a_number_that_looks_right(size, spike_times):
    # dv/dt = w (1 + v^2) runs to infinity at w t = pi/2.
    weight = torch.full((1, 2), size, dtype=torch.float64)
    times = torch.tensor([spike_times], dtype=torch.float64)
    assert not bool(exact_membrane(weight, times, math.inf, -math.inf, 1.0).isfinite().any())


def test_inputs_that_never_spike_do_nothing():
    weight, _ = random_layer()
    for never in (1.0, 3.0, math.inf):
        v = exact_membrane(weight, torch.full((2, 6), never, dtype=torch.float64), 1.0, -1.0)
        assert bool((v == 0).all())


@pytest.mark.parametrize(("value", "message"), [(math.nan, "NaN"), (-0.1, "below 0")])
def test_refuses_impossible_spike_times(value, message):
    weight, times = random_layer()
    times[1, 2] = value
    with pytest.raises(DstdError, match=message):
        exact_membrane(weight, times, 1.0, -1.0)
