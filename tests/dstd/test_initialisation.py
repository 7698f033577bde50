"""The initial weights keep the membrane in range at any reversal potential and width."""

import itertools
import math

import pytest
import torch

from codesign.dstd import exact_membrane, fire, initialise_, initialise_deep_


@pytest.mark.parametrize(("reversal", "inputs"), list(itertools.product([0.5, 1.0, 3.0, 10.0, math.inf], [5, 50, 800])))
def test_membrane_is_in_range(reversal, inputs):
    generator = torch.Generator().manual_seed(inputs)
    weight = initialise_(torch.empty(100, inputs), reversal, -reversal, generator=generator)
    v = exact_membrane(weight, torch.rand(2, inputs, generator=generator), reversal, -reversal)
    middle = min(0.5, reversal / 2)
    assert v.mean().item() == pytest.approx(middle, abs=0.12)
    assert ((v > 0) & (v < 1)).float().mean().item() > 0.85
    conductance = (weight.abs() / reversal).sum(1).mean().item()
    assert conductance < 8


def test_spread_is_the_target_where_the_conductance_allows():
    generator = torch.Generator().manual_seed(0)
    weight = initialise_(torch.empty(500, 300), math.inf, -math.inf, generator=generator)
    v = exact_membrane(weight, torch.rand(1, 300, generator=generator), math.inf, -math.inf)
    assert v.std().item() == pytest.approx(0.25, rel=0.15)


def test_unequal_reversal_potentials():
    generator = torch.Generator().manual_seed(0)
    weight = initialise_(torch.empty(200, 100), 4.0, -0.7, generator=generator)
    v = exact_membrane(weight, torch.rand(4, 100, generator=generator), 4.0, -0.7)
    assert v.mean().item() == pytest.approx(0.5, abs=0.12)


def test_the_same_generator_gives_the_same_weights():
    first, second = (
        initialise_(torch.empty(3, 4, 3, 3), 2.0, -1.0, generator=torch.Generator().manual_seed(7)) for _ in range(2)
    )
    assert torch.equal(first, second)


@pytest.mark.parametrize("reversal", [2.0, 3.0, math.inf])
def test_a_deep_network_tells_its_inputs_apart(reversal):
    """Deviation of v(1) from input to input in the eighth layer, mean over the neurons."""

    def last_spread(initialise):
        generator = torch.Generator().manual_seed(3)
        times = torch.rand(32, 300, generator=generator)
        for _ in range(8):
            weight = initialise(torch.empty(300, times.shape[1]), reversal, -reversal, generator=generator)
            v = exact_membrane(weight, times, reversal, -reversal)
            assert 0.3 < v.mean().item() < 0.7
            times = fire(v)
        return v.std(0).mean().item()

    deep = last_spread(initialise_deep_)
    assert deep > 0.02
    assert deep > 2 * last_spread(initialise_)


@pytest.mark.parametrize("reversal", [1.0, math.inf])
def test_all_neurons_of_a_deep_network_have_the_same_sum_of_weights(reversal):
    weight = initialise_deep_(torch.empty(20, 8, 5, 5), reversal, -reversal)
    sums = weight.sum((1, 2, 3))
    torch.testing.assert_close(sums, sums.mean().expand(20))
    assert (weight != 0).sum((1, 2, 3)).tolist() == [200 if reversal == math.inf else 4] * 20
