"""The bit file: what a chip with programmable weights stores, as CSV."""

import csv
import io
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from codesign.arrays import Integers
from codesign.circuits.programmable import Group, groups_of
from codesign.design import Design
from codesign.errors import CodesignError
from codesign.files import without_mark

BITS = "bits.csv"
"""Name of the file beside a netlist or a trained network."""

HEADER = ("layer", "input", "neuron", "sign", "bit", "value")


class BitFileError(CodesignError):
    """A bit file that cannot be read, or that is of another network."""


def bit_file(weights: Sequence[Integers], bits: int) -> str:
    """The text of a bit file.

    Args:
        weights: unit cells of each layer, shape (neurons, inputs).
        bits: groups of each sign at a crossing.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    for layer, units in enumerate(weights, start=1):
        for one in groups_of(units.shape[1], units.shape[0], bits):
            value = int(one.is_on(int(units[one.column - 1, one.row - 1])))
            rows.writerow((layer, one.row, one.column, one.sign, one.bit, value))
    return text.getvalue()


def read_bit_file(path: Path, design: Design) -> tuple[Integers, ...]:
    """The unit cells of each layer that a bit file stores, shape (neurons, inputs).

    Args:
        path: of the file.
        design: whose network it must be of: layer sizes and bits.

    Raises:
        BitFileError: the file cannot be read, is no bit file, or is of another network; the design's weights are not
            programmable; a crossing has bits of both signs.
    """
    synapse = design.synapse
    if synapse.kind != "programmable":
        raise BitFileError(f"{path} is a bit file, but {design.name} has synapses of the kind {synapse.kind!r}")
    stored = _read(path)
    sizes = list(pairwise(design.layer_sizes))
    wanted = {
        (layer, one)
        for layer, (inputs, neurons) in enumerate(sizes, start=1)
        for one in groups_of(inputs, neurons, synapse.bits)
    }
    if wanted != stored.keys():
        raise BitFileError(
            f"{path} is the bit file of another network: it has {len(stored)} bits, where layer_sizes = "
            f"{list(design.layer_sizes)} with {synapse.bits} bits of each sign wants {len(wanted)}"
        )
    layers = [np.zeros((neurons, inputs), dtype=np.int64) for inputs, neurons in sizes]
    for (layer, one), value in stored.items():
        if value:
            units = layers[layer - 1]
            sign = 1 if one.sign == "positive" else -1
            if units[one.column - 1, one.row - 1] * sign < 0:
                raise BitFileError(
                    f"{path}: bits of both signs are set from input {one.row} to neuron {one.column} of layer {layer}; "
                    "clear those of one"
                )
            units[one.column - 1, one.row - 1] += sign * 2**one.bit
    return tuple(layers)


def _read(path: Path) -> dict[tuple[int, Group], bool]:
    try:
        text = without_mark(path.read_bytes()).decode()
    except OSError as error:
        raise BitFileError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    except UnicodeDecodeError as error:
        raise BitFileError(f"{path} is no bit file: it is not UTF-8 text") from error
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(rows[0]) != HEADER:
        raise BitFileError(f"{path} is no bit file; its first line must be {','.join(HEADER)}")
    stored: dict[tuple[int, Group], bool] = {}
    for line, row in enumerate(rows[1:], start=2):
        try:
            layer, source, neuron, sign, bit, value = row
            if sign not in ("positive", "negative") or value not in ("0", "1"):
                raise ValueError
            key = (int(layer), Group(int(source), int(neuron), sign, int(bit)))
        except ValueError as error:
            raise BitFileError(
                f"{path}, line {line}: {','.join(row)!r:.60} is no stored bit; write numbers, a sign and 0 or 1"
            ) from error
        if key in stored:
            raise BitFileError(f"{path}, line {line}: the bit {','.join(row[:-1])} is given twice")
        stored[key] = value == "1"
    return stored
