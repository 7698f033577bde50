"""A network in a shuttle's tile: its ports at the tile's pins, with what drives them."""

from dataclasses import dataclass

from codesign import design
from codesign.circuits.block import Block, Schematic
from codesign.circuits.gates import Inverter
from codesign.circuits.network import LEVELS, Network
from codesign.pdk.technology import MosfetRole

_TAIL_WIDTH, _TAIL_LENGTH = 30.0, 1.0
"""Of the tails of a membrane buffer, um: about 75 times the current of the reference's mirrors at the same voltage."""

_PAIR_WIDTH, _PAIR_LENGTH = 12.0, 0.35
"""Of its pairs and their loads, um: short, for what they put on the membrane."""


@dataclass(frozen=True)
class OutputDriver(Block):
    """Drives an output pin with a spike, and is no more than a small gate to the neuron."""

    @property
    def name(self) -> str:
        return "output_driver"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("spike", "output", "vdd", "vss")

    @property
    def description(self) -> str:
        return "buffers a spike for an output pin"

    def draw(self, schematic: Schematic) -> None:
        schematic.instance("inverse", Inverter(), ("spike", "inverted", "vdd", "vss"))
        schematic.instance("true", Inverter(1.68), ("inverted", "output", "vdd", "vss"))


@dataclass(frozen=True)
class MembraneBuffer(Block):
    """Follows a membrane at an analog pin: an amplifier of either channel, each with its output at its inverting input.

    The n-channel one follows down to about a third of the supply, the p-channel one up to two thirds, so that together
    they cover what membranes do. Both take their current from the gate line of the reference's mirrors.
    """

    bias: design.Bias

    @property
    def name(self) -> str:
        return "membrane_buffer"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("membrane", "output", "reference", "vdd", "vss")

    @property
    def description(self) -> str:
        return "follows a membrane at an analog pin"

    def draw(self, schematic: Schematic) -> None:
        for name, drain in (("tail_n", "common_n"), ("fold_sink", "fold")):
            self._transistor(schematic, name, "nmos", drain, "reference", "vss", tail=True)
        for name, drain in (("fold_diode", "fold"), ("tail_p", "common_p")):
            self._transistor(schematic, name, "pmos", drain, "fold", "vdd", tail=True)
        pairs: tuple[tuple[str, MosfetRole, MosfetRole, str], ...] = (
            ("n", "nmos_low_threshold", "pmos_low_threshold", "vdd"),
            ("p", "pmos_low_threshold", "nmos_low_threshold", "vss"),
        )
        for channel, pair, load, rail in pairs:
            common, mirror = f"common_{channel}", f"mirror_{channel}"
            self._transistor(schematic, f"plus_{channel}", pair, mirror, "membrane", common)
            self._transistor(schematic, f"minus_{channel}", pair, "output", "output", common)
            self._transistor(schematic, f"load_plus_{channel}", load, mirror, mirror, rail)
            self._transistor(schematic, f"load_minus_{channel}", load, "output", mirror, rail)

    @staticmethod
    def _transistor(
        schematic: Schematic, name: str, role: MosfetRole, drain: str, gate: str, source: str, *, tail: bool = False
    ) -> None:
        schematic.mosfet(
            name,
            role,
            drain=drain,
            gate=gate,
            source=source,
            bulk="vss" if role.startswith("nmos") else "vdd",
            width=_TAIL_WIDTH if tail else _PAIR_WIDTH,
            length=_TAIL_LENGTH if tail else _PAIR_LENGTH,
        )


@dataclass(frozen=True)
class Tile(Block):
    """A network at the pins of a tile. Pins that the tile ties to a rail are none of its ports.

    Attributes:
        cell: name of the tile.
        network: the network; its observed membranes go to pins too.
        pins: port of the network and pin of the tile, for every port but the rails.
        supply: the supply pin.
        ground: the ground pin.
    """

    cell: str
    network: Network
    pins: tuple[tuple[str, str], ...]
    supply: str
    ground: str

    @property
    def name(self) -> str:
        return self.cell

    @property
    def ports(self) -> tuple[str, ...]:
        # SPICE knows no case, and this is how layouts and schematics compare.
        return (*(pin.lower() for _port, pin in self.pins), self.supply.lower(), self.ground.lower())

    @property
    def description(self) -> str:
        return f"{self.network.description} in a tile"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Ports of the network that the tile's digital inputs drive."""
        mine = {*self.outputs, *self.membranes, *LEVELS}
        return tuple(port for port, _pin in self.pins if port not in mine)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Ports of the network that drive the tile's digital outputs, in order."""
        return tuple(f"output_{number}" for number in range(1, self.network.design.layer_sizes[-1] + 1))

    @property
    def membranes(self) -> tuple[str, ...]:
        """Ports of the network that are followed at analog pins."""
        return tuple(f"membrane_{layer}_{column}" for layer, column in self.network.observed)

    def draw(self, schematic: Schematic) -> None:
        pin_of = {port: pin.lower() for port, pin in self.pins}
        rails = {"vdd": self.supply.lower(), "vss": self.ground.lower()}
        inner = {*self.outputs, *self.membranes}
        nets = [port if port in inner else {**pin_of, **rails}[port] for port in self.network.ports]
        schematic.instance("network", self.network, nets)
        for port in self.outputs:
            schematic.instance(f"driver_{port}", OutputDriver(), (port, pin_of[port], rails["vdd"], rails["vss"]))
        for port in self.membranes:
            buffer = MembraneBuffer(self.network.design.bias)
            buffer_nets = (port, pin_of[port], pin_of["reference"], rails["vdd"], rails["vss"])
            schematic.instance(f"buffer_{port}", buffer, buffer_nets)
