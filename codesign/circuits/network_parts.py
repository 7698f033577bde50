"""The blocks of a network beside its cells, each of the size that its layer needs."""

from collections.abc import Iterator
from dataclasses import dataclass

from codesign.circuits.autozero import AutozeroNeuron, RampLine
from codesign.circuits.bias import bias_block
from codesign.circuits.block import Block
from codesign.circuits.gates import InputDriver, PhaseDriver
from codesign.circuits.neuron import Neuron, neuron_block, ramp_line_block
from codesign.circuits.sizing import UNIT_LOAD, driver_units
from codesign.design import Design


@dataclass(frozen=True)
class NetworkParts:
    """The blocks of a design's network; layers count from 1."""

    design: Design

    @property
    def input_driver(self) -> InputDriver:
        """Of each input, for the columns of the first layer."""
        return InputDriver(driver_units(self.design.layer_sizes[1]))

    def neuron(self, layer: int) -> Neuron | AutozeroNeuron:
        """Of each neuron of a layer, for the columns of the next one."""
        following = self.design.layer_sizes[layer + 1 :]
        return neuron_block(self.design, following[0] if following else UNIT_LOAD)

    def phase_driver(self, layer: int) -> PhaseDriver:
        """Of a phase of a layer."""
        return PhaseDriver(driver_units(self.design.layer_sizes[layer]))

    def ramp_line(self, layer: int) -> RampLine | None:
        """What makes the ramp of a layer, or None where each neuron makes its own."""
        return ramp_line_block(self.design, self.design.layer_sizes[layer])

    def __iter__(self) -> Iterator[Block]:
        """Each block, some more than once."""
        yield bias_block(self.design)
        yield self.input_driver
        for layer in range(1, len(self.design.layer_sizes)):
            yield from (self.neuron(layer), self.phase_driver(layer))
            if (line := self.ramp_line(layer)) is not None:
                yield line
