"""The edges of the command line: huge numbers, odd files, and outputs that are closed or full."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_commands import FLOW, WEIGHTS, Runner, assert_one_error, codesign, flow, weights

__all__ = ["codesign", "flow", "weights"]

BIG = ("99999999999999999999", "9" * 5000, "1e400", "-1e400", "nan", "inf")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (f"x = {'[' * 10_000}{']' * 10_000}\n" + FLOW, "nested too deeply"),
        (FLOW + f"[design.timing.window{'.a' * 5000}]\n", "nested too deeply"),
        (FLOW.replace("2, 2", "2, " + "9" * 5000), "5000 digits"),
        (FLOW.replace("2, 2", "2, 0x" + "f" * 5000), "beyond 64 bits"),
        (f"seeds = [{'9' * 20}]\n" + FLOW, "beyond 64 bits"),
        (FLOW + "[design.timing]\nwindow = 1e999\n", "timing.window"),
        (FLOW + '[data]\nfile = "\\u0000"\n', "embedded null byte"),
        (FLOW + '[design.synapse]\nkind = "user"\nfile = "\\u0000"\n', "embedded null byte"),
        (FLOW.encode("utf-16"), "not valid TOML"),
        (FLOW.replace('"x"', '"é"').encode("latin-1"), "not valid TOML"),
    ],
)
@pytest.mark.parametrize("command", ["train", "layout", "figures"])
def test_a_flow_file_that_is_too_much(
    codesign: Runner, weights: Path, tmp_path: Path, command: str, text: str | bytes, about: str
) -> None:
    path = tmp_path / "flow.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    arguments = {"train": ("train", path), "layout": ("layout", path, weights)}.get(
        command, ("figures", "5", path, "--data", tmp_path)
    )
    # A flow file of Figure 5 has other keys.
    assert_one_error(codesign(*arguments, "--out", tmp_path / "out"), "flow.toml", *([about] * (command != "figures")))


def test_a_byte_order_mark_before_a_flow_file(codesign: Runner, weights: Path, tmp_path: Path) -> None:
    (tmp_path / "flow.toml").write_text(FLOW, encoding="utf-8-sig")
    result = codesign("layout", tmp_path / "flow.toml", weights, "--out", tmp_path / "out", "--crossbar", "1")
    assert result.status == 0 and (tmp_path / "out").is_dir()


@pytest.mark.parametrize("number", BIG)
@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "FLOW", "WEIGHTS", "--temperature"),
        ("netlist", "FLOW", "WEIGHTS", "--unit-weight"),
        ("netlist", "FLOW", "WEIGHTS", "--spike-times"),
        ("layout", "FLOW", "WEIGHTS", "--crossbar"),
        ("extract", "FLOW", "--measured", "none.csv", "--capacitance"),
        ("bench", "dstd", "--inputs"),
        ("bench", "dstd", "--batch"),
        ("bench", "dstd", "--threads"),
    ],
)
def test_numbers_beyond_all_bounds(
    codesign: Runner, flow: Path, weights: Path, tmp_path: Path, arguments: tuple[str, ...], number: str
) -> None:
    files = {"FLOW": flow, "WEIGHTS": weights, "none.csv": tmp_path / "none.csv"}
    result = codesign(*(files.get(one, one) for one in arguments), number, "--out", tmp_path / "out")
    assert result.status == 2
    assert "Traceback" not in result.err
    assert result.err.startswith("error: ") or "Invalid value" in result.err
    assert not (tmp_path / "out").exists()


def test_an_error_shows_no_control_characters(codesign: Runner, flow: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"a\x1b[31m\nb": WEIGHTS + 0.5})
    result = codesign("netlist", flow, tmp_path / "w.npz", "--out", tmp_path / "out")
    assert_one_error(result, r"a\x1b[31m b holds")


FULL = "error: standard output: No space left on device; check the disk and permissions\n"


@pytest.mark.parametrize("command", [("--help",), ("pdk", "--help"), ("doctor",), ("layout",)])
def test_a_full_standard_output(
    codesign: Runner, flow: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    crossbar = (flow, weights, "--crossbar", "1", "--out", flow.parent / "out")
    # Its buffer stays full until the end of this process.
    full = os.open("/dev/full", os.O_WRONLY)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", io.TextIOWrapper(io.FileIO(full, "w", closefd=False), write_through=True))
        result = codesign(*command, *(crossbar if command == ("layout",) else ()))
    assert (result.status, result.err) == (2, FULL)


@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdin", "stdout", "stderr")])
def test_closed_outputs(
    codesign: Runner, flow: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, closed: tuple[str, ...]
) -> None:
    # As the interpreter sets them where a file descriptor is closed.
    with monkeypatch.context() as patched:
        for name in closed:
            patched.setattr(sys, name, None)
        assert codesign("lvs", "none.gds", "none.spice").status == 2
        assert codesign("netlist", flow, "none.npz", "--out", flow.parent / "out").status == 2
        assert codesign("layout", flow, weights, "--crossbar", "1", "--out", flow.parent / "out").status == 0


def test_characters_that_the_output_lacks(
    codesign: Runner, flow: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    out = flow.parent / os.fsdecode(b"o\xff\xe9")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii", write_through=True))
        assert codesign("doctor").status in (0, 1)
        assert codesign("layout", flow, weights, "--crossbar", "1", "--out", out).status == 0
    assert b"LVS source: " in written.getvalue()
    assert out.is_dir()


def test_a_reader_that_has_seen_enough() -> None:
    line = f"{Path(sys.executable).parent / 'codesign'} --help | head -c 1 >/dev/null; echo $PIPESTATUS"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=120, check=False)
    # Whether the command is done by then is a race.
    assert done.stdout in ("0\n", "1\n")
    assert not done.stderr


@pytest.mark.parametrize("command", ["run", "extract", "train", "validate"])
def test_an_output_folder_that_holds_the_flow_file_is_refused(
    codesign: Runner, flow: Path, weights: Path, command: str
) -> None:
    before = flow.read_bytes()
    inputs = (flow, weights) if command == "validate" else (flow,)
    assert_one_error(codesign(command, *inputs, "--out", flow.parent), "holds the input", flow.name)
    assert_one_error(codesign(command, *inputs, "--out", flow), "is the input")
    assert flow.read_bytes() == before
