"""Error of the discretisations on 1000 random spikes."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from codesign.dstd import exact_membrane, membrane
from codesign.dstd.bases import Basis

INPUTS, OUTPUTS, BATCH = 1000, 100, 4


@dataclass(frozen=True)
class Case:
    """Random weights and a reversal potential, E_pos = -E_neg = `reversal`.

    Attributes:
        weights: "total 4": normal weights whose magnitudes sum to 4; "He": normal with variance 2 / inputs.
        reversal: abs(E).
    """

    weights: str
    reversal: float

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.weights}, E = {self.reversal:g}"


CASES = (Case("total 4", 1.0), Case("total 4", 3.0), Case("total 4", 10.0), Case("He", 3.0))


def random_layer(weights: str, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Weights (100, 1000) and uniform spike times (4, 1000), float64; see `Case`."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(OUTPUTS, INPUTS, dtype=torch.float64, generator=generator)
    if weights == "He":
        weight *= math.sqrt(2 / INPUTS)
    else:
        weight *= 4 / (INPUTS * math.sqrt(2 / math.pi))
    return weight, torch.rand(BATCH, INPUTS, dtype=torch.float64, generator=generator)


def errors(case: Case, basis: Basis, steps: list[int]) -> list[float]:
    """Root mean square error of v(1) against the exact solution, for each number of steps."""
    weight, times = random_layer(case.weights)
    exact = exact_membrane(weight, times, case.reversal, -case.reversal)
    return [rms(membrane(weight, times, case.reversal, -case.reversal, steps=m, basis=basis) - exact) for m in steps]


def gradient_errors(case: Case, basis: Basis, steps: list[int]) -> list[float]:
    """Error of the gradient by the spike times of a random function of v(1), relative to its root mean
    square."""
    weight, times = random_layer(case.weights)
    times.requires_grad_()
    direction = torch.randn(BATCH, OUTPUTS, dtype=times.dtype, generator=torch.Generator().manual_seed(1))
    reversal = case.reversal, -case.reversal

    def gradient(v: Tensor) -> Tensor:
        return torch.autograd.grad(v, times, direction)[0]

    exact = gradient(exact_membrane(weight, times, *reversal))
    return [rms(gradient(membrane(weight, times, *reversal, steps=m, basis=basis)) - exact) / rms(exact) for m in steps]


def fitted_order(steps: list[int], values: list[float]) -> float:
    """Slope of -log(error) against log(steps), by least squares."""
    return -slope([math.log(m) for m in steps], [math.log(value) for value in values])


def slope(x: list[float], y: list[float]) -> float:
    """Slope of the least-squares line through points."""
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return products / sum((a - x_mean) ** 2 for a in x)


def rms(tensor: Tensor) -> float:
    """Root mean square."""
    return tensor.square().mean().sqrt().item()
