"""Time and memory are what is known of simple passes."""

import torch

from codesign.studies.benchmarks.measure import Workload, median_seconds, peak_bytes, saved_bytes


def linear(batch=8, inputs=300, outputs=200):
    weight = torch.randn(outputs, inputs, requires_grad=True)
    times = torch.rand(batch, inputs, requires_grad=True)
    return Workload(lambda: torch.relu(times @ weight.t()), (weight, times), torch.ones(batch, outputs))


def test_a_linear_layer_saves_its_input_and_its_output():
    assert saved_bytes(linear()) == 4 * (8 * 300 + 8 * 200)


def test_peak_holds_at_least_the_gradients():
    gradients = 4 * (200 * 300 + 8 * 300)
    assert gradients <= peak_bytes(linear()) < 2 * gradients


def test_a_larger_layer_takes_longer():
    seconds = median_seconds({"small": linear(8, 30, 20), "large": linear(64, 1000, 1000)}, 0.05)
    assert 0 < seconds["small"] < seconds["large"]
