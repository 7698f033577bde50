"""Waveforms from a CSV file, measured on hardware or simulated elsewhere, as a fitting set."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codesign.arrays import Floats
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.records import LayerRecord
from codesign.model.scale import Scale

SAMPLES = 41
"""Instants to which each measured trace is interpolated."""

_FEWEST_INSIDE = 3
"""Samples of a trace within the window: with fewer, the interpolation would invent the trace."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    trace: str
    time: float | None = Field(allow_inf_nan=False)
    membrane: float | None = Field(allow_inf_nan=False)
    spike_times: tuple[float, ...]
    weights: tuple[int, ...]
    fired: float | None
    input: str | None
    layer: int | None = Field(ge=1)
    neuron: int | None = Field(ge=1)


@dataclass(frozen=True)
class MeasuredTrace:
    """A trace of one neuron.

    Attributes:
        name: in the file.
        place: of a trace on a chip: name of the input, number of the layer, of the neuron; None where it is not given.
        record: what it holds; membranes that nobody saw are NaN.
    """

    name: str
    place: tuple[str | None, int | None, int | None]
    record: LayerRecord


def read_measured(path: Path, scale: Scale) -> list[LayerRecord]:
    """Read a CSV file of single-neuron traces.

    Columns, with a header line whose capitals do not matter: `trace` (a name; consecutive rows of one name are one
    trace), `time` (s from the start of the accumulation window), `membrane` (V), `spike_times` (s from the start of the
    window, one for each input, separated by blanks; `inf` for an input that does not spike), `weights` (unit cells,
    signed integers, one for each input, separated by blanks), and optionally `fired` (s from the start of the firing
    phase; empty or `inf` if the neuron did not fire). `spike_times`, `weights` and `fired` are read from the first row
    of a trace.

    Args:
        path: the file.
        scale: the normalised units of the measured circuit.

    Returns:
        One record for each trace, of one neuron, interpolated to `SAMPLES` instants of the window.

    Raises:
        ExtractionFailed: the file cannot be read, lacks a column, holds no trace or a value that is not a number, a
            trace does not fit the window, a neuron fired outside the firing phase, or spike times and weights differ in
            number.
    """
    return [trace.record for trace in read_traces(path, scale, of_chip=False)]


def read_traces(path: Path, scale: Scale, *, of_chip: bool) -> list[MeasuredTrace]:
    """Read the traces of `read_measured` one by one.

    Args:
        path: the file.
        scale: the normalised units of the measured circuit.
        of_chip: all are of one chip; `input`, `layer` and `neuron` of a trace's first row say where they were seen, and
            a neuron whose membrane nobody saw has one row, without time and membrane.

    Raises:
        ExtractionFailed: as in `read_measured`.
    """
    rows = list(_rows(path, of_chip=of_chip))
    if not rows:
        raise ExtractionFailed(f"{path} holds no rows; write one row for each sample of each trace")
    return [_trace(path, name, list(group), scale) for name, group in groupby(rows, key=lambda row: row.trace)]


def _rows(path: Path, *, of_chip: bool) -> Iterator[_Row]:
    wanted = {"trace", "time", "membrane", "spike_times", "weights"}
    if of_chip:
        wanted |= {"input", "layer", "neuron"}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            table.fieldnames = [name.strip().lower() for name in table.fieldnames or ()]
            if missing := wanted - set(table.fieldnames):
                raise ExtractionFailed(
                    f"{path} lacks the columns {', '.join(sorted(missing))}; see the how-to on measured data"
                )
            for number, line in enumerate(table, start=2):
                yield _row(path, number, line, of_chip=of_chip)
    except OSError as error:
        raise ExtractionFailed(f"cannot read {path}: {error.strerror}; check the path") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ExtractionFailed(f"{path} is not a CSV text file: {error}") from error


def _row(path: Path, number: int, line: dict[str, str | None], *, of_chip: bool) -> _Row:
    # An empty text is no number: where one must be, it is refused.
    nothing = None if of_chip else ""
    try:
        return _Row.model_validate(
            {
                "trace": line["trace"],
                "time": line["time"] or nothing,
                "membrane": line["membrane"] or nothing,
                "spike_times": (line["spike_times"] or "").split(),
                "weights": (line["weights"] or "").split(),
                "fired": line.get("fired") or None,
                **{name: (line[name] or None) if of_chip else None for name in ("input", "layer", "neuron")},
            }
        )
    except ValidationError as error:
        problem = error.errors()[0]
        column = problem["loc"][0]
        raise ExtractionFailed(
            f"{path}, line {number}, column {column}: {problem['msg']} (got {problem['input']!r:.40})"
        ) from error


def _trace(path: Path, name: str, rows: list[_Row], scale: Scale) -> MeasuredTrace:
    first = rows[0]
    if len(first.spike_times) != len(first.weights) or not first.weights:
        raise ExtractionFailed(
            f"{path}, trace {name}: {len(first.spike_times)} spike times for {len(first.weights)} weights; give one of "
            "each for every input"
        )
    if np.isnan(first.spike_times).any():
        raise ExtractionFailed(f"{path}, trace {name}: a spike time is not a number; write inf where there is no spike")
    fired = np.inf if first.fired is None else first.fired / scale.window
    if not (0 <= fired <= 1 or fired == np.inf):
        raise ExtractionFailed(
            f"{path}, trace {name}: fired at {first.fired:g} s lies outside the firing phase of {scale.window:g} s; "
            "check that it is counted in seconds from the start of the firing phase"
        )
    record = LayerRecord(
        weights=np.array([first.weights], dtype=np.int64),
        spike_times=scale.time(np.array(first.spike_times), 0.0),
        times=np.linspace(0.0, 1.0, SAMPLES),
        traces=_membrane(path, name, rows, scale)[None],
        fired=np.array([fired]),
    )
    return MeasuredTrace(name, (first.input, first.layer, first.neuron), record)


def _membrane(path: Path, name: str, rows: list[_Row], scale: Scale) -> Floats:
    """A trace at `SAMPLES` instants, in swings; NaN where nobody saw it."""
    if len(rows) == 1 and rows[0].time is None and rows[0].membrane is None:
        return np.full(SAMPLES, np.nan)
    samples = [(row.time, row.membrane) for row in rows if row.time is not None and row.membrane is not None]
    if len(samples) < len(rows):
        raise ExtractionFailed(
            f"{path}, trace {name}: a row lacks time or membrane; where nobody saw the membrane, write one row without"
        )
    seconds, volts = np.array(samples).T
    times = scale.time(seconds, 0.0)
    if np.any(np.diff(times) <= 0):
        raise ExtractionFailed(f"{path}, trace {name}: time does not increase from row to row; sort the rows")
    if times[0] > 0 or times[-1] < 1:
        raise ExtractionFailed(
            f"{path}, trace {name}: time runs from {seconds[0]:g} to {seconds[-1]:g} s, which does not span the "
            f"window of {scale.window:g} s"
        )
    if (inside := int(np.sum((times >= 0) & (times <= 1)))) < _FEWEST_INSIDE:
        raise ExtractionFailed(
            f"{path}, trace {name}: {inside} of {len(rows)} samples lie within the window of {scale.window:g} s, "
            f"at least {_FEWEST_INSIDE} must; check that time is in seconds, and timing.window"
        )
    return np.interp(np.linspace(0.0, 1.0, SAMPLES), times, scale.membrane(volts))
