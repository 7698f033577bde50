"""Logic gates, line drivers and switches, in minimum-length transistors."""

from dataclasses import dataclass

from codesign.circuits.block import Block, Schematic
from codesign.circuits.sizing import times
from codesign.pdk.technology import MosfetRole


@dataclass(frozen=True)
class Inverter(Block):
    """An inverter.

    Attributes:
        width: width of the NMOS transistor, um; the PMOS transistor is twice as wide.
        units: of each in parallel.
    """

    width: float = 0.42
    units: int = 1

    @property
    def name(self) -> str:
        return f"inverter_{round(self.width * 1000)}n{times(self.units)}"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("input", "output", "vdd", "vss")

    @property
    def description(self) -> str:
        many = "" if self.units == 1 else f", {self.units} in parallel"
        return f"inverter, NMOS {self.width:g} um, PMOS {2 * self.width:g} um wide{many}"

    def draw(self, schematic: Schematic) -> None:
        schematic.mosfet(
            "down",
            "nmos",
            drain="output",
            gate="input",
            source="vss",
            bulk="vss",
            width=self.width,
            length=schematic.technology.minimum_gate_length,
            units=self.units,
        )
        schematic.mosfet(
            "up",
            "pmos",
            drain="output",
            gate="input",
            source="vdd",
            bulk="vdd",
            width=2 * self.width,
            length=schematic.technology.minimum_gate_length,
            units=self.units,
        )


@dataclass(frozen=True)
class Nand(Block):
    """A two-input NAND gate.

    Attributes:
        units: of each transistor in parallel.
    """

    units: int = 1

    @property
    def name(self) -> str:
        return f"nand{times(self.units)}"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("a", "b", "output", "vdd", "vss")

    @property
    def description(self) -> str:
        return "two-input NAND gate"

    def draw(self, schematic: Schematic) -> None:
        for gate, drain, source in (("a", "output", "middle"), ("b", "middle", "vss")):
            schematic.mosfet(
                f"down_{gate}",
                "nmos",
                drain=drain,
                gate=gate,
                source=source,
                bulk="vss",
                width=0.84,
                length=schematic.technology.minimum_gate_length,
                units=self.units,
            )
        for gate in ("a", "b"):
            schematic.mosfet(
                f"up_{gate}",
                "pmos",
                drain="output",
                gate=gate,
                source="vdd",
                bulk="vdd",
                width=0.84,
                length=schematic.technology.minimum_gate_length,
                units=self.units,
            )


@dataclass(frozen=True)
class SpikeDriver(Block):
    """Drives both polarities of a spike along a crossbar row.

    The falling edge of `fired_b` is the spike time.

    Attributes:
        units: parallel inverters, see `codesign.circuits.sizing`.
    """

    units: int = 1

    @property
    def name(self) -> str:
        return f"spike_driver{times(self.units)}"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("fired_b", "spike", "spike_b", "vdd", "vss")

    @property
    def description(self) -> str:
        return "makes both polarities of a spike from its inverse, for a row of synapses"

    def draw(self, schematic: Schematic) -> None:
        schematic.instance("true", Inverter(1.68, self.units), ("fired_b", "spike", "vdd", "vss"))
        schematic.instance("complement", Inverter(1.68, self.units), ("spike", "spike_b", "vdd", "vss"))


@dataclass(frozen=True)
class InputDriver(Block):
    """Takes a network input and drives its row as a neuron would.

    Attributes:
        units: parallel inverters, see `codesign.circuits.sizing`.
    """

    units: int = 1

    @property
    def name(self) -> str:
        return f"input_driver{times(self.units)}"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("input", "spike", "spike_b", "vdd", "vss")

    @property
    def description(self) -> str:
        return "buffers a network input into both polarities of its spike"

    def draw(self, schematic: Schematic) -> None:
        schematic.instance("inverse", Inverter(units=self.units), ("input", "fired_b", "vdd", "vss"))
        schematic.instance("driver", SpikeDriver(self.units), ("fired_b", "spike", "spike_b", "vdd", "vss"))


@dataclass(frozen=True)
class PhaseDriver(Block):
    """Drives both polarities of a layer's phase signal.

    Attributes:
        units: parallel inverters, see `codesign.circuits.sizing`.
    """

    units: int = 1

    @property
    def name(self) -> str:
        return f"phase_driver{times(self.units)}"

    @property
    def ports(self) -> tuple[str, ...]:
        return ("input", "phase", "phase_b", "vdd", "vss")

    @property
    def description(self) -> str:
        return "buffers a phase signal into both polarities for a layer of neurons"

    def draw(self, schematic: Schematic) -> None:
        schematic.instance("inverse", Inverter(1.68, self.units), ("input", "phase_b", "vdd", "vss"))
        schematic.instance("true", Inverter(1.68, self.units), ("phase_b", "phase", "vdd", "vss"))


def draw_switch(
    schematic: Schematic, name: str, nets: tuple[str, str], gates: tuple[str, str], width: float, units: int = 1
) -> None:
    """Place a transmission gate between two nets, NMOS of `width` (um) and PMOS twice as wide.

    Args:
        schematic: to place it on.
        name: of the switch.
        nets: that it joins.
        gates: of the NMOS and of the PMOS transistor.
        width: um.
        units: of each in parallel.
    """
    kinds: tuple[tuple[MosfetRole, str, float], ...] = (("nmos", "vss", width), ("pmos", "vdd", 2 * width))
    for (role, bulk, wide), gate in zip(kinds, gates, strict=True):
        schematic.mosfet(
            f"{name}_{role[0]}",
            role,
            drain=nets[0],
            gate=gate,
            source=nets[1],
            bulk=bulk,
            width=wide,
            length=schematic.technology.minimum_gate_length,
            units=units,
        )
