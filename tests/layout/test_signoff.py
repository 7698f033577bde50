"""What other programs say of layouts: the programs where they are installed, stand-ins for their failures."""

import json
import shutil
import stat
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from codesign.circuits.network import Network
from codesign.cli.layout import app
from codesign.flow.file import FlowFile
from codesign.layout.gds import read_gds
from codesign.layout.lvs import extracted_netlist
from codesign.layout.lvs.source import lvs_source
from codesign.layout.netlist import read_netlist
from codesign.layout.output import write_layout
from codesign.layout.signoff.files import ToolName, sign_off_facts, technology_file
from codesign.layout.signoff.programs import NETLIST, SOURCE, find_program, run_netgen
from tests.layout.helpers import PREFIX, TECHNOLOGY, draw_weights, write_both
from tests.layout.networks import network

ROOT = typer.Typer()
ROOT.add_typer(app, name="room")
FACTS = sign_off_facts("sky130")
FLOWS = Path(__file__).parents[2] / "flows"
NETGEN = ("netgen-lvs", "netgen")


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
        path.write_text("sky130")
    return programs


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    return write_both(*draw_weights("tile", ((1, -2),)), tmp_path)[0]


def test_without_programs_there_is_no_verdict(layout: Path, alone: Path) -> None:
    code, output = run(str(layout))
    assert code == 2
    assert output.startswith("error: no program can judge: magic (not installed)") and output.count("\n") == 1


MAGIC = """if [ "$1" = --version ]; then echo 8.3.677; exit; fi
: > drc.txt; echo 0 > feedback.txt; : > layout.spice"""


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


def test_netgen_gets_our_extraction_where_there_is_no_magic(layout: Path, alone: Path) -> None:
    program(alone, "netgen", "cat layout.spice > netgen.txt; echo 'Circuits match uniquely.' >> netgen.txt")
    code, output = run(str(layout))
    assert code == 0, output
    assert "codesign)" in output
    extracted = layout.with_suffix(".netgen.txt").read_text()
    assert extracted.count("pfet_01v8 w=0.42 l=0.15") == 2 and "nfet" in extracted


def test_a_technology_file_of_another_process_is_refused(layout: Path, alone: Path, tmp_path: Path) -> None:
    program(alone, "magic", MAGIC)
    path = tmp_path / "pdk" / TECHNOLOGY.process.library.variant / FACTS.magic.file
    path.write_text("tech\n  gf180mcuD\nend\n")
    code, output = run(str(layout))
    assert (
        code == 2
        and output == f"error: {path} is of another process than SKY130, which it does not name; check PDK_ROOT\n"
    )


def test_a_report_that_breaks_off_is_no_verdict(layout: Path, alone: Path) -> None:
    program(alone, "klayout", 'for word; do case $word in report=*) echo "<report" > "${word#report=}";; esac; done')
    code, output = run(str(layout))
    assert code == 2 and "left a report that cannot be read" in output and output.count("\n") == 1, output
    assert not layout.with_suffix(".klayout.lyrdb").exists()


def test_the_layout_is_asked_for(alone: Path) -> None:
    assert run() == (2, "error: there is no layout to judge; give FILE.gds\n")


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


def installed(tool: ToolName, *names: str) -> bool:
    return any(map(shutil.which, names)) and technology_file(tool, FACTS, TECHNOLOGY.process) is not None


@pytest.mark.slow
@pytest.mark.skipif(
    not (installed("klayout", "klayout") and installed("netgen", *NETGEN)),
    reason="needs the programs klayout and netgen (Debian's klayout, netgen-lvs), and codesign signoff --install",
)
@pytest.mark.parametrize("flow", ["5-5-5", "dense"])
def test_networks_are_clean_for_what_is_installed(flow: str, tmp_path: Path) -> None:
    design = FlowFile.load(FLOWS / f"{flow}.toml").design
    files = write_layout(Network(design, network((5, 5, 5)).weights), tmp_path)
    code, output = run(str(files.gds), "--json", str(tmp_path / "said.json"))
    assert code == 0, output
    tools = json.loads((tmp_path / "said.json").read_text())["tools"]
    assert tools["klayout"]["violations"] == 0
    assert (tools["netgen"]["match"], tools["netgen"]["property_errors"]) == (True, 0)


@pytest.mark.skipif(
    not installed("netgen", *NETGEN),
    reason="needs the program netgen (Debian's netgen-lvs), and codesign signoff --install",
)
@pytest.mark.parametrize(
    ("drawn", "other", "match", "property_errors"),
    [
        ("m=2", "m=2", True, 0),
        ("m=2", "m=3", True, 1),
        (" w=0.42", "", True, 1),
        ("membrane_1", "membrane_2", False, 0),
    ],
    ids=["nothing", "size", "a size that one side has", "connection"],
)
def test_netgen_sees_what_differs(drawn: str, other: str, match: bool, property_errors: int, tmp_path: Path) -> None:
    gds, spice = write_both(*draw_weights("tile", ((1, -2), (3, -2))), tmp_path)
    extracted = extracted_netlist(read_gds(gds, TECHNOLOGY), TECHNOLOGY)
    source = lvs_source(read_netlist(spice, "tile", PREFIX), PREFIX)
    head, _, devices = source.partition("\n")
    (tmp_path / NETLIST).write_text(lvs_source(extracted, PREFIX))
    (tmp_path / SOURCE).write_text(head + "\n" + devices.replace(drawn, other, 1))
    program, setup = find_program(NETGEN), technology_file("netgen", FACTS, TECHNOLOGY.process)
    assert program is not None and setup is not None
    said = run_netgen(program, setup, "tile", tmp_path, 60.0)[0]
    assert (said.match, said.property_errors) == (match, property_errors)
