"""The fitted model of a neuron column: the ODE's parameters in SI units, and their normalised form.

This is the only place where volts, amperes and seconds become the trainer's normalised units: time in
accumulation windows, the membrane potential in swings (reset level to firing threshold), and both measured
from the start of the accumulation (v = 0, t = 0).
"""

import math
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codesign.errors import CodesignError
from codesign.files import write_atomically

Array = TypeVar("Array", bound=Any)
"""A float, a NumPy array or a PyTorch tensor: the formulas below only use arithmetic operators."""


class NeuronModelError(CodesignError):
    """A neuron model file that cannot be read or holds impossible values."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=True, ser_json_inf_nan="strings")


class NormalisedModel(_Frozen):
    """The neuron column in normalised units, all dimensionless.

    The membrane follows dv/dt = sum_j w_j (1 - v / E_j + kappa_j v^2) theta(t - t_j - delay_j), v(0) = 0, with
    E, kappa and the delay of the sign of w_j, and w_j = n_j gain / (1 + load) for n_j unit cells.
    """

    e_pos: float = Field(gt=0)
    """Reversal potential of positive weights; infinity for the ideal model."""
    e_neg: float = Field(lt=0)
    """Reversal potential of negative weights; -infinity for the ideal model."""
    kappa_pos: float = 0.0
    """Curvature of the positive synapse current."""
    kappa_neg: float = 0.0
    """Curvature of the negative synapse current."""
    gain_pos: float = Field(gt=0, allow_inf_nan=False)
    """Weight of one positive unit cell on an unloaded column."""
    gain_neg: float = Field(gt=0, allow_inf_nan=False)
    """Weight of one negative unit cell on an unloaded column (a magnitude)."""
    load_pos: float = 0.0
    """Fraction by which one positive unit cell on the column increases the membrane capacitance."""
    load_neg: float = 0.0
    """Fraction by which one negative unit cell on the column increases the membrane capacitance."""
    delay_pos: float = 0.0
    """Time from the spike to the current of a positive unit cell."""
    delay_neg: float = 0.0
    """Time from the spike to the current of a negative unit cell."""
    threshold: float = 1.0
    """Membrane potential at which the unloaded ramp fires without delay."""
    ramp: float = Field(default=1.0, gt=0)
    """Slope of the ramp on an unloaded column, in swings per window."""
    fire_delay: float = 0.0
    """Time from the ramp's crossing of the threshold to the spike."""
    kick_pos: float = 0.0
    """Shift of the membrane at the end of the window for each positive unit cell that was on."""
    kick_neg: float = 0.0
    """Shift of the membrane at the end of the window for each negative unit cell that was on."""
    fire_minimum: float = 0.0
    """Earliest spike time: that of a membrane already above the threshold."""
    v_min: float = -math.inf
    """Lower end of the range over which the fit holds."""
    v_max: float = math.inf
    """Upper end of the range over which the fit holds."""
    max_units: int = Field(default=15, ge=1)
    """Largest number of unit cells in one synapse, either sign."""

    def column_load(self, units_pos: Array, units_neg: Array) -> Array:
        """The fraction by which a column's cells increase its membrane capacitance.

        Args:
            units_pos: positive unit cells on the column, summed over its synapses; any shape.
            units_neg: negative unit cells on the column (a count, not negative); same shape.
        """
        return self.load_pos * units_pos + self.load_neg * units_neg

    def firing_time(self, v: Array, load: Array, on_pos: Array, on_neg: Array) -> Array:
        """The spike time for the membrane v(1) at the end of the window, before clipping.

        t = fire_delay + (threshold - v - kick_pos on_pos - kick_neg on_neg) (1 + load) / ramp. The caller takes
        times below `fire_minimum` as `fire_minimum` and times of 1 or more as "never fires".

        Args:
            v: v(1); any shape.
            load: from `column_load`; broadcasts with v.
            on_pos: positive unit cells whose spike came within the window; same shape as v.
            on_neg: negative unit cells whose spike came within the window; same shape as v.
        """
        kicked = v + self.kick_pos * on_pos + self.kick_neg * on_neg
        return self.fire_delay + (self.threshold - kicked) * (1 + load) / self.ramp

    def ideal(self) -> "NormalisedModel":
        """The conventional mapping: E = infinity, nominal gains, t = 1 - v, no second-order term."""
        return NormalisedModel(
            e_pos=math.inf,
            e_neg=-math.inf,
            gain_pos=self.gain_pos,
            gain_neg=self.gain_neg,
            v_min=self.v_min,
            v_max=self.v_max,
            max_units=self.max_units,
        )
