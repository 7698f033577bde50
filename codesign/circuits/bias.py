"""Every bias from one reference current.

A synapse bias comes from a replica of the unit cell that carries the mirrored reference current while an
amplifier holds its membrane port at the reset level: the unit current then equals the reference current at
the reset level whatever the corner and the temperature.
"""

from dataclasses import dataclass

from codesign import design
from codesign.circuits.block import Block, Schematic
from codesign.circuits.ota import Ota, draw_tail
from codesign.circuits.synapse import Sign, synapse_block
from codesign.pdk.technology import MosfetRole

_AMPLIFIER_TAIL_UNITS = 8
"""Enough to bring a bias line back in time after falling membranes have moved it at their reset."""

_LINE_UNITS = 4
"""Mirrors in parallel that hold the line of the ramps and that of the tails: what couples into them decays faster."""

_RAILS: tuple[tuple[Sign, str], tuple[Sign, str]] = (("positive", "vdd"), ("negative", "vss"))
"""Rail of each sign's cells, to which its bias line is held steady."""


def bias_block(chosen: design.Design) -> "BiasGenerator":
    """The bias generator of a design."""
    return BiasGenerator(chosen.bias, chosen.synapse, ramps=chosen.neuron.kind == "ramp")


OF_CELLS = ("positive_load", "negative_load", "replica_", "amplifier_", "steady_positive", "steady_negative")
"""How the names of those parts of a bias generator begin that serve the cells' biases only."""


@dataclass(frozen=True)
class BiasGenerator(Block):
    """Makes every bias from the reference current that flows into `reference`.

    `reference`, `bias_ramp` and `bias_tail` are gate lines of NMOS mirrors. The first sets every current and stays
    inside; the neurons' ramps and tails have lines of their own, for membranes couple into the wires beside them
    and comparators swing the drains of their tails.

    Attributes:
        bias: sizes and units of the mirrors.
        synapse: the cells whose replicas set their biases.
        ramps: whether the neurons have ramps of their own, off the line `bias_ramp`.
    """

    bias: design.Bias
    synapse: design.Synapse
    ramps: bool = True

    @property
    def name(self) -> str:
        return "bias_generator"

    @property
    def ports(self) -> tuple[str, ...]:
        ramp = ("bias_ramp",) if self.ramps else ()
        return ("reset_level", "reference", "bias_positive", "bias_negative", *ramp, "bias_tail", "vdd", "vss")

    @property
    def description(self) -> str:
        return f"replica biases of {self.bias.replica_units} unit cells each, and mirrors, off one reference current"

    def draw(self, schematic: Schematic) -> None:
        self._mirror(schematic, "reference", "nmos", "reference", "reference", self.bias.reference_units)
        self._mirror(schematic, "fold_sink", "nmos", "fold", "reference", 1)
        self._mirror(schematic, "fold_diode", "pmos", "fold", "fold", 1)
        if self.ramps:
            self._mirror(schematic, "ramp_source", "pmos", "bias_ramp", "fold", _LINE_UNITS)
            self._mirror(schematic, "ramp_diode", "nmos", "bias_ramp", "bias_ramp", _LINE_UNITS)
        self._mirror(schematic, "tail_source", "pmos", "bias_tail", "fold", _LINE_UNITS)
        draw_tail(schematic, self.bias, "tail_diode", "bias_tail", _LINE_UNITS)
        for line in ("ramp", "tail") if self.ramps else ("tail",):
            schematic.mim_capacitor(f"steady_{line}", f"bias_{line}", "vss", self.bias.decoupling / 2)
        if self.synapse.biased:
            self._draw_replicas(schematic)

    def _draw_replicas(self, schematic: Schematic) -> None:
        units = self.bias.replica_units
        self._mirror(schematic, "positive_load", "nmos", "replica_positive", "reference", units)
        self._mirror(schematic, "negative_load", "pmos", "replica_negative", "fold", units)
        for sign, rail in _RAILS:
            replica, bias = f"replica_{sign}", f"bias_{sign}"
            schematic.instance(
                replica,
                synapse_block(self.synapse, sign),
                (replica, "vdd", "vss", bias, "vdd", "vss"),
                units=units,
            )
            schematic.instance(
                f"amplifier_{sign}",
                Ota(_AMPLIFIER_TAIL_UNITS, self.bias),
                (replica, "reset_level", bias, "bias_tail", "vdd", "vss"),
            )
            schematic.mim_capacitor(f"steady_{sign}", bias, rail, self.bias.decoupling)

    def _mirror(self, schematic: Schematic, name: str, role: MosfetRole, drain: str, gate: str, units: int) -> None:
        rail = "vss" if role == "nmos" else "vdd"
        schematic.mosfet(
            name,
            role,
            drain=drain,
            gate=gate,
            source=rail,
            bulk=rail,
            width=self.bias.mirror_width,
            length=self.bias.mirror_length,
            units=units,
        )
