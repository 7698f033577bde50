"""The fitted model of a neuron column: the ODE's parameters in SI units.

This is the only place where volts, amperes and seconds become the trainer's normalised units.
"""

import hashlib
from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from codesign.errors import CodesignError
from codesign.model.model_file import Frozen, ModelFile
from codesign.model.normalised import NormalisedModel
from codesign.model.parameters import CAPACITANCE, OFFSET, PARAMETERS, Parameter, Units
from codesign.model.quantity import NOTHING, Finite, FinitePositive, Negative, NotNegative, Positive, Quantity
from codesign.model.scale import Scale


class NeuronModelError(CodesignError):
    """A neuron model file that cannot be read or holds impossible values."""


class Provenance(Frozen):
    """What made an artefact."""

    tool: str
    """Version of codesign."""
    design: str
    """Digest of the design, or empty for measured data."""
    pdk: str
    """Version or fingerprint of the PDK, or empty for measured data."""
    ngspice: str
    """Version of ngspice, or empty for measured data."""
    source: str
    """What was fitted: a description of the simulations, or the measurement's file."""


class NeuronModel(ModelFile):
    """The fitted neuron column in SI units.

    Voltages of the membrane are counted from its starting level; only the valid range, which is the design's, is
    counted from the nominal reset level.

    C dv/dt = sum_j n_j I (1 - v / E_rev + curvature v^2) theta(t - t_j - delay), with I, E_rev, curvature and delay
    of the sign of the weight, and the leakage in place of I until then. C = capacitance + capacitance_per_unit times
    the unit cells on the column, those that are on counted with on_capacitance beside.
    """

    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="strings")
    file_kind: ClassVar = "neuron model"
    made_by: ClassVar = "codesign extract"
    file_error: ClassVar = NeuronModelError

    schema_version: Literal[1] = Field(default=1, alias="schema")
    scale: Scale
    reset_offset: Finite
    """Starting level of a column without cells minus nominal reset level, V."""
    e_rev_pos: Positive
    """Reversal potential of positive weights, V."""
    e_rev_neg: Negative
    """Reversal potential of negative weights, V."""
    curvature_pos: Finite
    """Curvature of the positive synapse current, 1/V^2."""
    curvature_neg: Finite
    """Curvature of the negative synapse current, 1/V^2."""
    unit_current_pos: FinitePositive
    """Current of one positive unit cell at the starting level, A."""
    unit_current_neg: FinitePositive
    """Current of one negative unit cell at the starting level, A (a magnitude)."""
    leakage_pos: NotNegative = NOTHING
    """Current of one positive unit cell that is off, at the starting level, A."""
    leakage_neg: NotNegative = NOTHING
    """Current of one negative unit cell that is off, at the starting level, A (a magnitude)."""
    leakage: NotNegative = NOTHING
    """What leaks from the supply through the neuron itself, at the starting level, A."""
    capacitance: FinitePositive
    """Membrane capacitance of a column without synapses, F."""
    capacitance_per_unit_pos: Finite
    """Capacitance that one positive unit cell adds to its column, F."""
    capacitance_per_unit_neg: Finite
    """Capacitance that one negative unit cell adds to its column, F."""
    on_capacitance_pos: Finite = NOTHING
    """What a positive unit cell that is on adds beyond that, F."""
    on_capacitance_neg: Finite = NOTHING
    """What a negative unit cell that is on adds beyond that, F."""
    start_shift_pos: Finite = NOTHING
    """Shift of the starting level for each positive unit cell on the column, V on one without cells."""
    start_shift_neg: Finite = NOTHING
    """Shift of the starting level for each negative unit cell on the column, V on one without cells."""
    turn_on_delay_pos: Finite
    """Time from the spike to the current of a positive unit cell, s."""
    turn_on_delay_neg: Finite
    """Time from the spike to the current of a negative unit cell, s."""
    threshold: float = Field(allow_inf_nan=False)
    """Nominal firing threshold, V from the starting level."""
    ramp: FinitePositive
    """Slope of the firing ramp on a column without synapses, V/s."""
    shared_ramp: bool = False
    """Whether neurons fire against a ramp that their columns do not load."""
    firing_delay: Finite
    """Time from the comparator's decision to the spike, s."""
    firing_curvature: Finite
    """Curvature of the ramp, s/V^2: times the square of the distance, added to the time to the threshold."""
    firing_lag: NotNegative
    """Time constant with which the comparator follows the membrane, s."""
    firing_hold: NotNegative
    """How far below its decision the comparator is held until the ramp starts, s of the unloaded ramp."""
    kick_pos: Finite
    """Shift of the membrane at the end of the window for each positive unit cell that was on, V on a column without."""
    kick_neg: Finite
    """Shift of the membrane at the end of the window for each negative unit cell that was on, V on a column without."""
    turn_off_delay_pos: Finite = NOTHING
    """How long the current of a positive unit cell goes on when the window is over, s."""
    turn_off_delay_neg: Finite = NOTHING
    """How long the current of a negative unit cell goes on when the window is over, s."""
    valid_min: float
    """Lower end of the membrane range over which the fit holds, V from the nominal reset level."""
    valid_max: float
    """Upper end of that range, V from the nominal reset level."""
    max_units: int = Field(ge=1)
    """Largest number of unit cells in one synapse, either sign."""
    rmse: float = Field(ge=0)
    """Root mean square residual of the membrane fit, V."""
    firing_rmse: float = Field(ge=0)
    """Root mean square residual of the spike times, s."""
    doubts: tuple[str, ...] = ()
    """The doubts of the gate on the fit about a model that was forced; empty if it passed."""
    provenance: Provenance

    def normalised(self) -> NormalisedModel:
        """The model in normalised units."""
        swing = self.scale.swing
        units = Units(swing, self.scale.window, self.capacitance.value)
        fitted = {
            row.normalised_field: row.dimension.normalised(getattr(self, row.field).value, units)
            for row in PARAMETERS
            if row.name != OFFSET
        }
        return NormalisedModel.model_validate(
            {
                **fitted,
                "threshold": self.threshold / swing,
                "shared_ramp": self.shared_ramp,
                "v_min": self.valid_min / swing,
                "v_max": self.valid_max / swing,
                "max_units": self.max_units,
            }
        )

    @classmethod
    def from_normalised(
        cls,
        model: NormalisedModel,
        *,
        scale: Scale,
        offset: float,
        intervals: dict[str, float],
        capacitance: Quantity,
        rmse: float,
        firing_rmse: float,
        provenance: Provenance,
        doubts: Sequence[str] = (),
    ) -> "NeuronModel":
        """Give a fitted normalised model its SI units.

        Args:
            model: the fitted model.
            scale: the units.
            offset: starting level minus nominal reset level, in swings.
            intervals: half-width of the 95 % interval of each fitted parameter, by its name in the table.
            capacitance: of the column without synapses, F: a fit of traces alone gives only currents per capacitance.
            rmse: root mean square residual of the membrane, in swings.
            firing_rmse: root mean square residual of the spike times, in windows.
            provenance: what was fitted.
            doubts: see `NeuronModel.doubts`.
        """
        swing = scale.swing
        units = Units(swing, scale.window, capacitance.value)

        def quantity(row: Parameter) -> Quantity:
            value = offset if row.name == OFFSET else getattr(model, row.normalised_field)
            unit, width = row.dimension.worth(units), intervals.get(row.name, 0.0)
            return Quantity(value=value * unit, interval=row.half_width(value, width) * unit)

        return cls.model_validate(
            {
                **{row.field: quantity(row) for row in PARAMETERS},
                "scale": scale,
                "capacitance": capacitance,
                "threshold": model.threshold * swing,
                "shared_ramp": model.shared_ramp,
                "valid_min": model.v_min * swing,
                "valid_max": model.v_max * swing,
                "max_units": model.max_units,
                "rmse": rmse * swing,
                "firing_rmse": firing_rmse * scale.window,
                "doubts": doubts,
                "provenance": provenance,
            }
        )

    @property
    def quantities(self) -> list[tuple[str, Quantity, str]]:
        """Name, value and unit of what was fitted, and of the capacitance that was measured."""
        fitted = [(row.label, getattr(self, row.field), row.dimension.unit) for row in PARAMETERS]
        return [*fitted, ("membrane capacitance", self.capacitance, CAPACITANCE.unit)]

    @property
    def digest(self) -> str:
        """SHA-256 of its numbers, hexadecimal, whatever made them."""
        return hashlib.sha256(self.model_dump_json(exclude={"provenance", "doubts"}).encode()).hexdigest()

    def check_values(self) -> None:
        """Values that are possible one by one may have no normalised form."""
        self.normalised()
