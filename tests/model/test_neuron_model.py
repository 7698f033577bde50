"""The neuron model's file, its units, and every file that is not one."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.model.neuron_model import NeuronModel, NeuronModelError, Provenance
from codesign.model.normalised import NormalisedModel
from codesign.model.quantity import Quantity
from codesign.model.scale import Scale
from tests.models import FITTED

SCALE = Scale(reset_level=0.8, swing=0.4, window=1e-6)
NORMALISED = FITTED.model_copy(update={"fire_curvature": -0.004, "fire_lag": 0.004, "fire_hold": 0.02, "max_units": 12})


def in_si_units(model: NormalisedModel, scale: Scale = SCALE, capacitance: float = 2e-12) -> NeuronModel:
    return NeuronModel.from_normalised(
        model,
        scale=scale,
        offset=-0.01,
        intervals={"conductance_pos": 0.001, "gain_neg": 0.002, "fire_delay": 1e-4},
        capacitance=Quantity(value=capacitance, interval=1e-14),
        rmse=2e-4,
        firing_rmse=5e-4,
        provenance=Provenance(tool="0", design="d", pdk="p", ngspice="39", source="test"),
    )


def test_the_units_by_hand() -> None:
    model = in_si_units(NORMALISED)
    assert model.e_rev_pos.value == pytest.approx(1.6)
    # E is fitted as 1/E: dE = E^2 d(1/E), in swings.
    assert model.e_rev_pos.interval == pytest.approx(0.001 * 16 * 0.4)
    assert model.e_rev_neg.value == pytest.approx(-1.0)
    assert model.curvature_pos.value == pytest.approx(0.02 / 0.16)
    # I = gain C swing / window.
    assert model.unit_current_pos.value == pytest.approx(128e-9)
    assert model.unit_current_neg.value == pytest.approx(120e-9)
    assert model.unit_current_neg.interval == pytest.approx(0.002 * 800e-9)
    assert model.capacitance_per_unit_pos.value == pytest.approx(2e-15)
    assert model.turn_on_delay_pos.value == pytest.approx(0.6e-9)
    assert model.ramp.value == pytest.approx(1.02 * 0.4e6)
    assert model.firing_delay.value == pytest.approx(5e-9)
    assert model.firing_delay.interval == pytest.approx(0.1e-9)
    assert model.firing_curvature.value == pytest.approx(-25e-9)
    assert model.firing_lag.value == pytest.approx(4e-9)
    assert model.firing_hold.value == pytest.approx(20e-9)
    assert model.kick_pos.value == pytest.approx(0.16e-3)
    assert model.reset_offset.value == pytest.approx(-4e-3)
    assert model.threshold == pytest.approx(0.404)
    assert (model.valid_min, model.valid_max) == (pytest.approx(-0.4), pytest.approx(0.56))
    assert model.rmse == pytest.approx(0.08e-3)
    assert model.firing_rmse == pytest.approx(0.5e-9)


@given(st.floats(0.05, 1.5), st.floats(1e-9, 1e-3), st.floats(1e-14, 1e-9))
def test_si_units_and_back(swing: float, window: float, capacitance: float) -> None:
    scale = Scale(reset_level=0.8, swing=swing, window=window)
    back = in_si_units(NORMALISED, scale, capacitance).normalised()
    for name, value in NORMALISED.model_dump().items():
        assert getattr(back, name) == pytest.approx(value, rel=1e-12), name


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    model = in_si_units(NORMALISED)
    model.save(tmp_path / "new folder" / "model.json")
    assert NeuronModel.load(tmp_path / "new folder" / "model.json") == model
    assert json.loads((tmp_path / "new folder" / "model.json").read_text())["schema"] == 1


def test_an_infinite_reversal_potential_comes_back_from_a_file(tmp_path: Path) -> None:
    model = in_si_units(NORMALISED.model_copy(update={"e_pos": math.inf, "e_neg": -math.inf}))
    model.save(tmp_path / "model.json")
    back = NeuronModel.load(tmp_path / "model.json")
    assert back.e_rev_pos.value == math.inf
    assert back.normalised().e_neg == -math.inf


def changed(**changes: Any) -> str:
    return json.dumps(json.loads(in_si_units(NORMALISED).model_dump_json(by_alias=True)) | changes)


@pytest.mark.parametrize(
    ("content", "about"),
    [
        ("", "JSON"),
        (changed()[:200], "JSON"),
        ("[1, 2]", "object"),
        (changed(extra=1), "extra"),
        (changed(rmse="small"), "rmse"),
        (changed(rmse=-1), "rmse"),
        (changed(max_units=0), "max_units"),
        (changed(ramp={"value": 1.0, "interval": -1.0}), "ramp.interval"),
        (changed(scale={"reset_level": 0.8, "swing": 0.0, "window": 1e-6}), "scale.swing"),
        (changed(e_rev_pos={"value": -1.0, "interval": 0.0}), "e_rev_pos"),
        (changed(e_rev_neg={"value": 1.0, "interval": 0.0}), "e_rev_neg"),
        (changed(capacitance={"value": 0.0, "interval": 0.0}), "capacitance"),
        (changed(unit_current_pos={"value": float("nan"), "interval": 0.0}), "unit_current_pos"),
        (changed(ramp={"value": 0.0, "interval": 0.0}), "ramp"),
        (changed(firing_lag={"value": -1e-9, "interval": 0.0}), "firing_lag"),
        (changed(firing_curvature={"value": float("inf"), "interval": 0.0}), "firing_curvature"),
        (changed(firing_hold={"value": -1e-9, "interval": 0.0}), "firing_hold"),
        (changed(threshold=float("nan")), "threshold"),
        (changed(schema=2), "schema"),
    ],
)
def test_what_is_no_neuron_model_gives_one_line(tmp_path: Path, content: str, about: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(content)
    with pytest.raises(NeuronModelError) as caught:
        NeuronModel.load(path)
    message = str(caught.value)
    assert str(path) in message and about in message
    assert "\n" not in message


def test_binary_and_missing_files_give_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NeuronModelError, match="not a neuron model"):
        NeuronModel.load(tmp_path / "model.json")
    with pytest.raises(NeuronModelError, match=r"cannot read .*No such file"):
        NeuronModel.load(tmp_path / "nothing.json")
    with pytest.raises(NeuronModelError, match="cannot read"):
        NeuronModel.load(tmp_path)


def test_scale_converts_both_ways() -> None:
    volts = np.array([0.4, 0.8, 1.2])
    np.testing.assert_allclose(SCALE.membrane(volts), [-1, 0, 1], atol=1e-15)
    np.testing.assert_allclose(SCALE.voltage(SCALE.membrane(volts)), volts)
    np.testing.assert_allclose(SCALE.time(np.array([2e-6, np.inf]), 1.5e-6), [0.5, np.inf])


def test_the_ideal_model_keeps_gains_and_range_only() -> None:
    ideal = NORMALISED.ideal()
    assert (ideal.gain_pos, ideal.gain_neg) == (0.16, 0.15)
    assert (ideal.v_min, ideal.v_max, ideal.max_units) == (-1.0, 1.4, 12)
    assert (ideal.e_pos, ideal.e_neg) == (math.inf, -math.inf)
    assert ideal.column_load(100, 100) == 0
    assert ideal.firing_time(0.3, 0.0, 50, 50) == pytest.approx(0.7)


def test_synapse_rates_by_hand() -> None:
    a, b, c = NORMALISED.synapse_rates(np.array([[10, -5, 0]]))
    capacitance = 1 + 10 * 0.001 + 5 * 0.0008
    np.testing.assert_allclose(a, [[1.6 / capacitance, -0.75 / capacitance, 0]])
    np.testing.assert_allclose(b, [[0.4 / capacitance, 0.3 / capacitance, 0]])
    np.testing.assert_allclose(c, [[0.032 / capacitance, -0.0075 / capacitance, 0]])


def test_cells_on_a_column_shift_where_it_starts() -> None:
    shifted = NORMALISED.model_copy(update={"start_pos": -1e-4, "start_neg": -2e-4})
    [full, empty] = shifted.start(np.array([[10, -5, 0], [0, 0, 0]]))
    assert full == pytest.approx(-2e-3 / (1 + 10 * 0.001 + 5 * 0.0008))
    assert empty == 0


def test_leak_rates_by_hand() -> None:
    leaking = NORMALISED.model_copy(update={"leak_pos": 0.002, "leak_neg": 0.004, "leak": 0.01})
    weights = np.array([[10, -5, 0], [0, 0, 0]])
    capacitance = 1 + 10 * 0.001 + 5 * 0.0008
    a, b, c = leaking.leak_rates(weights)
    np.testing.assert_allclose(a, [(0.01 + 0.02 - 0.02) / capacitance, 0.01], atol=1e-15)
    np.testing.assert_allclose(b, [(0.03 / 4 + 0.02 / 2.5) / capacitance, 0.01 / 4])
    np.testing.assert_allclose(c, [(0.03 * 0.02 - 0.02 * 0.01) / capacitance, 0.01 * 0.02])
    # A cell that is on carries its current, leak and all.
    on = leaking.synapse_rates(weights)
    np.testing.assert_allclose(on[0][0, 0] + 0.02 / capacitance, 1.6 / capacitance)
    np.testing.assert_allclose(on[0][0, 1] - 0.02 / capacitance, -0.75 / capacitance)


def test_what_leaks_while_the_ramp_rises_brings_the_spike_nearer() -> None:
    model = NormalisedModel(e_pos=4.0, e_neg=-2.0, gain_pos=0.1, gain_neg=0.1)
    # 0.1 (1 - 0.4 / 4) of the positive and 0.05 (1 + 0.4 / 2) of the negative cells, on 1.2 times the capacitance.
    drift, leak = 0.1 * 0.9 - 0.05 * 1.2, (0.1, 0.05)
    assert model.firing_time(0.4, 0.2, 0, 0, leak) == pytest.approx(0.6 * 1.2 / (1 + drift))
    shared = model.model_copy(update={"shared_ramp": True})
    assert shared.firing_time(0.4, 0.2, 0, 0, leak) == pytest.approx(0.6 / (1 + drift / 1.2))
