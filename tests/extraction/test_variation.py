"""What neurons do differently is found again from runs that are made with it; local and common parts come apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from codesign.arrays import Floats
from codesign.design import Design
from codesign.extraction.neuron_deviations import LayerSensitivity, layer_deviations
from codesign.extraction.records import LayerRecord
from codesign.extraction.variation import _model
from codesign.extraction.variation_decks import NEURONS, neurons_testbench, on_chip, shifted_testbenches, shifts_of
from codesign.model.deviations import Deviations
from codesign.model.response import layer_response
from codesign.variation.draws import draw_chips
from codesign.variation.variation_model import CELL, Spread, VariationError, VariationModel
from tests.variation.example import MODEL, PROVENANCE, SCALE, VARIATION

NORMALISED = MODEL.normalised()
DESIGN = Design(name="variation")
TIMES = np.linspace(0, 1, 41)
RANDOM = np.random.default_rng(4)
WEIGHTS, SPIKES = np.array(neurons_testbench(DESIGN, NORMALISED, 3).network.weights[0]), np.linspace(0.05, 0.7, 5)


def record(deviations: Deviations) -> LayerRecord:
    response = layer_response(NORMALISED, WEIGHTS, SPIKES[None], TIMES, deviations=deviations)
    return LayerRecord(WEIGHTS, SPIKES, TIMES, response.traces[0], response.spike_times[0])


NONE = Deviations.none(*WEIGHTS.shape)


def test_what_a_neuron_does_differently_is_found_again() -> None:
    matched = record(NONE)
    assert np.isfinite(matched.fired).sum() >= 5
    capacitance, start, delay = RANDOM.normal(0, (1e-3, 2e-3, 1e-3), (NEURONS, 3)).T
    ramp = 0.01
    own = replace(NONE, gain=NONE.gain - capacitance[:, None], start=start, delay=delay, ramp=np.array([ramp]))
    found = layer_deviations(LayerSensitivity.of(NORMALISED, matched), record(own), DESIGN)
    swing, window = DESIGN.levels.swing, DESIGN.timing.window
    np.testing.assert_allclose(found.whole[:, 1], start * swing, rtol=1e-9)
    centred = capacitance - capacitance.mean()
    assert np.corrcoef(found.neurons[:, 0], centred)[0, 1] > 0.9
    fired = np.isfinite(record(own).fired) & np.isfinite(matched.fired)
    # A slope and a mean that the delays have by chance are counted as common.
    basis = np.stack([np.ones(fired.sum()), matched.fired[fired]], axis=1)
    chance = basis @ np.linalg.lstsq(basis, delay[fired], rcond=None)[0]
    np.testing.assert_allclose(found.neurons[fired, 2] / window, delay[fired] - chance, atol=1e-4)
    by_chance = np.linalg.lstsq(basis, delay[fired], rcond=None)[0]
    assert found.layer[2] == pytest.approx(ramp - by_chance[1], abs=1e-3)
    assert found.layer[1] / window == pytest.approx(by_chance[0], abs=1e-3)


def test_gains_that_all_cells_share_are_no_capacitance() -> None:
    matched = record(NONE)
    shared = replace(NONE, gain=np.where(WEIGHTS >= 0, 0.05, -0.1))
    found = layer_deviations(LayerSensitivity.of(NORMALISED, matched), record(shared), DESIGN)
    assert np.abs(found.neurons[:, 0]).max() < 1e-4


def test_local_and_common_parts_come_apart() -> None:
    """Cells and neurons drawn with known sigmas, on many chips."""
    chips, cells = 400, 24
    local = RANDOM.normal(0, 0.2, (2, chips, cells, 3)) + RANDOM.normal(0, 0.1, (2, chips, 1, 3))
    weights = [WEIGHTS]
    drawn = draw_chips(VARIATION, SCALE, weights, RANDOM, chips)[0]
    sensitivity = LayerSensitivity.of(NORMALISED, record(NONE))
    still = (np.zeros_like(drawn.gain), np.zeros_like(drawn.gain))
    flat = replace(drawn, gain=still[0], conductance=still[1], kappa=still[1])
    layers = [layer_deviations(sensitivity, record(flat[chip]), DESIGN) for chip in range(chips)]
    model = _model(dict(zip(("positive", "negative"), local, strict=True)), layers, PROVENANCE)
    assert model.cell_pos.sigma == pytest.approx((0.2,) * 3, rel=0.05)
    assert model.cells.sigma == pytest.approx((0.1,) * 6, rel=0.15)
    volts = DESIGN.levels.swing / SCALE.swing
    assert model.neuron.sigma[1] == pytest.approx(VARIATION.neuron.sigma[1] * volts, rel=0.1)
    assert model.layer.sigma[0] == pytest.approx(VARIATION.layer.sigma[0] * volts, rel=0.15)
    assert model.layer.sigma[2] == pytest.approx(VARIATION.layer.sigma[2], rel=0.15)


def test_draws_have_the_spread_and_correlation_of_their_model() -> None:
    weights = [np.array([[1, -1], [9, -4]])]
    [drawn] = draw_chips(VARIATION, SCALE, weights, np.random.default_rng(1), 20_000)
    pos, neg = VARIATION.cell_pos, VARIATION.cell_neg
    shared = VARIATION.neuron.sigma[0] ** 2
    expected = [
        pos.sigma[0] ** 2 + VARIATION.cells.sigma[0] ** 2 + shared,
        neg.sigma[0] ** 2 / 4 + VARIATION.cells.sigma[3] ** 2 + shared,
    ]
    assert drawn.gain[:, 0, 0].var() == pytest.approx(expected[0], rel=0.04)
    assert drawn.gain[:, 1, 1].var() == pytest.approx(expected[1], rel=0.04)
    correlation = np.corrcoef(drawn.gain[:, 0, 0], drawn.conductance[:, 0, 0])[0, 1]
    assert correlation == pytest.approx(pos.correlation[0][1] * pos.sigma[0] / np.sqrt(expected[0]), abs=0.03)
    assert drawn.start.std() == pytest.approx(
        np.hypot(VARIATION.neuron.sigma[1], VARIATION.layer.sigma[0]) / 0.5, rel=0.03
    )


def test_decks_move_what_they_say() -> None:
    bench = neurons_testbench(DESIGN, NORMALISED, 3)
    moved = shifted_testbenches(bench, shifts_of(bench))
    seen = [shift for _, shifts in moved for shift in shifts if shift is not None]
    assert set(seen) == set(shifts_of(bench))
    for one, _ in moved:
        assert one.chip is not None
        assert sum(sum(values) for values in one.chip.given.values()) <= NEURONS
    chip = on_chip(bench, 5).chip
    assert chip is not None
    assert chip.deviates("crossbar_1.1_1.source", 1) == (0.0,) and chip.deviates("neuron_1_1.membrane", 1) != (0.0,)


def test_a_variation_model_is_read_back_and_a_wrong_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "variation_model.json"
    VARIATION.save(file)
    assert VariationModel.load(file) == VARIATION
    file.write_text(file.read_text().replace('"sigma"', '"sigmas"'))
    with pytest.raises(
        VariationError, match=r"is not a variation model: .*; make it with `codesign extract --variation`"
    ):
        VariationModel.load(file)
    with pytest.raises(VariationError, match="cannot read"):
        VariationModel.load(file.with_name("none.json"))
    with pytest.raises(ValidationError, match="symmetric"):
        Spread(names=CELL, sigma=(1.0,) * 3, interval=0.1, correlation=((1, 0.5, 0), (0, 1, 0), (0, 0, 1)))


def covariance(spread: Spread) -> Floats:
    return spread.factor @ spread.factor.T


def test_a_factor_has_the_covariance() -> None:
    np.testing.assert_allclose(covariance(VARIATION.cell_pos), VARIATION.cell_pos.covariance, atol=1e-15)
    assert VARIATION.cell_pos.slopes("gain") == pytest.approx({"conductance": -0.25, "kappa": 0.0})
