"""The content of `montecarlo.json`, typed."""

from statistics import median
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from codesign.report.content import Content, Number, ReportProvenance, ratio


class LayerOfChips(Content):
    """What the chips have in common in all hidden layers, or in the output layer: medians over chips.

    Membranes are counted from their own level at the start of the accumulation.
    """

    ratio_conventional_median: Number
    ratio_bestfit_ideal_median: Number
    rmse_mV_median: Number


class OverChips(Content):
    """A model against chips: all hidden layers, None without any, and the output layer."""

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
    rmse_calibrated_membranes_mV: Number = None
    """Of the model calibrated to the chip by its membranes and spike times, on these inputs, which are others."""
    rmse_calibrated_spike_times_mV: Number = None
    """Of the model calibrated to the chip by its spike times only."""

    @property
    def ratio_conventional(self) -> float | None:
        """The conventional mapping's error in errors of the fitted model."""
        return ratio(self.rmse_conventional_mV, self.rmse_mV)

    @property
    def ratio_bestfit_ideal(self) -> float | None:
        """The best-fit ideal model's error in errors of the fitted model."""
        return ratio(self.rmse_bestfit_ideal_mV, self.rmse_mV)


class ChipRow(Content):
    """One chip: its errors and its classes, or why it has none."""

    chip: int
    hidden: LayerOfChip | None = None
    output: LayerOfChip | None = None
    accuracy: Number = None
    agreement: Number = None
    energy_per_inference_pJ: Number = None
    failure: str | None = None
    calibration_failure: str | None = None
    """Why there is no calibrated model of this chip."""


class ChipAccuracy(Content):
    """Accuracies on the simulated inputs, fractions.

    `matched` is that of the matched circuit, `agreement` that of the chips' classes with the model's.
    """

    matched: Number
    spice_chips_mean: Number
    agreement: Number


class AnyConditions(Content):
    """Chips on the model at drawn conditions: any corner, temperatures and supplies between the ends of a table.

    `yield_` is that of chips whose window was trimmed, one number a chip.
    """

    model_config = ConfigDict(populate_by_name=True)

    n_chips: int
    n_conditions: int
    """Conditions at which models were extracted; between them models are interpolated."""
    yield_: Annotated[float, Field(alias="yield")]
    yield_low: float
    yield_high: float
    yield_untrimmed: float
    mean_accuracy: float
    largest_trim: float
    """Largest deviation of a trimmed window from the nominal one, a fraction."""


class ModelChips(Content):
    """Chips on the model, drawn from the variation model."""

    model_config = ConfigDict(populate_by_name=True)

    n_chips: int
    yield_limit: float
    """Largest loss of accuracy, from that of the matched circuit, of a chip that counts as good; a fraction."""
    yield_: Annotated[float, Field(alias="yield")]
    """Fraction of the chips within it, on the whole test set."""
    yield_low: float
    """Lower end of its 95 % interval (Clopper and Pearson)."""
    yield_high: float
    """Upper end."""
    nominal_accuracy: float
    """Of the matched circuit's model on the whole test set."""
    mean_accuracy: float
    """Mean over chips."""
    sigma_v_ratio: Number
    """Standard deviation of v(1) over chips, that on the model over that in SPICE, in quadratic mean."""
    sigma_spike_time_ratio: Number
    """The same of the spike times."""
    speedup: float
    """Chips a second on the model over chips a second in SPICE, one process each."""
    warning: str | None = None
    """Said where the model does not agree with SPICE."""
    anywhere: AnyConditions | None = None
    """The same chips at conditions drawn from a table, where one was given."""


class MonteCarlo(Content):
    """What chips that differ do to a network and to the model of the matched circuit."""

    schema_version: Annotated[Literal[1], Field(alias="schema")] = 1
    n_chips: int
    n_inputs: int
    failed: int
    swing_mV: float
    n_calibration_inputs: int = 0
    uncalibrated: OverChips
    calibrated_membranes: OverChips | None = None
    calibrated_spike_times: OverChips | None = None
    accuracy: ChipAccuracy
    model: ModelChips | None = None
    matched: ChipRow
    chips: tuple[ChipRow, ...]
    provenance: ReportProvenance


def over_chips(chips: tuple[ChipRow, ...], model: str = "rmse_mV") -> OverChips:
    """The medians over the chips that did not fail.

    Args:
        chips: the rows.
        model: the field of `LayerOfChip` that has the model's errors.
    """
    hidden = [row.hidden for row in chips if row.hidden is not None]
    output = [row.output for row in chips if row.output is not None]
    return OverChips(hidden=_medians(hidden, model), output=_medians(output, model))


def _medians(rows: list[LayerOfChip], model: str) -> LayerOfChips | None:
    if not rows:
        return None
    return LayerOfChips(
        ratio_conventional_median=_median([ratio(row.rmse_conventional_mV, getattr(row, model)) for row in rows]),
        ratio_bestfit_ideal_median=_median([ratio(row.rmse_bestfit_ideal_mV, getattr(row, model)) for row in rows]),
        rmse_mV_median=_median([getattr(row, model) for row in rows]),
    )


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
