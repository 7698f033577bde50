"""The `drc` command: exit codes, markers, and one clear line for a file that it cannot judge."""

from pathlib import Path

import klayout.db as db
import klayout.rdb as rdb
import pytest
import typer
from typer.testing import CliRunner

from codesign.cli.layout import app
from codesign.layout.drc import check_cell

ROOT = typer.Typer()
ROOT.add_typer(app, name="layout-room")


def run(path: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(ROOT, ["layout-room", "drc", str(path), *options])
    return result.exit_code, result.output


def write(path: Path, *boxes: tuple[tuple[int, int], tuple[float, float, float, float]], tops: int = 1) -> Path:
    layout = db.Layout()
    for number in range(tops):
        cell = layout.create_cell(f"top{number}")
        for layer, corners in boxes:
            cell.shapes(layout.layer(*layer)).insert(db.DBox(*corners))
    layout.write(str(path))
    return path


NSDM = (93, 44)
GOOD = (NSDM, (0.0, 0.0, 1.0, 1.0))


def test_clean_file(tmp_path: Path) -> None:
    code, output = run(write(tmp_path / "a.gds", GOOD))
    assert code == 0
    assert "0 violations" in output
    assert (tmp_path / "a.lyrdb").exists()


def test_violations_give_markers_that_klayout_reads(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gds", (NSDM, (0, 0, 0.3, 2)), (NSDM, (0.4, 0, 0.8, 2)))
    code, output = run(path, "--markers", str(tmp_path / "out.lyrdb"))
    assert code == 1
    assert "nsd.1: 1 x Width of nsdm (0.38 um)" in output
    database = rdb.ReportDatabase()
    database.load(str(tmp_path / "out.lyrdb"))
    assert {category.name() for category in database.each_category()} == {"nsd.1", "nsd.2"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a layout", "is not a GDS file"),
        (b"", "is not a GDS file"),
        (b"\x00\x06\x00\x02\x02\x58\x00\x1c\x01\x02", "damaged or truncated"),
    ],
)
def test_files_that_are_no_layout(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.gds"
    path.write_bytes(content)
    code, output = run(path)
    assert code == 2
    assert output.startswith("error: ") and message in output
    assert not path.with_suffix(".lyrdb").exists()


def test_absent_file(tmp_path: Path) -> None:
    code, output = run(tmp_path / "none.gds")
    assert code == 2
    assert "cannot read" in output


def test_truncated_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gds", GOOD)
    path.write_bytes(path.read_bytes()[:-40])
    code, output = run(path)
    assert code == 2
    assert "damaged or truncated" in output


def test_several_top_cells(tmp_path: Path) -> None:
    code, output = run(write(tmp_path / "a.gds", GOOD, tops=2))
    assert code == 2
    assert "it holds 2 (top0, top1)" in output


def test_no_top_cell(tmp_path: Path) -> None:
    code, output = run(write(tmp_path / "a.gds", tops=0))
    assert code == 2
    assert "it holds 0 (none)" in output


def test_unknown_layer(tmp_path: Path) -> None:
    code, output = run(write(tmp_path / "a.gds", GOOD, ((200, 7), (0, 0, 1, 1))))
    assert code == 2
    assert "unknown layers 200/7" in output


def test_off_grid_shape_is_a_violation(tmp_path: Path) -> None:
    code, output = run(write(tmp_path / "a.gds", (NSDM, (0, 0, 1.002, 1))))
    assert code == 1
    assert "x.1b" in output


def test_checks_see_through_the_hierarchy() -> None:
    layout = db.Layout()
    leaf, top = layout.create_cell("leaf"), layout.create_cell("top")
    leaf.shapes(layout.layer(*NSDM)).insert(db.DBox(0, 0, 1, 1))
    for x in (0.0, 1.1):
        top.insert(db.DCellInstArray(leaf.cell_index(), db.DTrans(db.DVector(x, 0))))
    assert [violation.rule for violation in check_cell(top).violations] == ["nsd.2"]
