"""The baselines solve the same equation as the exact solver."""

import pytest
import torch

from codesign.dstd import exact_membrane
from codesign.studies.benchmarks import baselines


def layer():
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(4, 12, dtype=torch.float64, generator=generator)
    return weight.requires_grad_(), torch.rand(3, 12, dtype=torch.float64, generator=generator).requires_grad_()


def value_and_gradients(function):
    weight, times = layer()
    v = function(weight, times, 2.0, -1.5)
    return v, *torch.autograd.grad(v.square().sum(), (weight, times))


@pytest.mark.parametrize("baseline", [baselines.event_loop, baselines.gathered_event_loop, baselines.sorted_sums])
def test_exact_baselines_agree_with_the_exact_solver(baseline):
    for ours, theirs in zip(value_and_gradients(exact_membrane), value_and_gradients(baseline), strict=True):
        torch.testing.assert_close(theirs, ours, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("solver", "tolerance"), [(baselines.dopri5, 0.05), (baselines.rk4, 0.1)])
def test_torchdiffeq_is_near(solver, tolerance):
    pytest.importorskip("torchdiffeq")
    weight, times = (tensor.detach() for tensor in layer())
    error = solver(weight, times, 2.0, -1.5) - exact_membrane(weight, times, 2.0, -1.5)
    assert error.abs().max().item() < tolerance
