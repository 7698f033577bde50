"""What other programs say of layouts: the programs where they are installed, stand-ins for their failures."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from codesign.cli.layout import app
from codesign.layout.output import write_layout
from codesign.layout.signoff.files import sign_off_facts, technology_file
from tests.layout.helpers import TECHNOLOGY, draw_weights, write_both
from tests.layout.networks import network

ROOT = typer.Typer()
ROOT.add_typer(app, name="room")
FACTS = sign_off_facts("sky130")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(ROOT, ["room", "signoff", *arguments])
    return result.exit_code, result.output


def program(folder: Path, name: str, script: str) -> None:
    """A stand-in for a program."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH on which there is no program but those that a test puts there, and a PDK with technology files."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "sleep", "setpriv", "cat"):
        if (found := shutil.which(name)) is not None:
            (programs / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PDK_ROOT", str(tmp_path / "pdk"))
    monkeypatch.delenv("PDK", raising=False)
    for tool in (FACTS.magic, FACTS.klayout, FACTS.netgen):
        path = tmp_path / "pdk" / TECHNOLOGY.process.library.variant / tool.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return programs


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    return write_both(*draw_weights("tile", ((1, -2),)), tmp_path)[0]


def test_without_programs_there_is_no_verdict(layout: Path, alone: Path) -> None:
    code, output = run(str(layout))
    assert code == 2
    assert output.startswith("error: no program can judge: magic (not installed)") and output.count("\n") == 1


MAGIC = """if [ "$1" = --version ]; then echo 8.3.677; exit; fi
: > drc.txt; echo 0 > feedback.txt; : > magic.spice"""


def test_programs_that_are_there_are_asked_and_the_others_are_null(layout: Path, alone: Path, tmp_path: Path) -> None:
    program(alone, "magic", MAGIC)
    target = tmp_path / "said.json"
    code, output = run(str(layout), "--json", str(target))
    assert code == 0, output
    assert json.loads(target.read_text()) == {
        "schema": 1,
        "tools": {
            "magic": {"version": "8.3.677", "drc": 0, "extraction_errors": 0},
            "klayout": None,
            "netgen": None,
        },
    }


def test_errors_are_counted_and_marked(layout: Path, alone: Path) -> None:
    program(alone, "magic", MAGIC.replace(": > drc.txt", "echo '0 0 1 1 metal too narrow (m1.1)' > drc.txt"))
    program(
        alone,
        "netgen",
        "echo Netgen 1.5.133 compiled\necho ' w circuit1: 2.1 circuit2: 0.42 (delta=133%)\nCircuits match uniquely.' "
        "> netgen.txt",
    )
    target = layout.with_suffix(".json")
    code, output = run(str(layout), "--json", str(target))
    assert code == 1, output
    tools = json.loads(target.read_text())["tools"]
    assert tools["magic"]["drc"] == 1
    assert tools["netgen"] == {"version": "1.5.133", "match": True, "property_errors": 1}
    assert "m1.1" in layout.with_suffix(".magic.lyrdb").read_text()


@pytest.mark.parametrize(
    ("script", "words"),
    [("exit 3", "exit status 3"), ("sleep 30", "no result after"), ("echo 1.0", "wrote no drc.txt")],
    ids=["crashing", "hanging", "too old"],
)
def test_a_program_that_fails_is_named_in_one_line(layout: Path, alone: Path, script: str, words: str) -> None:
    program(alone, "magic", script)
    code, output = run(str(layout), "--timeout", "1")
    assert code == 2 and output.startswith("error: ") and words in output and output.count("\n") == 1, output
    assert not layout.with_suffix(".magic.lyrdb").exists()


def installed(tool: str, *names: str) -> bool:
    assert tool in ("magic", "klayout", "netgen")
    return any(map(shutil.which, names)) and technology_file(tool, FACTS, TECHNOLOGY.process) is not None


@pytest.mark.slow
@pytest.mark.skipif(
    "PDK_ROOT" not in os.environ and not installed("klayout", "klayout"),
    reason="needs the klayout program, and codesign signoff --install",
)
def test_the_network_is_clean_for_what_is_installed(tmp_path: Path) -> None:
    files = write_layout(network((5, 5, 5)), tmp_path)
    code, output = run(str(files.gds))
    assert code == 0, output
