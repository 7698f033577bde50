"""Own wire capacitances against klayout-pex, net by net."""

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from codesign.layout.errors import LayoutError
from codesign.layout.pex.capacitance import HALF_COUPLING, WHOLE_COUPLING, Capacitances, wire_capacitances
from codesign.layout.pex.klayout_pex import klayout_pex_capacitances
from codesign.layout.pex.matched import read_matched
from codesign.layout.technology import load_technology

AGREEMENT = 0.15
"""The largest relative difference of a net's capacitance that counts as agreement."""


@dataclass(frozen=True)
class NetCapacitance:
    """The capacitance of one net to all others, F.

    Attributes:
        net: its name.
        half_coupling: own, with half of the coupling coefficients, as klayout-pex takes them.
        whole_coupling: own, with the whole coefficients.
        klayout_pex: of klayout-pex.
    """

    net: str
    half_coupling: float
    whole_coupling: float
    klayout_pex: float

    @property
    def difference(self) -> float:
        """Own (half coupling) against klayout-pex, as a fraction."""
        return self.half_coupling / self.klayout_pex - 1 if self.klayout_pex else float("inf")


@dataclass(frozen=True)
class CrossCheck:
    """A comparison of both extractions.

    Attributes:
        cell: name of the cell.
        nets: every net that has a capacitance in both.
        seconds_own: wall time of one own extraction, s.
        seconds_klayout_pex: wall time of klayout-pex, s.
    """

    cell: str
    nets: tuple[NetCapacitance, ...]
    seconds_own: float
    seconds_klayout_pex: float

    @property
    def worst(self) -> NetCapacitance:
        """The net with the largest difference."""
        return max(self.nets, key=lambda net: abs(net.difference))

    @property
    def agree(self) -> bool:
        """Whether all nets agree within `AGREEMENT`."""
        return abs(self.worst.difference) <= AGREEMENT

    def json(self) -> str:
        """The table as JSON, capacitances in F."""
        nets = [
            {
                "net": net.net,
                "own_x1_F": net.half_coupling,
                "own_x2_F": net.whole_coupling,
                "klayout_pex_F": net.klayout_pex,
                "difference": net.difference,
            }
            for net in self.nets
        ]
        table = {
            "cell": self.cell,
            "agree": self.agree,
            "largest_difference": self.worst.difference,
            "own_s": self.seconds_own,
            "klayout_pex_s": self.seconds_klayout_pex,
            "nets": nets,
        }
        return json.dumps(table, indent=2) + "\n"


def cross_check_files(gds_path: Path, spice_path: Path, program: Path, timeout: float) -> CrossCheck:
    """Compare the wire capacitances of a layout with those that klayout-pex finds in it.

    Args:
        gds_path: the layout.
        spice_path: the netlist with a subcircuit called as its top cell.
        program: the `kpex` program.
        timeout: the longest that it may run, s.

    Raises:
        LayoutError: a file cannot be read, layout and netlist differ, or klayout-pex gives no result.
    """
    technology = load_technology()
    matched = read_matched(gds_path, spice_path, technology)
    extracted, nets = matched.match.extracted, matched.nets
    start = time.perf_counter()
    half = wire_capacitances(extracted, nets, matched.substrate, technology, HALF_COUPLING)
    between = time.perf_counter()
    whole = wire_capacitances(extracted, nets, matched.substrate, technology, WHOLE_COUPLING)
    before = time.perf_counter()
    other = klayout_pex_capacitances(matched, program, timeout)
    end = time.perf_counter()
    totals = [_totals(found) for found in (half, whole, other)]
    common = sorted(totals[0].keys() & totals[1].keys() & totals[2].keys())
    if not common:
        raise LayoutError(f"{gds_path} has no net with capacitances in both extractions; check klayout-pex's version")
    return CrossCheck(
        matched.gds.top.name,
        tuple(NetCapacitance(net, *(found[net] for found in totals)) for net in common),
        between - start,
        end - before,
    )


def _totals(capacitances: Capacitances) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for pair, value in capacitances.items():
        for net in pair:
            total[net] += value
    return dict(total)


def format_cross_check(check: CrossCheck) -> str:
    """The table as lines of text, capacitances in fF."""
    width = max(len(net.net) for net in check.nets)
    lines = [f"{'net':{width}}  own x1, fF  own x2, fF  klayout-pex, fF  x1 against it"]
    lines += [
        f"{net.net:{width}}  {net.half_coupling * 1e15:10.3f}  {net.whole_coupling * 1e15:10.3f}  "
        f"{net.klayout_pex * 1e15:15.3f}  {100 * net.difference:+12.1f} %"
        for net in check.nets
    ]
    verdict = "agree" if check.agree else "differ"
    lines.append(
        f"{check.cell}: {len(check.nets)} nets {verdict} (largest difference {100 * check.worst.difference:+.1f} % at "
        f"{check.worst.net}, {100 * AGREEMENT:.0f} % allowed); own {check.seconds_own:.1f} s, "
        f"klayout-pex {check.seconds_klayout_pex:.1f} s"
    )
    return "\n".join(lines)
