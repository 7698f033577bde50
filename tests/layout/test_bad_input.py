"""What `layout`, `drc`, `lvs` and `pex` cannot judge: one error line, exit status 2, and nothing written."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import klayout.db as db
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from codesign.cli.layout import app
from tests.layout.helpers import draw_weights, write_both

ROOT = typer.Typer()
ROOT.add_typer(app, name="room")
FLOW = Path(__file__).parents[2] / "flows" / "dense.toml"
MET1 = (68, 20)


@pytest.fixture(scope="module")
def tile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_both(*draw_weights("tile", ((2, -1),)), tmp_path_factory.mktemp("tile"))


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(ROOT, ["room", *map(str, arguments)])
    return result.exit_code, result.output


def refused(outcome: tuple[int, str], message: str) -> bool:
    code, output = outcome
    assert code == 2 and output.startswith("error: ") and output.count("\n") == 1, output
    assert message in output
    return True


def no_gds(path: Path) -> None:
    path.write_text("<html>", encoding="utf-8")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def edited(change: Callable[[db.Layout], None]) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        layout = db.Layout()
        layout.read(str(path))
        change(layout)
        layout.write(str(path))

    return edit


BAD_LAYOUTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "absent": (Path.unlink, "cannot read"),
    "a folder": (a_folder, "cannot read"),
    "empty": (empty, "is not a GDS file"),
    "not a layout": (no_gds, "is not a GDS file"),
    "truncated": (truncated, "damaged or truncated"),
    "no top cell": (edited(lambda layout: layout.clear()), "it holds 0 (none)"),
    "several top cells": (edited(lambda layout: layout.create_cell("second")), "it holds 2 (second, tile)"),
    "unknown layer": (
        edited(lambda layout: layout.top_cell().shapes(layout.layer(200, 7)).insert(db.DBox(0, 0, 1, 1))),
        "unknown layers 200/7",
    ),
}


@pytest.mark.parametrize("command", ["drc", "lvs", "pex"])
@pytest.mark.parametrize("name", BAD_LAYOUTS)
def test_layouts_that_cannot_be_judged(name: str, command: str, tile: tuple[Path, Path], tmp_path: Path) -> None:
    gds, out = tmp_path / "tile.gds", tmp_path / "out.spice"
    gds.write_bytes(tile[0].read_bytes())
    damage, message = BAD_LAYOUTS[name]
    damage(gds)
    more = {"drc": (), "lvs": (tile[1],), "pex": (tile[1], "--out", out)}[command]
    assert refused(run(command, gds, *more), message)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"tile.gds"}


@pytest.mark.parametrize("command", ["lvs", "pex"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "has no subcircuit tile"),
        (b".subckt other a b\n.ends\n", "has no subcircuit tile; the file must hold the cell (it holds other)"),
        (b".subckt tile a b\n", "is not closed by .ends"),
        (b".subckt tile a b\n.include models.lib\n.ends\n", "is not understood"),
        (b"\xff\xfe\x00", "cannot read"),
    ],
)
def test_netlists_that_cannot_be_judged(
    text: bytes, message: str, command: str, tile: tuple[Path, Path], tmp_path: Path
) -> None:
    spice, out = tmp_path / "tile.spice", tmp_path / "out.spice"
    spice.write_bytes(text)
    assert refused(run(command, tile[0], spice, *(("--out", out) if command == "pex" else ())), message)
    assert not out.exists()


def test_shapes_off_the_grid_are_a_violation_and_no_size_for_lvs_and_pex(
    tile: tuple[Path, Path], tmp_path: Path
) -> None:
    gds = tmp_path / "tile.gds"
    gds.write_bytes(tile[0].read_bytes())
    edited(lambda layout: layout.top_cell().shapes(layout.layer(*MET1)).insert(db.DBox(-9, -9, -8.002, -8)))(gds)
    code, output = run("drc", gds)
    assert code == 1 and "x.1b" in output
    assert refused(run("lvs", gds, tile[1]), "off the grid (met1 at")
    assert refused(run("pex", gds, tile[1], "--out", tmp_path / "out.spice"), "off the grid")
    assert not (tmp_path / "out.spice").exists()


def test_a_mismatch_is_a_verdict_of_lvs_and_no_start_for_pex(tile: tuple[Path, Path], tmp_path: Path) -> None:
    spice = tmp_path / "tile.spice"
    spice.write_text(tile[1].read_text().replace("units=2", "units=3"))
    assert run("lvs", tile[0], spice)[0] == 1
    assert run("lvs", *tile)[0] == 0
    assert refused(run("pex", tile[0], spice, "--out", tmp_path / "out.spice"), "does not match")
    assert not (tmp_path / "out.spice").exists()


@pytest.mark.parametrize(
    ("command", "option"), [("drc", "--markers"), ("pex", "--out")], ids=["drc markers", "pex netlist"]
)
def test_results_that_cannot_be_written(command: str, option: str, tile: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = tile if command == "pex" else tile[:1]
    assert refused(run(command, *files, option, tmp_path / "file" / "out"), "cannot write")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"layer_1": np.array([[16]])}, "16"),
        ({"layer_1": np.array([[-16]])}, "-16"),
        ({"layer_1": np.array([[1, 2]]), "layer_2": np.array([[1, 2]])}, "layer_2"),
        ({"layer_1": np.array([[np.nan]])}, "layer_1"),
        ({}, "weights.npz"),
    ],
    ids=["too many", "too many negative", "sizes that do not fit", "not a number", "none"],
)
def test_weights_that_cannot_be_drawn(layers: dict[str, np.ndarray], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", **layers)
    assert refused(run("layout", FLOW, tmp_path / "weights.npz", "--out", tmp_path / "out"), message)
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_is_a_file(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", layer_1=np.array([[1]]))
    (tmp_path / "out").touch()
    assert refused(run("layout", FLOW, tmp_path / "weights.npz", "--out", tmp_path / "out"), "is not a folder")


@pytest.mark.parametrize(
    "error", [RuntimeError("torn"), KeyError("local_interconnect"), MemoryError(), RecursionError()], ids=repr
)
@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("drc", "check_gds"),
        ("drc", "write_markers"),
        ("drc", "format_report"),
        ("lvs", "compare_files"),
        ("lvs", "format_comparison"),
        ("pex", "extract_files"),
        ("pex", "write_atomically"),
    ],
)
def test_an_internal_error_is_no_verdict(
    command: str,
    step: str,
    error: Exception,
    tile: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(f"codesign.cli.layout.{step}", fail)
    more = {"drc": ("--markers", tmp_path / "out"), "lvs": (tile[1],), "pex": (tile[1], "--out", tmp_path / "out")}
    code, output = run(command, tile[0], *more[command])
    assert code == 2
    assert output.endswith(f"error: no verdict, by a fault of codesign or of this machine: {error!r}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["drc", "lvs", "pex"])
def test_a_verdict_that_cannot_be_printed_is_none(command: str, tile: tuple[Path, Path], tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    more = {"drc": ("--markers", out), "lvs": (str(tile[1]),), "pex": (str(tile[1]), "--out", out)}[command]
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-c", "from codesign.cli.main import main; main()", command, str(tile[0]), *more],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert process.returncode == 2
    assert process.stderr.startswith("error: ") and process.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("drc", "GDS", "--markers", "GDS"), "is the input"),
        (("drc", "GDS", "--markers", "LINK"), "is the input"),
        (("pex", "GDS", "SPICE", "--out", "GDS"), "is the input"),
        (("pex", "GDS", "SPICE", "--out", "SPICE"), "is the input"),
        (("pex", "GDS", "SPICE", "--out", "OUT", "--cross-check", "SPICE"), "is the input"),
        (("pex", "GDS", "SPICE", "--out", "OUT", "--cross-check", "OUT"), "two outputs are the one file"),
        (("layout", "FLOW", "WEIGHTS", "--out", "FOLDER"), "holds the input"),
    ],
)
def test_an_output_that_is_an_input_is_refused(
    arguments: tuple[str, ...], message: str, tile: tuple[Path, Path], tmp_path: Path
) -> None:
    paths = {"GDS": tile[0], "SPICE": tile[1], "FLOW": FLOW}
    for name in ("GDS", "SPICE", "FLOW"):
        source, paths[name] = paths[name], tmp_path / name
        paths[name].write_bytes(source.read_bytes())
    (tmp_path / "LINK").symlink_to(paths["GDS"])
    np.savez(tmp_path / "WEIGHTS.npz", layer_1=np.array([[1]]))
    paths |= {"LINK": tmp_path / "LINK", "OUT": tmp_path / "OUT", "FOLDER": tmp_path}
    paths["WEIGHTS"] = tmp_path / "WEIGHTS.npz"
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert refused(run(*(paths.get(argument, argument) for argument in arguments)), message)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
