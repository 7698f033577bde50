"""The step of a flow that writes the netlist of a network."""

from collections.abc import Sequence
from pathlib import Path

from codesign.arrays import Floats, Integers
from codesign.circuits.emission import emit_netlist
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.comparison.simulation import as_tuples
from codesign.design import Design
from codesign.pdk import Pdk


def netlist_step(design: Design, layers: Sequence[Integers], spike_times: Floats, pdk: Pdk, folder: Path) -> None:
    """Write the netlist of a network and its testbench with the given inputs."""
    network = Network(design, as_tuples(layers))
    testbench = Testbench(network, tuple(tuple(float(time) for time in sample) for sample in spike_times))
    emit_netlist(testbench, folder, testbench.deck().models(pdk))
