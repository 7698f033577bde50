"""Runs of the programs, each in a child process with a time limit, and what their output means."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import klayout.db as db
import klayout.rdb as rdb

from codesign.layout.errors import LayoutError
from codesign.layout.signoff.files import ToolFile
from codesign.layout.signoff.report import Klayout, Magic, Netgen
from codesign.spice.process import TimeLimitExceeded, run_child

LAYOUT, NETLIST, SOURCE = "layout.gds", "layout.spice", "source.spice"
"""Names of a run's files in its folder: the GDS, the netlist that is extracted from it, and the source."""

_MAGIC_SCRIPT = """tech load {{{file}}}
gds read {layout}
load {{{top}}}
select top cell
expand
drc euclidean on
drc style {style}
drc check
drc catchup
set out [open drc.txt w]
set scale [cif scale out]
foreach {{why boxes}} [drc listall why] {{
    foreach box $boxes {{
        set corners {{}}
        foreach edge $box {{ lappend corners [expr {{$scale * $edge}}] }}
        puts $out "$corners $why"
    }}
}}
close $out
feedback clear
extract do local
extract all
set out [open feedback.txt w]
puts $out [feedback count]
close $out
ext2spice lvs
ext2spice -o {netlist}
quit -noprompt
"""
_NETGEN_VERSION = re.compile(r"Netgen (\S+)")
_PROPERTY = re.compile(r"^.*\bcircuit1: .*circuit2: |^Property .* has no matching property ", re.MULTILINE)


def run_magic(program: str, file: Path, told: ToolFile, top: str, folder: Path, limit: float) -> tuple[Magic, Path]:
    """Design rules and extraction by Magic.

    Args:
        program: the program.
        file: its technology file.
        told: what it is told.
        top: name of the top cell.
        folder: holds the GDS, gets the extracted netlist.
        limit: the longest that it may run, s.

    Returns:
        What it says, and its places as KLayout markers.

    Raises:
        LayoutError: it fails, takes too long, or writes no result.
    """
    version = _words(program, ["--version"], folder, limit).strip()
    script = folder / "run.tcl"
    script.write_text(_MAGIC_SCRIPT.format(file=file, layout=LAYOUT, top=top, style=told.drc_style, netlist=NETLIST))
    _words(program, ["-dnull", "-noconsole", "-rcfile", "/dev/null", "-T", str(file), script.name], folder, limit)
    results = folder / "drc.txt", folder / "feedback.txt", folder / NETLIST
    if missing := [path.name for path in results if not path.is_file()]:
        raise LayoutError(
            f"{program} wrote no {missing[0]}: {_last_line(folder)}; is it recent enough for {file.name}?"
        )
    places = [line.split(maxsplit=4) for line in results[0].read_text().splitlines()]
    markers = folder / "magic.lyrdb"
    _write_markers(markers, top, places)
    return Magic(version=version, drc=len(places), extraction_errors=int(results[1].read_text())), markers


def run_klayout(program: str, deck: Path, told: ToolFile, top: str, folder: Path, limit: float) -> tuple[Klayout, Path]:
    """A shuttle's deck in KLayout; arguments, results and errors as of `run_magic`."""
    version = _words(program, ["-v"], folder, limit).strip().removeprefix("KLayout ")
    report = folder / "klayout.lyrdb"
    given = [f"input={folder / LAYOUT}", f"topcell={top}", f"report={report}", *told.switches_for(top)]
    definitions = [word for one in given for word in ("-rd", one)]
    _words(program, ["-b", "-r", str(deck), *definitions], folder, limit)
    if not report.is_file():
        raise LayoutError(f"{program} wrote no report: {_last_line(folder)}; check its version")
    database = rdb.ReportDatabase(top)
    try:
        database.load(str(report))
    except RuntimeError as error:
        raise LayoutError(f"{program} left a report that cannot be read; check its version") from error
    return Klayout(version=version, deck=deck.name, violations=database.num_items()), report


def run_netgen(program: str, setup: Path, top: str, folder: Path, limit: float) -> tuple[Netgen, Path]:
    """The extracted netlist against the source by netgen; arguments, results and errors as of `run_magic`."""
    report = folder / "netgen.txt"
    arguments = ["-batch", "lvs", f"{NETLIST} {top}", f"{SOURCE} {top}", str(setup), report.name]
    said = _words(program, arguments, folder, limit)
    version = _NETGEN_VERSION.search(said)
    if not report.is_file():
        raise LayoutError(f"{program} wrote no report: {_last_line(folder)}; check its version")
    text = report.read_text(encoding="utf-8", errors="replace")
    match = "Circuits match uniquely." in text or "Circuits match correctly." in text
    found = Netgen(version=version[1] if version else "", match=match, property_errors=len(_PROPERTY.findall(text)))
    return found, report


def find_program(names: Sequence[str]) -> str | None:
    """The first of these programs on the PATH."""
    return next((path for name in names if (path := shutil.which(name)) is not None), None)


def _words(program: str, arguments: Sequence[str], folder: Path, limit: float) -> str:
    """What a run prints."""
    log = folder / "log.txt"
    try:
        status = run_child([program, *arguments], folder, log, limit, {"QT_QPA_PLATFORM": "offscreen"}).status
    except TimeLimitExceeded as error:
        raise LayoutError(f"{program} gave no result after {limit:g} s; raise --timeout") from error
    except OSError as error:
        raise LayoutError(f"cannot run {program}: {error.strerror or error}; install it again") from error
    if status:
        raise LayoutError(f"{program} ended with exit status {status}: {_last_line(folder)}; install it again")
    return log.read_text(encoding="utf-8", errors="replace")


def _last_line(folder: Path) -> str:
    lines = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    said = [" ".join(line.split()) for line in lines if line.strip()]
    return (said or ["it printed nothing"])[-1][:200]


def _write_markers(path: Path, top: str, places: Sequence[Sequence[str]]) -> None:
    database = rdb.ReportDatabase("codesign signoff")
    database.top_cell_name = top
    cell = database.create_cell(top)
    for left, bottom, right, upper, why in places:
        category = database.category_by_path(why) or database.create_category(why)
        box = db.DBox(float(left), float(bottom), float(right), float(upper))
        database.create_item(cell.rdb_id(), category.rdb_id()).add_value(rdb.RdbItemValue(box))
    database.save(str(path))
