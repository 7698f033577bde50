"""Where data sets come from: scikit-learn's digits, or a user's own `.npz` or `.csv` file."""

from pathlib import Path
from typing import Any, Literal, Self, cast

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sklearn.datasets import load_digits  # pyright: ignore[reportMissingTypeStubs]

from codesign.training.data_files import read_data_file
from codesign.training.encoding import encode_features, encode_pixels, stratified_split
from codesign.training.errors import DataError
from codesign.training.spike_data import LabelArray, SpikeData, Split
from codesign.weights import natural_key


class DataSettings(BaseModel):
    """Which data set to train on and how to read it: the `[data]` table of a flow file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = None
    """A `.npz` or `.csv` file of the user's own; None takes scikit-learn's digits."""
    label_column: str = "label"
    """The column of a `.csv` file that holds the class; all other columns are features."""
    spike_times: bool = False
    """Whether the columns of a `.csv` file are spike times (in accumulation windows) instead of features."""
    principal_components: bool = False
    """Whether to reduce the features of a file to as many principal components as the network has inputs."""
    encoding: Literal["features", "pixels"] = "features"
    """How features become spike times: each on a scale of its own, or all on one scale of brightness from 0, which
    never spikes."""
    levels: int | None = Field(default=None, ge=2, le=256)
    """Steps of brightness of pixels, 0 among them; None keeps each value."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    """Seed of the split into training, validation and test samples."""

    @model_validator(mode="after")
    def _pixels_stay(self) -> Self:
        if self.encoding == "pixels" and (self.principal_components or self.spike_times):
            raise ValueError('encoding = "pixels" takes features as they are; leave out the other key')
        if self.levels is not None and self.encoding != "pixels":
            raise ValueError('levels are those of pixels; set encoding = "pixels"')
        return self


def load_data(settings: DataSettings, layer_sizes: tuple[int, ...]) -> SpikeData:
    """Read a data set and turn it into spike times for a network.

    Args:
        settings: what to read.
        layer_sizes: number of inputs, then of neurons in each layer; a class is a neuron of the last layer.

    Raises:
        DataError: the file is missing, empty, truncated, pickled or of an unknown kind; a column or array is
            missing; a value is not a finite number or a spike time is below 0; the number of columns does not
            fit the inputs, or the number of classes the last layer; a class has too few samples.
    """
    inputs, outputs = layer_sizes[0], layer_sizes[-1]
    if settings.file is None:
        return _digits(inputs, outputs, settings)
    samples = read_data_file(settings.file, settings.label_column, settings.spike_times)
    classes, labels = _classes(samples.labels)
    if len(classes) != outputs:
        raise DataError(
            f"{settings.file} has {len(classes)} classes, but the last layer has {outputs} neurons; "
            f"make them equal in the design's layer_sizes"
        )
    _check_columns(samples.values.shape[1], inputs, samples.are_times, settings)
    if samples.are_times:
        if settings.encoding == "pixels":
            raise DataError(f'{settings.file}: encoding = "pixels" needs features, but these are spike times')
        parts = stratified_split(labels, classes, settings.seed)
        splits = [Split(samples.values[part], labels[part]) for part in parts]
        return SpikeData(*splits, classes=classes, source=f"{settings.file.name}, split seed {settings.seed}")
    if settings.encoding == "pixels":
        return encode_pixels(samples.values, labels, classes, settings.file.name, settings.levels, settings.seed)
    components = inputs if settings.principal_components else None
    return encode_features(samples.values, labels, classes, settings.file.name, components, settings.seed)


def _digits(inputs: int, outputs: int, settings: DataSettings) -> SpikeData:
    if not (2 <= outputs <= 10 and inputs <= 64):
        raise DataError(
            f"the digits have 10 classes and 64 pixels, which does not fit {inputs} inputs and {outputs} "
            f"outputs; use 1 to 64 inputs and 2 to 10 outputs, or a file of your own"
        )
    digits = cast(Any, load_digits(n_class=outputs))
    pixels = np.asarray(digits.data, dtype=np.float64)
    labels = np.asarray(digits.target, dtype=np.int64)
    classes = tuple(str(digit) for digit in range(outputs))
    source = f"scikit-learn digits 0-{outputs - 1}"
    if settings.encoding == "features":
        return encode_features(pixels, labels, classes, source, inputs, settings.seed)
    if inputs != pixels.shape[1]:
        raise DataError(
            f'encoding = "pixels": the digits have 64 pixels, but the network has {inputs} inputs; '
            f"make them equal in the design's layer_sizes"
        )
    return encode_pixels(pixels, labels, classes, source, settings.levels, settings.seed)


def _check_columns(columns: int, inputs: int, are_times: bool, settings: DataSettings) -> None:
    if settings.principal_components:
        if are_times:
            raise DataError(f"{settings.file}: principal_components needs features, but these are spike times")
        if columns < inputs:
            raise DataError(f"{settings.file} has {columns} features, fewer than the network's {inputs} inputs")
    elif columns != inputs:
        kind = "spike times" if are_times else "features"
        cure = "" if are_times or columns < inputs else " or set principal_components = true"
        raise DataError(
            f"{settings.file} has {columns} {kind} a sample, but the network has {inputs} inputs; "
            f"change the design's layer_sizes{cure}"
        )


def _classes(names: npt.NDArray[np.str_]) -> tuple[tuple[str, ...], LabelArray]:
    """The sorted names of the classes (numbers as numbers), and each sample's index among them."""
    unique, inverse = np.unique(names, return_inverse=True)
    order = sorted(range(len(unique)), key=lambda index: natural_key(str(unique[index])))
    rank = np.empty(len(unique), dtype=np.int64)
    rank[order] = np.arange(len(unique))
    return tuple(str(unique[index]) for index in order), rank[inverse]
