"""Damaged files of every kind but layouts and netlists: a right answer or one line, never another exception."""

import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from safetensors.numpy import save as safetensors

from codesign.circuits.user_cell import read_user_subcircuit
from codesign.comparison.held_out import held_out_errors
from codesign.design import UserCell
from codesign.extraction.measured import read_measured
from codesign.extraction.measured_chip import read_measured_chip
from codesign.flow.file import FlowFile
from codesign.model.deviations import Deviations
from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.model.quantity import Quantity
from codesign.report.content import Report
from codesign.report.tables import conditions_row, report_tables
from codesign.spice import Waveforms
from codesign.studies.benchmarks.report import read_rows
from codesign.studies.vision.recipe import Recipe
from codesign.training.checkpoint import Identity, load_checkpoint
from codesign.training.data_files import read_data_file
from codesign.training.trained_network import TrainedNetwork
from codesign.variation.chip_model import ChipLayer, ChipModel
from codesign.weights import read_weights
from tests.damage import damaged, damaged_text, read_damaged
from tests.extraction.measurements import SCALE, chip_measurement, measurement
from tests.extraction.synthetic import records
from tests.extraction.test_calibration import shown
from tests.models import FITTED
from tests.report.test_tables import report_at
from tests.training.test_trained_network import RECORD
from tests.variation.example import MODEL as EXAMPLE

FLOWS = Path(__file__).parents[1] / "flows"

LAYERS = {"layer_1": np.array([[3.0, -2.0, 0.4], [1.0, 4.0, 0.0]]), "layer_2": np.array([[1.5, -1.0]])}


def _npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _pt(state: object) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def _zipped(members: list[tuple[str, bytes]]) -> bytes:
    """Members whose check sums are right, so that a reader comes to what is in them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in dict(members).items():
            archive.writestr(name, content)
    return file.getvalue()


NPZ = _npz(**LAYERS)
MEMBERS = st.tuples(
    st.sampled_from(["layer_1.npy", "layer_2.npy", "features.npy", "labels.npy", "labels", "a\x1b[0m\n.npy"]),
    damaged(*(_npy(array) for array in (*LAYERS.values(), np.array(["a", "b"]), np.array([0, 1])))),
)
ARCHIVES = damaged(NPZ) | st.lists(MEMBERS, max_size=3).map(_zipped)

STATE = {name: torch.tensor(layer) for name, layer in LAYERS.items()}
PICKLES = damaged(_pt(STATE))

SAFETENSORS = safetensors(LAYERS)
TRAINED = safetensors({"layer_1": np.array([[3, -2]])}, {"codesign_training": RECORD.model_dump_json()})


def _with_header(text: bytes) -> bytes:
    """A `.safetensors` file with this header, its length right."""
    return struct.pack("<Q", len(text)) + text + bytes(64)


HEADERS = damaged_text(*(file[8 : 8 + struct.unpack("<Q", file[:8])[0]].decode() for file in (SAFETENSORS, TRAINED)))


@given(ARCHIVES, st.sampled_from([None, 0.1, "fit"]))
@example(NPZ, None)
def test_fuzz_weights_npz(content: bytes, unit: float | str | None) -> None:
    read_damaged("w.npz", content, lambda path: read_weights(path, 15, unit).table)  # type: ignore[arg-type]


@given(damaged(SAFETENSORS, TRAINED) | HEADERS.map(_with_header), st.sampled_from([None, "fit"]))
def test_fuzz_weights_safetensors(content: bytes, unit: str | None) -> None:
    read_damaged("w.safetensors", content, lambda path: read_weights(path, 15, unit).table)  # type: ignore[arg-type]
    read_damaged("w.safetensors", content, TrainedNetwork.load)


@given(PICKLES, st.sampled_from([None, "fit"]))
def test_fuzz_weights_pt(content: bytes, unit: str | None) -> None:
    read_damaged("w.pt", content, lambda path: read_weights(path, 15, unit).table)  # type: ignore[arg-type]


IDENTITY = Identity("m", "d", "s", "l", "1")


@given(damaged(_pt({"identity": vars(IDENTITY), "state": STATE})) | st.sampled_from([{}, [], 1]).map(_pt))
def test_fuzz_checkpoints(content: bytes) -> None:
    read_damaged("c.pt", content, lambda path: load_checkpoint(path, IDENTITY))


@given(ARCHIVES)
@example(_npz(labels=np.array([0, 1]), features=np.ones((2, 2))))
def test_fuzz_data_npz(content: bytes) -> None:
    read_damaged("d.npz", content, lambda path: read_data_file(path, "label", False))


@given(damaged_text("label,a,b\none,1,2e3\n\ntwo,-3,.5\n", 'a,label\n"1","x,\ny"\n'), st.booleans())
@example(b"\xef\xbb\xbflabel,a\none,1\n", False)
@example("label,a\none,1\n".encode("utf-16"), False)
def test_fuzz_data_csv(content: bytes, spike_times: bool) -> None:
    read_damaged("d.csv", content, lambda path: read_data_file(path, "label", spike_times))


@given(ARCHIVES | damaged(Waveforms(np.arange(3.0), {"v(a)": np.ones(3)}).to_bytes()))
def test_fuzz_cached_waveforms(content: bytes) -> None:
    read_damaged("a.npz", content, Waveforms.load)


FLOW_TEXTS = [path.read_text() for path in sorted(FLOWS.glob("*.toml"))]
_NUMBERS = ("1e999", "-1e999", "nan", "0", "-1", "2", "1e-320", "1e18", "9" * 30, "9" * 5000, "0x" + "f" * 5000)
_OTHERS = ("true", '""', '"\\u0000"', '"a\\nb"', '"é"', "[]", "{}", "[[1]]", "[2, 1e3]", "[5, 5]", "1979-05-27")
_VALUES = st.sampled_from([*_NUMBERS, *_OTHERS, "[" * 2000 + "]" * 2000])


@st.composite
def _changed_values(draw: st.DrawFn) -> bytes:
    """A flow file in which one to four keys have other values."""
    lines = draw(st.sampled_from(FLOW_TEXTS)).splitlines()
    keys = [number for number, line in enumerate(lines) if "=" in line and not line.startswith("#")]
    for number in draw(st.lists(st.sampled_from(keys), min_size=1, max_size=4)):
        lines[number] = f"{lines[number].partition('=')[0]}= {draw(_VALUES)}"
    return "\n".join(lines).encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"])))


@given(damaged_text(*FLOW_TEXTS) | _changed_values())
@example(b"a" + b".a" * 5000 + b" = 1")
@example(b"[design.timing.window" + b".a" * 5000 + b"]")
@example(b"x = " + b"[" * 10_000 + b"]" * 10_000)
def test_fuzz_flow_files(content: bytes) -> None:
    read_damaged("f.toml", content, lambda path: FlowFile.load(path).digest)
    read_damaged("f.toml", content, lambda path: Recipe.load(path).identity)


MODEL = NeuronModel.from_normalised(
    FITTED,
    scale=SCALE,
    offset=-0.01,
    intervals={},
    capacitance=Quantity(value=2e-12, interval=1e-14),
    rmse=2e-4,
    firing_rmse=5e-4,
    provenance=Provenance(tool="0", design="d", pdk="p", ngspice="39", source="test"),
)
_LITERALS = ("1e999", "-0", "null", '"inf"', "9" * 5000, "[]", "{}", "true", '"\\ud800"', "1e-320", "[" * 3000)


@st.composite
def _changed_json(draw: st.DrawFn, text: str) -> bytes:
    """A JSON document in which one to three values are others."""
    lines = text.splitlines()
    keys = [number for number, line in enumerate(lines) if '":' in line]
    for number in draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3)):
        comma = "," if lines[number].endswith(",") else ""
        lines[number] = f"{lines[number].partition(':')[0]}: {draw(st.sampled_from(_LITERALS))}{comma}"
    return "\n".join(lines).encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])))


MODEL_TEXT = MODEL.model_dump_json(indent=2, by_alias=True)


@given(damaged_text(MODEL_TEXT) | _changed_json(MODEL_TEXT))
@example(b"\xef\xbb\xbf" + MODEL_TEXT.encode())
def test_fuzz_neuron_models(content: bytes) -> None:
    read_damaged("m.json", content, lambda path: (NeuronModel.load(path).normalised(), str(NeuronModel.load(path))))


REPORT_TEXT = report_at("tt").model_dump_json(indent=2, by_alias=True)


def _tables(path: Path) -> None:
    report = Report.load(path)
    report_tables(report)
    conditions_row(report)


@given(damaged_text(REPORT_TEXT) | _changed_json(REPORT_TEXT))
def test_fuzz_reports(content: bytes) -> None:
    read_damaged("r.json", content, _tables)


BENCHMARK = json.dumps(
    {
        "rows": [
            {"device": "cpu", "method": "dstd", "inputs": 100, "batch": 16, "steps": 10, "seconds": 0.1}
            | {"saved_bytes": 8, "peak_bytes": 16}
        ]
    },
    indent=1,
)


@given(damaged_text(BENCHMARK) | _changed_json(BENCHMARK))
def test_fuzz_benchmarks(content: bytes) -> None:
    read_damaged("b.json", content, read_rows)


# A few rows of two traces: what is to be damaged is more of the text.
_MEASURED = measurement(records(1, seed=4)).splitlines()
MEASURED_TEXT = "\n".join([*_MEASURED[:4], *_MEASURED[41:46]]) + "\n"


@st.composite
def _changed_cells(draw: st.DrawFn) -> bytes:
    """Measured waveforms in which some cells are others."""
    rows = [line.split(",") for line in _MEASURED[:42]]
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(0, 1) | st.integers(0, 41))
        rows[row][draw(st.integers(0, 5))] = draw(
            st.sampled_from(["", "nan", "inf", "-inf", "1e400", "9" * 30, "9" * 5000, "1 2", "1e-6 2e-6", "-1", "\x00"])
        )
    return "\n".join(",".join(row) for row in rows).encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


@given(damaged_text(MEASURED_TEXT) | _changed_cells())
def test_fuzz_measurements(content: bytes) -> None:
    read_damaged("m.csv", content, lambda path: read_measured(path, SCALE))


NETWORK = [np.array([[1, 2], [-3, 4]]), np.array([[1, -2]])]
_SHOWN = shown(NETWORK, None, np.random.default_rng(1).uniform(0, 1, (2, 2)))
CHIP_TEXT = chip_measurement(_SHOWN, EXAMPLE.scale, membranes=False)
CHIP_MODEL = ChipModel.model_validate(
    {
        "neuron_model": "",
        "variation_model": "",
        "chip": 1,
        "seen": "membranes",
        "inputs": 1,
        "held_out_inputs": 1,
        "held_out": held_out_errors(EXAMPLE, _SHOWN, None),
        "layers": [ChipLayer.of(layer, Deviations.none(*layer.shape)) for layer in NETWORK],
        "provenance": EXAMPLE.provenance,
    }
)
CHIP_MODEL_TEXT = CHIP_MODEL.model_dump_json(indent=2, by_alias=True)


@given(damaged_text(CHIP_TEXT))
@example(CHIP_TEXT.encode())
def test_fuzz_measured_chips(content: bytes) -> None:
    read_damaged("c.csv", content, lambda path: read_measured_chip(path, EXAMPLE.scale, NETWORK))


@given(damaged_text(CHIP_MODEL_TEXT) | _changed_json(CHIP_MODEL_TEXT))
@example(CHIP_MODEL_TEXT.encode())
def test_fuzz_chip_models(content: bytes) -> None:
    read_damaged("c.json", content, lambda path: (ChipModel.load(path).deviations, ChipModel.load(path).weights))


CELL_TEXT = (FLOWS / "user_cell.spice").read_text()
CELL = UserCell(subcircuit="inhibit", membrane="out", spike="fire", spike_active="high", bias="vb", ground="vn")


@given(damaged_text(CELL_TEXT, CELL_TEXT.partition("\n\n")[2].partition("\n\n")[2]))
@example(b"\xef\xbb\xbf" + CELL_TEXT.encode())
@example(CELL_TEXT.encode("utf-16"))
def test_fuzz_user_cells(content: bytes) -> None:
    read_damaged("c.spice", content, lambda path: read_user_subcircuit(path, CELL).netlist())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_changes_nothing(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "m.json").write_text(MODEL_TEXT, encoding)
    (tmp_path / "r.json").write_text(REPORT_TEXT, encoding)
    (tmp_path / "c.spice").write_text(CELL_TEXT, encoding)
    (tmp_path / "f.toml").write_text((FLOWS / "5-5-5.toml").read_text(), encoding)
    assert NeuronModel.load(tmp_path / "m.json") == MODEL
    assert Report.load(tmp_path / "r.json") == Report.model_validate_json(REPORT_TEXT)
    assert FlowFile.load(tmp_path / "f.toml") == FlowFile.load(FLOWS / "5-5-5.toml")
    assert read_user_subcircuit(tmp_path / "c.spice", CELL) == read_user_subcircuit(FLOWS / "user_cell.spice", CELL)
