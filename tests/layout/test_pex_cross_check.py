"""The cross-check with klayout-pex: the real one on a tile, and programs that stand in for it and misbehave."""

import importlib.util
import json
import stat
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from codesign.cli.layout import app
from codesign.layout.errors import LayoutError
from codesign.layout.pex import klayout_pex
from tests.layout.helpers import draw_weights, write_both

ROOT = typer.Typer()
ROOT.add_typer(app, name="room")


@pytest.fixture(scope="module")
def tile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_both(*draw_weights("tile", ((3, -2), (-1, 4))), tmp_path_factory.mktemp("tile"))


def run(tile: tuple[Path, Path], folder: Path, *options: str) -> tuple[int, str]:
    paths = ["--out", str(folder / "out.spice"), "--cross-check", str(folder / "table.json")]
    result = CliRunner().invoke(ROOT, ["room", "pex", *map(str, tile), *paths, *options])
    return result.exit_code, result.output


def stand_in(folder: Path, body: str) -> str:
    """A program that takes the place of kpex; it finds its arguments in sys.argv."""
    path = folder / "kpex"
    path.write_text(f"#!{sys.executable}\nimport pathlib, sys, time\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def assert_refused(outcome: tuple[int, str], folder: Path, message: str) -> None:
    code, output = outcome
    assert code == 2, output
    assert output.startswith("error: ") and output.count("\n") == 1
    assert message in output
    assert {entry.name for entry in folder.iterdir()} <= {"kpex"}


def test_absent(tile: tuple[Path, Path], tmp_path: Path) -> None:
    assert_refused(run(tile, tmp_path, "--kpex", str(tmp_path / "none")), tmp_path, "No such file")


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LayoutError, match=r"klayout-pex is not installed; pip install 'codesign\[pex\]'"):
        klayout_pex.find_klayout_pex()


def test_failing(tile: tuple[Path, Path], tmp_path: Path) -> None:
    program = stand_in(tmp_path, "print('ERROR  no such PDK')\nprint('bye')\nsys.exit(3)")
    assert_refused(run(tile, tmp_path, "--kpex", program), tmp_path, "exit status 3 and no netlist: ERROR no such PDK")


def test_no_netlist(tile: tuple[Path, Path], tmp_path: Path) -> None:
    assert_refused(run(tile, tmp_path, "--kpex", stand_in(tmp_path, "")), tmp_path, "it printed nothing")


def test_hanging(tile: tuple[Path, Path], tmp_path: Path) -> None:
    program = stand_in(tmp_path, "time.sleep(60)")
    assert_refused(run(tile, tmp_path, "--kpex", program, "--timeout", "1"), tmp_path, "no result after 1 s")


WRITE = "pathlib.Path(sys.argv[sys.argv.index('--out-netlist') + 1]).write_text({text!r})"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".SUBCKT tile\n.ENDS\n", "a netlist without capacitances"),
        ("Cext_1 a b 1e-15..f\n", "a capacitor that cannot be read"),
        ("Cext_1 a b c d\n", "a capacitor that cannot be read"),
    ],
)
def test_unreadable_netlist(text: str, message: str, tile: tuple[Path, Path], tmp_path: Path) -> None:
    program = stand_in(tmp_path, WRITE.format(text=text))
    assert_refused(run(tile, tmp_path, "--kpex", program), tmp_path, message)


def test_a_different_result_has_exit_status_1(tile: tuple[Path, Path], tmp_path: Path) -> None:
    program = stand_in(tmp_path, WRITE.format(text="Cext_1 vss membrane_1 9f\nCext_2 vss\n+ spike_1 1.8e-15\n"))
    code, output = run(tile, tmp_path, "--kpex", program)
    assert code == 1, output
    table = json.loads((tmp_path / "table.json").read_text())
    assert not table["agree"] and {net["net"] for net in table["nets"]} == {"membrane_1", "spike_1", "vss"}
    assert next(net for net in table["nets"] if net["net"] == "vss")["klayout_pex_F"] == pytest.approx(10.8e-15)
    assert "3 nets differ" in output


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("klayout_pex") is None, reason=f"needs {klayout_pex.INSTALL_ADVICE}")
def test_klayout_pex_agrees_on_a_tile(tile: tuple[Path, Path], tmp_path: Path) -> None:
    code, output = run(tile, tmp_path)
    assert code == 0, output
    table = json.loads((tmp_path / "table.json").read_text())
    assert table["agree"] and abs(table["largest_difference"]) < 0.1
    assert len(table["nets"]) == 14
    assert all(net["own_x1_F"] < net["own_x2_F"] for net in table["nets"])
