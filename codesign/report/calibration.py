"""The content of `calibration.json`, typed."""

from typing import Literal

from pydantic import Field

from codesign.report.content import Content
from codesign.variation.chip_model import HeldOutErrors, Seen


class CalibrationPoint(Content):
    """A calibration with some of the inputs: its errors on the held-out ones, or why there is none."""

    seen: Seen
    inputs: int
    errors: HeldOutErrors | None = None
    failure: str | None = None


class CalibrationCurve(Content):
    """How many inputs a calibration needs."""

    version: Literal[1] = Field(default=1, alias="schema")
    chip: int | None
    """Number of a simulated chip; None for one that was measured."""
    n_inputs: int
    n_held_out: int
    uncalibrated: HeldOutErrors
    """Of the model of the matched circuit."""
    points: tuple[CalibrationPoint, ...]
