"""The two lines of a crossbar row as a driver moved them: what a column by itself is simulated with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats
from codesign.spice import Waveforms

TOLERANCE = 0.02
"""How far the corners of a line may lie from what the driver did, of the supply: at most a few picoseconds."""

TOGETHER = 20e-12
"""Spikes that lie this near count as one in matched cells, s: less than 10^-4 of a window."""


@dataclass(frozen=True)
class SpikeLines:
    """Both polarities of a row's spike.

    Attributes:
        time: when the row's spike begins, s; infinity if it does not spike.
        spike: corners of the line that rises, s and V, shape (corners, 2).
        spike_b: corners of the line that falls.
    """

    time: float
    spike: Floats
    spike_b: Floats

    def moved(self, seconds: float) -> "SpikeLines":
        """The same, later by some seconds."""
        shift = np.array([seconds, 0.0])
        return SpikeLines(self.time + seconds, self.spike + shift, self.spike_b + shift)


def silent_lines(supply: float) -> SpikeLines:
    """The lines of a row that does not spike."""
    return SpikeLines(np.inf, np.array([[0.0, 0.0]]), np.array([[0.0, supply]]))


def observed_lines(
    waveforms: Waveforms, probes: tuple[str, str], supply: float, span: tuple[float, float]
) -> SpikeLines:
    """The lines of a row as they were simulated.

    Args:
        waveforms: of the driver with its load.
        probes: nodes of `spike` and `spike_b`.
        supply: V.
        span: from when to when they are wanted, s.
    """
    crossings = [
        waveforms.crossings(probe, supply / 2, rising) for probe, rising in zip(probes, (True, False), strict=True)
    ]
    begun = [edges[(edges >= span[0]) & (edges <= span[1])] for edges in crossings]
    if not all(edges.size for edges in begun):
        return silent_lines(supply)
    corners = [corners_of(waveforms, probe, span, TOLERANCE * supply) for probe in probes]
    return SpikeLines(float(np.mean([edges[0] for edges in begun])), *corners)


def corners_of(waveforms: Waveforms, probe: str, span: tuple[float, float], tolerance: float) -> Floats:
    """The fewest of a signal's points between which it runs straight, within a tolerance (Douglas and Peucker, 1973).

    Args:
        waveforms: of a transient.
        probe: the signal.
        span: from when to when, s.
        tolerance: V.

    Returns:
        Times (s) and voltages, shape (corners, 2).
    """
    inside = (waveforms.time > span[0]) & (waveforms.time < span[1])
    times = np.array([span[0], *waveforms.time[inside], span[1]])
    values = waveforms.at(probe, times)
    kept = np.zeros(len(times), dtype=bool)
    kept[[0, -1]] = True
    pending = [(0, len(times) - 1)]
    while pending:
        first, last = pending.pop()
        between = slice(first + 1, last)
        straight = np.interp(times[between], times[[first, last]], values[[first, last]])
        if straight.size and (apart := np.abs(values[between] - straight)).max() > tolerance:
            worst = first + 1 + int(apart.argmax())
            kept[worst] = True
            pending += [(first, worst), (worst, last)]
    return np.column_stack([times[kept], values[kept]])


@dataclass(frozen=True)
class RowGroup:
    """Rows whose cells in one column are one instance.

    Attributes:
        rows: their numbers, from 1.
        lines: of all of them.
    """

    rows: tuple[int, ...]
    lines: SpikeLines


def merged_rows(units: Sequence[int], lines: Sequence[SpikeLines]) -> list[RowGroup]:
    """Groups of rows that spike together or not at all, of those whose weight has one sign.

    Args:
        units: the number of cells of each row in a column; rows with 0 are in no group.
        lines: of each row.
    """
    rows = sorted((row for row, count in enumerate(units, start=1) if count), key=lambda row: lines[row - 1].time)
    groups: list[list[int]] = []
    for row in rows:
        time = lines[row - 1].time
        if groups and (time == (begun := lines[groups[-1][0] - 1].time) or time - begun <= TOGETHER):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [_group(group, units, lines) for group in groups]


def _group(rows: list[int], units: Sequence[int], lines: Sequence[SpikeLines]) -> RowGroup:
    weights = np.array([units[row - 1] for row in rows], dtype=np.float64)
    heaviest = lines[rows[int(weights.argmax())] - 1]
    if not np.isfinite(heaviest.time):
        return RowGroup(tuple(rows), heaviest)
    mean = float(np.average([lines[row - 1].time for row in rows], weights=weights))
    return RowGroup(tuple(rows), heaviest.moved(mean - heaviest.time))
