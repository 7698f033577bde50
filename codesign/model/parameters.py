"""The fitted parameters, one row each: from this table come the fit, its gate, the model's units, report and docs.

A parameter is fitted in normalised units, as a field of `NormalisedModel`, and stored in SI units, as a field of
`NeuronModel`; both classes declare the field, and a test holds that none is missing. The effect of a new one on
membrane or firing goes into the formulas.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Units:
    """What normalised quantities are worth: swing in V, window in s, membrane capacitance in F."""

    swing: float
    window: float
    capacitance: float


@dataclass(frozen=True)
class Dimension:
    """A physical dimension.

    Attributes:
        unit: SI unit, as shown.
        worth: SI value of one normalised unit.
        normalised: an SI value in normalised units.
    """

    unit: str
    worth: Callable[[Units], float]
    normalised: Callable[[float, Units], float]


VOLTAGE = Dimension("V", lambda u: u.swing, lambda value, u: value / u.swing)
TIME = Dimension("s", lambda u: u.window, lambda value, u: value / u.window)
CURVATURE = Dimension("1/V²", lambda u: u.swing**-2, lambda value, u: value * u.swing**2)
CURRENT = Dimension(
    "A", lambda u: u.capacitance * u.swing / u.window, lambda value, u: value * (u.window / (u.capacitance * u.swing))
)
CAPACITANCE = Dimension("F", lambda u: u.capacitance, lambda value, u: value / u.capacitance)
SLOPE = Dimension("V/s", lambda u: u.swing / u.window, lambda value, u: value * u.window / u.swing)
TIME_CURVATURE = Dimension("s/V²", lambda u: u.window / u.swing**2, lambda value, u: value * u.swing**2 / u.window)


@dataclass(frozen=True)
class Range:
    """The search range of a parameter, in normalised units.

    Attributes:
        start: where the fit starts.
        lower: bound.
        upper: bound.
        step: a change that matters, by which the fit scales the parameter.
        known: widest 95 % interval, as half-width, with which the parameter counts as determined by the data.
    """

    start: float
    lower: float
    upper: float
    step: float
    known: float

    def around(self, nominal: float) -> "Range":
        """The range, given the parameter's nominal value."""
        del nominal
        return self


@dataclass(frozen=True)
class FactorRange:
    """Within a factor of the nominal value, where the fit starts; `step` and `known` are parts of that value."""

    factor: float
    step: float
    known: float

    def around(self, nominal: float) -> Range:
        """The range, given the parameter's nominal value."""
        return Range(nominal, nominal / self.factor, nominal * self.factor, self.step * nominal, self.known * nominal)


@dataclass(frozen=True)
class Parameter:
    """A fitted parameter.

    Attributes:
        name: in the fit.
        field: of `NeuronModel`.
        label: as shown.
        dimension: of the field.
        stage: the fit that finds it.
        range: where the fit searches it.
        reversal: 1 or -1 where the parameter is fitted as the reciprocal of a reversal potential of this sign, so
            that infinity is an ordinary value; 0 for all others.
        ideal: whether the ideal model (E = infinity) has it too.
        may_vanish: whether the lower bound is an ordinary value, that of an effect which is not there.
        resistive: whether only cells with a resistor have it, whose own capacitance holds charge.
    """

    name: str
    field: str
    label: str
    dimension: Dimension
    stage: Literal["membrane", "firing"]
    range: Range | FactorRange
    reversal: Literal[-1, 0, 1] = 0
    ideal: bool = True
    may_vanish: bool = False
    resistive: bool = False

    @property
    def normalised_field(self) -> str:
        """The field of `NormalisedModel`; that of the offset does not exist."""
        return {1: "e_pos", -1: "e_neg", 0: self.name}[self.reversal]

    def of_fitted(self, value: float) -> float:
        """The value of the normalised field for a fitted value."""
        if not self.reversal:
            return value
        return self.reversal / value if value > 0 else self.reversal * math.inf

    def of_normalised(self, value: float) -> float:
        """The fitted value for a value of the normalised field."""
        return self.reversal / value if self.reversal else value

    def half_width(self, value: float, fitted: float) -> float:
        """The interval of the normalised field.

        Args:
            value: of the normalised field.
            fitted: half-width of the interval of the fitted parameter; 0 for one that was not fitted.
        """
        return fitted * value**2 if self.reversal and fitted else fitted


_CONDUCTANCE = Range(start=0.3, lower=0.0, upper=10.0, step=0.03, known=0.1)
_KAPPA = Range(start=0.0, lower=-3.0, upper=3.0, step=1e-3, known=0.3)
_GAIN = FactorRange(factor=10.0, step=0.1, known=0.1)
_LEAK = Range(start=1e-4, lower=0.0, upper=0.1, step=1e-4, known=0.01)
_LOAD = Range(start=1e-4, lower=-0.02, upper=0.1, step=1e-3, known=0.01)
_ON_LOAD = Range(start=0.0, lower=-0.05, upper=0.05, step=1e-3, known=0.01)
_DELAY = Range(start=0.0, lower=-0.05, upper=0.05, step=1e-3, known=0.02)
_OFF_DELAY = Range(start=0.0, lower=-0.1, upper=0.1, step=1e-3, known=0.05)
_KICK = Range(start=0.0, lower=-0.1, upper=0.1, step=1e-3, known=0.01)

PARAMETERS = (
    Parameter(
        "conductance_pos",
        "e_rev_pos",
        "reversal potential, positive",
        VOLTAGE,
        "membrane",
        _CONDUCTANCE,
        reversal=1,
        ideal=False,
        may_vanish=True,
    ),
    Parameter(
        "conductance_neg",
        "e_rev_neg",
        "reversal potential, negative",
        VOLTAGE,
        "membrane",
        _CONDUCTANCE,
        reversal=-1,
        ideal=False,
        may_vanish=True,
    ),
    Parameter("kappa_pos", "curvature_pos", "curvature, positive", CURVATURE, "membrane", _KAPPA, ideal=False),
    Parameter("kappa_neg", "curvature_neg", "curvature, negative", CURVATURE, "membrane", _KAPPA, ideal=False),
    Parameter("gain_pos", "unit_current_pos", "unit current, positive", CURRENT, "membrane", _GAIN),
    Parameter("gain_neg", "unit_current_neg", "unit current, negative", CURRENT, "membrane", _GAIN),
    Parameter("leak_pos", "leakage_pos", "leakage per positive cell off", CURRENT, "membrane", _LEAK, may_vanish=True),
    Parameter("leak_neg", "leakage_neg", "leakage per negative cell off", CURRENT, "membrane", _LEAK, may_vanish=True),
    Parameter("leak", "leakage", "leakage of the neuron", CURRENT, "membrane", _LEAK, may_vanish=True),
    Parameter("load_pos", "capacitance_per_unit_pos", "capacitance per positive cell", CAPACITANCE, "membrane", _LOAD),
    Parameter("load_neg", "capacitance_per_unit_neg", "capacitance per negative cell", CAPACITANCE, "membrane", _LOAD),
    Parameter(
        "on_load_pos",
        "on_capacitance_pos",
        "more per positive cell on",
        CAPACITANCE,
        "membrane",
        _ON_LOAD,
        resistive=True,
    ),
    Parameter(
        "on_load_neg",
        "on_capacitance_neg",
        "more per negative cell on",
        CAPACITANCE,
        "membrane",
        _ON_LOAD,
        resistive=True,
    ),
    Parameter(
        "start_pos", "start_shift_pos", "starting level per positive cell", VOLTAGE, "membrane", _KICK, resistive=True
    ),
    Parameter(
        "start_neg", "start_shift_neg", "starting level per negative cell", VOLTAGE, "membrane", _KICK, resistive=True
    ),
    Parameter("delay_pos", "turn_on_delay_pos", "turn-on delay, positive", TIME, "membrane", _DELAY),
    Parameter("delay_neg", "turn_on_delay_neg", "turn-on delay, negative", TIME, "membrane", _DELAY),
    Parameter("offset", "reset_offset", "reset offset", VOLTAGE, "membrane", Range(0.0, -0.2, 0.2, 1e-3, 0.02)),
    Parameter("fire_delay", "firing_delay", "firing delay", TIME, "firing", Range(5e-3, -0.5, 0.5, 1e-2, 0.05)),
    Parameter("ramp", "ramp", "ramp", SLOPE, "firing", Range(1.0, 1e-2, 1e2, 1e-1, 0.2)),
    Parameter("kick_pos", "kick_pos", "switch-off kick, positive", VOLTAGE, "firing", _KICK),
    Parameter("kick_neg", "kick_neg", "switch-off kick, negative", VOLTAGE, "firing", _KICK),
    Parameter(
        "off_delay_pos", "turn_off_delay_pos", "turn-off delay, positive", TIME, "firing", _OFF_DELAY, resistive=True
    ),
    Parameter(
        "off_delay_neg", "turn_off_delay_neg", "turn-off delay, negative", TIME, "firing", _OFF_DELAY, resistive=True
    ),
    Parameter(
        "fire_curvature",
        "firing_curvature",
        "firing curvature",
        TIME_CURVATURE,
        "firing",
        Range(0.0, -0.5, 0.5, 1e-2, 0.2),
    ),
    Parameter(
        "fire_lag", "firing_lag", "comparator lag", TIME, "firing", Range(3e-2, 1e-4, 0.5, 1e-2, 0.1), may_vanish=True
    ),
    Parameter(
        "fire_hold",
        "firing_hold",
        "comparator hold, of the ramp",
        TIME,
        "firing",
        Range(2e-2, 1e-4, 0.5, 1e-2, 0.1),
        may_vanish=True,
    ),
)
"""All of them, in the order in which they are fitted and shown."""

OFFSET = "offset"
"""Name of the one parameter that `NormalisedModel` does not hold: starting level minus nominal reset level."""


def fitted_parameters(stage: Literal["membrane", "firing"], *, resistive: bool, ideal: bool) -> list[Parameter]:
    """The rows that a fit searches.

    Args:
        stage: of the fit.
        resistive: whether the cells have resistors.
        ideal: whether it is the ideal model (E = infinity) that is fitted.
    """
    rows = (row for row in PARAMETERS if row.stage == stage)
    return [row for row in rows if (row.ideal or not ideal) and (resistive or not row.resistive)]


def parameters_table() -> str:
    """The table as Markdown, for the documentation."""
    lines = [
        "| parameter | in `neuron_model.json` | unit | fitted as | start | bounds | known within |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in PARAMETERS:
        found = one.range
        if isinstance(found, Range):
            where = f"{found.start:g} | {found.lower:g} to {found.upper:g} | {found.known:g}"
        else:
            where = f"nominal | nominal, divided or multiplied by {found.factor:g} | {found.known:.0%} of nominal"
        lines.append(f"| {one.label} | `{one.field}` | {one.dimension.unit} | `{one.name}` | {where} |")
    return "\n".join(lines) + "\n"
