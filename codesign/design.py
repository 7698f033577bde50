"""`Design`: everything that a circuit designer chooses, validated, from and to TOML.

All values are in SI units (volts, amperes, seconds, farads) and degrees Celsius, except transistor and
resistor dimensions, which are in micrometres.
"""

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from codesign.errors import CodesignError
from codesign.files import beside, checked_name
from codesign.pdk.technology import DEFAULT_PROCESS, Technology, load_technology
from codesign.plausibility import check_capacitances, check_current, check_gain, check_timing

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class DesignError(CodesignError):
    """A design file that cannot be read, or a design that cannot work."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Conditions(_Section):
    """The conditions of operation and simulation."""

    corner: str = Field(default_factory=lambda: load_technology().typical_corner)
    """Process corner of the transistors; by default the typical one."""
    temperature: Annotated[float, Field(ge=-55, le=150)] = 27.0
    """Junction temperature, Celsius."""
    supply: Positive = Field(default_factory=lambda: load_technology().supply)
    """Supply voltage, V; by default the nominal one of the process."""
    mismatch: bool = False
    """Whether to simulate a chip, whose devices differ by the PDK's statistics, or the matched circuit."""
    seed: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    """Number of the chip."""


class Levels(_Section):
    """Analog levels of the membrane."""

    reset: Positive = 0.8
    """Level to which the membrane is reset, V."""
    swing: Positive = 0.45
    """Firing threshold minus reset level, V: the unit of the normalised membrane potential."""
    lowest: Positive = 0.35
    """Lower end of the membrane range over which the model is fitted and networks are trained, V."""
    highest: Positive = 1.4
    """Upper end of that range, V."""
    ratiometric: bool = False
    """Whether the levels are parts of the supply, and the reference current flows from it through a resistor: at
    another supply both scale with it. What the file gives is theirs at the file's supply."""

    @property
    def threshold(self) -> float:
        """Firing threshold, V."""
        return self.reset + self.swing


class Timing(_Section):
    """Durations of the phases of a layer: reset, accumulation, firing."""

    window: Positive = 1e-6
    """Accumulation window, and firing window (the next layer's accumulation), s: the unit of normalised time."""
    reset: Positive = 200e-9
    """Reset phase, s."""
    guard: Positive = 10e-9
    """Pause after the reset and between accumulation and firing, s."""
    edge: Positive = 0.2e-9
    """Rise and fall time of the phase signals and input spikes, s."""


class Bias(_Section):
    """The one reference current and the mirrors that make every bias from it."""

    reference_current: Positive = 130e-9
    """Reference current, A: also the nominal current of one unit cell at the reset level."""
    reference_units: Annotated[int, Field(ge=1, le=64)] = 1
    """Units of the mirror that takes the reference in, which is so many reference currents: with more of them chips
    differ less."""
    replica_units: Annotated[int, Field(ge=1, le=64)] = 4
    """Unit cells in each replica that sets a synapse bias."""
    mirror_width: Positive = 1.0
    """Width of one unit of the current mirrors, um."""
    mirror_length: Positive = 4.0
    """Length of the current mirrors, um."""
    tail_width: Positive = 0.5
    """Width of one unit of the tail mirrors, um: small, so that a comparator that trips hardly moves their shared gate
    line."""
    tail_length: Positive = 1.0
    """Length of the tail mirrors, um."""
    decoupling: Positive = 7e-12
    """Capacitance that steadies each synapse bias line, F; the lines of the ramps and of the tails have half of it."""

    @property
    def reference_input(self) -> float:
        """The current that flows into the circuit's reference port, A."""
        return self.reference_units * self.reference_current


class TransistorSynapse(_Section):
    """Two transistors in series: a switch at the rail and a current source at the membrane."""

    kind: Literal["transistor"] = "transistor"
    positive_width: Positive = 0.42
    """Width of both PMOS transistors of the positive unit cell, um."""
    positive_length: Positive = 0.15
    """Length of the PMOS current source, um."""
    negative_width: Positive = 0.42
    """Width of both NMOS transistors of the negative unit cell, um."""
    negative_length: Positive = 0.15
    """Length of the NMOS current source, um."""
    max_units: Annotated[int, Field(ge=1, le=64)] = 15
    """Largest number of unit cells in one synapse, either sign."""

    @property
    def biased(self) -> bool:
        """Whether the cells need a bias, which a replica then makes."""
        return True


class ResistorSynapse(_Section):
    """A switch at the rail and a high-resistance poly resistor to the membrane."""

    kind: Literal["resistor"]
    positive_length: Positive
    """Length of the resistor to the supply, um."""
    negative_length: Positive
    """Length of the resistor to ground, um."""
    width: Positive = 0.35
    """Width of both resistors, um."""
    max_units: Annotated[int, Field(ge=1, le=64)] = 15
    """Largest number of unit cells in one synapse, either sign."""

    @property
    def biased(self) -> bool:
        """Whether the cells need a bias, which a replica then makes."""
        return False


class UserCell(_Section):
    """A user's own unit cell: a subcircuit, and the role of each port."""

    subcircuit: str
    """Name of the `.subckt`."""
    membrane: str
    """Port at the membrane."""
    spike: str
    """Port of the spike."""
    spike_active: Literal["high", "low"]
    """Whether the cell is on while its spike port is high or low."""
    supply: str | None = None
    """Port at the supply, if the cell has one."""
    ground: str | None = None
    """Port at ground, if the cell has one."""
    bias: str | None = None
    """Port of the bias voltage, if the cell has one."""

    @field_validator("subcircuit", "membrane", "spike", "supply", "ground", "bias")
    @classmethod
    def _plain_name(cls, name: str | None) -> str | None:
        return None if name is None else checked_name(name, "name in the user cell")

    @model_validator(mode="after")
    def _one_role_each(self) -> Self:
        given = [self.membrane, self.spike, self.supply, self.ground, self.bias]
        if len(self.ports) < sum(port is not None for port in given):
            raise ValueError("a port has two roles (SPICE ignores case); give each port one")
        return self

    @property
    def ports(self) -> dict[str, str]:
        """The net that each port is connected to, by the port's name in lower case."""
        nets = {
            self.membrane: "membrane",
            self.spike: "spike" if self.spike_active == "high" else "spike_b",
            self.supply: "vdd",
            self.ground: "vss",
            self.bias: "bias",
        }
        return {port.lower(): net for port, net in nets.items() if port is not None}


class UserSynapse(_Section):
    """The user's own unit cells."""

    kind: Literal["user"]
    file: Path
    """SPICE file with the subcircuits, relative to the design file."""
    positive: UserCell
    negative: UserCell
    max_units: Annotated[int, Field(ge=1, le=64)] = 15
    """Largest number of unit cells in one synapse, either sign."""

    @property
    def biased(self) -> bool:
        """Whether the cells need a bias, which a replica then makes."""
        return self.positive.bias is not None or self.negative.bias is not None


Cell = Annotated[TransistorSynapse | ResistorSynapse, Field(discriminator="kind")]


class ProgrammableSynapse(_Section):
    """Groups of 1, 2, 4, ... unit cells of either sign at every crossing, each group switched by a stored bit."""

    kind: Literal["programmable"]
    cell: Cell
    """The unit cell; its `max_units` does not count."""
    bits: Annotated[int, Field(ge=1, le=6)] = 4
    """Groups of each sign, so that weights reach from -(2^bits - 1) to 2^bits - 1."""
    bit_width: Positive = 0.84
    """Width of the transistor that the bit switches, in series with the switch of each unit cell, um."""
    cell_capacitance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Expected capacitance of one cell that is off, F: all cells of a column are on its membrane, whatever the weights,
    and the nominal gain counts them."""

    @property
    def max_units(self) -> int:
        """Largest number of unit cells in one synapse, either sign."""
        return 2**self.bits - 1

    @property
    def biased(self) -> bool:
        """Whether the cells need a bias, which a replica then makes."""
        return self.cell.biased


Synapse = Annotated[
    TransistorSynapse | ResistorSynapse | UserSynapse | ProgrammableSynapse, Field(discriminator="kind")
]


class Neuron(_Section):
    """The reset, accumulate and fire neuron with a ramp of its own: small, and made for matched devices."""

    kind: Literal["ramp"] = "ramp"
    capacitance: Positive = 1.907e-12
    """Membrane capacitor (MIM), F."""
    wire_capacitance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 93e-15
    """Expected capacitance of a membrane's wires, F: it represents the layout in the schematic."""
    inner_wire_capacitance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 15e-15
    """Expected capacitance of the wires of each inner node of a neuron, F: they slow the ramp and the comparator."""
    ramp_units: Annotated[int, Field(ge=1, le=64)] = 7
    """Ramp current as a multiple of the reference current."""
    tail_units: Annotated[int, Field(ge=2, le=64, multiple_of=2)] = 16
    """Tail current of the comparator as an even multiple of the reference current."""


class AutozeroNeuron(_Section):
    """The neuron whose amplifier resets its own membrane and so takes out its own offset; a layer shares one ramp."""

    kind: Literal["autozero"]
    capacitance: Positive = 3.9e-12
    """Membrane capacitor (MIM), F."""
    wire_capacitance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 93e-15
    """Expected capacitance of a membrane's wires, F: it represents the layout in the schematic."""
    inner_wire_capacitance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 15e-15
    """Expected capacitance of the wires of each inner node of a neuron, F."""
    ramp_units: Annotated[int, Field(ge=1, le=64)] = 9
    """Current of a layer's ramp as a multiple of the reference current."""
    ramp_capacitance: Positive = 5e-12
    """Capacitor of a layer's ramp (MIM), F."""
    line_switch_width: Positive = 4.0
    """Width of the NMOS transistors of the switches at the ramp, um; the PMOS transistors are twice as wide."""
    switch_width: Positive = 0.42
    """Width of the NMOS transistor of the reset switch, um; the PMOS transistor is twice as wide."""
    tail_units: Annotated[int, Field(ge=2, le=64)] = 12
    """Tail current of the amplifier as a multiple of the reference current."""
    pair_width: Positive = 16.0
    """Width of the amplifier's pair, um."""
    pair_length: Positive = 1.0
    """Length of the amplifier's pair, um."""
    load_width: Positive = 4.0
    """Width of the amplifier's load, um."""
    load_length: Positive = 1.0
    """Length of the amplifier's load, um."""
    stage_units: Annotated[int, Field(ge=1, le=64)] = 3
    """Current of the second stage as a multiple of the reference current."""
    stage_width: Positive = 2.0
    """Width of the second stage's PMOS transistor, um."""
    stage_length: Positive = 0.5
    """Length of the second stage's PMOS transistor, um."""


AnyNeuron = Annotated[Neuron | AutozeroNeuron, Field(discriminator="kind")]


class Design(_Section):
    """A network of analog neurons: its process, size, operating conditions, timing, levels, biases and cells.

    Immutable. Two equal designs have equal `digest`s.

    Raises:
        DesignError: from `load`, when the file cannot be read or a value is missing, unknown or impossible.
    """

    name: str
    pdk: str = DEFAULT_PROCESS
    """The process that the circuit is drawn in, a folder of `pdk/`."""
    layer_sizes: Annotated[tuple[Annotated[int, Field(ge=1, le=1024)], ...], Field(min_length=2)] = (5, 5, 5)
    """Number of inputs, then of neurons in each layer."""
    conditions: Conditions = Field(default_factory=Conditions)
    levels: Levels = Levels()
    timing: Timing = Timing()
    bias: Bias = Bias()
    synapse: Synapse = TransistorSynapse()
    neuron: AnyNeuron = Neuron()

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        return checked_name(name, "design name")

    @field_validator("pdk")
    @classmethod
    def _known_process(cls, process: str) -> str:
        load_technology(process)
        return process

    @model_validator(mode="before")
    @classmethod
    def _nominal_conditions(cls, values: Any) -> Any:
        """Corner and supply that are not given are the process's own."""
        if not isinstance(values, dict):
            return values
        given = cast(dict[str, Any], values)
        conditions: Any = given.get("conditions", {})
        if not isinstance(conditions, dict):
            return given
        technology = load_technology(given.get("pdk", DEFAULT_PROCESS))
        nominal = {"corner": technology.typical_corner, "supply": technology.supply}
        return given | {"conditions": nominal | cast(dict[str, Any], conditions)}

    @model_validator(mode="after")
    def _fits_process(self) -> Self:
        conditions, technology = self.conditions, self.technology
        if conditions.corner not in technology.corners:
            raise ValueError(
                f"conditions.corner = {conditions.corner!r} is not a corner of {technology.label}; use one of "
                f"{', '.join(technology.corners)}"
            )
        if conditions.supply > technology.highest_supply:
            raise ValueError(
                f"conditions.supply = {conditions.supply:g} V is more than the {technology.highest_supply:g} V that "
                f"the transistors' models are valid for; lower it"
            )
        return self

    @model_validator(mode="after")
    def _columns_alike(self) -> Self:
        check_columns(self.synapse, self.layer_sizes)
        return self

    @model_validator(mode="after")
    def _fits_supply(self) -> Self:
        if self.levels.threshold >= self.conditions.supply:
            raise ValueError(
                f"levels.reset + levels.swing = {self.levels.threshold:g} V must lie below conditions.supply = "
                f"{self.conditions.supply:g} V"
            )
        if not self.levels.lowest < self.levels.reset < self.levels.threshold <= self.levels.highest:
            raise ValueError("levels must rise: lowest < reset < reset + swing <= highest")
        if self.levels.highest >= self.conditions.supply:
            raise ValueError(
                f"levels.highest = {self.levels.highest:g} V must lie below conditions.supply = "
                f"{self.conditions.supply:g} V"
            )
        return self

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        timing, bias, neuron = self.timing, self.bias, self.neuron
        check_timing(timing.window, timing.edge, {"reset": timing.reset, "guard": timing.guard})
        capacitances = {
            "neuron.capacitance": (neuron.capacitance, 1),
            # The lines of the ramps and of the tails have half of it.
            "bias.decoupling": (bias.decoupling, 2),
            "neuron.wire_capacitance": (neuron.wire_capacitance, 0),
            "neuron.inner_wire_capacitance": (neuron.inner_wire_capacitance, 0),
        }
        if neuron.kind == "autozero":
            capacitances["neuron.ramp_capacitance"] = (neuron.ramp_capacitance, 1)
        check_capacitances(self.technology, capacitances)
        check_current(self.technology, bias.reference_current, bias.mirror_width, bias.mirror_length)
        check_gain(self.nominal_gain, self.nominal_ramp)
        return self

    @property
    def technology(self) -> Technology:
        """The design's process: devices, limits, conditions."""
        return load_technology(self.pdk)

    @property
    def digest(self) -> str:
        """SHA-256 of the design's canonical JSON, hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def nominal_gain(self) -> float:
        """Normalised weight of one unit cell in the conventional mapping: I_ref window / (C swing), C with wires."""
        capacitance = self.neuron.capacitance + self.neuron.wire_capacitance
        if self.synapse.kind == "programmable":
            capacitance += 2 * self.cells_of_column * self.synapse.cell_capacitance
        return self.bias.reference_current * self.timing.window / (capacitance * self.levels.swing)

    @property
    def cells_of_column(self) -> int:
        """Unit cells of each sign on every column, whatever its weights; 0 where the weights say how many."""
        return self.synapse.max_units * self.layer_sizes[0] if self.synapse.kind == "programmable" else 0

    @property
    def nominal_ramp(self) -> float:
        """Slope of the firing ramp, in swings per window."""
        neuron = self.neuron
        if neuron.kind == "ramp":
            return self.nominal_gain * neuron.ramp_units
        charge = self.bias.reference_current * neuron.ramp_units * self.timing.window
        return charge / (neuron.ramp_capacitance * self.levels.swing)

    def at(self, **conditions: Any) -> "Design":
        """The same design at other conditions, for example `design.at(corner="ss", temperature=85)`.

        Raises:
            DesignError: unknown or impossible conditions.
        """
        values = self.model_dump() | {"conditions": self.conditions.model_dump() | conditions}
        supply: Any = conditions.get("supply")
        if self.levels.ratiometric and isinstance(supply, int | float):
            values |= self._following(supply / self.conditions.supply)
        try:
            return self.model_validate(values)
        except ValidationError as error:
            raise DesignError(f"conditions of {self.name}: {first_problem(error)}") from error

    def _following(self, ratio: float) -> dict[str, dict[str, Any]]:
        """Levels and biases at a supply of `ratio` times the present one."""
        levels, bias = self.levels, self.bias
        names = ("reset", "swing", "lowest", "highest")
        return {
            "levels": levels.model_dump() | {name: getattr(levels, name) * ratio for name in names},
            "bias": bias.model_dump() | {"reference_current": bias.reference_current * ratio},
        }

    def of_sizes(self, layer_sizes: tuple[int, ...]) -> "Design":
        """The same design for an existing network of other layer sizes."""
        return self.model_copy(update={"layer_sizes": layer_sizes})

    @classmethod
    def load(cls, path: str | Path) -> "Design":
        """Read a design from a design file, or from the `[design]` table of a flow file."""
        values = read_toml(Path(path))
        table = values.get("design", values)
        if not isinstance(table, dict):
            raise DesignError(f"{path}: design is no table; write [design]")
        return cls.parse(cast(dict[str, Any], table), Path(path))

    @classmethod
    def parse(cls, values: dict[str, Any], path: Path) -> "Design":
        """Make a design of a TOML table that was read from `path` (for messages and relative file names)."""
        # A synapse or a neuron without a kind is the default one; pydantic's union needs it spelled out.
        for name, kind in (("synapse", "transistor"), ("neuron", "ramp")):
            if isinstance(table := values.get(name), dict):
                values = values | {name: {"kind": kind} | cast(dict[str, Any], table)}
        synapse: Any = values.get("synapse")
        if isinstance(synapse, dict) and isinstance(file := cast(dict[str, Any], synapse).get("file"), str):
            values = values | {"synapse": synapse | {"file": str(beside(path, file))}}
        try:
            return cls.model_validate(values)
        except (ValidationError, CodesignError) as error:
            raise DesignError(f"{path}: {first_problem(error)}") from error


def check_columns(synapse: Synapse, layer_sizes: tuple[int, ...]) -> None:
    """Refuse columns of different lengths of programmable synapses: one neuron model describes them all.

    Raises:
        ValueError: layers have different numbers of inputs.
    """
    if synapse.kind == "programmable" and len(set(layer_sizes[:-1])) > 1:
        raise ValueError(
            f"layer_sizes = {list(layer_sizes)}: programmable synapses want the same number of inputs in each layer, "
            "since all their cells load the membranes; fill the smaller layers up with weights of 0"
        )


def load_design(path: str | Path | None = None, **values: Any) -> Design:
    """A design from a design file, a flow file or keywords.

    Args:
        path: of the file.
        values: the keys of a design file, in place of one; tables as dictionaries.

    Raises:
        DesignError: the file cannot be read, or a value is missing, unknown or impossible.
    """
    if path is None:
        return Design.parse(values, Path("keywords"))
    if values:
        raise DesignError(f"{path}: give a file or keywords; other conditions come with `design.at(...)`")
    return Design.load(path)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        DesignError: the file cannot be read or is not TOML.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        _check_integers(values)
    except OSError as error:
        raise DesignError(f"cannot read {path}: {error.strerror}; check the path") from error
    except RecursionError as error:
        raise DesignError(f"{path}: arrays or tables are nested too deeply; no key of a design needs that") from error
    # Text that is no UTF-8 or no TOML, integers of thousands of digits.
    except ValueError as error:
        raise DesignError(f"{path} is not valid TOML: {error}") from error
    return values


def _check_integers(value: Any) -> None:
    """Limit integers to the 64 bits of TOML: Python reads larger ones, which no float or array takes."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("an integer lies beyond 64 bits")
    if isinstance(value, dict | list):
        held = cast(dict[str, Any] | list[Any], value)
        for each in held.values() if isinstance(held, dict) else held:
            _check_integers(each)


def first_problem(error: ValidationError | CodesignError) -> str:
    """One line that names the key and says what is wrong with it."""
    if isinstance(error, CodesignError):
        return str(error)
    problem = error.errors()[0]
    # pydantic names the kind that it chose, which is no key of the file.
    kinds = {("neuron", "ramp"), ("neuron", "autozero")}
    loc = problem["loc"]
    key = ".".join(str(part) for before, part in zip(("", *loc), loc, strict=False) if (before, part) not in kinds)
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}; remove it or check its spelling"
    if problem["type"] == "missing":
        return f"missing key {key}; add it"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message} (got {problem['input']!r:.60})" if key else message
