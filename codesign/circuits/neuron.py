"""The reset, accumulate and fire neuron."""

from collections.abc import Iterable
from dataclasses import dataclass

from codesign import design
from codesign.circuits.autozero import AutozeroNeuron, RampLine
from codesign.circuits.block import Block, Schematic
from codesign.circuits.gates import Nand, SpikeDriver, draw_switch
from codesign.circuits.ota import Comparator
from codesign.circuits.sizing import UNIT_LOAD, driver_units, times

_RESET_WIDTH = 1.0
"""Of the NMOS transistor of the reset switch, um."""


def neuron_block(chosen: design.Design, columns: int = UNIT_LOAD) -> "Neuron | AutozeroNeuron":
    """The neuron that a design chooses, with a driver for so many columns.

    What its ports are called is what they are connected to.
    """
    units = driver_units(columns)
    if chosen.neuron.kind == "autozero":
        return AutozeroNeuron(chosen.neuron, chosen.bias, units)
    return Neuron(chosen.neuron, chosen.bias, units)


def ramp_line_block(chosen: design.Design, neurons: int = UNIT_LOAD) -> RampLine | None:
    """What makes the ramp of a layer of so many neurons, or None where each neuron makes its own."""
    return RampLine(chosen.neuron, chosen.bias, neurons) if chosen.neuron.kind == "autozero" else None


def starting_levels(
    chosen: design.Design, membranes: Iterable[str], resistor_ends: Iterable[str] = ()
) -> dict[str, float]:
    """Where a transient's operating point is to be held, V by node.

    The loop that resets an auto-zeroed neuron has a second solution, far beyond the supplies, and the models of poly
    resistors have one at thousands of volts: a simulator may find either. Other circuits need not be held.

    Args:
        chosen: the design.
        membranes: nodes of neurons that are in reset when the transient starts.
        resistor_ends: nodes of cells that are off then, held by a resistor from such a membrane.
    """
    nodes = (*membranes, *resistor_ends) if chosen.neuron.kind == "autozero" else ()
    return dict.fromkeys(nodes, chosen.levels.reset)


@dataclass(frozen=True)
class Neuron(Block):
    """A membrane capacitor with a reset switch, a firing ramp, a comparator and a spike driver.

    While `reset` is high the membrane is held at the reset level. While `fire` is high a constant current
    ramps it to the threshold and the comparator, held until then, is released; the spike rises when the membrane gets
    there and falls with `fire`. The falling edge of `fired_b`, the input of the spike driver, is the neuron's spike
    time.
    """

    neuron: design.Neuron
    bias: design.Bias
    driver_units: int = 1

    @property
    def name(self) -> str:
        return f"neuron{times(self.driver_units)}"

    @property
    def ports(self) -> tuple[str, ...]:
        return (
            "membrane",
            "fired_b",
            "spike",
            "spike_b",
            "reset",
            "reset_b",
            "fire",
            "fire_b",
            "reset_level",
            "threshold",
            "bias_ramp",
            "bias_tail",
            "vdd",
            "vss",
        )

    @property
    def inner_nodes(self) -> tuple[str, ...]:
        """Nodes within the neuron whose wires delay the spike, as a simulator calls them."""
        amplifier = "xcomparator.xamplifier"
        return ("ramp", "ramp_gate", "crossed", "xcomparator.below", f"{amplifier}.mirror", f"{amplifier}.tail")

    @property
    def description(self) -> str:
        return (
            f"reset, accumulate and fire, membrane {self.neuron.capacitance * 1e12:g} pF, "
            f"ramp of {self.neuron.ramp_units} reference currents"
        )

    def draw(self, schematic: Schematic) -> None:
        schematic.mim_capacitor("membrane", "membrane", "vss", self.neuron.capacitance)
        draw_switch(schematic, "reset", ("membrane", "reset_level"), ("reset", "reset_b"), _RESET_WIDTH)
        self._draw_ramp(schematic)
        schematic.instance(
            "comparator",
            Comparator(self.neuron.tail_units, self.bias),
            ("membrane", "threshold", "fire", "crossed", "bias_tail", "vdd", "vss"),
        )
        schematic.instance("gate", Nand(), ("crossed", "fire", "fired_b", "vdd", "vss"))
        schematic.instance("driver", SpikeDriver(self.driver_units), ("fired_b", "spike", "spike_b", "vdd", "vss"))

    def _draw_ramp(self, schematic: Schematic) -> None:
        # The ramp's mirror is the neuron's own and its current always flows, outside the firing phase into the
        # reset level: neither its switching nor its swing reaches a bias line that other neurons share.
        mirror = {"width": self.bias.mirror_width, "length": self.bias.mirror_length}
        schematic.mosfet(
            "ramp_sink", "nmos", drain="ramp_gate", gate="bias_ramp", source="vss", bulk="vss", units=1, **mirror
        )
        for name, drain, units in (("diode", "ramp_gate", 1), ("source", "ramp", self.neuron.ramp_units)):
            schematic.mosfet(
                f"ramp_{name}",
                "pmos",
                drain=drain,
                gate="ramp_gate",
                source="vdd",
                bulk="vdd",
                units=units,
                **mirror,
            )
        for name, drain, gate in (("ramp", "membrane", "fire_b"), ("idle", "reset_level", "fire")):
            schematic.mosfet(
                f"{name}_switch",
                "pmos",
                drain=drain,
                gate=gate,
                source="ramp",
                bulk="vdd",
                width=0.42,
                length=schematic.technology.minimum_gate_length,
            )
