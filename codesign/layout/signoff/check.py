"""A layout by all programs that are installed."""

import os
import shutil
import tempfile
from pathlib import Path

from codesign.files import write_atomically
from codesign.layout.errors import LayoutError
from codesign.layout.gds import read_gds
from codesign.layout.lvs import extracted_netlist
from codesign.layout.lvs.source import lvs_source
from codesign.layout.signoff.files import ToolName, sign_off_facts, technology_file
from codesign.layout.signoff.programs import LAYOUT, NETLIST, SOURCE, find_program, run_klayout, run_magic, run_netgen
from codesign.layout.signoff.report import SignOff, Tools
from codesign.layout.technology import load_technology
from codesign.pdk.technology import DEFAULT_PROCESS

_PROGRAMS: dict[ToolName, tuple[str, ...]] = {
    "magic": ("magic",),
    "klayout": ("klayout",),
    "netgen": ("netgen-lvs", "netgen"),
}


def sign_off(gds: Path, spice: Path, limit: float, process: str = DEFAULT_PROCESS) -> SignOff:
    """Judge a layout by each program that is installed with its technology file.

    What each found is left beside the layout: `.magic.lyrdb`, `.klayout.lyrdb`, `.netgen.txt`.

    Args:
        gds: the layout.
        spice: the netlist that it was drawn from.
        limit: the longest that one program may run, s.
        process: that it is drawn in.

    Raises:
        LayoutError: the layout cannot be read, no program can run, or one fails or takes too long.
    """
    technology, facts = load_technology(process), sign_off_facts(process)
    read = read_gds(gds, technology)
    top = read.top.name
    programs: dict[ToolName, tuple[str, Path]] = {}
    absent: dict[str, str] = {}
    for tool, names in _PROGRAMS.items():
        program, file = find_program(names), technology_file(tool, facts, technology.process)
        if program is None:
            absent[tool] = "not installed"
        elif file is None:
            where = " in PDK_ROOT" if os.environ.get("PDK_ROOT") else "; codesign signoff --install"
            absent[tool] = f"no technology file{where}"
        else:
            programs[tool] = (program, file)
    if "netgen" in programs and not spice.is_file():
        del programs["netgen"]
        absent["netgen"] = f"there is no {spice}; give the netlist with --spice"
    if not programs:
        raise LayoutError(
            "no program can judge: " + ", ".join(f"{tool} ({reason})" for tool, reason in absent.items()) + "; "
            "install one of them, or the technology files with codesign signoff --install"
        )
    with tempfile.TemporaryDirectory(prefix="codesign-signoff-") as name:
        folder = Path(name)
        shutil.copyfile(gds, folder / LAYOUT)
        magic = klayout = netgen = None
        if "magic" in programs:
            magic, found = run_magic(*programs["magic"], facts.magic, top, folder, limit)
            _keep(found, gds, ".magic.lyrdb")
        if "klayout" in programs:
            klayout, found = run_klayout(*programs["klayout"], facts.klayout, top, folder, limit)
            _keep(found, gds, ".klayout.lyrdb")
        if "netgen" in programs:
            texts = {SOURCE: spice.read_text(encoding="utf-8", errors="replace")}
            if magic is None:
                texts[NETLIST] = lvs_source(extracted_netlist(read, technology), technology.process.devices.prefix)
            for file, text in texts.items():
                for ours, theirs in facts.netgen.renamed.items():
                    text = text.replace(ours, theirs)
                (folder / file).write_text(text, encoding="utf-8")
            netgen, found = run_netgen(*programs["netgen"], top, folder, limit)
            _keep(found, gds, ".netgen.txt")
    extracted_by = "codesign" if magic is None else "Magic"
    return SignOff(tools=Tools(magic=magic, klayout=klayout, netgen=netgen), absent=absent, extracted_by=extracted_by)


def _keep(found: Path, gds: Path, suffix: str) -> None:
    write_atomically(gds.with_suffix(suffix), found.read_bytes())
