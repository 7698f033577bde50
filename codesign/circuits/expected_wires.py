"""The wire capacitances that a design expects of a layout, beside a schematic."""

from codesign.circuits.flat import GROUND
from codesign.circuits.network import Network
from codesign.circuits.neuron import neuron_block, ramp_line_block
from codesign.circuits.top_level import TopLevel


def place_ramp_wires(circuit: TopLevel, network: Network, layer: int, inside: str = "") -> None:
    """Place those at the inner nodes of what makes the ramp of a layer, if anything does.

    Args:
        circuit: to place them in.
        network: whose layer it is.
        layer: from 1.
        inside: what the network's nodes begin with: "xnetwork." where it is an instance.
    """
    line, farads = ramp_line_block(network.design), network.design.neuron.inner_wire_capacitance
    for number, node in enumerate(line.inner_nodes if line else (), start=1):
        circuit.capacitor(f"wire_ramp_{layer}_{number}", f"{inside}xramp_{layer}.{node}", GROUND, farads)


def place_neuron_wires(circuit: TopLevel, network: Network, layer: int, column: int, inside: str = "") -> None:
    """Place those at a neuron's membrane and its inner nodes; see `place_ramp_wires`."""
    neuron, name = network.design.neuron, f"{layer}_{column}"
    circuit.capacitor(f"wire_{name}", f"{inside}membrane_{name}", GROUND, neuron.wire_capacitance)
    for number, node in enumerate(neuron_block(network.design).inner_nodes, start=1):
        node = f"{inside}xneuron_{name}.{node}"
        circuit.capacitor(f"wire_{name}_{number}", node, GROUND, neuron.inner_wire_capacitance)
