"""The command line: each bad input gives exactly one `error:` line on stderr and exit status 2."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from codesign import __version__
from codesign.cli import main as cli
from codesign.dstd import DSTDLinear
from codesign.execution import session
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.weights import with_layer_sizes
from codesign.model.neuron_model import NeuronModel
from codesign.pdk import Pdk
from codesign.spice import ResultCache, Simulator
from codesign.weights import IntegerWeights, read_weights
from tests.extraction.measurements import CONTRADICTIONS, Factors, measurement
from tests.extraction.synthetic import records

FLOW = '[design]\nname = "x"\nlayer_sizes = [2, 2]\n'

WEIGHTS = np.array([[3, -2], [1, 4]])


class Result(NamedTuple):
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


class Runner:
    """Runs the command line in this process, as the installed command does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Result:
        self._monkeypatch.setattr(sys, "argv", ["codesign", *(str(argument) for argument in arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        captured = self._capsys.readouterr()
        return Result(int(caught.value.code or 0), captured.out, captured.err)


@pytest.fixture
def codesign(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(monkeypatch, capsys)


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    path = tmp_path / "flow.toml"
    path.write_text(FLOW)
    return path


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    path = tmp_path / "bench.csv"
    path.write_text(measurement(records(12, seed=4)))
    return path


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "weights.npz"
    np.savez(path, layer_1=WEIGHTS)
    return path


def assert_one_error(result: Result, *about: str, progress: str | None = None) -> None:
    """Nothing on stderr but one error line, after the progress bar of that name."""
    assert result.status == 2
    *before, line = result.err.splitlines()
    assert all(progress is not None and (not text.strip() or text.startswith(progress)) for text in before)
    assert line.startswith("error: ")
    for part in about:
        assert part in line


def run_installed(*arguments: str | Path) -> Result:
    """Run the installed command in a process of its own."""
    command = [Path(sys.executable).parent / "codesign", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


def test_help_names_every_command(codesign: Runner) -> None:
    result = codesign("--help")
    assert result.status == 0
    for command in ("run", "extract", "train", "netlist", "validate", "doctor", "pdk"):
        assert command in result.out


def test_version(codesign: Runner) -> None:
    assert codesign("--version") == Result(0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (None, "No such file"),
        ("", "missing key design"),
        ("]", "not valid TOML"),
        (FLOW + "[design.timing]\nwindow = 0\n", "design.toml"),
        (FLOW + "[design.levels]\nswing = 1.5\n", "must lie below conditions.supply"),
        (FLOW + "[design.neuron]\ncapacitance = -1e-12\n", "neuron.capacitance"),
        (FLOW + '[design.conditions]\ncorner = "xx"\n', "conditions.corner"),
        (FLOW + "typo = 1\n", "unknown key typo"),
    ],
)
@pytest.mark.parametrize("command", ["run", "extract", "train"])
def test_a_bad_flow_file(codesign: Runner, tmp_path: Path, command: str, text: str | None, about: str) -> None:
    path = tmp_path / "design.toml"
    if text is not None:
        path.write_text(text)
    assert_one_error(codesign(command, path, "--out", tmp_path / "out"), about, "design.toml")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("option", "value"), [("--corner", "xx"), ("--temperature", "1e4"), ("--temperature", "nan")])
def test_impossible_conditions(codesign: Runner, flow: Path, tmp_path: Path, option: str, value: str) -> None:
    assert_one_error(codesign("run", flow, "--out", tmp_path / "out", option, value), option.removeprefix("--"))


BAD_WEIGHTS = [
    ({"layer_1": np.array([[1.0, np.nan], [1, 1]])}, "nan at [0, 1]"),
    ({"layer_1": np.array([[1.0, 2.5], [1, 1]])}, "no whole number"),
    ({"layer_1": np.array([[1, 16], [1, 1]])}, "at most 15"),
    ({"layer_1": WEIGHTS, "layer_2": np.ones((2, 3), dtype=int)}, "3 inputs"),
    ({"layer_1": np.array([1, 2])}, "shape (2,)"),
    ({}, "no arrays"),
    ({"layer_1": np.array(["a"])}, "real numbers"),
    ({"layer_1": np.array([[None]])}, "no archive of plain arrays"),
    ({"a\nb": np.array([["a"]])}, "real numbers"),
]


@pytest.mark.parametrize(("arrays", "about"), BAD_WEIGHTS)
def test_bad_weights(codesign: Runner, flow: Path, tmp_path: Path, arrays: dict[str, np.ndarray], about: str) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    for command in ("netlist", "validate", "layout"):
        assert_one_error(codesign(command, flow, path, "--out", tmp_path / "out"), about, "bad.npz")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["npz", "safetensors", "pt"])
@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 and no more", b"\x80\x04cos\nsystem\n."])
def test_damaged_weight_files(codesign: Runner, flow: Path, tmp_path: Path, kind: str, content: bytes | None) -> None:
    path = tmp_path / f"bad.{kind}"
    if content is not None:
        path.write_bytes(content)
    assert_one_error(codesign("netlist", flow, path, "--out", tmp_path / "out"), f"bad.{kind}")


def test_what_pytorch_warns_of_is_not_printed(flow: Path, tmp_path: Path) -> None:
    # A newer pickle protocol than PyTorch's own.
    (tmp_path / "bad.pt").write_bytes(b"\x80\x04cos\nsystem\n.")
    result = run_installed("netlist", flow, tmp_path / "bad.pt", "--out", tmp_path / "out")
    assert_one_error(result, "bad.pt is truncated or no plain state dict")


def test_a_truncated_weight_file(codesign: Runner, flow: Path, weights: Path, tmp_path: Path) -> None:
    whole = weights.read_bytes()
    for length in (10, len(whole) // 2, len(whole) - 1):
        weights.write_bytes(whole[:length])
        assert_one_error(codesign("netlist", flow, weights, "--out", tmp_path / "out"), "weights.npz")


@pytest.mark.parametrize(
    ("option", "value", "about"),
    [
        ("--unit-weight", "heavy", "neither a number nor fit"),
        ("--unit-weight", "nan", "positive number"),
        ("--unit-weight", "-1", "positive number"),
        ("--unit-weight", "9", "every weight rounds to 0 unit cells of 9; the largest is 4, so give a unit weight of"),
        ("--spike-times", "0.1", "needs 2 numbers"),
        ("--spike-times", "0.1,soon", "not a list of numbers"),
        ("--spike-times", "0.1,-0.2", "needs 2 numbers"),
        ("--spike-times", "0.1,nan", "needs 2 numbers"),
    ],
)
def test_bad_options(
    codesign: Runner, flow: Path, weights: Path, tmp_path: Path, option: str, value: str, about: str
) -> None:
    result = codesign("netlist", flow, weights, "--out", tmp_path / "out", option, value)
    assert_one_error(result, about)


@pytest.mark.spice
def test_a_netlist_from_float_weights(codesign: Runner, flow: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "float.npz", layer_1=WEIGHTS / 7.0)
    arguments = ("netlist", flow, tmp_path / "float.npz", "--out", tmp_path / "out", "--spike-times", "0.25,inf")
    result = codesign(*arguments, "--unit-weight", str(1 / 7))
    assert result.status == 0
    headings, row = result.out.splitlines()[:2]
    assert headings.split()[-3:] == ["rounding", "error,", "cells"]
    assert row.split() == ["layer_1", "2", "2", "10", "0.1429", "0.000"]
    network = (tmp_path / "out" / "network.spice").read_text()
    assert "unit cells by neuron: +3 -2; +1 +4" in network
    assert (tmp_path / "out" / "models.spice").stat().st_size > 0


@pytest.mark.spice
@pytest.mark.parametrize("save", [torch.save, save_file])
def test_a_state_dict_of_dstd_layers_goes_everywhere(
    codesign: Runner,
    flow: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    save: Callable[[Mapping[str, torch.Tensor], Path], None],
) -> None:
    layers = [DSTDLinear(2, 2, e_pos=2.2, e_neg=-1.8, learn_e=learn_e) for learn_e in (False, True)]
    for layer in layers:
        layer.weight.data = torch.tensor(WEIGHTS) * 0.125
    path = tmp_path / ("w.pt" if save is torch.save else "w.safetensors")
    save(nn.Sequential(*layers).state_dict(), path)
    seen: list[IntegerWeights] = []
    monkeypatch.setattr(cli, "validate_weights", lambda flow, weights, *_, **__: seen.append(weights))
    monkeypatch.setattr(cli, "show", lambda *_: None)
    for command in ("netlist", "layout", "validate"):
        result = codesign(command, flow, path, "--unit-weight", "0.125", "--out", tmp_path / command)
        assert (result.status, result.err) == (0, "")
        assert result.out.splitlines()[1].split()[1:5] == ["2", "2", "10", "0.125"]
    assert [layer.tolist() for layer in seen[0].layers] == [WEIGHTS.tolist()] * 2
    assert "unit cells by neuron: +3 -2; +1 +4" in (tmp_path / "netlist" / "network.spice").read_text()
    assert (tmp_path / "layout" / "network_2_2_2.gds").is_file()


def test_folders_that_cannot_be_written(codesign: Runner, flow: Path, bench: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "out"):
        assert_one_error(codesign("extract", flow, "--measured", bench, "--out", out), "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("call", "code", "reason"),
    [
        ("codesign.files.os.fsync", errno.ENOSPC, "No space left on device"),
        ("codesign.files.tempfile.mkstemp", errno.EACCES, "Permission denied"),
        ("codesign.files.tempfile.mkstemp", errno.EROFS, "Read-only file system"),
    ],
)
def test_a_disk_that_takes_nothing(
    codesign: Runner,
    flow: Path,
    bench: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    code: int,
    reason: str,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(call, refuse)
    out = tmp_path / "out"
    result = codesign("extract", flow, "--measured", bench, "--out", out)
    assert_one_error(result, f"cannot write {out / 'flow.json'}", reason, "check the disk and permissions")
    assert list(out.iterdir()) == []


def test_a_folder_with_other_results_is_left_alone(codesign: Runner, flow: Path, bench: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    assert_one_error(codesign("extract", flow, "--measured", bench, "--out", out), "not empty", "choose another --out")
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


@pytest.mark.spice
def test_a_netlist_over_other_files_is_refused(codesign: Runner, flow: Path, weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "README.md").write_text("mine")
    assert_one_error(codesign("netlist", flow, weights, "--out", out), "choose another folder")
    assert [path.read_text() for path in out.iterdir()] == ["mine"]


@pytest.mark.spice
def test_the_report_on_other_weights_is_left_alone(codesign: Runner, flow: Path, weights: Path, tmp_path: Path) -> None:
    earlier = read_weights(weights, 15)
    claim_folder(tmp_path / "out", with_layer_sizes(FlowFile.load(flow), earlier), weights=earlier.digest)
    np.savez(weights, layer_1=WEIGHTS + 1)
    result = codesign("validate", flow, weights, "--out", tmp_path / "out", "--random-inputs")
    assert_one_error(result, "another flow, design, network", "choose another --out")


def test_measured_data_that_cannot_be_used(codesign: Runner, flow: Path, tmp_path: Path) -> None:
    arguments = ("extract", flow, "--out", tmp_path / "out", "--measured")
    assert_one_error(codesign(*arguments, tmp_path / "nothing.csv"), "nothing.csv", "No such file")
    (tmp_path / "empty.csv").write_text("")
    assert_one_error(codesign(*arguments, tmp_path / "empty.csv"), "empty.csv", "lacks the columns")
    for capacitance in ("-1e-12", "0", "nan"):
        result = codesign(*arguments, tmp_path / "empty.csv", "--capacitance", capacitance)
        assert_one_error(result, "capacitance", "positive number")


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_measurement_that_contradicts_the_model(codesign: Runner, flow: Path, tmp_path: Path, case: str) -> None:
    write, about = CONTRADICTIONS[case]
    (tmp_path / "bench.csv").write_text(write(records(12, seed=4)))
    result = codesign("extract", flow, "--out", tmp_path / "out", "--measured", tmp_path / "bench.csv")
    assert_one_error(result, about, "check")
    assert not (tmp_path / "out").exists()


def test_a_measured_extraction_claims_its_folder(codesign: Runner, flow: Path, bench: Path, tmp_path: Path) -> None:
    arguments = ("extract", flow, "--out", tmp_path / "out", "--measured", bench)
    assert codesign(*arguments).status == 0
    model = (tmp_path / "out" / "neuron_model.json").read_bytes()
    assert codesign(*arguments).status == 0
    assert_one_error(codesign(*arguments, "--capacitance", "1e-12"), "another flow, design, network or measurement")
    bench.write_text(measurement(records(13, seed=4)))
    assert_one_error(codesign(*arguments), "another flow, design, network or measurement", "choose another --out")
    assert (tmp_path / "out" / "neuron_model.json").read_bytes() == model


def test_a_damaged_extraction_folder_is_made_again_or_refused(
    codesign: Runner, flow: Path, bench: Path, tmp_path: Path
) -> None:
    arguments = ("extract", flow, "--out", tmp_path / "out", "--measured", bench)
    assert codesign(*arguments).status == 0
    model, claim = tmp_path / "out" / "neuron_model.json", tmp_path / "out" / "flow.json"
    written, claimed = model.read_bytes(), claim.read_bytes()
    model.write_bytes(written[: len(written) // 2])
    train = ("train", flow, "--model", model, "--out", tmp_path / "trained")
    assert_one_error(codesign(*train), "neuron_model.json is not a neuron model", "make it with `codesign extract`")
    model.write_bytes(written.replace(b"1", b"2"))
    assert codesign(*arguments).status == 0
    assert model.read_bytes() == written
    for damaged in (b"", claimed[:-9], claimed.replace(b"1", b"2", 1)):
        claim.write_bytes(damaged)
        assert_one_error(codesign(*arguments), "another flow, design, network or measurement", "choose another --out")


def test_force_writes_a_refused_model_and_says_why(codesign: Runner, flow: Path, tmp_path: Path) -> None:
    made = [replace(one, traces=one.traces * 1.5) for one in records(12, seed=4)]
    (tmp_path / "bench.csv").write_text(measurement(made, Factors(weights=5)))
    arguments = ("extract", flow, "--out", tmp_path / "out", "--measured", tmp_path / "bench.csv")
    assert_one_error(codesign(*arguments), "beyond synapse.max_units = 15", "--force")
    result = codesign(*arguments, "--force")
    assert result.status == 0
    assert result.out.startswith("forced: a weight of 75 unit cells lies beyond synapse.max_units = 15")
    assert NeuronModel.load(tmp_path / "out" / "neuron_model.json").doubts


@pytest.mark.parametrize("command", ["run", "extract", "validate"])
def test_without_ngspice(
    codesign: Runner, flow: Path, weights: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = (flow, weights) if command == "validate" else (flow,)
    result = codesign(command, *arguments, "--out", tmp_path / "out")
    assert_one_error(result, "ngspice is not on the PATH", "apt-get install ngspice")


@pytest.mark.parametrize("command", ["run", "extract", "validate"])
def test_an_ngspice_that_is_too_old(
    codesign: Runner, flow: Path, weights: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ngspice").write_text("#!/bin/sh\necho '** ngspice-31 : Circuit level simulation program'\n")
    (tmp_path / "ngspice").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = (flow, weights) if command == "validate" else (flow,)
    assert_one_error(codesign(command, *arguments, "--out", tmp_path / "out"), "is ngspice 31", "38 or newer")


def ngspice_that(does: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an ngspice first on the PATH that tells its version and else runs a line of shell."""
    folder.mkdir()
    script = f'#!/bin/sh\nif [ "$1" = --version ]; then echo "** ngspice-39 : simulator"; else {does}; fi\n'
    (folder / "ngspice").write_text(script)
    (folder / "ngspice").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@pytest.mark.spice
@pytest.mark.parametrize("command", ["extract", "validate"])
def test_an_ngspice_that_hangs(
    codesign: Runner,
    flow: Path,
    weights: Path,
    pdk: Pdk,
    tmp_path: Path,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ngspice_that("sleep 60", tmp_path / "bin", monkeypatch)
    monkeypatch.setattr(session, "Simulator", partial(Simulator, timeout=0.2, runs_folder=tmp_path / "runs"))
    monkeypatch.setattr(session, "ResultCache", partial(ResultCache, tmp_path / "results"))
    arguments = (flow, weights, "--random-inputs") if command == "validate" else (flow,)
    result = codesign(command, *arguments, "--out", tmp_path / "out", "--workers", "1")
    assert_one_error(result, "no result after 0.2 s", "raise the timeout", progress="extraction")


@pytest.mark.spice
def test_a_full_disk_while_simulating(
    codesign: Runner, flow: Path, pdk: Pdk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ngspice_that("echo 'No space left on device' >&2; exit 1", tmp_path / "bin", monkeypatch)
    monkeypatch.setattr(session, "Simulator", partial(Simulator, runs_folder=tmp_path / "runs"))
    monkeypatch.setattr(session, "ResultCache", partial(ResultCache, tmp_path / "results"))
    result = codesign("extract", flow, "--out", tmp_path / "out", "--workers", "1")
    assert_one_error(result, "no readable result", "a full disk", "No space left on device", progress="extraction")


@pytest.mark.parametrize("library", [None, b"", b"\xff\xfe\x00", b".lib tt\n.include nothing.spice\n.endl tt\n"])
def test_a_pdk_that_cannot_be_read(
    codesign: Runner,
    flow: Path,
    weights: Path,
    tmp_path: Path,
    library: bytes | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PDK_ROOT", str(tmp_path / "pdk"))
    monkeypatch.delenv("PDK", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if library is not None:
        folder = tmp_path / "pdk" / "sky130A" / "libs.tech" / "combined"
        folder.mkdir(parents=True)
        (folder / "sky130.lib.spice").write_bytes(library)
    result = codesign("netlist", flow, weights, "--out", tmp_path / "out")
    assert_one_error(result, "PDK_ROOT" if library is None else "")


@pytest.mark.spice
def test_a_user_cell_with_the_wrong_ports(codesign: Runner, weights: Path, tmp_path: Path) -> None:
    (tmp_path / "cell.spice").write_text(".subckt sink out fire\nR1 out fire 1e6\n.ends\n")
    cell = 'subcircuit = "sink"\nmembrane = "out"\nspike = "gate"\nspike_active = "high"\n'
    path = tmp_path / "user.toml"
    path.write_text(
        f'{FLOW}[design.synapse]\nkind = "user"\nfile = "cell.spice"\n'
        f"[design.synapse.positive]\n{cell}[design.synapse.negative]\n{cell}"
    )
    assert_one_error(codesign("extract", path, "--out", tmp_path / "out"), "has the ports out fire", "out gate")


def test_the_installed_command_prints_no_traceback(tmp_path: Path) -> None:
    assert_one_error(run_installed("run", tmp_path / "nothing.toml", "--out", tmp_path / "out"), "nothing.toml")
