"""A network of any depth and width: input drivers, then a crossbar and a row of neurons for each layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from codesign.arrays import Integers, Synapses
from codesign.circuits.bias import bias_block
from codesign.circuits.block import Block, Schematic
from codesign.circuits.crossbar import Crossbar
from codesign.circuits.network_parts import NetworkParts
from codesign.circuits.programmable import ProgrammableCrossbar
from codesign.circuits.synapse import Synapse
from codesign.design import Design, check_columns
from codesign.errors import CodesignError

LEVELS = ("reset_level", "threshold", "reference")
"""Ports of a network that outer sources hold: two voltages and a current."""

Phase = Literal["reset", "fire"]

PHASES: tuple[Phase, Phase] = ("reset", "fire")
"""Phase signals of a layer."""

Weights = tuple[tuple[tuple[int, ...], ...], ...]
"""Unit cells by layer, output neuron and input."""


class NetworkError(CodesignError):
    """Weights that a network cannot be built from."""


def as_tuples(weights: Sequence[Integers]) -> Weights:
    """Arrays as the nested tuples that a `Network` holds."""
    return tuple(tuple(tuple(int(units) for units in column) for column in layer) for layer in weights)


@dataclass(frozen=True)
class Network(Block):
    """The whole circuit, its bias generator included.

    Attributes:
        design: the design; its layer sizes must be those of the weights.
        weights: unit cells by layer, output neuron and input, within the synapse's `max_units`.
        observed: membranes that come out as ports, by layer and neuron, both from 1.

    Raises:
        NetworkError: on construction, when weights and design do not fit, or an observed membrane is not there.
    """

    design: Design
    weights: Weights
    observed: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        check_weights(self.weights, self.design.layer_sizes, self.design.synapse.max_units)
        try:
            check_columns(self.design.synapse, self.design.layer_sizes)
        except ValueError as error:
            raise NetworkError(str(error)) from error
        for layer, column in self.observed:
            if layer not in self.layers or not 1 <= column <= len(self.weights[layer - 1]):
                raise NetworkError(f"there is no membrane_{layer}_{column} to observe; layers and neurons count from 1")

    @property
    def name(self) -> str:
        return f"network_{'_'.join(str(size) for size in self.design.layer_sizes)}"

    @property
    def layers(self) -> range:
        """Numbers of the layers of neurons, from 1."""
        return range(1, len(self.weights) + 1)

    @property
    def ports(self) -> tuple[str, ...]:
        inputs = range(1, self.design.layer_sizes[0] + 1)
        outputs = range(1, self.design.layer_sizes[-1] + 1)
        return (
            *(f"input_{number}" for number in inputs),
            *(f"output_{number}" for number in outputs),
            *(f"{phase}_{layer}" for layer in self.layers for phase in ("reset", "fire")),
            *(f"{port}_{layer}" for layer, crossbar in self._programmable for port in crossbar.bit_ports),
            *(f"membrane_{layer}_{column}" for layer, column in self.observed),
            *LEVELS,
            "vdd",
            "vss",
        )

    @property
    def _programmable(self) -> list[tuple[int, ProgrammableCrossbar]]:
        """The crossbars whose weights are stored, by layer."""
        synapse, sizes = self.design.synapse, self.design.layer_sizes
        if synapse.kind != "programmable":
            return []
        return [(layer, ProgrammableCrossbar(layer, sizes[layer - 1], sizes[layer], synapse)) for layer in self.layers]

    @property
    def bit_levels(self) -> list[tuple[str, bool]]:
        """The ports of stored bits, and whether each is high with these weights; none where weights are drawn."""
        return [
            (f"{port}_{layer}", high)
            for layer, crossbar in self._programmable
            for port, high in crossbar.levels(self.weights[layer - 1])
        ]

    @property
    def resistor_ends(self) -> tuple[str, ...]:
        """Nodes within the cells that only a resistor from a membrane holds in reset, below the network's instance."""
        return tuple(
            f"xcrossbar_{layer}.x{part.name}.{node}"
            for layer in self.layers
            for part in self._crossbar(layer).schematic(self.design.technology).parts
            if isinstance(part.block, Synapse)
            for node in part.block.resistor_ends
        )

    def _crossbar(self, layer: int) -> Crossbar | ProgrammableCrossbar:
        stored = dict(self._programmable).get(layer)
        return stored or Crossbar(layer, self.weights[layer - 1], self.design.synapse)

    @property
    def description(self) -> str:
        return f"the {'-'.join(str(size) for size in self.design.layer_sizes)} network {self.design.name}"

    def draw(self, schematic: Schematic) -> None:
        bias = bias_block(self.design)
        schematic.instance("bias", bias, bias.ports)
        for number in range(1, self.design.layer_sizes[0] + 1):
            nets = (f"input_{number}", f"spike_0_{number}", f"spike_b_0_{number}", "vdd", "vss")
            schematic.instance(f"input_{number}", self.parts.input_driver, nets)
        for layer in self.layers:
            self._draw_layer(schematic, layer)

    def _draw_layer(self, schematic: Schematic, layer: int) -> None:
        weights = self.weights[layer - 1]
        rows, columns = range(1, len(weights[0]) + 1), range(1, len(weights) + 1)
        crossbar = self._crossbar(layer)
        schematic.instance(
            f"crossbar_{layer}",
            crossbar,
            (
                *(f"spike_{layer - 1}_{row}" for row in rows),
                *(f"spike_b_{layer - 1}_{row}" for row in rows),
                *(f"membrane_{layer}_{column}" for column in columns),
                "bias_positive",
                "bias_negative",
                *(
                    f"{port}_{layer}"
                    for port in (crossbar.bit_ports if isinstance(crossbar, ProgrammableCrossbar) else ())
                ),
                "vdd",
                "vss",
            ),
        )
        for phase in PHASES:
            schematic.instance(f"{phase}_{layer}", self.parts.phase_driver(layer), self.phase_nets(layer, phase))
        if (line := self.parts.ramp_line(layer)) is not None:
            schematic.instance(f"ramp_{layer}", line, self.ramp_nets(layer, line))
        for column in columns:
            schematic.instance(f"neuron_{layer}_{column}", self.parts.neuron(layer), self.neuron_nets(layer, column))

    @property
    def parts(self) -> NetworkParts:
        """The blocks beside the cells."""
        return NetworkParts(self.design)

    def phase_nets(self, layer: int, phase: Phase) -> tuple[str, ...]:
        """The nets at the ports of the driver of a layer's phase."""
        return (f"{phase}_{layer}", f"driven_{phase}_{layer}", f"{phase}_b_{layer}", "vdd", "vss")

    def ramp_nets(self, layer: int, line: Block) -> tuple[str, ...]:
        """The nets at the ports of what makes the ramp of a layer."""
        shared = _shared_nets(layer)
        return tuple(shared.get(port, port) for port in line.ports)

    def neuron_nets(self, layer: int, column: int) -> tuple[str, ...]:
        """The nets at the ports of a neuron."""
        last = layer == len(self.weights)
        own = {
            "membrane": f"membrane_{layer}_{column}",
            "fired_b": f"fired_b_{layer}_{column}",
            "spike": f"output_{column}" if last else f"spike_{layer}_{column}",
            "spike_b": f"spike_b_{layer}_{column}",
        }
        nets = {**_shared_nets(layer), **own}
        return tuple(nets.get(port, port) for port in self.parts.neuron(layer).ports)


def _shared_nets(layer: int) -> dict[str, str]:
    """The nets that all neurons of a layer share, by port."""
    return {
        "reset": f"driven_reset_{layer}",
        "reset_b": f"reset_b_{layer}",
        "fire": f"driven_fire_{layer}",
        "fire_b": f"fire_b_{layer}",
        "line": f"line_{layer}",
        "active": f"active_{layer}",
    }


def check_synapses(weights: object) -> None:
    """Refuse what is no network of unit cells: a path, or arrays that `read_weights` has not seen.

    Raises:
        NetworkError: it is none.
    """
    if not isinstance(weights, Synapses):
        raise NetworkError(
            f"weights of the type {type(weights).__name__} are no network of unit cells; make one of them with "
            "codesign.read_weights(weights, design.synapse.max_units)"
        )


def check_weights(weights: Weights, layer_sizes: tuple[int, ...], max_units: int) -> None:
    """Check that weights fit layer sizes and the synapse's range.

    Raises:
        NetworkError: another shape than the layer sizes, or a weight beyond `max_units`.
    """
    shapes = tuple((len(layer[0]) if layer else 0, len(layer)) for layer in weights)
    wanted = tuple(pairwise(layer_sizes))
    ragged = any(len(column) != len(layer[0]) for layer in weights for column in layer)
    if shapes != wanted or ragged:
        raise NetworkError(
            f"the weights have layers {' '.join(f'{i}x{o}' for i, o in shapes)}, but layer_sizes = "
            f"{list(layer_sizes)} wants {' '.join(f'{i}x{o}' for i, o in wanted)} (inputs x outputs)"
        )
    for number, layer in enumerate(weights, start=1):
        largest = max(abs(units) for column in layer for units in column)
        if largest > max_units:
            raise NetworkError(
                f"layer {number} has a weight of {largest} units; the synapse allows at most {max_units}"
            )
