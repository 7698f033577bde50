"""klayout-pex as a second opinion: its 2.5D engine in a child process, on an LVS database of a matched layout."""

import re
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import klayout.db as db

from codesign.layout.errors import LayoutError
from codesign.layout.pex.capacitance import Capacitances, pair_of
from codesign.layout.pex.matched import MatchedLayout
from codesign.spice.process import TimeLimitExceeded, run_child

INSTALL_ADVICE = (
    "pip install 'codesign[pex]', and below Python 3.12 also "
    "pip install --no-deps --ignore-requires-python klayout-pex==0.6.12"
)

_PROGRAM = "kpex"
_SEPARATOR = "__"
_CAPACITOR = re.compile(r"C\S+\s+(\S+)\s+(\S+)\s+([-+.\de]+)([fpnu]?)\s*", re.IGNORECASE)
_SUFFIXES = {"": 1.0, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6}


def find_klayout_pex() -> Path:
    """The `kpex` program beside this Python, or on the PATH.

    Raises:
        LayoutError: there is none.
    """
    beside = Path(sys.executable).with_name(_PROGRAM)
    found = str(beside) if beside.is_file() else shutil.which(_PROGRAM)
    if found is None:
        raise LayoutError(f"klayout-pex is not installed; {INSTALL_ADVICE}")
    return Path(found)


def klayout_pex_capacitances(matched: MatchedLayout, program: Path, timeout: float) -> Capacitances:
    """The wire capacitances that klayout-pex finds in a layout.

    Args:
        matched: the layout.
        program: the `kpex` program.
        timeout: the longest that it may run, s.

    Returns:
        Capacitances of pairs of different nets of the schematic, F.

    Raises:
        LayoutError: the program cannot be started, fails, takes too long, or writes no netlist that can be read.
    """
    names = {flat_name(net): net for net in matched.nets.values()}
    with tempfile.TemporaryDirectory(prefix="codesign-pex-") as name:
        folder = Path(name)
        _write_database(matched, folder / "layout.lvsdb")
        netlist = folder / "extracted.spice"
        pdk = matched.technology.parasitics.klayout_pex.pdk
        command = [
            str(program), "extract", "--pdk", pdk, "--lvsdb", "layout.lvsdb", "--2.5D", "--mode", "CC",
            "--blackbox", "y", "--threads", "1", "--tool-version-checks", "off",
            "--out-dir", "run", "--out-netlist", netlist.name,
        ]  # fmt: skip
        log = folder / "kpex.log"
        try:
            status = run_child(command, folder, log, timeout, {"OMP_NUM_THREADS": "1", "COLUMNS": "1000"}).status
        except TimeLimitExceeded as error:
            raise LayoutError(
                f"{program} gave no result after {timeout:g} s; take a smaller tile or raise --timeout"
            ) from error
        except OSError as error:
            raise LayoutError(f"cannot run {program}: {error.strerror or error}; {INSTALL_ADVICE}") from error
        if status or not netlist.is_file():
            raise LayoutError(f"{program} failed with exit status {status} and no netlist: {_last_words(log)}")
        found = _read(netlist.read_text(encoding="utf-8", errors="replace"), program)
    return {pair_of(names.get(a, a), names.get(b, b)): value for (a, b), value in found.items()}


def flat_name(net: str) -> str:
    """The name of a net without the dots that SPICE would take for hierarchy."""
    return net.replace(".", _SEPARATOR)


def _write_database(matched: MatchedLayout, path: Path) -> None:
    """Write a copy of the extraction whose nets, device classes and circuit have the names that klayout-pex needs."""
    matched.match.extracted.database.write(str(path))
    copy = db.LayoutVsSchematic()
    copy.read(str(path))
    circuit = next(iter(copy.netlist().each_circuit_top_down()))
    circuit.name = matched.gds.top.name
    nets = matched.nets
    for net in circuit.each_net():
        if net.cluster_id in nets:
            net.name = flat_name(nets[net.cluster_id])
    prefix = matched.technology.process.devices.prefix
    for device_class in copy.netlist().each_device_class():
        device_class.name = prefix + device_class.name.removeprefix(prefix)
    copy.write(str(path))


def _last_words(log: Path) -> str:
    """The last error in a log, or its last line."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return " ".join((errors or lines or ["it printed nothing"])[-1].split())[:300]


def _read(text: str, program: Path) -> Capacitances:
    capacitances: Capacitances = defaultdict(float)
    for line in text.replace("\n+", " ").splitlines():
        if not line.startswith(("C", "c")):
            continue
        match = _CAPACITOR.fullmatch(line)
        try:
            first, second, number, suffix = match.groups() if match else ("", "", "", "")
            value = float(number) * _SUFFIXES[suffix.lower()]
        except ValueError as error:
            raise LayoutError(f"{program} wrote a capacitor that cannot be read: {line[:80]!r}") from error
        if first != second:
            capacitances[pair_of(first, second)] += value
    if not capacitances:
        raise LayoutError(f"{program} wrote a netlist without capacitances; check its version ({INSTALL_ADVICE})")
    return dict(capacitances)
