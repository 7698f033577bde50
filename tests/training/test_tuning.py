"""Fine-tuning of stored weights on one chip's model, and what that model says of other bits."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.arrays import Floats, Integers
from codesign.model.deviations import Deviations
from codesign.training.one_chip import OneChip
from codesign.training.settings import TrainingSettings
from codesign.training.spike_data import SpikeData
from codesign.training.tuning import TuningSettings, tune
from codesign.training.tuning_score import score
from codesign.variation.chip_model import ChipLayer, ChipModel
from codesign.variation.draws import draw_chips
from codesign.variation.response import ChipsLayer, chips_response
from tests.variation.example import MODEL, PROVENANCE, SCALE, VARIATION

NORMALISED = MODEL.normalised()
TRAINING = TrainingSettings(learning_rate=0.3)
ERRORS = {"hidden": None, "output": {"membrane_mV": 0.1, "spike_time_ns": 0.1, "unlike_spikes": 0.0}}


def chip_of(weights: Sequence[Integers], seed: int) -> ChipModel:
    """A chip drawn from the variation model, known exactly."""
    drawn = draw_chips(VARIATION, SCALE, weights, np.random.default_rng(seed), 1)
    return ChipModel.model_validate(
        {
            "schema": 1,
            "neuron_model": MODEL.digest,
            "variation_model": VARIATION.digest,
            "chip": seed,
            "seen": "membranes",
            "inputs": 10,
            "held_out_inputs": 5,
            "held_out": ERRORS,
            "layers": [ChipLayer.of(units, own[0]) for units, own in zip(weights, drawn, strict=True)],
            "provenance": PROVENANCE,
        }
    )


def start() -> list[Integers]:
    random = np.random.default_rng(1)
    return [random.integers(-2, 7, (3, 3)), random.integers(-2, 7, (2, 3))]


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_tuning_lowers_the_loss_on_the_model_of_the_chip(seed: int, easy_data: SpikeData) -> None:
    chip = OneChip(chip_of(start(), seed), NORMALISED)
    tuned = tune(chip, easy_data.train, TRAINING, TuningSettings(steps=60, samples=60, seed=1))
    before, after = (chip.score(weights, easy_data.test, 0.1) for weights in (start(), tuned))
    assert after.loss < 0.7 * before.loss and after.accuracy >= before.accuracy
    assert all(np.abs(layer).max() <= NORMALISED.max_units for layer in tuned)
    assert all(
        np.array_equal(*pair)
        for pair in zip(tuned, tune(chip, easy_data.train, TRAINING, TuningSettings(60, 60, 1)), strict=True)
    )


def test_a_tuning_is_never_worse_than_its_start(easy_data: SpikeData) -> None:
    chip = OneChip(chip_of(start(), 3), NORMALISED)
    wild = TRAINING.model_copy(update={"learning_rate": 50.0})
    tuned = tune(chip, easy_data.train, wild, TuningSettings(steps=3, samples=10, seed=1))
    assert chip.score(tuned, easy_data.train, 0.1).loss <= chip.score(start(), easy_data.train, 0.1).loss


def test_the_chip_in_the_loop_corrects_a_model_that_is_wrong(easy_data: SpikeData) -> None:
    """The true chip is far off the model that gives the gradient; only the loop sees it."""
    weights, none = start(), [Deviations.none(3, 3), Deviations.none(2, 3)]
    known = chip_of(weights, 3)
    layers = tuple(ChipLayer.of(units, own) for units, own in zip(weights, none, strict=True))
    wrong = OneChip(known.model_copy(update={"layers": layers}), NORMALISED)
    truth = OneChip(known, NORMALISED)
    seen: list[int] = []

    def itself(units: Sequence[Integers], times: Floats) -> list["_Shown"]:
        seen.append(len(times))
        own = [Deviations.stacked([one]) for one in known.deviations_of(units)]
        return [_Shown(layer) for layer in chips_response(NORMALISED, units, own, times)]

    tuned = tune(wrong, easy_data.train, TRAINING, TuningSettings(steps=40, samples=20, seed=1), itself)
    assert seen == [20] * 40
    before, after = (truth.score(one, easy_data.test, 0.1).loss for one in (weights, tuned))
    assert after < 0.7 * before


class _Shown:
    def __init__(self, layer: ChipsLayer) -> None:
        self.final = layer.final[0] - layer.start[0]
        self.halfway = self.final / 2
        self.spike_times = layer.spike_times[0]


units = st.lists(st.lists(st.integers(-7, 7), min_size=3, max_size=3), min_size=2, max_size=2)


@settings(max_examples=50)
@given(known=units, other=units)
def test_cells_that_stay_on_keep_their_deviation(known: list[list[int]], other: list[list[int]]) -> None:
    old, new = (np.array(one, dtype=np.int64) for one in (known, other))
    gain = np.random.default_rng(1).normal(size=old.shape)
    none = Deviations.none(2, 3)
    layer = ChipLayer.of(old, Deviations(gain, none.conductance, none.kappa, none.start, none.delay, none.ramp))
    assert layer.deviations_of(old).gain[old != 0] == pytest.approx(gain[old != 0])
    found = layer.deviations_of(new).gain
    for (row, column), weight in np.ndenumerate(new):
        before = int(old[row, column])
        cells = np.maximum(np.sign(weight or 1) * old, 0)
        shown = cells[row].sum()
        mean = (gain[row] * cells[row]).sum() / shown if shown else (gain * cells).sum() / max(1, cells.sum())
        bits = [1 << bit for bit in range(3) if abs(weight) >> bit & 1]
        each = [gain[row, column] if before * weight > 0 and abs(before) & bit else mean for bit in bits]
        if bits:
            assert found[row, column] == pytest.approx(np.average(each, weights=bits))


def test_a_score_is_a_cross_entropy() -> None:
    outputs = np.array([[0.1, 0.0], [0.0, 0.2]])
    found = score(outputs, np.array([0, 0]), 0.1)
    # exp(1) / (exp(1) + 1) and 1 / (1 + exp(2)).
    assert found.loss == pytest.approx((np.log1p(np.exp(-1)) + np.log1p(np.exp(2))) / 2)
    assert found.accuracy == 0.5
