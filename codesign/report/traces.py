"""Membranes of the circuit beside those of a model: kept in `traces.npz`, and shown on the report's page."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from codesign.arrays import Floats
from codesign.files import write_atomically
from codesign.npz import NpzError, read_npz
from codesign.report.content import ReportError

VERSION = 1
"""Of the file's content."""

MOST_SAMPLES = 500_000
"""Membrane samples on a page, which take six bytes or so each, twice; more inputs than that are left out."""


@dataclass(frozen=True)
class TraceSet:
    """Membranes of networks in the circuit, and what a model is off.

    Attributes:
        title: what networks and model these are.
        name: which of the sets of this title, "seed 1".
        times: s from the start of a layer's accumulation window, shape (instants,).
        circuit: of each layer, V, shape (inputs, neurons, instants); NaN where an input has fewer neurons.
        errors: model minus circuit, V, likewise; NaN where the model is not compared.
        spikes: of a fitting set, membrane at the end of the window (V), spike time (s) and what the model is off (s),
            shape (3, spikes); otherwise empty.
    """

    title: str
    name: str
    times: Floats
    circuit: tuple[Floats, ...]
    errors: tuple[Floats, ...]
    spikes: Floats


def save_traces(path: str | Path, sets: Sequence[TraceSet]) -> None:
    """Write traces in single precision, compressed.

    Raises:
        CodesignError: the file cannot be written.
    """
    arrays: dict[str, npt.NDArray[Any]] = {"version": np.array(VERSION)}
    for number, one in enumerate(sets):
        arrays |= {f"{number}/title": np.array(one.title), f"{number}/name": np.array(one.name)}
        arrays |= {f"{number}/times": one.times, f"{number}/spikes": one.spikes}
        for layer, (circuit, errors) in enumerate(zip(one.circuit, one.errors, strict=True)):
            arrays |= {f"{number}/{layer}/circuit": circuit, f"{number}/{layer}/errors": errors}
    buffer = io.BytesIO()
    narrow: Any = {name: one.astype(np.float32) if one.dtype == np.float64 else one for name, one in arrays.items()}
    np.savez_compressed(buffer, **narrow)
    write_atomically(path, buffer.getvalue())


def load_traces(path: str | Path) -> tuple[TraceSet, ...]:
    """Read traces that `save_traces` wrote.

    Raises:
        ReportError: the file cannot be read, or is none of this version.
    """
    try:
        arrays = read_npz(Path(path).read_bytes())
    except OSError as error:
        raise ReportError(f"cannot read {path}: {error.strerror}; run the flow again") from error
    except NpzError as error:
        raise ReportError(f"{path} {error}") from error
    if str(arrays.get("version")) != str(VERSION):
        raise ReportError(f"{path} holds no traces of this version; run the flow again")
    try:
        return tuple(_read_set(arrays, number) for number in range(sum(name.endswith("/title") for name in arrays)))
    except (KeyError, ValueError) as error:
        raise ReportError(f"{path} is no whole file of traces: {error} is missing; run the flow again") from error


def _read_set(arrays: Mapping[str, npt.NDArray[Any]], number: int) -> TraceSet:
    times = arrays[f"{number}/times"].astype(np.float64)
    layers = range(sum(name.startswith(f"{number}/") and name.endswith("/circuit") for name in arrays))
    circuit = tuple(arrays[f"{number}/{layer}/circuit"].astype(np.float64) for layer in layers)
    errors = tuple(arrays[f"{number}/{layer}/errors"].astype(np.float64) for layer in layers)
    spikes = arrays[f"{number}/spikes"].astype(np.float64)
    shapes = {one.shape[:1] + one.shape[2:] for one in (*circuit, *errors)}
    if any(one.ndim != 3 for one in circuit) or len(shapes) != 1 or times.shape != next(iter(shapes))[1:]:
        raise ValueError(f"a shape of set {number}")
    if [one.shape for one in circuit] != [one.shape for one in errors] or spikes.shape[:1] != (3,):
        raise ValueError(f"a shape of set {number}")
    title, name = str(arrays[f"{number}/title"]), str(arrays[f"{number}/name"])
    return TraceSet(title, name, times, circuit, errors, spikes)


def page_data(sets: Sequence[TraceSet], most: int = MOST_SAMPLES) -> list[dict[str, Any]]:
    """What a page needs to draw traces, for JSON, rounded to what an eye can see.

    Times are in µs and ns, membranes and errors in mV; None stands for a number that does not exist.

    Args:
        sets: the traces.
        most: membrane samples; of each set as many inputs are kept, the first ones, as stay within.
    """
    total = sum(layer.size for one in sets for layer in one.circuit)
    return [_set_data(one, min(1.0, most / max(total, 1))) for one in sets]


def _set_data(one: TraceSet, part: float) -> dict[str, Any]:
    inputs = len(one.circuit[0])
    kept = max(1, int(inputs * part))
    last = len(one.circuit) - 1
    order = np.argsort(one.spikes[0])
    return {
        "title": one.title,
        "name": one.name,
        "inputs": inputs,
        "times": _rounded(one.times * 1e6, 5),
        "layers": [
            {
                "name": "output layer" if layer == last else f"hidden layer {layer + 1}",
                "circuit": _rounded(circuit[:kept] * 1e3, 2),
                "errors": _rounded(errors[:kept] * 1e3, 4),
            }
            for layer, (circuit, errors) in enumerate(zip(one.circuit, one.errors, strict=True))
        ],
        "spikes": [
            _rounded(row[order] * times, digits)
            for row, times, digits in zip(one.spikes, (1e3, 1e6, 1e9), (2, 5, 3), strict=True)
        ],
    }


def _rounded(values: Floats, digits: int) -> Any:
    """The numbers as nested lists, None for those that are not finite."""
    rounded = np.round(values, digits).astype(object)
    rounded[~np.isfinite(values)] = None
    return rounded.tolist()
