"""The neuron whose amplifier resets its own membrane, and the line that all neurons of a layer fire against."""

from dataclasses import dataclass
from typing import ClassVar

from codesign import design
from codesign.circuits.block import Block, Schematic
from codesign.circuits.gates import Inverter, Nand, SpikeDriver, draw_switch
from codesign.circuits.ota import Ota, draw_second_stage
from codesign.circuits.sizing import UNIT_LOAD, driver_units, ramp_units, times


@dataclass(frozen=True)
class AutozeroNeuron(Block):
    """A membrane capacitor whose comparator is also the amplifier that resets it.

    While `reset` is high the amplifier's output is tied to the membrane, its inverting input: the membrane rests at the
    level of `line` plus the amplifier's own offset. While `fire` is high the line falls from the threshold to the reset
    level, and the spike rises when it meets the membrane: the offset that the membrane carries cancels that of the
    comparison. In between, `active` is low and holds the amplifier where it is for an input far below the line.
    """

    neuron: design.AutozeroNeuron
    bias: design.Bias
    driver_units: int = 1

    own: ClassVar = ("membrane", "fired_b", "spike", "spike_b")
    """Ports of the neuron's own nets; the nets of all others it shares with its layer or the whole network."""

    @property
    def name(self) -> str:
        return f"neuron{times(self.driver_units)}"

    @property
    def ports(self) -> tuple[str, ...]:
        return (*self.own, "reset", "reset_b", "fire", "active", "line", "bias_tail", "vdd", "vss")

    @property
    def inner_nodes(self) -> tuple[str, ...]:
        """Nodes within the neuron whose wires delay the spike, as a simulator calls them."""
        return ("below", "crossed", "xamplifier.mirror", "xamplifier.tail")

    @property
    def description(self) -> str:
        return f"auto-zeroed reset, accumulate and fire, membrane {self.neuron.capacitance * 1e12:g} pF"

    def draw(self, schematic: Schematic) -> None:
        neuron = self.neuron
        schematic.mim_capacitor("membrane", "membrane", "vss", neuron.capacitance)
        sizes = (neuron.pair_width, neuron.pair_length, neuron.load_width, neuron.load_length)
        amplifier = Ota(neuron.tail_units, self.bias, *sizes)
        schematic.instance("amplifier", amplifier, ("line", "membrane", "below", "bias_tail", "vdd", "vss"))
        draw_switch(schematic, "reset", ("membrane", "below"), ("reset", "reset_b"), neuron.switch_width)
        stage = (neuron.stage_width, neuron.stage_length, neuron.stage_units)
        draw_second_stage(schematic, self.bias, ("active", "crossed"), *stage)
        schematic.instance("gate", Nand(), ("crossed", "fire", "fired_b", "vdd", "vss"))
        schematic.instance("driver", SpikeDriver(self.driver_units), ("fired_b", "spike", "spike_b", "vdd", "vss"))


@dataclass(frozen=True)
class RampLine(Block):
    """The line of a layer: at the reset level while `reset` is high, falling while `fire` is, at the threshold else.

    One capacitor, discharged by one mirror of the reference itself, makes the ramp of all neurons of the layer. The
    mirror's current always flows, outside the firing phase out of the threshold, so that no inner node has to be
    charged first. All of it grows with the number of neurons, each of which is a load of the line.

    Attributes:
        neuron: sizes of a ramp for `UNIT_LOAD` neurons.
        bias: sizes of the mirror.
        neurons: on the line.
    """

    neuron: design.AutozeroNeuron
    bias: design.Bias
    neurons: int = UNIT_LOAD

    @property
    def name(self) -> str:
        return "ramp_line" if self.neurons == UNIT_LOAD else f"ramp_line_of_{self.neurons}"

    @property
    def units(self) -> int:
        """Reference currents of the ramp."""
        return ramp_units(self.neuron.ramp_units, self.neurons)

    @property
    def capacitance(self) -> float:
        """Capacitor of the line, F: with these currents and loads the ramp is as steep as that of `UNIT_LOAD`."""
        return self.neuron.ramp_capacitance * self.units / self.neuron.ramp_units

    @property
    def ports(self) -> tuple[str, ...]:
        return (
            *("line", "active", "reset", "reset_b", "fire", "fire_b", "reset_level", "threshold", "reference"),
            *("vdd", "vss"),
        )

    @property
    def inner_nodes(self) -> tuple[str, ...]:
        """Nodes whose wires move the ramp."""
        return ("sink",)

    @property
    def description(self) -> str:
        return (
            f"ramp of a layer, {self.units} reference currents on "
            f"{self.capacitance * 1e12:g} pF; `active` is high while it is not at the threshold"
        )

    def draw(self, schematic: Schematic) -> None:
        schematic.mim_capacitor("line", "line", "vss", self.capacitance)
        many = driver_units(self.neurons)
        schematic.instance("active", Nand(many), ("reset_b", "fire_b", "active", "vdd", "vss"))
        schematic.instance("waiting", Inverter(0.84, many), ("active", "waiting", "vdd", "vss"))
        width = self.neuron.line_switch_width
        draw_switch(schematic, "low", ("line", "reset_level"), ("reset", "reset_b"), width, many)
        draw_switch(schematic, "high", ("line", "threshold"), ("waiting", "active"), width, many)
        schematic.mosfet(
            "sink",
            "nmos",
            drain="sink",
            gate="reference",
            source="vss",
            bulk="vss",
            width=self.bias.mirror_width,
            length=self.bias.mirror_length,
            units=self.units,
        )
        for name, drain, gate in (("fall", "line", "fire"), ("idle", "threshold", "fire_b")):
            schematic.mosfet(
                name,
                "nmos_low_threshold",
                drain=drain,
                gate=gate,
                source="sink",
                bulk="vss",
                width=2.0,
                length=schematic.technology.minimum_gate_length,
                units=many,
            )
