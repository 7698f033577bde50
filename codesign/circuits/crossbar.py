"""A crossbar of synapses: spike rows, membrane columns, an integer weight at each crossing."""

from dataclasses import dataclass

from codesign import design
from codesign.circuits.block import Block, Schematic
from codesign.circuits.synapse import synapse_block


@dataclass(frozen=True)
class Crossbar(Block):
    """The synapses of one layer.

    Attributes:
        layer: number of the layer, from 1.
        weights: unit cells, one tuple for each output (column), one number for each input (row); its sign
            chooses the positive or the negative synapse, 0 places none.
        synapse: the design's synapse choice.
    """

    layer: int
    weights: tuple[tuple[int, ...], ...]
    synapse: design.Synapse

    @property
    def name(self) -> str:
        return f"crossbar_{self.layer}"

    @property
    def membranes(self) -> tuple[str, ...]:
        """Ports of the columns, in order."""
        return tuple(f"membrane_{column}" for column in range(1, len(self.weights) + 1))

    @property
    def spikes(self) -> tuple[str, ...]:
        """Ports of the rows' spikes, in order."""
        return tuple(f"spike_{row}" for row in range(1, len(self.weights[0]) + 1))

    @property
    def lines(self) -> tuple[str, ...]:
        """Ports that run along synapses: both polarities of each row's spike, and the membranes."""
        inverted = (f"spike_b_{row}" for row in range(1, len(self.weights[0]) + 1))
        return (*self.spikes, *inverted, *self.membranes)

    @property
    def ports(self) -> tuple[str, ...]:
        return (*self.lines, "bias_positive", "bias_negative", "vdd", "vss")

    @property
    def description(self) -> str:
        rows = "; ".join(" ".join(f"{units:+d}" for units in column) for column in self.weights)
        return f"{len(self.weights[0])} inputs to {len(self.weights)} neurons, unit cells by neuron: {rows}"

    def draw(self, schematic: Schematic) -> None:
        for column, weights in enumerate(self.weights, start=1):
            for row, units in enumerate(weights, start=1):
                if units == 0:
                    continue
                sign = "positive" if units > 0 else "negative"
                schematic.instance(
                    f"{row}_{column}",
                    synapse_block(self.synapse, sign),
                    (f"membrane_{column}", f"spike_{row}", f"spike_b_{row}", f"bias_{sign}", "vdd", "vss"),
                    units=abs(units),
                )
