"""Arrays by name from weight files: `.npz`, `.safetensors` or a PyTorch state dict.

Nothing in a file is executed: arrays are read without pickle, state dicts with PyTorch's `weights_only`.
"""

import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt
from safetensors.numpy import load as load_safetensors

from codesign.errors import CodesignError
from codesign.npz import LARGEST_UNPACKED, NpzError, check_unpacked, read_npz

LARGEST_LAYER = 1024
"""Most neurons in one layer, as in a design file."""


class WeightsError(CodesignError):
    """A weight file that cannot be read, or weights that the circuit cannot hold."""


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a weight file by name, in the file's order.

    Raises:
        WeightsError: the file is missing, empty, damaged, of an unknown kind, larger than any network, or holds
            anything but arrays.
    """
    readers = {".npz": _read_npz, ".safetensors": _read_safetensors, ".pt": _read_torch, ".pth": _read_torch}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise WeightsError(f"{path}: unknown kind of weight file; use {', '.join(readers)}")
    try:
        if path.stat().st_size == 0:
            raise WeightsError(f"{path} is empty; save the weights again")
        if (size := path.stat().st_size) > LARGEST_UNPACKED:
            raise WeightsError(f"{path} holds {size:.2g} bytes, more than the weights of any network; check the file")
        stored = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    return reader(path, stored)


def _read_npz(path: Path, stored: bytes) -> dict[str, npt.NDArray[Any]]:
    try:
        return read_npz(stored)
    except NpzError as error:
        raise WeightsError(f"{path} {error}") from error


def _read_safetensors(path: Path, stored: bytes) -> dict[str, npt.NDArray[Any]]:
    try:
        return load_safetensors(stored)
    # The library raises errors of its own, and KeyError and more for types that NumPy lacks.
    except Exception as error:
        raise WeightsError(
            f"{path} is truncated, not a .safetensors file, or of a data type NumPy lacks ({_reason(error)}); "
            f"save float32 or integer tensors"
        ) from error


def _read_torch(path: Path, stored: bytes) -> dict[str, npt.NDArray[Any]]:
    import torch  # only here: reading the other kinds of file must not need PyTorch

    with warnings.catch_warnings():
        # What PyTorch warns of while reading either makes no difference or ends in the errors below.
        warnings.simplefilter("ignore")
        try:
            check_unpacked(stored)
            content: object = torch.load(io.BytesIO(stored), map_location="cpu", weights_only=True)
        except NpzError as error:
            raise WeightsError(f"{path} {error}") from error
        except Exception as error:  # torch.load documents no exceptions: pickle, zip and runtime errors all occur
            raise WeightsError(
                f"{path} is truncated or no plain state dict; use torch.save(model.state_dict(), path)"
            ) from error
        if not isinstance(content, Mapping):
            raise WeightsError(f"{path} holds no state dict; save it with torch.save(model.state_dict(), path)")
        arrays: dict[str, npt.NDArray[Any]] = {}
        for name, value in content.items():  # pyright: ignore[reportUnknownVariableType]
            if not isinstance(name, str) or not isinstance(value, torch.Tensor):
                raise WeightsError(f"{path}: {name!s:.60} is not a tensor; save model.state_dict() alone")
            try:
                # Sparse and expanded tensors hold fewer numbers than they have elements.
                if value.numel() > LARGEST_LAYER**2:
                    raise WeightsError(f"{path}: {name} has shape {tuple(value.shape)}, more than any layer")
                dense = value.detach().to_dense()
                # NumPy lacks some of PyTorch's floating-point types.
                arrays[name] = (dense.double() if dense.is_floating_point() else dense).numpy()
            except (RuntimeError, TypeError) as error:
                raise WeightsError(
                    f"{path}: {name} is a tensor without plain numbers (quantised, nested or without data); "
                    f"save float32 or integer tensors"
                ) from error
    return arrays


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
