"""Small designs of every synapse kind."""

from pathlib import Path

import codesign
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.design import Design
from codesign.flow.file import FlowFile

FLOWS = Path(codesign.__file__).parents[1] / "flows"

KINDS = {
    "transistor": "dense.toml",
    "resistor": "resistor.toml",
    "user": "user-cell.toml",
    "autozero": "5-5-5.toml",
    "programmable": "programmable.toml",
}

SMALL_WEIGHTS = (((4, -2), (-1, 6)), ((5, 3), (7, -4)))
"""Of a 2-2-2 network in which every neuron fires."""


def design_of(kind: str, layer_sizes: tuple[int, ...] = (2, 2, 2)) -> Design:
    """The design of a synapse kind's flow file, of another size."""
    return FlowFile.load(FLOWS / KINDS[kind]).design.model_copy(update={"layer_sizes": layer_sizes})


def small_testbench(*spike_times: tuple[float, float], kind: str = "transistor") -> Testbench:
    """A 2-2-2 network with a stream of inputs."""
    return Testbench(Network(design_of(kind), SMALL_WEIGHTS), spike_times)
