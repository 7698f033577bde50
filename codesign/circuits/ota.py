"""A five-transistor operational transconductance amplifier, and the comparator built on it."""

from dataclasses import dataclass

from codesign import design
from codesign.circuits.block import Block, Schematic

_WIDTH, _LENGTH = 2.0, 0.5
"""Of the pair and its load, um, unless given."""

_HOLD_WIDTH = 0.42
"""Of the transistor that holds a comparator, um: small and short, so that its gate hardly moves what it holds."""


@dataclass(frozen=True)
class Ota(Block):
    """Five transistors: an NMOS pair, a PMOS mirror load, an NMOS tail.

    The pair and the load are low-threshold devices, so that it works from the reset level to the firing
    threshold at every corner.

    Attributes:
        tail_units: tail current in units of the reference current.
        pair_width: of the pair, um.
        pair_length: of the pair, um.
        load_width: of the load, um.
        load_length: of the load, um.
        bias: sizes of the tail mirrors.
    """

    tail_units: int
    bias: design.Bias
    pair_width: float = _WIDTH
    pair_length: float = _LENGTH
    load_width: float = _WIDTH
    load_length: float = _LENGTH

    @property
    def name(self) -> str:
        sizes = (self.pair_width, self.pair_length, self.load_width, self.load_length)
        own = "" if sizes == (_WIDTH, _LENGTH) * 2 else "".join(f"_{round(1000 * size)}" for size in sizes)
        return f"ota_{self.tail_units}{own}"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("positive", "negative", "output", "bias_tail", "vdd", "vss")

    @property
    def description(self) -> str:
        return f"five-transistor amplifier, tail of {self.tail_units} reference currents"

    def draw(self, schematic: Schematic) -> None:
        for side, gate, drain in (("plus", "positive", "mirror"), ("minus", "negative", "output")):
            schematic.mosfet(
                f"pair_{side}",
                "nmos_low_threshold",
                drain=drain,
                gate=gate,
                source="tail",
                bulk="vss",
                width=self.pair_width,
                length=self.pair_length,
            )
            schematic.mosfet(
                f"load_{side}",
                "pmos_low_threshold",
                drain=drain,
                gate="mirror",
                source="vdd",
                bulk="vdd",
                width=self.load_width,
                length=self.load_length,
            )
        draw_tail(schematic, self.bias, "tail", "tail", self.tail_units)


@dataclass(frozen=True)
class Comparator(Block):
    """An amplifier and a second stage that draws the load's own current, so that it trips without offset.

    While `enable` is low the amplifier's output is held where it is for an input far below the threshold. So every
    decision starts from the same state, and its delay does not depend on what the input did before.

    Attributes:
        tail_units: tail current in units of the reference current, even.
        bias: sizes of the tail mirrors.
    """

    tail_units: int
    bias: design.Bias

    @property
    def name(self) -> str:
        return "comparator"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("input", "threshold", "enable", "above", "bias_tail", "vdd", "vss")

    @property
    def description(self) -> str:
        return "`above` rises when the input passes the threshold while `enable` is high"

    def draw(self, schematic: Schematic) -> None:
        amplifier = Ota(self.tail_units, self.bias)
        schematic.instance("amplifier", amplifier, ("threshold", "input", "below", "bias_tail", "vdd", "vss"))
        draw_second_stage(schematic, self.bias, ("enable", "above"), _WIDTH, _LENGTH, self.tail_units // 2)


def draw_second_stage(
    schematic: Schematic, bias: design.Bias, nets: tuple[str, str], width: float, length: float, units: int
) -> None:
    """Place what makes a decision of an amplifier's output, the net `below`, and holds that until it is asked for.

    Args:
        schematic: to place it on.
        bias: sizes of the tail mirrors.
        nets: the one that is low to hold `below` at the supply, and the output, which rises when `below` falls.
        width: of the PMOS transistor, um.
        length: of the PMOS transistor, um.
        units: reference currents that pull the output down.
    """
    enable, above = nets
    schematic.mosfet(
        "hold",
        "pmos",
        drain="below",
        gate=enable,
        source="vdd",
        bulk="vdd",
        width=_HOLD_WIDTH,
        length=schematic.technology.minimum_gate_length,
    )
    schematic.mosfet(
        "up", "pmos_low_threshold", drain=above, gate="below", source="vdd", bulk="vdd", width=width, length=length
    )
    draw_tail(schematic, bias, "down", above, units)


def draw_tail(schematic: Schematic, bias: design.Bias, name: str, drain: str, units: int) -> None:
    """Place a mirror that draws `units` reference currents out of a net, by the line `bias_tail`."""
    schematic.mosfet(
        name,
        "nmos",
        drain=drain,
        gate="bias_tail",
        source="vss",
        bulk="vss",
        width=bias.tail_width,
        length=bias.tail_length,
        units=units,
    )
