"""The rule deck: every rule of the technology on one cell."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import klayout.db as db

from codesign.layout.drc.antenna import AntennaRatio, antenna_ratios
from codesign.layout.drc.checks import CHECKS
from codesign.layout.drc.density import densities
from codesign.layout.drc.regions import LayerRegions
from codesign.layout.errors import LayoutError
from codesign.layout.gds import passed_over, read_gds
from codesign.layout.technology import Technology, load_technology


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Attributes:
        rule: its official name.
        text: its sentence.
        value: its limit in um, um2 or none (0).
        markers: the places, um.
    """

    rule: str
    text: str
    value: float
    markers: tuple[db.DPolygon, ...]


@dataclass(frozen=True)
class DrcReport:
    """What the deck found on a cell.

    Attributes:
        process: what people call the process.
        cell: name of the cell.
        violations: the broken rules, in the deck's order.
        antenna: the worst net under each antenna rule.
        not_judged: layers that make nothing and were passed over, for example "areaid 81/4".
        density: covered fraction of the bounding box by conductor.
        rules_checked: number of rule lines run.
        seconds: wall time.
    """

    process: str
    cell: str
    violations: tuple[Violation, ...]
    antenna: tuple[AntennaRatio, ...]
    density: dict[str, float]
    not_judged: tuple[str, ...]
    rules_checked: int
    seconds: float

    @property
    def count(self) -> int:
        """Number of places that break a rule, antenna rules included."""
        places = sum(len(violation.markers) for violation in self.violations)
        return places + sum(ratio.violations for ratio in self.antenna)

    @property
    def clean(self) -> bool:
        """Whether no rule is broken."""
        return self.count == 0


def check_gds(path: Path, progress: Callable[[str], None] | None = None) -> DrcReport:
    """Run the deck on the only top cell of the GDS file at `path`.

    Args:
        path: the file.
        progress: called with the name of each rule before it runs.

    Raises:
        LayoutError: the file cannot be judged (see `read_gds`).
    """
    gds = read_gds(path, load_technology())
    return check_cell(gds.top, progress=progress)


def check_cell(
    top: db.Cell, technology: Technology | None = None, progress: Callable[[str], None] | None = None
) -> DrcReport:
    """Run the deck on a cell.

    Args:
        top: the cell, with its hierarchy.
        technology: rules and layers; the default process's unless given.
        progress: called with the name of each rule before it runs.

    Raises:
        LayoutError: the rule data name an unknown check or layer.
    """
    technology = technology or load_technology()
    start = time.perf_counter()
    layers = LayerRegions(top, technology)
    violations: list[Violation] = []
    for rule in technology.drc:
        if progress is not None:
            progress(rule.name)
        if rule.check not in CHECKS:
            raise LayoutError(f"rule {rule.name!r} names the unknown check {rule.check!r}; see rules.toml")
        found = CHECKS[rule.check](layers, rule).merged()
        if not found.is_empty():
            markers = tuple(polygon.to_dtype(layers.dbu) for polygon in found.each())
            violations.append(Violation(rule.name, rule.text, rule.value, markers))
    return DrcReport(
        process=technology.process.label,
        cell=top.name,
        violations=tuple(violations),
        antenna=antenna_ratios(layers, technology),
        not_judged=passed_over(top.layout(), technology),
        density=densities(layers, technology, top.bbox().area()),
        rules_checked=len(technology.drc) + len(technology.antenna),
        seconds=time.perf_counter() - start,
    )
