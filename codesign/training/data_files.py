"""Reading a user's own samples from a `.npz` or `.csv` file. Nothing in the file is executed."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codesign.arrays import Floats
from codesign.npz import NpzError, read_npz
from codesign.training.errors import DataError


@dataclass(frozen=True)
class Samples:
    """The content of a data file."""

    values: Floats
    """Features or spike times, shape (samples, columns), finite."""
    labels: npt.NDArray[np.str_]
    """Name of each sample's class, shape (samples,)."""
    are_times: bool
    """Whether `values` are spike times, in accumulation windows from 0."""


def read_data_file(path: Path, label_column: str, spike_times: bool) -> Samples:
    """Read samples and check their values.

    A `.npz` file holds `labels`, shape (samples,), integers or strings, and either `features` or
    `spike_times`, shape (samples, columns). A `.csv` file has a header line, the class in `label_column`,
    and numbers elsewhere.

    Args:
        path: the file.
        label_column: the column of a `.csv` file that holds the class.
        spike_times: whether the columns of a `.csv` file are spike times.

    Raises:
        DataError: the file is missing, empty, truncated, pickled or of an unknown kind; a column or array is
            missing; a value is not a finite number, or a spike time is below 0.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    if not content:
        raise DataError(f"{path} is empty; give one row for each sample")
    match path.suffix.lower():
        case ".npz":
            samples = _read_npz(content, path)
        case ".csv":
            samples = _read_csv(content, path, label_column, spike_times)
        case _:
            raise DataError(f"{path}: unknown kind of data file; use .npz or .csv")
    _check(samples, path)
    return samples


def _read_npz(content: bytes, path: Path) -> Samples:
    try:
        arrays = read_npz(content)
    except NpzError as error:
        raise DataError(f"{path} {error}") from error
    if "labels" not in arrays or ("features" in arrays) == ("spike_times" in arrays):
        raise DataError(
            f"{path} has arrays {', '.join(arrays) or 'none'}; give labels and one of features, spike_times"
        )
    are_times = "spike_times" in arrays
    values, labels = arrays["spike_times" if are_times else "features"], arrays["labels"]
    if values.dtype.kind not in "iuf" or labels.dtype.kind not in "iuU":
        raise DataError(
            f"{path} has values of type {values.dtype} and labels of type {labels.dtype}; "
            f"give real numbers, and integers or strings"
        )
    return Samples(values.astype(np.float64), labels.astype(np.str_), are_times)


def _read_csv(content: bytes, path: Path, label_column: str, are_times: bool) -> Samples:
    try:
        rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is no CSV text: {error}; save it as UTF-8 with commas") from error
    header = [name.strip() for name in rows[0]] if rows else []
    if header.count(label_column) != 1:
        raise DataError(
            f"{path} has {header.count(label_column)} columns named {label_column!r}; its header must have "
            f"one column of classes (label_column in the settings)"
        )
    label_index = header.index(label_column)
    columns = [index for index in range(len(header)) if index != label_index]
    values = np.empty((len(rows) - 1, len(columns)))
    for sample, row in enumerate(rows[1:]):
        if len(row) != len(header):
            raise DataError(f"{path}: sample {sample + 1} has {len(row)} columns, the header has {len(header)}")
        for position, index in enumerate(columns):
            values[sample, position] = _number(row[index], f"{path}: {header[index]!r} of sample {sample + 1}")
    return Samples(values, np.array([row[label_index].strip() for row in rows[1:]], dtype=np.str_), are_times)


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise DataError(f"{where} is {text[:40]!r}, which is no number") from error


def _check(samples: Samples, path: Path) -> None:
    values, labels = samples.values, samples.labels
    if values.ndim != 2 or labels.shape != values.shape[:1] or 0 in values.shape:
        raise DataError(
            f"{path} has values of shape {values.shape} and labels of shape {labels.shape}; "
            f"give each sample one row of at least one value, and one label"
        )
    wrong = ~np.isfinite(values) | (samples.are_times & (values < 0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        rule = "spike times are finite and start at 0; 1 or more never comes" if samples.are_times else "use numbers"
        raise DataError(f"{path} holds {values[row, column]:g} in sample {row + 1}, column {column + 1}; {rule}")
