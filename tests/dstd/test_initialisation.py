"""The initial weights keep the membrane in range at any reversal potential and width."""

import itertools
import math

import pytest
import torch

from codesign.dstd import exact_membrane, initialise_


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
