"""The neuron column in the trainer's normalised units.

Time is in accumulation windows, the membrane potential in swings (reset level to firing threshold), and both are
measured from the start of the accumulation (v = 0, t = 0).
"""

import math
from typing import Any, TypeVar

import numpy as np
from pydantic import ConfigDict, Field

from codesign.arrays import Floats, Integers
from codesign.model.comparator import decision_time
from codesign.model.model_file import Frozen

Array = TypeVar("Array", bound=Any)
"""A float, a NumPy array or a PyTorch tensor: the formulas below only use arithmetic operators."""


class NormalisedModel(Frozen):
    """The neuron column in normalised units, all dimensionless.

    The membrane follows dv/dt = sum_j w_j (1 - v / E_j + kappa_j v^2) theta(t - t_j - delay_j), v(0) = 0, with
    E, kappa and the delay of the sign of w_j, and w_j = n_j gain / (1 + load) for n_j unit cells. Until then a cell
    leaks: with its leak in the place of its gain.
    """

    # An ideal model has infinite reversal potentials.
    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="strings")

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
    leak_pos: float = Field(default=0.0, ge=0)
    """Weight of one positive unit cell that is off, on an unloaded column."""
    leak_neg: float = Field(default=0.0, ge=0)
    """Weight of one negative unit cell that is off (a magnitude)."""
    leak: float = Field(default=0.0, ge=0)
    """What leaks from the supply through the neuron itself, as the weight of positive cells, on an unloaded column."""
    load_pos: float = 0.0
    """Fraction by which one positive unit cell on the column increases the membrane capacitance."""
    load_neg: float = 0.0
    """Fraction by which one negative unit cell on the column increases the membrane capacitance."""
    on_load_pos: float = 0.0
    """What a positive unit cell that is on adds beyond `load_pos`."""
    on_load_neg: float = 0.0
    """What a negative unit cell that is on adds beyond `load_neg`."""
    start_pos: float = 0.0
    """Shift of the level at which the membrane starts for each positive unit cell on an unloaded column."""
    start_neg: float = 0.0
    """Shift of the level at which the membrane starts for each negative unit cell on an unloaded column."""
    delay_pos: float = 0.0
    """Time from the spike to the current of a positive unit cell."""
    delay_neg: float = 0.0
    """Time from the spike to the current of a negative unit cell."""
    threshold: float = 1.0
    """Membrane potential at which the comparator trips."""
    ramp: float = Field(default=1.0, gt=0)
    """Slope of the ramp on an unloaded column, in swings per window."""
    shared_ramp: bool = False
    """Whether neurons fire against a ramp that their columns do not load."""
    resistive: bool = False
    """Whether the cells have resistors, whose own capacitance holds charge: what a fit then looks for."""
    fire_delay: float = 0.0
    """Time from the comparator's decision to the spike."""
    fire_curvature: float = 0.0
    """Curvature of the ramp: coefficient of x^2 in the time to the threshold."""
    fire_lag: float = Field(default=0.0, ge=0)
    """Time constant with which the comparator follows the membrane."""
    fire_hold: float = Field(default=0.0, ge=0)
    """How far below its decision the comparator is held until the ramp starts, in windows of the unloaded ramp."""
    kick_pos: float = 0.0
    """Shift of the membrane at the end of the window for each positive unit cell that was on, on an unloaded column."""
    kick_neg: float = 0.0
    """Shift of the membrane at the end of the window for each negative unit cell that was on, on an unloaded column."""
    off_delay_pos: float = 0.0
    """How long the current of a positive unit cell goes on when the window is over."""
    off_delay_neg: float = 0.0
    """How long the current of a negative unit cell goes on when the window is over."""
    v_min: float = -math.inf
    """Lower end of the membrane range over which the fit holds, counted from the nominal reset level."""
    v_max: float = math.inf
    """Upper end of that range."""
    max_units: int = Field(default=15, ge=1)
    """Largest number of unit cells in one synapse, either sign."""

    def synapse_rates(self, weights: Integers, wire_load: Floats | float = 0.0) -> tuple[Floats, Floats, Floats]:
        """The coefficients that each synapse adds to dv/dt = A - B v + C v^2 once it is on.

        Args:
            weights: unit cells, shape (neurons, inputs), integer.
            wire_load: of each column, see `column_load`, shape (neurons,) or one for all.

        Returns:
            A = w, B = w / E and C = w kappa of each synapse, shape (neurons, inputs), float64; w without what leaks
            through it while it is off.
        """
        pos, neg = np.maximum(weights, 0), np.maximum(-weights, 0)
        load = self.column_load(pos.sum(axis=1), neg.sum(axis=1), wire_load)[:, None]
        return self._rates((self.gain_pos - self.leak_pos) * pos, (self.gain_neg - self.leak_neg) * neg, load)

    def leak_rates(self, weights: Integers, wire_load: Floats | float = 0.0) -> tuple[Floats, Floats, Floats]:
        """The coefficients A, B and C of each column while all its cells are off, shape (neurons,), float64.

        Args:
            weights: unit cells, shape (neurons, inputs), integer.
            wire_load: of each column, see `column_load`.
        """
        pos, neg = np.maximum(weights, 0).sum(axis=1), np.maximum(-weights, 0).sum(axis=1)
        return self._rates(*self.column_leak(pos, neg), self.column_load(pos, neg, wire_load))

    def _rates(self, pos: Floats, neg: Floats, load: Floats) -> tuple[Floats, Floats, Floats]:
        """A, B and C of currents, given as weights of either sign on an unloaded column, both magnitudes."""
        w_pos, w_neg = pos / (1 + load), -neg / (1 + load)
        falling = w_pos / self.e_pos + w_neg / self.e_neg
        return w_pos + w_neg, falling, self.kappa_pos * w_pos + self.kappa_neg * w_neg

    def start(self, weights: Integers, wire_load: Floats | float = 0.0) -> Floats:
        """Where each membrane starts, from the level of an empty column, shape (neurons,), float64.

        Args:
            weights: unit cells, shape (neurons, inputs), integer.
            wire_load: of each column, see `column_load`.
        """
        pos, neg = np.maximum(weights, 0).sum(axis=1), np.maximum(-weights, 0).sum(axis=1)
        return (self.start_pos * pos + self.start_neg * neg) / (1 + self.column_load(pos, neg, wire_load))

    def column_leak(self, units_pos: Array, units_neg: Array) -> tuple[Array, Array]:
        """What leaks through a column whose cells are all off, as weights of either sign on an unloaded column.

        Args:
            units_pos: positive unit cells on the column, summed over its synapses; any shape.
            units_neg: negative unit cells on the column (a count, not negative); same shape.
        """
        pos: Any = self.leak + self.leak_pos * units_pos
        neg: Any = self.leak_neg * units_neg
        return pos, neg

    def on_loads(self, weights: Integers, wire_load: Floats | float = 0.0) -> Floats | None:
        """What each synapse adds to its column's capacitance once it is on, as a share of it while all are off.

        Args:
            weights: unit cells, shape (neurons, inputs), integer.
            wire_load: of each column, see `column_load`.

        Returns:
            Shape (neurons, inputs), float64; None where cells that are on add nothing.
        """
        if not self.on_load_pos and not self.on_load_neg:
            return None
        pos, neg = np.maximum(weights, 0), np.maximum(-weights, 0)
        load = self.column_load(pos.sum(axis=1), neg.sum(axis=1), wire_load)[:, None]
        return (self.on_load_pos * pos + self.on_load_neg * neg) / (1 + load)

    def column_load(self, units_pos: Array, units_neg: Array, wire_load: Floats | float = 0.0) -> Array:
        """The fraction by which a column's cells and wires increase its membrane capacitance.

        Args:
            units_pos: positive unit cells on the column, summed over its synapses; any shape.
            units_neg: negative unit cells on the column (a count, not negative); same shape.
            wire_load: share of the column's wires beyond those that the model includes; same shape, or one for all.
        """
        load: Any = self.load_pos * units_pos + self.load_neg * units_neg + wire_load
        return load

    def firing_time(
        self,
        v: Floats,
        load: Floats,
        on_pos: Floats,
        on_neg: Floats,
        leak: tuple[Floats | float, Floats | float] = (0.0, 0.0),
    ) -> Floats:
        """The spike time for the membrane v(1) at the end of the window; the caller takes 1 or more as "never fires".

        Args:
            v: v(1); any shape.
            load: from `column_load`; broadcasts with v.
            on_pos: positive unit cells whose spike came within the window; same shape as v.
            on_neg: negative unit cells whose spike came within the window; same shape as v.
            leak: from `column_leak`; broadcasts with v.
        """
        return self.spike_time(self.threshold_arrival(v, load, on_pos, on_neg, leak))

    def spike_time(self, arrival: Floats) -> Floats:
        """`fire_delay` after the comparator's decision, see `codesign.model.comparator.decision_time`.

        Args:
            arrival: from `threshold_arrival`.
        """
        return self.fire_delay + decision_time(arrival, self.fire_lag, self.fire_hold)

    def threshold_arrival(
        self,
        v: Array,
        load: Array,
        on_pos: Array,
        on_neg: Array,
        leak: tuple[Array | float, Array | float] = (0.0, 0.0),
    ) -> Array:
        """When the ramp brings the membrane to the threshold, below 0 above it; arguments as in `firing_time`.

        With x = (threshold - v - k) (1 + load) the distance that the ramp has to go, x / (ramp + d) + fire_curvature
        x^2. k is what the membrane still moves when the cells are switched off: a kick for each that was on, and its
        current for as long as its delay. d is what leaks at v. A shared ramp leaves out the factor of the load, which
        then slows d.
        """
        distance: Any = self.firing_distance(v, load, on_pos, on_neg)
        drift: Any = leak[0] * (1 - v / self.e_pos + self.kappa_pos * v * v)
        drift = drift - leak[1] * (1 - v / self.e_neg + self.kappa_neg * v * v)
        slope = self.ramp + (drift / (1 + load) if self.shared_ramp else drift)
        return distance / slope + self.fire_curvature * distance * distance

    def firing_distance(self, v: Array, load: Array, on_pos: Array, on_neg: Array) -> Array:
        """How far the ramp has to go, on an unloaded column, in swings; arguments as in `firing_time`."""
        kick: Any = self.kick_pos * on_pos + self.kick_neg * on_neg
        if self.off_delay_pos or self.off_delay_neg:
            pos: Any = self.gain_pos * on_pos * (1 - v / self.e_pos + self.kappa_pos * v * v)
            neg: Any = self.gain_neg * on_neg * (1 - v / self.e_neg + self.kappa_neg * v * v)
            kick = kick + self.off_delay_pos * pos - self.off_delay_neg * neg
        distance: Any = self.threshold - v - kick / (1 + load)
        return distance if self.shared_ramp else distance * (1 + load)

    def ideal(self) -> "NormalisedModel":
        """The conventional mapping: E = infinity, nominal gains, t = 1 - v, no second-order term."""
        return NormalisedModel(
            e_pos=math.inf,
            e_neg=-math.inf,
            gain_pos=self.gain_pos,
            gain_neg=self.gain_neg,
            shared_ramp=self.shared_ramp,
            v_min=self.v_min,
            v_max=self.v_max,
            max_units=self.max_units,
        )
