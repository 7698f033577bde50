"""What the toolkit needs, what this machine has of it, and the cure for what is missing."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer
from platformdirs import user_cache_path
from rich.console import Console
from rich.table import Column, Table

from codesign.errors import CodesignError
from codesign.pdk import find_pdk
from codesign.pdk.technology import load_technology
from codesign.spice import find_ngspice


@dataclass(frozen=True)
class Finding:
    """One thing that the toolkit needs.

    Attributes:
        what: its name.
        found: what was found, or why nothing was.
        cure: what to do; empty where nothing is missing.
    """

    what: str
    found: str
    cure: str = ""


def doctor() -> None:
    """Say what is found and what is missing, with the cure for each; exit status 1 if something is missing."""
    findings = list(examine())
    table = Table("", "needed", Column("found", overflow="fold"), Column("cure", overflow="fold"))
    for finding in findings:
        table.add_row("[red]missing[/]" if finding.cure else "[green]ok[/]", finding.what, finding.found, finding.cure)
    Console().print(table)
    if any(finding.cure for finding in findings):
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Look for each thing that the toolkit needs."""
    yield _finding("ngspice", _ngspice)
    yield _finding(f"{load_technology().label} models", _pdk)
    yield _torch()
    yield Finding("CPU cores", str(len(os.sched_getaffinity(0))))
    yield _cache_folder(user_cache_path("codesign"))


def _finding(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, look())
    except CodesignError as error:
        return Finding(what, error.message, error.cure) if error.cure else Finding(what, "unusable", error.message)


def _ngspice() -> str:
    ngspice = find_ngspice()
    return f"{ngspice.version}, {ngspice.executable}"


def _pdk() -> str:
    pdk = find_pdk()
    return f"{pdk.version}, {pdk.root}, found by {pdk.source}"


def _torch() -> Finding:
    try:
        return Finding("torch", version("torch"))
    except PackageNotFoundError:
        return Finding("torch", "not installed", "pip install torch")


def _cache_folder(folder: Path) -> Finding:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return Finding("cache folder", str(folder))
    return Finding("cache folder", f"{folder} cannot be written", "set XDG_CACHE_HOME to a folder that can")
