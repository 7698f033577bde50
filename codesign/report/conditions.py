"""The content of `conditions.json`, typed."""

from typing import Annotated, Literal

from pydantic import Field

from codesign.design import Conditions
from codesign.model.neuron_model import NeuronModel
from codesign.report.content import Content, Number, ReportProvenance, ratio


class LayerOfCondition(Content):
    """Membrane errors of all hidden layers, or of the output layer, at one condition: root mean squares.

    The fitted and the best-fit ideal model are extracted at that condition.
    """

    rmse_mV: Number
    rmse_conventional_mV: Number
    rmse_bestfit_ideal_mV: Number

    @property
    def ratio_conventional(self) -> float | None:
        """The conventional mapping's error in errors of the fitted model."""
        return ratio(self.rmse_conventional_mV, self.rmse_mV)

    @property
    def ratio_bestfit_ideal(self) -> float | None:
        """The best-fit ideal model's error in errors of the fitted model."""
        return ratio(self.rmse_bestfit_ideal_mV, self.rmse_mV)


class TrimmedAccuracy(Content):
    """What one trim of the whole chip brings.

    `factor` is what a tester finds (`codesign.model.trim`), `accuracy` that of the trimmed model on the test set.
    """

    factor: float
    accuracy: float


class ConditionRow(Content):
    """One condition: the model extracted there, its errors, and how the network of the nominal circuit does; or why
    there is none.

    `accuracy` and `agreement` are of SPICE on the simulated inputs, `model_accuracy` is of the model extracted here on
    the whole test set, as it is and with one trim.
    """

    conditions: Conditions
    model: NeuronModel | None = None
    hidden: LayerOfCondition | None = None
    output: LayerOfCondition | None = None
    accuracy: Number = None
    agreement: Number = None
    model_accuracy: Number = None
    window: TrimmedAccuracy | None = None
    reference: TrimmedAccuracy | None = None
    energy_per_inference_pJ: Number = None
    failure: str | None = None

    @property
    def name(self) -> str:
        """The condition in words: "ss, -40 C, 1.7 V"."""
        return f"{self.conditions.corner}, {self.conditions.temperature:g} C, {self.conditions.supply:g} V"


class ConditionTable(Content):
    """One network at many conditions."""

    schema_version: Annotated[Literal[1], Field(alias="schema")] = 1
    n_conditions: int
    n_inputs: int
    failed: int
    nominal_accuracy: float
    """Of the nominal circuit's model on the test set."""
    rows: tuple[ConditionRow, ...]
    provenance: ReportProvenance
