"""Models and data that the training tests share."""

import numpy as np
import pytest

from codesign.neuron_model import NormalisedModel
from codesign.training.spike_data import SpikeData, Split


@pytest.fixture
def model() -> NormalisedModel:
    """A neuron model like that of the default design, every term present."""
    return NormalisedModel(
        e_pos=4.0,
        e_neg=-2.5,
        kappa_pos=0.02,
        kappa_neg=0.01,
        gain_pos=0.16,
        gain_neg=0.15,
        load_pos=0.001,
        load_neg=0.0008,
        delay_pos=0.0006,
        delay_neg=0.0002,
        threshold=1.01,
        ramp=1.02,
        fire_delay=0.005,
        kick_pos=4e-4,
        kick_neg=-5e-4,
        fire_minimum=0.003,
        v_min=-1.0,
        v_max=1.4,
    )


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
