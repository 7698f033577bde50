"""A data set as spike times, split for training, validation and test."""

import hashlib
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats, Integers

LabelArray = Integers


@dataclass(frozen=True)
class Split:
    """One part of a data set."""

    times: Floats
    """Spike time of each input in accumulation windows, shape (samples, inputs); 1 or more never comes."""
    labels: LabelArray
    """Class of each sample, an index into `SpikeData.classes`; shape (samples,)."""


@dataclass(frozen=True)
class SpikeData:
    """A classification data set as spike times.

    The three parts share no sample. The encoding is fitted on `train` alone.
    """

    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    """Names of the classes; class k is the k-th neuron of the last layer."""
    source: str
    """Where the data came from and how they became spike times, for provenance."""

    @property
    def inputs(self) -> int:
        """Number of inputs of a sample."""
        return self.train.times.shape[1]

    @property
    def digest(self) -> str:
        """SHA-256 of all times and labels, hexadecimal."""
        content = hashlib.sha256(repr(self.classes).encode())
        for split in (self.train, self.validation, self.test):
            content.update(np.ascontiguousarray(split.times).tobytes())
            content.update(np.ascontiguousarray(split.labels).tobytes())
        return content.hexdigest()
