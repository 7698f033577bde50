"""Weights of a network as integer unit cells per layer, from files, arrays or PyTorch networks."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import numpy as np
import numpy.typing as npt

from codesign.arrays import Floats, Integers
from codesign.table import Shown, Table
from codesign.weight_files import LARGEST_LAYER, WeightsError, read_arrays

_CURRENT = re.compile(r"(.*\.)?current\.\w+")
"""Names of the scalars that a `codesign.dstd` layer keeps beside its weight: reversal potentials and curvatures."""


@dataclass(frozen=True)
class QuantisationError:
    """What rounding one layer's weights to unit cells did to them."""

    unit_weight: float
    """Weight that one unit cell stands for, in the file's units."""
    rms: float
    """Root mean square of the rounding error, in unit cells (a uniform error gives 0.29)."""
    largest: float
    """Largest rounding error, in unit cells (at most 0.5)."""


class HasState(Protocol):
    """A PyTorch module, for example a `codesign.dstd.DSTDLinear` or a sequence of them."""

    def state_dict(self) -> Mapping[str, Any]:
        """Tensors by name."""
        ...


@dataclass(frozen=True, repr=False)
class IntegerWeights(Shown):
    """The synapses of a network as signed numbers of unit cells."""

    layers: tuple[Integers, ...]
    """One array a layer, first layer first; shape (neurons, inputs)."""
    names: tuple[str, ...]
    """The layers' names in the file."""
    quantisation: tuple[QuantisationError, ...]
    """One a layer; empty when the file held integers."""

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Number of inputs, then of neurons in each layer."""
        return (self.layers[0].shape[1], *(layer.shape[0] for layer in self.layers))

    @property
    def digest(self) -> str:
        """SHA-256 of the numbers of unit cells, hexadecimal."""
        return hashlib.sha256(repr([layer.tolist() for layer in self.layers]).encode()).hexdigest()

    @property
    def table(self) -> Table:
        """The layers and what rounding did to them."""
        headings = ("layer", "inputs", "neurons", "unit cells", "weight of a cell", "rms rounding error, cells")
        rounding = [(f"{error.unit_weight:.4g}", f"{error.rms:.3f}") for error in self.quantisation]
        rows = tuple(
            (name, str(layer.shape[1]), str(layer.shape[0]), str(np.abs(layer).sum()), *rounded)
            for name, layer, rounded in zip(self.names, self.layers, rounding or [()] * len(self.layers), strict=True)
        )
        return Table(headings[: len(rows[0])], rows)


def read_weights(
    source: str | Path | HasState | Mapping[str, Any] | Sequence[Any],
    max_units: int,
    unit_weight: float | Literal["fit"] | None = None,
) -> IntegerWeights:
    """The weights of a network from a file, from arrays or from a PyTorch network.

    Every array is a layer of shape (neurons, inputs), as in `torch.nn.Linear`. When every name holds a
    number, the layers are ordered by name, numbers compared as numbers ("layer_2" before "layer_10");
    otherwise they keep the file's own order, which a `.safetensors` file does not have.

    Args:
        source: a `.npz`, `.safetensors`, `.pt` or `.pth` file; or arrays or tensors, by name or in order; or a network
            of `codesign.dstd.DSTDLinear`, whose reversal potentials are no weights, in memory or as a state dict.
        max_units: largest number of unit cells in one synapse, either sign.
        unit_weight: how weights become unit cells. None: the file holds whole unit cells. A number: the
            weight of one unit cell (the gain in the normalised model), by which float weights are divided
            and then rounded. "fit": each layer's largest magnitude becomes `max_units`.

    Raises:
        WeightsError: the file is missing, empty, truncated, of an unknown kind or holds pickled objects; a
            layer is not a real matrix or holds NaN, infinity, a non-integer (with `unit_weight` None) or more
            than `max_units`; the shapes of consecutive layers do not match; `unit_weight` is not positive, or so large
            that every weight of a layer rounds to 0.
    """
    if isinstance(unit_weight, float | int) and not (0 < unit_weight < float("inf")):
        raise WeightsError(f"unit_weight is {unit_weight:g}; give a positive number")
    path, arrays = _arrays_of(source)
    if not arrays:
        raise WeightsError(f"{path} holds no arrays; save one matrix a layer, shape (neurons, inputs)")
    names = _ordered(tuple(arrays), path)
    matrices = [_checked_matrix(arrays[name], name, path) for name in names]
    _check_chain(matrices, names, path)
    layers: list[Integers] = []
    quantisation: list[QuantisationError] = []
    for name, matrix in zip(names, matrices, strict=True):
        where = f"{path}: {name}"
        if unit_weight is None:
            layers.append(_integers(matrix, max_units, where))
        else:
            unit = _fitting_unit(matrix, max_units, where) if unit_weight == "fit" else unit_weight
            layer, error = _quantise(matrix, float(unit), max_units, where)
            layers.append(layer)
            quantisation.append(error)
    return IntegerWeights(tuple(layers), names, tuple(quantisation))


def _arrays_of(
    source: str | Path | HasState | Mapping[str, Any] | Sequence[Any],
) -> tuple[Path, dict[str, npt.NDArray[Any]]]:
    """The name of the source in messages, and its arrays without the parameters of synapses' currents."""
    if isinstance(source, str | Path):
        path = Path(source)
        arrays = read_arrays(path)
    elif hasattr(source, "state_dict"):
        path, arrays = Path("network"), _plain(cast(HasState, source).state_dict())
    elif isinstance(source, Mapping):
        path, arrays = Path("arrays"), _plain(source)
    else:
        path, arrays = Path("arrays"), _plain({f"layer_{n}": one for n, one in enumerate(cast(Any, source), start=1)})
    return path, {name: array for name, array in arrays.items() if array.ndim or not _CURRENT.fullmatch(name)}


def _plain(arrays: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Arrays, tensors and nested lists as arrays of NumPy."""
    return {name: np.asarray(one.detach().cpu() if hasattr(one, "detach") else one) for name, one in arrays.items()}


def _ordered(names: tuple[str, ...], path: Path) -> tuple[str, ...]:
    if all(any(character.isdecimal() for character in name) for name in names):
        return tuple(sorted(names, key=natural_key))
    if path.suffix.lower() == ".safetensors" and len(names) > 1:
        raise WeightsError(
            f"{path}: the layers' order is unclear from the names {', '.join(names):.80}; "
            f"number them, for example layer_1, layer_2"
        )
    return names


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key by which numbers within names compare as numbers."""
    # By length and digits: a number in a name may have any number of digits.
    parts = (part.lstrip("0") if part.isdecimal() else part for part in re.split(r"(\d+)", name))
    return [(1, 0, part) if index % 2 == 0 else (0, len(part), part) for index, part in enumerate(parts)]


def _checked_matrix(array: npt.NDArray[Any], name: str, path: Path) -> Floats:
    where = f"{path}: {name}"
    if array.dtype.kind not in "iuf":
        raise WeightsError(f"{where} has data type {array.dtype}; weights must be real numbers")
    if array.ndim == 1 and "bias" in name:
        raise WeightsError(f"{where}: the circuit has no bias; train with bias=False and leave it out")
    if array.ndim != 2 or 0 in array.shape or max(array.shape) > LARGEST_LAYER:
        raise WeightsError(f"{where} has shape {array.shape}; a layer is (neurons, inputs), each 1 to {LARGEST_LAYER}")
    with np.errstate(over="ignore"):
        matrix = array.astype(np.float64)
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise WeightsError(f"{where} holds {matrix[row, column]} at [{row}, {column}]; use finite weights")
    return matrix


def _check_chain(matrices: list[Floats], names: tuple[str, ...], path: Path) -> None:
    for index in range(1, len(matrices)):
        inputs, neurons = matrices[index].shape[1], matrices[index - 1].shape[0]
        if inputs != neurons:
            raise WeightsError(
                f"{path}: {names[index]} has {inputs} inputs (columns) but {names[index - 1]} has {neurons} "
                f"neurons (rows); check the shapes and the order of the names"
            )


def _integers(matrix: Floats, max_units: int, where: str) -> Integers:
    rounded = np.round(matrix)
    if (rounded != matrix).any():
        row, column = np.argwhere(rounded != matrix)[0]
        raise WeightsError(
            f"{where} holds {matrix[row, column]:g} at [{row}, {column}], which is no whole number of "
            f"unit cells; give the weight of one unit cell to quantise"
        )
    _check_range(rounded, max_units, where)
    return rounded.astype(np.int64)


def _fitting_unit(matrix: Floats, max_units: int, where: str) -> float:
    largest = float(np.abs(matrix).max())
    if largest == 0:
        raise WeightsError(f"{where} is all zero, so no unit weight fits; give the weight of one unit cell")
    return largest / max_units


def _quantise(matrix: Floats, unit: float, max_units: int, where: str) -> tuple[Integers, QuantisationError]:
    with np.errstate(over="ignore"):
        units = matrix / unit
    rounded = np.round(units)
    _check_range(rounded, max_units, where)
    if matrix.any() and not rounded.any():
        largest = float(np.abs(matrix).max())
        raise WeightsError(
            f"{where}: every weight rounds to 0 unit cells of {unit:g}; the largest is {largest:g}, so give a unit "
            f"weight of about {largest / max_units:.3g}, or fit"
        )
    error = rounded - units
    report = QuantisationError(unit, float(np.sqrt(np.mean(error**2))), float(np.abs(error).max()))
    return rounded.astype(np.int64), report


def _check_range(units: Floats, max_units: int, where: str) -> None:
    if (np.abs(units) > max_units).any():
        row, column = np.unravel_index(int(np.abs(units).argmax()), units.shape)
        raise WeightsError(
            f"{where} needs {units[row, column]:g} unit cells at [{row}, {column}], but a synapse has at "
            f"most {max_units}; scale the weights or raise max_units in the design"
        )
