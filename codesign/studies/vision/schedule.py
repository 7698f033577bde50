"""The learning rate in the course of a training."""

import math

START = 0.1
"""Learning rate of the first step, as a part of the largest."""


def one_cycle(step: int, steps: int, warm_up: float) -> float:
    """The learning rate as a part of the largest: a line up from `START`, then a cosine down to 0.

    Args:
        step: 0 to steps - 1.
        steps: of the whole training.
        warm_up: part of the training in which it rises.
    """
    rising = warm_up * steps
    if step < rising:
        return START + (1 - START) * step / rising
    return (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2
