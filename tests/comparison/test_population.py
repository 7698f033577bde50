"""Chips on the model: a chip without variation is the matched circuit, and yields are binomial."""

import numpy as np
import pytest
from scipy.stats import beta

from codesign.comparison.population import anywhere, population, yield_of
from codesign.design import Conditions
from codesign.model.over_conditions import ModelsOverConditions
from codesign.model.quantity import Quantity
from codesign.model.response import network_response
from codesign.training.objective import judge
from codesign.training.spike_data import Split
from codesign.variation.variation_model import VariationModel
from tests.variation.example import MODEL, VARIATION

RANDOM = np.random.default_rng(3)
WEIGHTS = [RANDOM.integers(-2, 6, (4, 5)), RANDOM.integers(-2, 6, (3, 4))]
DATA = Split(RANDOM.uniform(0, 1, (60, 5)), RANDOM.integers(0, 3, 60))
INPUTS = RANDOM.uniform(0, 1, (4, 5))


def none_of(variation: VariationModel) -> VariationModel:
    parts = ("cell_pos", "cell_neg", "cells", "neuron", "layer")
    still = {
        name: getattr(variation, name).model_copy(update={"sigma": (0.0,) * len(getattr(variation, name).sigma)})
        for name in parts
    }
    return variation.model_copy(update=still)


def test_without_variation_every_chip_is_the_matched_circuit() -> None:
    found = population(MODEL, none_of(VARIATION), WEIGHTS, DATA, INPUTS, chips=60, seed=1)
    nominal = judge(WEIGHTS, MODEL.normalised(), DATA).accuracy
    assert found.nominal == nominal
    np.testing.assert_array_equal(found.accuracies, np.full(60, nominal))
    assert max(layer.final.std(axis=0).max() for layer in found.layers) < 1e-12
    varied = population(MODEL, VARIATION, WEIGHTS, DATA, INPUTS, chips=60, seed=1)
    assert varied.accuracies.std() > 0 and varied.layers[0].final.std(axis=0).min() > 1e-3


def test_yield_and_its_interval() -> None:
    accuracies = np.array([0.9] * 18 + [0.8] * 2)
    share, low, high = yield_of(accuracies, 0.9)
    assert share == pytest.approx(0.9)
    assert low == pytest.approx(beta.ppf(0.025, 18, 3)) and high == pytest.approx(beta.ppf(0.975, 19, 2))


def test_a_trim_of_the_window_makes_up_for_slow_currents() -> None:
    """All currents and the ramp are a tenth lower at one end of the table: a window that is longer gives them back."""
    slow = MODEL.model_copy(
        update={
            name: Quantity(value=0.9 * getattr(MODEL, name).value, interval=0.0)
            for name in ("unit_current_pos", "unit_current_neg", "ramp")
        }
    )
    table = [(Conditions(temperature=temperature), model) for temperature, model in ((-40.0, slow), (85.0, slow))]
    nominal = MODEL.normalised()
    labels = judge_labels()
    found = anywhere(
        ModelsOverConditions(table),
        nominal,
        none_of(VARIATION),
        WEIGHTS,
        Split(DATA.times, labels),
        DATA.times[:20],
        chips=3,
        seed=1,
        biased=False,
    )
    assert found.factors == pytest.approx(np.full(3, 1.1), abs=0.026)
    assert found.trimmed.min() > 0.95 and found.trimmed.min() >= found.untrimmed.max()


def judge_labels() -> np.ndarray:
    """What the nominal circuit chooses."""
    return network_response(MODEL.normalised(), WEIGHTS, DATA.times, np.empty(0))[-1].final.argmax(axis=1)
