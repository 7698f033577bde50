"""The content of `tuning.json`, typed."""

from typing import Literal

from pydantic import Field

from codesign.report.content import Content


class TuningScore(Content):
    """Before or after a tuning."""

    loss: float
    """Mean cross-entropy of the classes, nats."""
    accuracy: float
    """Fraction of inputs whose class has the largest output membrane, from its own start."""


class TuningScores(Content):
    """On some inputs that the tuning has not seen."""

    inputs: int
    before: TuningScore
    after: TuningScore


class Tuning(Content):
    """What fine-tuning brought, on the model of the chip and in SPICE of it."""

    version: Literal[1] = Field(default=1, alias="schema")
    chip: int | None
    """Number of a simulated chip; None for one that was measured."""
    in_the_loop: bool
    """Whether membranes and spike times of the tuning were the chip's own."""
    steps: int
    samples: int
    """In each step."""
    calibration_simulations: int
    """Of the chip that its model was calibrated with."""
    tuning_simulations: int
    """Of the chip in the loop."""
    changed: int
    """Synapses whose weight is another."""
    model: TuningScores
    """All test samples on the calibrated model."""
    spice: TuningScores | None
    """Some of them in SPICE of the chip; None without."""
