"""The result of a training: integer weights and their provenance. Needs no PyTorch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from codesign.arrays import Integers
from codesign.files import write_atomically
from codesign.training.errors import TrainingError
from codesign.training.settings import TrainingSettings
from codesign.weights import WeightsError, read_weights

Kind = Literal["fitted", "ideal"]
"""Trained on the fitted model (proposed), or at E = infinity with nominal gains (conventional)."""

_METADATA_KEY = "codesign_training"


class TrainingRecord(BaseModel):
    """Provenance and results of a training."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    """Which model was trained on."""
    seed: int
    """Seed of initial weights and mini-batches."""
    settings: TrainingSettings
    """How it was trained."""
    max_units: int
    """Largest number of unit cells in one synapse."""
    model_digest: str
    """SHA-256 of the normalised model trained on."""
    data_source: str
    """Where the samples came from and how they were encoded."""
    data_digest: str
    """SHA-256 of the samples."""
    tool_version: str
    """Version of codesign."""
    torch_version: str
    """Version of PyTorch."""
    train_accuracy: float
    """Fraction correct on the training samples, exact ODE of the model trained on; so are the next two."""
    validation_accuracy: float
    """Fraction correct on the validation samples."""
    test_accuracy: float
    """Fraction correct on the test samples, on which nothing was chosen."""
    out_of_range: float
    """Fraction of all samples of which some membrane leaves the valid range."""


@dataclass(frozen=True)
class TrainedNetwork:
    """A network as signed numbers of unit cells."""

    layers: tuple[Integers, ...]
    """One array a layer, first layer first; shape (neurons, inputs), int64."""
    record: TrainingRecord
    """Provenance and results."""

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Number of inputs, then of neurons in each layer."""
        return (self.layers[0].shape[1], *(layer.shape[0] for layer in self.layers))

    def save(self, path: str | Path) -> None:
        """Write a `.safetensors` file: tensors layer_1, layer_2, ..., the record in the metadata.

        Raises:
            CodesignError: the file cannot be written.
        """
        tensors = {f"layer_{index}": layer for index, layer in enumerate(self.layers, start=1)}
        write_atomically(path, save(tensors, {_METADATA_KEY: self.record.model_dump_json()}))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises:
            TrainingError: the file is missing, damaged, or not a trained network of this tool.
        """
        try:
            with safe_open(path, framework="numpy") as file:  # pyright: ignore[reportUnknownVariableType]
                metadata = cast(dict[str, str] | None, file.metadata()) or {}  # pyright: ignore
            record = TrainingRecord.model_validate_json(metadata[_METADATA_KEY])
            return cls(read_weights(path, record.max_units).layers, record)
        except OSError as error:
            raise TrainingError(f"cannot read {path}: {error.strerror or error}; check the path") from error
        except KeyError as error:
            raise TrainingError(f"{path} holds weights but no training record; read it as a weight file") from error
        except (SafetensorError, ValidationError, WeightsError) as error:
            reason = str(error).splitlines()[0]
            raise TrainingError(f"{path} is no trained network of this version: {reason}; train again") from error
