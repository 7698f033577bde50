"""How well output membranes tell the classes."""

from typing import NamedTuple, cast

import numpy as np
from scipy.special import log_softmax  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.arrays import Floats, Integers


class Score(NamedTuple):
    """Of a network on some inputs."""

    loss: float
    """Mean cross-entropy of the classes, nats."""
    accuracy: float
    """Fraction of inputs whose class has the largest output membrane."""


def score(outputs: Floats, labels: Integers, temperature: float) -> Score:
    """The score of output membranes.

    Args:
        outputs: v(1) of the last layer from each membrane's own start, which the first to fire has largest, swings,
            shape (samples, neurons).
        labels: classes, shape (samples,).
        temperature: membrane difference that counts as a factor e, swings.
    """
    probabilities = cast(Floats, log_softmax(outputs / temperature, axis=1))
    right = probabilities[np.arange(len(labels)), labels]
    return Score(float(-right.mean()), float(np.equal(outputs.argmax(axis=1), labels).mean()))
