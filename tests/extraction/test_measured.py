"""Measured waveforms from a CSV file: a round trip, and every bad file."""

from pathlib import Path

import numpy as np
import pytest

from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.extract import fit_measured
from codesign.extraction.measured import read_measured
from tests.extraction.measurements import HEADER, SCALE, measurement
from tests.extraction.synthetic import DESIGN, OFFSET, TRUTH, records


def test_a_measurement_gives_the_model_that_made_it(tmp_path: Path) -> None:
    path = tmp_path / "bench.csv"
    path.write_text(measurement(records(12, seed=4)))
    fitted = fit_measured(DESIGN, path, capacitance=2e-12)
    model, fit, read = fitted.model, fitted.fit, fitted.records
    assert len(read) == 60
    assert model.e_rev_pos.value == pytest.approx(TRUTH.e_pos * SCALE.swing, rel=1e-3)
    assert model.e_rev_neg.value == pytest.approx(TRUTH.e_neg * SCALE.swing, rel=1e-3)
    assert model.unit_current_pos.value == pytest.approx(130e-9 * 1.04, rel=1e-3)
    assert model.reset_offset.value == pytest.approx(OFFSET * SCALE.swing, rel=1e-3)
    assert fit.rmse < 1e-5
    assert model.provenance.source == "bench.csv"


def row(**changes: str) -> str:
    cells = {"trace": "a", "time": "0", "membrane": "0.8", "spike_times": "2e-7 inf", "weights": "3 -4", "fired": ""}
    return ",".join((cells | changes).values())


def good() -> str:
    return "\n".join([HEADER, row(), row(time="5e-7"), row(time="1e-6", membrane="0.9")])


def test_a_record_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(good().replace("3 -4,", "3 -4,3e-7"))
    [record] = read_measured(path, SCALE)
    np.testing.assert_array_equal(record.weights, [[3, -4]])
    np.testing.assert_allclose(record.spike_times, [0.2, np.inf])
    np.testing.assert_allclose(record.fired, [0.3])
    assert record.traces.shape == (1, 41)
    np.testing.assert_allclose(record.traces[0, [0, 20, 30, 40]], np.array([0, 0, 0.05, 0.1]) / 0.45, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("", "lacks the columns membrane, spike_times, time, trace, weights"),
        (HEADER, "holds no rows"),
        (good().replace("weights,fired", "weight,fired"), "lacks the columns weights"),
        (good().replace("5e-7", "soon"), "line 3, column time"),
        (good().replace("5e-7", ""), "line 3, column time"),
        (good().replace("0.9", "nan"), "line 4, column membrane"),
        (good().replace("3 -4", "3 -4.5"), "column weights"),
        (good().replace("3 -4", "3"), "2 spike times for 1 weights"),
        (good().replace("3 -4", "").replace("2e-7 inf", ""), "0 spike times for 0 weights"),
        (good().replace("2e-7 inf", "nan inf"), "not a number"),
        (good().replace("2e-7 inf", "soon inf"), "column spike_times"),
        (good().replace("5e-7", "2e-6"), "does not increase"),
        (good().replace("1e-6", "9e-7"), "does not span the window"),
        ("\n".join([HEADER, row(time="1e-9"), row(time="1e-6")]), "does not span the window"),
        (HEADER + "\na,0", "line 2"),
        (good().replace("5e-7", "0.5").replace("1e-6", "1"), "1 of 3 samples lie within the window"),
        (good().replace("3 -4,", "3 -4,1.3e-6"), "outside the firing phase"),
        (good().replace("3 -4,", "3 -4,-1e-9"), "outside the firing phase"),
        (good().replace("3 -4,", "3 -4,nan"), "outside the firing phase"),
    ],
)
def test_a_bad_file_gives_one_line(tmp_path: Path, text: str, about: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ExtractionFailed) as caught:
        read_measured(path, SCALE)
    message = str(caught.value)
    assert str(path) in message and about in message
    assert "\n" not in message


def test_unreadable_files_give_one_line(tmp_path: Path) -> None:
    with pytest.raises(ExtractionFailed, match=r"cannot read .*No such file"):
        read_measured(tmp_path / "nothing.csv", SCALE)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExtractionFailed, match="not a CSV text file"):
        read_measured(tmp_path / "binary.csv", SCALE)


def test_one_trace_does_not_make_a_model(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(good())
    with pytest.raises(ExtractionFailed, match="too few"):
        fit_measured(DESIGN, tmp_path / "a.csv", capacitance=2e-12)


@pytest.mark.parametrize(
    "written",
    [
        "\ufeff" + good(),
        good().replace(",", ", "),
        good().replace(HEADER, HEADER.upper()),
        good().replace(HEADER, HEADER.title().replace(",", " , ")),
    ],
)
def test_habits_of_other_programs_are_accepted(tmp_path: Path, written: str) -> None:
    (tmp_path / "plain.csv").write_text(good())
    (tmp_path / "other.csv").write_text(written, encoding="utf-8")
    [plain], [other] = (read_measured(tmp_path / name, SCALE) for name in ("plain.csv", "other.csv"))
    np.testing.assert_array_equal(plain.traces, other.traces)
    np.testing.assert_array_equal(plain.weights, other.weights)
    np.testing.assert_array_equal(plain.spike_times, other.spike_times)
