"""Training on chips that are drawn: the response of a chip, the same chips for the same key, and what it brings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from codesign.flow.file import FlowFile
from codesign.flow.training import train_step
from codesign.model.normalised import NormalisedModel
from codesign.model.response import network_response
from codesign.training.chips import DrawnChips
from codesign.training.errors import TrainingError
from codesign.training.loop import train
from codesign.training.network import CircuitNetwork
from codesign.training.settings import TrainingSettings
from codesign.training.spike_data import SpikeData
from tests.variation.example import SCALE, VARIATION

CHIPS = DrawnChips(VARIATION, SCALE)


def test_a_network_on_chips_approaches_the_exact_one(model: NormalisedModel) -> None:
    """But for the reversal potentials of single synapses, and what a start does to the leak: second order."""
    generator = torch.Generator().manual_seed(2)
    network = CircuitNetwork((3, 4, 2), model, 2, intervals=128, generator=generator)
    times = torch.rand(10, 3, generator=generator, dtype=torch.float64)
    drawn = CHIPS.draw(network.units(), (1, 2))
    states = network(times, chips=drawn)
    for candidate in range(2):
        layers = [units[candidate].detach().numpy().astype(np.int64) for units in network.units()]
        zero = np.zeros_like(layers[0], dtype=np.float64), np.zeros_like(layers[1], dtype=np.float64)
        own = [replace(layer[candidate], conductance=none, kappa=none) for layer, none in zip(drawn, zero, strict=True)]
        exact = network_response(model, layers, times.numpy(), np.array([0.5]), deviations=own)
        matched = network_response(model, layers, times.numpy(), np.array([0.5]))
        for state, response, other, deviations in zip(states, exact, matched, own, strict=True):
            found = state.final[:, candidate].detach().numpy()
            start = deviations.start
            np.testing.assert_allclose(found, response.final - start, atol=2e-3)
            assert np.abs(found - other.final).max() > 0.02
            fired = state.spike_times[:, candidate].detach().numpy()
            np.testing.assert_allclose(fired, np.minimum(response.spike_times, 1), atol=2e-3)


def test_the_same_key_gives_the_same_chips() -> None:
    units = [torch.tensor([[[3.0, -2.0]], [[1.0, 5.0]]], dtype=torch.float64)]
    [first], [again], [other] = (CHIPS.draw(units, key) for key in ((1, 0), (1, 0), (1, 1)))
    np.testing.assert_array_equal(first.gain, again.gain)
    assert first.gain.shape == (2, 1, 2)
    assert np.abs(first.gain - other.gain).min() > 0


def test_trained_for_chips_it_does_better_on_chips(easy_data: SpikeData, model: NormalisedModel) -> None:
    settings = TrainingSettings(epochs=40, candidates=2, batch_size=30)
    plain, aware = (train(easy_data, model, (3, 3, 2), "fitted", 3, settings, chips=chips) for chips in (None, CHIPS))
    assert aware.record.model_digest == plain.record.model_digest
    on_chips = [CHIPS.judge(one.layers, model, easy_data.test).accuracy for one in (plain, aware)]
    assert on_chips[1] >= on_chips[0]
    again = train(easy_data, model, (3, 3, 2), "fitted", 3, settings, chips=CHIPS)
    assert all(np.array_equal(*pair) for pair in zip(aware.layers, again.layers, strict=True))


def test_chips_without_a_variation_model_are_refused(tmp_path: Path) -> None:
    flow = FlowFile.load(Path(__file__).parents[2] / "flows" / "5-5-5-quick.toml")
    flow = flow.model_copy(update={"training": flow.training.model_copy(update={"variation": True})})
    with pytest.raises(TrainingError, match=r"variation = true needs a variation model; give --variation FILE"):
        train_step(flow, None, None, None, tmp_path)  # type: ignore[arg-type]
