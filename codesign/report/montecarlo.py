"""The content of `montecarlo.json`, typed."""

from statistics import median
from typing import Annotated, Literal

from pydantic import Field

from codesign.report.content import Content, Number, ReportProvenance


class LayerOfChips(Content):
    """What the chips have in common in all hidden layers, or in the output layer: medians over chips.

    Membranes are counted from their own level at the start of the accumulation.
    """

    ratio_conventional_median: Number
    ratio_bestfit_ideal_median: Number
    rmse_mV_median: Number


class Uncalibrated(Content):
    """The model of the matched circuit against chips that it knows nothing of."""

    hidden: LayerOfChips | None
    output: LayerOfChips | None


class LayerOfChip(Content):
    """One chip's membrane errors in all hidden layers, or in the output layer, root mean squares."""

    rmse_mV: Number
    rmse_conventional_mV: Number
    rmse_bestfit_ideal_mV: Number
    rmse_from_nominal_level_mV: Number
    """Of the fitted model, membranes counted from the nominal reset level."""
    offset_sigma_mV: Number
    """Spread of the levels at which membranes start."""

    @property
    def ratio_conventional(self) -> float | None:
        """The conventional mapping's error in errors of the fitted model."""
        return _ratio(self.rmse_conventional_mV, self.rmse_mV)

    @property
    def ratio_bestfit_ideal(self) -> float | None:
        """The best-fit ideal model's error in errors of the fitted model."""
        return _ratio(self.rmse_bestfit_ideal_mV, self.rmse_mV)


class ChipRow(Content):
    """One chip: its errors and its classes, or why it has none."""

    chip: int
    hidden: LayerOfChip | None = None
    output: LayerOfChip | None = None
    accuracy: Number = None
    agreement: Number = None
    energy_per_inference_pJ: Number = None
    failure: str | None = None


class ChipAccuracy(Content):
    """Accuracies on the simulated inputs, fractions.

    `matched` is that of the matched circuit, `agreement` that of the chips' classes with the model's.
    """

    matched: Number
    spice_chips_mean: Number
    agreement: Number


class MonteCarlo(Content):
    """What chips that differ do to a network and to the model of the matched circuit."""

    schema_version: Annotated[Literal[1], Field(alias="schema")] = 1
    n_chips: int
    n_inputs: int
    failed: int
    swing_mV: float
    uncalibrated: Uncalibrated
    accuracy: ChipAccuracy
    matched: ChipRow
    chips: tuple[ChipRow, ...]
    provenance: ReportProvenance


def uncalibrated(chips: tuple[ChipRow, ...]) -> Uncalibrated:
    """The medians over the chips that did not fail."""
    hidden = [row.hidden for row in chips if row.hidden is not None]
    output = [row.output for row in chips if row.output is not None]
    return Uncalibrated(hidden=_medians(hidden), output=_medians(output))


def _medians(rows: list[LayerOfChip]) -> LayerOfChips | None:
    if not rows:
        return None
    return LayerOfChips(
        ratio_conventional_median=_median([row.ratio_conventional for row in rows]),
        ratio_bestfit_ideal_median=_median([row.ratio_bestfit_ideal for row in rows]),
        rmse_mV_median=_median([row.rmse_mV for row in rows]),
    )


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None
