"""Unit-cell synapses: a weight is an integer number of equal cells in parallel.

A synapse kind is a pair of blocks, one for each sign, with the same ports: the membrane, the spike in the
polarity that turns the cell on (`spike` for negative weights, `spike_b` for positive ones), the bias of its
sign, and both rails.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from codesign import design
from codesign.circuits.block import Block, Schematic
from codesign.circuits.user_cell import UserSubcircuit, read_user_subcircuit
from codesign.pdk.technology import MosfetRole

Sign = Literal["positive", "negative"]

SIGNS: tuple[Sign, Sign] = ("positive", "negative")

SYNAPSE_PORTS = ("membrane", "spike", "spike_b", "bias", "vdd", "vss")
"""Ports of every synapse block."""


@dataclass(frozen=True)
class BitSwitch:
    """The transistor by which a stored bit lets a unit cell conduct.

    Attributes:
        width: um.
        held: by a `stored` bit on a port of the block, or `on` for good, as in a replica.
    """

    width: float
    held: Literal["stored", "on"]


@dataclass(frozen=True)
class Synapse(Block):
    """What every kind of synapse shares.

    Attributes:
        sign: of the weight.
        bit: a transistor in series with the switch; None: there is none.
    """

    sign: Sign
    bit: "BitSwitch | None" = field(default=None, kw_only=True)

    @property
    def name(self) -> str:
        return f"{'' if self.bit is None else f'{self.bit.held}_'}synapse_{self.sign}"

    @property
    def ports(self) -> tuple[str, ...]:
        return (*SYNAPSE_PORTS, *(["bit"] if self.bit is not None and self.bit.held == "stored" else []))

    @property
    def default_units(self) -> int | None:
        return 1

    @property
    def resistor_ends(self) -> tuple[str, ...]:
        """Inner nodes that only a resistor from the membrane holds while the cell is off."""
        return ()

    def draw_bit(self, schematic: Schematic) -> str:
        """Place the transistor of the bit at the switch's drain, if any, and say where the current goes on.

        It stands behind the switch: a spike then moves no charge through cells whose bit is off.
        """
        if self.bit is None:
            return "middle"
        positive = self.sign == "positive"
        schematic.mosfet(
            "bit",
            "pmos" if positive else "nmos",
            drain="chosen",
            gate="bit" if self.bit.held == "stored" else ("vss" if positive else "vdd"),
            source="middle",
            bulk="vdd" if positive else "vss",
            width=self.bit.width,
            length=schematic.technology.minimum_gate_length,
            units="units",
        )
        return "chosen"


@dataclass(frozen=True)
class TransistorSynapse(Synapse):
    """A switch at the rail in series with a current source at the membrane.

    The short channel of the current source is the nonideality: its output conductance makes the current
    fall as the membrane approaches the reversal potential. The switch sits at the rail so that the spike's
    edge hardly couples into the membrane.
    """

    width: float
    length: float

    @property
    def description(self) -> str:
        kind = "PMOS" if self.sign == "positive" else "NMOS"
        return f"{self.sign} weight of `units` cells, {kind} pair, W = {self.width:g} um, source L = {self.length:g} um"

    def draw(self, schematic: Schematic) -> None:
        positive = self.sign == "positive"
        role: MosfetRole = "pmos" if positive else "nmos"
        rail = "vdd" if positive else "vss"
        schematic.mosfet(
            "switch",
            role,
            drain="middle",
            gate="spike_b" if positive else "spike",
            source=rail,
            bulk=rail,
            width=self.width,
            length=schematic.technology.minimum_gate_length,
            units="units",
        )
        schematic.mosfet(
            "source",
            role,
            drain="membrane",
            gate="bias",
            source=self.draw_bit(schematic),
            bulk=rail,
            width=self.width,
            length=self.length,
            units="units",
        )


@dataclass(frozen=True)
class ResistorSynapse(Synapse):
    """A switch at the rail in series with a poly resistor: the reversal potential is the supply's distance."""

    width: float
    length: float

    @property
    def description(self) -> str:
        return f"{self.sign} weight of `units` poly-resistor cells, W = {self.width:g} um, L = {self.length:g} um"

    @property
    def resistor_ends(self) -> tuple[str, ...]:
        return ("middle",)

    def draw(self, schematic: Schematic) -> None:
        positive = self.sign == "positive"
        rail = "vdd" if positive else "vss"
        schematic.mosfet(
            "switch",
            "pmos" if positive else "nmos",
            drain="middle",
            gate="spike_b" if positive else "spike",
            source=rail,
            bulk=rail,
            width=0.42,
            length=schematic.technology.minimum_gate_length,
            units="units",
        )
        schematic.poly_resistor(
            "resistor",
            self.draw_bit(schematic),
            "membrane",
            "vss",
            width=self.width,
            length=self.length,
            units="units",
        )


@dataclass(frozen=True)
class UserSynapse(Synapse):
    """A user's own unit cell, wrapped so that its ports have the common names."""

    cell: design.UserCell
    subcircuit: UserSubcircuit

    @property
    def description(self) -> str:
        return f"{self.sign} weight of `units` cells of the user's subcircuit {self.cell.subcircuit}"

    def draw(self, schematic: Schematic) -> None:
        nets = [self.cell.ports[port] for port in self.subcircuit.ports]
        schematic.instance("cell", self.subcircuit, nets, "units")


def synapse_block(choice: design.Synapse, sign: Sign) -> Synapse:
    """The synapse block of a design's synapse choice; of a programmable one, a unit cell whose bit is on."""
    match choice:
        case design.TransistorSynapse():
            width, length = (
                (choice.positive_width, choice.positive_length)
                if sign == "positive"
                else (choice.negative_width, choice.negative_length)
            )
            return TransistorSynapse(sign, width, length)
        case design.ResistorSynapse():
            length = choice.positive_length if sign == "positive" else choice.negative_length
            return ResistorSynapse(sign, choice.width, length)
        case design.UserSynapse():
            cell = choice.positive if sign == "positive" else choice.negative
            return UserSynapse(sign, cell, read_user_subcircuit(choice.file, cell))
        case design.ProgrammableSynapse():
            return replace(synapse_block(choice.cell, sign), bit=BitSwitch(choice.bit_width, "on"))


def stored_synapse_block(choice: design.ProgrammableSynapse, sign: Sign) -> Synapse:
    """Cells of a programmable synapse with one stored bit: `bit` is high for negative ones that conduct, low for
    positive ones."""
    return replace(synapse_block(choice.cell, sign), bit=BitSwitch(choice.bit_width, "stored"))
