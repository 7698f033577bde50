"""Models and data that the training tests share."""

import numpy as np
import pytest

from codesign.model.normalised import NormalisedModel
from codesign.training.spike_data import SpikeData, Split
from tests.models import FITTED


@pytest.fixture
def model() -> NormalisedModel:
    """A neuron model like that of the default design."""
    return FITTED


def _split(samples: int, generator: np.random.Generator) -> Split:
    labels = np.arange(samples) % 2
    early, late = generator.uniform(0.1, 0.4, samples), generator.uniform(0.6, 0.9, samples)
    first, second = np.where(labels == 0, early, late), np.where(labels == 0, late, early)
    third = generator.uniform(0.1, 0.9, samples)
    return Split(np.stack((first, second, third), axis=1), labels.astype(np.int64))


@pytest.fixture
def easy_data() -> SpikeData:
    """Two classes: which of the first two of three inputs spikes earlier."""
    generator = np.random.default_rng(7)
    train, validation, test = (_split(samples, generator) for samples in (60, 20, 20))
    return SpikeData(train, validation, test, classes=("first", "second"), source="test")
