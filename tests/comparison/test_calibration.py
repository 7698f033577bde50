"""A measured chip: read, calibrated, judged on inputs that the calibration has not seen; every bad input."""

from pathlib import Path

import numpy as np
import pytest

from codesign.arrays import Floats
from codesign.comparison.calibration import Calibration, calibrate_measured
from codesign.comparison.held_out import held_out_errors
from codesign.design import Design
from codesign.extraction.errors import ExtractionFailed
from codesign.figure import figure_png
from codesign.model.deviations import Deviations
from codesign.model.response import network_response
from codesign.report.calibration import CalibrationCurve
from codesign.variation.chip_model import ChipLayer, ChipModel, ChipModelError
from codesign.variation.draws import draw_chips
from codesign.weights import IntegerWeights
from tests.extraction.measurements import chip_measurement
from tests.extraction.test_calibration import TIMES, network, shown, with_spikes
from tests.variation.example import MODEL, SCALE, VARIATION

RANDOM = np.random.default_rng(8)
WEIGHTS = IntegerWeights(tuple(network(RANDOM)), ("a", "b"), ())
CHIP = [layer[0] for layer in draw_chips(VARIATION, SCALE, WEIGHTS.layers, RANDOM, 1)]
INPUTS: Floats = RANDOM.uniform(0, 1, (16, 5))
RECORDS = shown(list(WEIGHTS.layers), CHIP, INPUTS)
DESIGN = Design(name="measured", layer_sizes=(5, 4, 3))
FILES = {seen: chip_measurement(RECORDS, SCALE, membranes=seen == "membranes") for seen in ("membranes", "spike_times")}


def calibrated(folder: Path, text: str, inputs: int | None = None, weights: IntegerWeights = WEIGHTS) -> Calibration:
    path = folder / "chip.csv"
    path.write_text(text)
    return calibrate_measured(DESIGN, weights, MODEL, VARIATION, path, inputs=inputs)


def test_a_measured_chip_gives_its_model(tmp_path: Path) -> None:
    found = calibrated(tmp_path, FILES["membranes"])
    chip, curve = found.chip, found.curve
    assert (chip.chip, chip.seen, chip.inputs, chip.held_out_inputs) == (None, "membranes", 12, 4)
    chip.check(MODEL, WEIGHTS.layers)
    # By hand: the four last inputs through the true chip, and through the model that was found.
    truth, known, matched = (
        network_response(MODEL.normalised(), WEIGHTS.layers, INPUTS[12:], TIMES, deviations=one)
        for one in (CHIP, chip.deviations, None)
    )

    def error(model: Floats, circuit: Floats) -> float:
        difference = (model - circuit) - (model - circuit)[:, :, :1]
        return float(np.sqrt(np.mean(difference**2))) * SCALE.swing * 1e3

    # Of the interpolation between the samples of the file only.
    assert chip.held_out.output.membrane_mV == pytest.approx(error(known[1].traces, truth[1].traces), abs=0.3)
    assert curve.uncalibrated.output.membrane_mV == pytest.approx(error(matched[1].traces, truth[1].traces), rel=0.05)
    assert curve.uncalibrated.hidden is not None and chip.held_out.hidden is not None
    assert (curve.uncalibrated.hidden.membrane_mV or 0) > 10 * (chip.held_out.hidden.membrane_mV or np.inf)
    assert [(point.seen, point.inputs) for point in curve.points] == [
        *(("membranes", count) for count in (1, 2, 3, 5, 10, 12)),
        *(("spike_times", count) for count in (3, 5, 10, 12)),
    ]
    assert figure_png(found.plot()).startswith(b"\x89PNG")
    found.save(tmp_path)
    assert ChipModel.load(tmp_path / "chip_model.json") == chip
    assert CalibrationCurve.model_validate_json((tmp_path / "calibration.json").read_text()) == curve
    assert "not calibrated" in str(found) and "other inputs" in str(found)


def test_spikes_alone_are_judged_by_spikes(tmp_path: Path) -> None:
    found = calibrated(tmp_path, FILES["spike_times"])
    own, before = found.chip.held_out.output, found.curve.uncalibrated.output
    assert found.chip.seen == "spike_times" and own.membrane_mV is None
    assert own.spike_time_ns is not None and before.spike_time_ns is not None
    assert before.spike_time_ns > 3 * own.spike_time_ns
    assert {point.seen for point in found.curve.points} == {"spike_times"}
    assert figure_png(found.plot()).startswith(b"\x89PNG")


def test_a_spike_that_only_one_fires_is_told() -> None:
    silent = with_spikes(RECORDS, np.inf)
    share = held_out_errors(MODEL, silent, CHIP).hidden
    assert share is not None
    expected = np.mean([np.isfinite(records[0].fired[1]) for records in RECORDS]) / 4
    assert share.unlike_spikes == pytest.approx(expected)
    assert held_out_errors(MODEL, RECORDS, CHIP).output.membrane_mV == pytest.approx(0, abs=1e-9)


OTHER = IntegerWeights((WEIGHTS.layers[0] + 1, WEIGHTS.layers[1]), ("a", "b"), ())
SMALLER = IntegerWeights((WEIGHTS.layers[0][:2], WEIGHTS.layers[1][:, :2]), ("a", "b"), ())
FEW = chip_measurement(RECORDS[:3], SCALE, membranes=False)


@pytest.mark.parametrize(
    ("text", "inputs", "weights", "about"),
    [
        (FILES["membranes"], 16, WEIGHTS, "of 16 inputs 16 cannot calibrate and others judge; calibrate with 1 to 15"),
        (FEW, None, WEIGHTS, "2 inputs do not determine a chip by its spike times; give at least 3"),
        (FILES["membranes"], None, OTHER, "its weights are not those of neuron 1 in layer 1"),
        (FILES["membranes"], None, SMALLER, "the network has no neuron 3 in layer 1"),
        (FILES["membranes"].replace(",neuron\n", "\n", 1), None, WEIGHTS, "lacks the columns neuron"),
        (FILES["membranes"].replace("input0,1,2", "input0,1,1"), None, WEIGHTS, "neuron 1 of layer 1 is there twice"),
        (FILES["spike_times"].replace("input0,1,2", "input0,,2"), None, WEIGHTS, "must give input, layer and neuron"),
        (FILES["spike_times"].replace("input0,1,2", "input0,one,2"), None, WEIGHTS, "column layer"),
        ("\n".join(FILES["spike_times"].splitlines()[:-1]), None, WEIGHTS, "input input15: layer 2 lacks neuron 3"),
        (FILES["spike_times"].replace("0-1-0,,", "0-1-0,0,"), None, WEIGHTS, "a row lacks time or membrane"),
        (chip_measurement(with_spikes(RECORDS, np.inf), SCALE, membranes=False), None, WEIGHTS, "never fires"),
        (chip_measurement(with_spikes(RECORDS, 0.25), SCALE), None, WEIGHTS, "is stuck"),
    ],
)
def test_a_bad_measurement_gives_one_line(
    tmp_path: Path, text: str, inputs: int | None, weights: IntegerWeights, about: str
) -> None:
    with pytest.raises(ExtractionFailed) as caught:
        calibrated(tmp_path, text, inputs, weights)
    assert about in str(caught.value) and "\n" not in str(caught.value)


def test_neurons_of_a_layer_see_the_same_spikes(tmp_path: Path) -> None:
    lines = FILES["spike_times"].splitlines()
    cells = lines[2].split(",")
    cells[3] = " ".join(["1e-7", *cells[3].split()[1:]])
    with pytest.raises(ExtractionFailed, match="the neurons of layer 1 see different spike times"):
        calibrated(tmp_path, "\n".join([*lines[:2], ",".join(cells), *lines[3:]]))


def test_a_chip_model_of_something_else_is_refused(tmp_path: Path) -> None:
    chip = calibrated(tmp_path, FILES["spike_times"]).chip
    with pytest.raises(ChipModelError, match="network with other weights"):
        chip.check(MODEL, OTHER.layers)
    with pytest.raises(ChipModelError, match="another neuron model"):
        chip.check(MODEL.model_copy(update={"rmse": 1.0}), WEIGHTS.layers)
    path = tmp_path / "bad.json"
    with pytest.raises(ChipModelError, match="cannot read the chip model"):
        ChipModel.load(path)
    path.write_text(VARIATION.model_dump_json(by_alias=True))
    with pytest.raises(ChipModelError, match=r"is not a chip model: .*make it with"):
        ChipModel.load(path)
    with pytest.raises(ValueError, match="of one size"):
        ChipLayer.of(WEIGHTS.layers[0], Deviations.none(2, 2))
