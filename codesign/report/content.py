"""The content of `report.json`, typed: written, shown on the page, and read back.

The unit is in the name of a field; fields without one are counts, fractions, ratios or normalised values. A number
that is infinite or does not exist is None here and `null` in the file.
"""

import math
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from codesign.design import Conditions
from codesign.errors import CodesignError
from codesign.files import without_mark, write_atomically


class ReportError(CodesignError):
    """A `report.json` that cannot be read."""


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite)]
"""A number, or None where it is infinite or does not exist."""


def ratio(above: float | None, below: float | None) -> float | None:
    """One number in units of another; None where either is missing or the second is 0."""
    return above / below if above is not None and below else None


class Content(BaseModel):
    """What every part of a report is: frozen, without other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LayerErrors(Content):
    """Membrane errors of all hidden layers, or of the output layer.

    `rmse_NAME_mV` is the root mean square error of a model, `ratio_NAME` this error in errors of the fitted model.
    """

    rmse_fitted_mV: Number
    rmse_conventional_mV: Number
    rmse_conventional_same_weights_mV: Number
    rmse_bestfit_ideal_mV: Number
    rmse_bestfit_ideal_own_weights_mV: Number
    rmse_hindsight_ideal_mV: Number
    fitted_fraction_of_swing: Number
    ratio_conventional: Number
    ratio_conventional_same_weights: Number
    ratio_bestfit_ideal: Number
    ratio_bestfit_ideal_own_weights: Number
    ratio_hindsight_ideal: Number
    rmse_calibrated_mV: Number = None
    """Of the model that is calibrated to the chip, where one was simulated."""
    ratio_calibrated: Number = None


class LayoutErrors(LayerErrors):
    """The same on layouts: `fitted` is the model fitted again to extracted columns."""

    rmse_schematic_fitted_mV: Number
    ratio_schematic_fitted: Number
    ratio_conventional_to_schematic_fitted: Number


Errors = TypeVar("Errors", bound=LayerErrors)


class SeedErrors(Content, Generic[Errors]):
    """What one training seed gave."""

    seed: int
    inputs: int
    conventional_inputs: int
    test_accuracy: float
    conventional_test_accuracy: float
    hidden: Errors
    output: Errors


class Comparison(Content, Generic[Errors]):
    """Model against SPICE, over all seeds and of each."""

    n_inputs: int
    n_seeds: int
    swing_mV: float
    outside_valid_range: Number
    hidden: Errors
    output: Errors
    seeds: tuple[SeedErrors[Errors], ...]


class Accuracy(Content):
    """Classes of model and circuit on the simulated inputs, and the test set's median over the seeds."""

    model: float
    spice: float
    agreement: float
    n: int
    test_median: float
    conventional_test_median: float


class ExtractionContent(Content):
    """The neuron model and its cross-checks against direct measurements."""

    e_rev_pos_V: Number
    e_rev_neg_V: Number
    e_rev_pos: Number
    e_rev_neg: Number
    rmse_mV: Number
    firing_rmse_ns: Number
    ideal_rmse_mV: Number
    e_rev_pos_dc_V: Number
    e_rev_neg_dc_V: Number
    unit_current_pos_A: Number
    unit_current_neg_A: Number
    unit_current_pos_dc_A: Number
    unit_current_neg_dc_A: Number
    capacitance_per_unit_pos_F: Number
    capacitance_per_unit_neg_F: Number
    capacitance_per_unit_pos_direct_F: Number
    capacitance_per_unit_neg_direct_F: Number


class Spread(Content):
    """Of a quantity over all membranes."""

    mean: float
    least: float
    most: float


class PostLayoutContent(Comparison[LayoutErrors]):
    """The comparison with the extracted layouts."""

    extraction: ExtractionContent
    accuracy: Accuracy
    energy_per_inference_pJ: float
    wire_capacitance_fF: Spread
    area_um2: float
    drc_violations: int
    lvs_match: bool


class SimulationContent(Content):
    """How the networks were simulated, and what an inference took; None where that is not known."""

    method: Literal["whole", "columns"]
    processor_s_per_inference: Number = None
    peak_MB: Number = None
    """Of the largest simulation."""


class Runtime(Content):
    """Time and simulations of the command."""

    wall_s: float
    spice_runs: int
    cache_hits: int


class ReportProvenance(Content):
    """What made the report."""

    codesign: str
    ngspice: str
    pdk: str
    design: str
    flow: str
    conditions: Conditions
    seeds: tuple[int, ...]
    data: dict[str, Any]


class Report(Content):
    """Everything in `report.json`."""

    version: Literal[1] = Field(default=1, alias="schema")
    doubts: tuple[str, ...] = ()
    """Why the fitted model does not describe the circuit; empty if it does."""
    extraction: ExtractionContent
    comparison: Comparison[LayerErrors]
    accuracy: Accuracy
    energy_per_inference_pJ: Number
    """None where columns were simulated, and so the stream's difference."""
    latency_us: float
    period_us: float
    pipeline_max_difference_mV: Number
    simulation: SimulationContent
    post_layout: PostLayoutContent | None = None
    runtime: Runtime
    provenance: ReportProvenance

    @property
    def warning(self) -> str:
        """One line to show before all numbers; empty if the model describes the circuit."""
        return f"The model does not describe the circuit: {'. Also: '.join(self.doubts)}." if self.doubts else ""

    def save(self, path: str | Path) -> None:
        """Write the report as strict JSON.

        Raises:
            CodesignError: the file cannot be written.
        """
        absent = {"post_layout"} if self.post_layout is None else None
        write_atomically(Path(path), self.model_dump_json(indent=2, by_alias=True, exclude=absent) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> "Report":
        """Read a `report.json`.

        Raises:
            ReportError: the file cannot be read or is no report of this version.
        """
        return read_content(cls, path)


Read = TypeVar("Read", bound=Content)


def read_content(kind: type[Read], path: str | Path) -> Read:
    """Read a file that holds the content of a report.

    Raises:
        ReportError: the file cannot be read or is none of this version.
    """
    try:
        return kind.model_validate_json(without_mark(Path(path).read_bytes()))
    except OSError as error:
        raise ReportError(f"cannot read {path}: {error.strerror}; give the report.json of a flow") from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        raise ReportError(
            f"{path}: {where}: {problem['msg']}; it is not a report of this version, run the flow again"
        ) from error
