"""Checkpoints of a training: written atomically, read without unpickling objects, tied to their training."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch

from codesign.files import read_sealed, write_sealed
from codesign.training.errors import TrainingError


@dataclass(frozen=True)
class Identity:
    """What two trainings must share for one to continue from the other's checkpoint."""

    model: str
    """Digest of the normalised model."""
    data: str
    """Digest of the samples."""
    settings: str
    """The training settings as JSON."""
    layer_sizes: str
    """The layer sizes."""
    seed: str
    """The seed."""


def save_checkpoint(path: Path, identity: Identity, state: dict[str, Any]) -> None:
    """Write `state` (numbers, strings, tensors, and lists and dicts of them) to `path`.

    Raises:
        CodesignError: the file cannot be written.
    """
    buffer = io.BytesIO()
    torch.save({"identity": vars(identity), "state": state}, buffer)
    write_sealed(path, buffer.getvalue())


def load_checkpoint(path: Path, identity: Identity) -> dict[str, Any] | None:
    """Read the state back, or None when there is no checkpoint yet, or a damaged one: the training starts again.

    Raises:
        TrainingError: the file cannot be read, or is of another training; the message says what differs.
    """
    try:
        stored = read_sealed(path)
    except OSError as error:
        raise TrainingError(f"cannot read checkpoint {path}: {error.strerror or error}") from error
    if stored is None:
        return None
    content = torch.load(io.BytesIO(stored), map_location="cpu", weights_only=True)
    found, state = content["identity"], content["state"]
    different = [name for name, value in vars(identity).items() if found.get(name) != value]
    if different:
        raise TrainingError(
            f"checkpoint {path} is of a training with another {', '.join(different)}; "
            f"delete it, or write this training elsewhere"
        )
    return cast(dict[str, Any], state)
