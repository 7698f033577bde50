"""Networks under the exact equation, against scipy's integrator; and how far a discretisation is from it."""

import functools
import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from torch import nn

from codesign.dstd import DSTDConv2d, DSTDLinear, EarliestSpikePool2d, Fire
from codesign.studies.vision.images import Images
from codesign.studies.vision.judge import exact_output, judge_discretised, judge_exactly
from codesign.studies.vision.networks import build_network

# Their inverses are exact in float32, as which the layers keep them.
E_POS, E_NEG = 1.6, -0.8
REVERSAL = {"e_pos": E_POS, "e_neg": E_NEG}


def integrate(weights: np.ndarray, times: np.ndarray) -> float:
    """v(1) of one neuron by solve_ivp, from one spike to the next."""
    instants = np.unique([0.0, *times[times < 1], 1.0])
    v = 0.0
    for start, end in itertools.pairwise(instants):
        on = weights[times <= start]
        total, decay = on.sum(), (on / np.where(on >= 0, E_POS, E_NEG)).sum()
        speed = functools.partial(lambda t, y, a, b: a - b * y, a=total, b=decay)
        solution = solve_ivp(speed, (start, end), [v], method="DOP853", rtol=1e-12, atol=1e-14)
        v = solution.y[0, -1]
    return v


def integrate_convolution(layer: DSTDConv2d, times: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Every output of a convolution of one image, (channels, height, width)."""
    weight = layer.weight.detach().numpy()
    out, _, size, _ = weight.shape
    padded = np.pad(times, ((0, 0), (padding, padding), (padding, padding)), constant_values=1.0)
    height, width = ((extent - size) // stride + 1 for extent in padded.shape[1:])
    v = np.empty((out, height, width))
    for channel, row, column in np.ndindex(*v.shape):
        patch = padded[:, row * stride : row * stride + size, column * stride : column * stride + size]
        v[channel, row, column] = integrate(weight[channel].ravel(), patch.ravel())
    return v


def test_exact_output_against_scipy() -> None:
    torch.manual_seed(0)
    convolution = DSTDConv2d(2, 3, 3, stride=2, padding=1, **REVERSAL).double()
    dense = DSTDLinear(3 * 3 * 2, 4, **REVERSAL).double()
    nn.init.normal_(convolution.weight, 0.1, 0.6)
    nn.init.normal_(dense.weight, 0.1, 0.6)
    network = nn.Sequential(convolution, Fire(), nn.Flatten(), dense)
    times = torch.rand(2, 2, 6, 4, dtype=torch.float64)
    times[0, 0, :2] = 1.0
    outputs = exact_output(network, times)
    for image, output in zip(times.numpy(), outputs, strict=True):
        hidden = np.clip(1 - integrate_convolution(convolution, image, 2, 1), 0, 1).ravel()
        expected = [integrate(row, hidden) for row in dense.weight.detach().numpy()]
        assert output.tolist() == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", ["dense", "convolutional", "convolutional-8"])
def test_discretised_output_converges_to_the_exact_one(name: str) -> None:
    shape = (3, 8, 8)
    options = {"reversal_potential": 2.0, "basis": "cf4", "seed": 1}
    times = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    outputs = [build_network(name, shape, steps=steps, **options).double()(times) for steps in (4, 32)]
    exact = exact_output(build_network(name, shape, steps=4, **options), times)
    coarse, fine = ((output - exact).abs().max() for output in outputs)
    assert fine < 1e-3
    assert fine < coarse / 8


def test_judgements_of_the_same_network_agree() -> None:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (300, 1, 6, 6), generator=generator, dtype=torch.uint8)
    network = build_network("dense", (1, 6, 6), reversal_potential=1.0, steps=2, basis="cf4", seed=0)
    labels = exact_output(network, 1 - pixels.double() / 255).argmax(1)
    labels[:30] = (labels[:30] + 1) % 10
    exact = judge_exactly(network, Images(pixels, labels))
    assert (exact.accuracy, exact.method, exact.images, exact.largest_difference) == (0.9, "exact", 300, None)
    # sqrt(0.9 * 0.1 / 300), by hand.
    assert exact.standard_error == pytest.approx(0.01732, abs=1e-5)
    discretised = judge_discretised(network, Images(pixels, labels), "cf4", 16)
    assert discretised.method == "cf4, M = 16"
    assert discretised.accuracy == pytest.approx(0.9, abs=0.01)
    assert discretised.changed is not None and discretised.changed <= 0.01
    assert discretised.largest_difference is not None
    assert 0 < discretised.largest_difference < 1e-3
    # The network itself is as it was.
    assert network[1].discretisation.steps == 2


def test_networks_are_what_they_say() -> None:
    options = {"steps": 2, "basis": "cf4", "seed": 0, "reversal_potential": math.inf}
    dense = build_network("dense", (1, 28, 28), **options)
    assert [tuple(weight.shape) for weight in dense.parameters()] == [(400, 784), (10, 400)]
    deep = build_network("convolutional-8", (3, 32, 32), **options)
    assert [len(weight) for weight in deep.parameters()] == [64, 64, 128, 128, 256, 256, 256, 10]
    assert sum(isinstance(module, EarliestSpikePool2d) for module in deep) == 3
    assert deep(torch.rand(2, 3, 32, 32)).shape == (2, 10)
    narrow = build_network("convolutional-8", (3, 32, 32), channels=(4, 5, 6, 7, 8, 9), stride=2, **options)
    assert [len(weight) for weight in narrow.parameters()] == [4, 5, 6, 7, 8, 9, 9, 10]
    assert narrow[0](torch.rand(1, 3, 32, 32)).shape == (1, 4, 16, 16)
    again = build_network("dense", (1, 28, 28), **options)
    assert all(map(torch.equal, dense.parameters(), again.parameters()))
    assert torch.equal(dense[1].current.inverse_e_pos, torch.zeros(()))
