"""Programmable synapses: groups of 1, 2, 4, ... unit cells of either sign, each group switched by a stored bit."""

from dataclasses import dataclass
from functools import cached_property

from codesign import design
from codesign.circuits.block import Block, Schematic
from codesign.circuits.synapse import SIGNS, Sign, stored_synapse_block


@dataclass(frozen=True)
class Group:
    """Unit cells that one bit switches.

    Attributes:
        row: input, from 1.
        column: neuron, from 1.
        sign: of the cells.
        bit: its number from 0; the group has 2^bit cells.
    """

    row: int
    column: int
    sign: Sign
    bit: int

    @property
    def name(self) -> str:
        """The group within its crossbar."""
        return f"{self.row}_{self.column}_{self.sign}_{self.bit}"

    @property
    def port(self) -> str:
        """The crossbar's port of the stored bit, or of its inverse, which PMOS transistors take."""
        return f"{'bit_b' if self.sign == 'positive' else 'bit'}_{self.name}"

    def is_on(self, units: int) -> bool:
        """Whether a weight of so many unit cells has the group."""
        return bool(max(units if self.sign == "positive" else -units, 0) >> self.bit & 1)


def groups_of(inputs: int, neurons: int, bits: int) -> tuple[Group, ...]:
    """The groups of a crossbar, neuron by neuron."""
    return tuple(
        Group(row, column, sign, bit)
        for column in range(1, neurons + 1)
        for row in range(1, inputs + 1)
        for sign in SIGNS
        for bit in range(bits)
    )


@dataclass(frozen=True)
class ProgrammableCrossbar(Block):
    """The synapses of one layer, the same whatever the weights.

    Attributes:
        layer: number of the layer, from 1.
        inputs: rows.
        neurons: columns.
        synapse: the design's synapse choice.
    """

    layer: int
    inputs: int
    neurons: int
    synapse: design.ProgrammableSynapse

    @property
    def name(self) -> str:
        return f"crossbar_{self.layer}"

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All groups of cells."""
        return groups_of(self.inputs, self.neurons, self.synapse.bits)

    @property
    def bit_ports(self) -> tuple[str, ...]:
        """The ports of all bits, in the order of `groups`."""
        return tuple(group.port for group in self.groups)

    @property
    def ports(self) -> tuple[str, ...]:
        rows, columns = range(1, self.inputs + 1), range(1, self.neurons + 1)
        return (
            *(f"spike_{row}" for row in rows),
            *(f"spike_b_{row}" for row in rows),
            *(f"membrane_{column}" for column in columns),
            "bias_positive",
            "bias_negative",
            *self.bit_ports,
            "vdd",
            "vss",
        )

    @property
    def description(self) -> str:
        return (
            f"{self.inputs} inputs to {self.neurons} neurons, weights of {self.synapse.bits} stored bits of each sign"
        )

    def draw(self, schematic: Schematic) -> None:
        for group in self.groups:
            row, sign = group.row, group.sign
            schematic.instance(
                group.name,
                stored_synapse_block(self.synapse, sign),
                (
                    f"membrane_{group.column}",
                    f"spike_{row}",
                    f"spike_b_{row}",
                    f"bias_{sign}",
                    "vdd",
                    "vss",
                    group.port,
                ),
                units=2**group.bit,
            )

    def levels(self, weights: tuple[tuple[int, ...], ...]) -> list[tuple[str, bool]]:
        """Each bit's port and whether it is high, for unit cells by neuron and input."""
        on = [group.is_on(weights[group.column - 1][group.row - 1]) for group in self.groups]
        return [(group.port, high is (group.sign == "negative")) for group, high in zip(self.groups, on, strict=True)]
