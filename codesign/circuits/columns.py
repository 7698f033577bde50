"""A network piece by piece: what its layers share, then each column by itself, then the firing of a layer.

A column's membrane depends on its own cells and on lines that it shares. These are simulated with their loads, once for
a network, and are sources for each column. A layer then fires as a whole from where its membranes were, with its bias
generator, its cells off, and the rows that it drives: what its spikes look like is what the next layer's columns get.

Neglected: how the membranes of one column move the biases, the ramp or the rows of another while they accumulate, and
the waveforms of membranes at the loads of a row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats
from codesign.circuits.bias import bias_block
from codesign.circuits.block import Block, library
from codesign.circuits.chip import Chip
from codesign.circuits.expected_wires import place_neuron_wires, place_ramp_wires
from codesign.circuits.flat import GROUND
from codesign.circuits.network import LEVELS, PHASES, Network, NetworkError
from codesign.circuits.spike_lines import TOLERANCE, SpikeLines, corners_of, merged_rows, observed_lines, silent_lines
from codesign.circuits.synapse import SIGNS, Sign, synapse_block
from codesign.circuits.testbench import RELATIVE_TOLERANCE, STEPS_PER_WINDOW, SUPPLY, Testbench
from codesign.circuits.timeline import Phase, Timeline
from codesign.circuits.top_level import TopLevel
from codesign.spice import Deck, Transient, Waveforms

_LINE_TOLERANCE = 1e-4
"""How far the corners of a shared line may lie from what was simulated, V."""


@dataclass(frozen=True)
class ColumnBench:
    """The decks of a network's pieces. Times in their results count from the start of each deck.

    Attributes:
        network: the whole circuit.
        chip: the chip to simulate, or None for the matched circuit.

    Raises:
        NetworkError: on construction, for weights that are stored: their columns differ by bits that rows share.
    """

    network: Network
    chip: Chip | None = None

    def __post_init__(self) -> None:
        if self.network.bit_levels:
            raise NetworkError('programmable weights are not simulated column by column; take the method "whole"')

    @property
    def timeline(self) -> Timeline:
        """When the layers reset, accumulate and fire."""
        return Timeline(self.network.design.timing)

    def column_start(self, layer: int) -> float:
        """When the decks of a layer's columns start, in the time of the network, s: at the end of the reset."""
        return self.timeline.reset(layer, 0).stop - self.network.design.timing.guard

    def firing_start(self, layer: int) -> float:
        """When the deck of a layer's firing starts, in the time of the network, s: after the next layer's reset."""
        return self.timeline.firing(layer, 0).start - self.network.design.timing.guard / 4

    # What a network shares.

    def lines_deck(self) -> Deck:
        """The deck of all that columns share: phases, ramps, biases, with every neuron, from the first reset on."""
        circuit = self._circuit("shared lines")
        self._place_sources(circuit)
        for layer in self.network.layers:
            self._place_ramp(circuit, layer, 0.0)
            self._place_neurons(circuit, layer)
            self._place_rows(circuit, layer + 1)
        probes = sorted(
            {net for layer in self.network.layers for net in (*self._shared_nets(layer), *self._remembering(layer))}
        )
        stop = self.timeline.stop(len(self.network.layers), 1)
        levels = {
            net: self.network.design.levels.reset for layer in self.network.layers for net in self._membranes(layer)
        }
        return self._deck("shared lines", circuit, probes, stop, levels)

    def rows_deck(self) -> Deck:
        """The deck of the inputs' drivers with their rows; of equal ones there is one in the matched circuit."""
        circuit = self._circuit("rows of the inputs")
        self._place_sources(circuit)
        pulse = self._test_pulse
        for row in sorted(set(self._drivers)):
            nets = (f"input_{row}", f"spike_0_{row}", f"spike_b_0_{row}", "vdd", GROUND)
            circuit.instance(f"input_{row}", self.network.parts.input_driver, nets)
            circuit.voltage_steps(f"input_{row}", f"input_{row}", self._pulse(pulse))
            self._place_row(circuit, 1, row)
        probes = [net for row in sorted(set(self._drivers)) for net in (f"spike_0_{row}", f"spike_b_0_{row}")]
        return self._deck("rows of the inputs", circuit, probes, pulse.stop + self._settling, {})

    def input_lines(self, rows: Waveforms, spike_times: Sequence[float]) -> list[SpikeLines]:
        """The lines of the inputs of one inference.

        Args:
            rows: of `rows_deck`.
            spike_times: in windows; 1 or more means never.
        """
        design, window, pulse = self.network.design, self.timeline.accumulation(1, 0), self._test_pulse
        supply, lines = design.conditions.supply, list[SpikeLines]()
        for driver, time in zip(self._drivers, spike_times, strict=True):
            start = window.start + time * design.timing.window
            if not start + 2 * design.timing.edge < window.stop:
                lines.append(silent_lines(supply))
                continue
            probes = (f"spike_0_{driver}", f"spike_b_0_{driver}")
            rise = (pulse.start - design.timing.edge, pulse.stop - self._settling / 2)
            begun = observed_lines(rows, probes, supply, rise).moved(start - pulse.start)
            ends = [
                corners_of(
                    rows, probe, (pulse.stop - design.timing.edge, pulse.stop + self._settling), TOLERANCE * supply
                )
                + np.array([window.stop - pulse.stop, 0.0])
                for probe in probes
            ]
            lines.append(SpikeLines(begun.time, *map(_joined, (begun.spike, begun.spike_b), ends)))
        return lines

    # A column, and a layer that fires.

    def column_deck(self, layer: int, column: int, rows: Sequence[SpikeLines], shared: Waveforms, which: str) -> Deck:
        """The deck of one column, from the end of its reset to the start of its firing.

        Args:
            layer: of the column, from 1.
            column: from 1.
            rows: what its rows do.
            shared: of `lines_deck`.
            which: names the inference, for a message.
        """
        title = f"layer {layer}, neuron {column}, {which}"
        circuit, start = self._circuit(title), self.column_start(layer)
        span = (start, self.timeline.firing(layer, 0).start)
        circuit.voltage(SUPPLY, "vdd", GROUND, self.network.design.conditions.supply)
        self._place_levels(circuit)
        for net in self._shared_nets(layer):
            circuit.voltage_steps(net, net, _from(corners_of(shared, net, span, _LINE_TOLERANCE), start))
        self._place_neuron(circuit, layer, column)
        ends = self._place_cells(circuit, layer, column, rows, start)
        # The amplifier has its own idea of the reset level.
        levels = {node: float(shared.at(node, start)) for node in self._states(layer, column)}
        levels |= dict.fromkeys(ends, levels[f"membrane_{layer}_{column}"])
        return self._deck(title, circuit, self._states(layer, column), span[1] - start, levels)

    def before_firing(self, layer: int, columns: Sequence[Waveforms], before: Waveforms | None) -> dict[str, float]:
        """The state when a layer's firing deck starts, V by node.

        Args:
            layer: from 1.
            columns: of its `column_deck`.
            before: of the `firing_deck` of the layer before; None for the first.
        """
        start, state = self.firing_start(layer), dict[str, float]()
        if before is not None:
            time = start - self.firing_start(layer - 1)
            state |= {node: float(before.at(node, time)) for node in self._remembering(layer - 1)}
        for column, waveforms in enumerate(columns, start=1):
            time = start - self.column_start(layer)
            state |= {node: float(waveforms.at(node, time)) for node in self._states(layer, column)}
        return state

    def firing_deck(self, layer: int, state: Mapping[str, float], shared: Waveforms, which: str) -> Deck:
        """The deck of a layer's firing phase.

        Args:
            layer: from 1.
            state: when it starts, from `before_firing`.
            shared: of `lines_deck`.
            which: names the inference, for a message.
        """
        title = f"layer {layer}, firing, {which}"
        circuit, start = self._circuit(title), self.firing_start(layer)
        self._place_sources(circuit)
        levels: dict[str, float] = {}
        for near in range(max(1, layer - 1), min(layer + 1, self.network.layers[-1]) + 1):
            self._place_ramp(circuit, near, start)
            self._place_neurons(circuit, near)
            levels |= {node: float(shared.at(node, start)) for node in self._remembering(near)}
        levels |= state
        self._place_rows(circuit, layer + 1)
        for column in self._columns(layer):
            silent = [silent_lines(self.network.design.conditions.supply)] * self.network.design.layer_sizes[layer - 1]
            ends = self._place_cells(circuit, layer, column, silent, start, merged=True)
            levels |= dict.fromkeys(ends, levels[f"membrane_{layer}_{column}"])
        probes = [net for column in self._columns(layer) for net in self._driven(layer, column)]
        probes += self._remembering(layer)
        return self._deck(title, circuit, probes, self._end(layer) - start, levels)

    def fired_lines(self, layer: int, firing: Waveforms) -> list[SpikeLines]:
        """The lines that a layer drives, in the time of the network, from the result of its `firing_deck`."""
        phase, start, lines = self.timeline.firing(layer, 0), self.firing_start(layer), list[SpikeLines]()
        for column in self._columns(layer):
            probes = (f"spike_{layer}_{column}", f"spike_b_{layer}_{column}")
            span = (phase.start - start, self._end(layer) - start)
            lines.append(observed_lines(firing, probes, self.network.design.conditions.supply, span).moved(start))
        return lines

    # Parts of the decks.

    def _end(self, layer: int) -> float:
        """When the spikes of a layer are over, s."""
        return self.timeline.firing(layer, 0).stop + self.network.design.timing.guard

    @property
    def _settling(self) -> float:
        return self.network.design.timing.reset / 4

    @property
    def _test_pulse(self) -> Phase:
        start = self.network.design.timing.guard
        return Phase(start, start + self._settling)

    @property
    def _drivers(self) -> list[int]:
        """For each input the driver that stands for its own: the first with the same load."""
        if self.chip is not None:
            return list(range(1, self.network.design.layer_sizes[0] + 1))
        loads = [self._row_units(1, row) for row in range(1, self.network.design.layer_sizes[0] + 1)]
        return [loads.index(load) + 1 for load in loads]

    def _columns(self, layer: int) -> range:
        return range(1, self.network.design.layer_sizes[layer] + 1)

    def _membranes(self, layer: int) -> list[str]:
        return [f"membrane_{layer}_{column}" for column in self._columns(layer)]

    def _states(self, layer: int, column: int | None = None) -> list[str]:
        """The nodes of a layer's neurons, or of one, that remember: membranes and amplifiers."""
        inner = self.network.parts.neuron(layer).inner_nodes
        return [
            node
            for one in (self._columns(layer) if column is None else (column,))
            for node in (f"membrane_{layer}_{one}", *(f"xneuron_{layer}_{one}.{node}" for node in inner))
        ]

    def _remembering(self, layer: int) -> list[str]:
        """All nodes of a layer and of the biases that remember."""
        line = self.network.parts.ramp_line(layer)
        ramp = [] if line is None else [f"xramp_{layer}.{node}" for node in line.inner_nodes]
        shared = [net for net in self._shared_nets(layer) if net.startswith(("line", "bias"))]
        return ["reference", *shared, *ramp, *self._states(layer)]

    def _driven(self, layer: int, column: int) -> tuple[str, ...]:
        last = layer == self.network.layers[-1]
        return (
            f"fired_b_{layer}_{column}",
            *(() if last else (f"spike_{layer}_{column}", f"spike_b_{layer}_{column}")),
        )

    def _shared_nets(self, layer: int) -> list[str]:
        """The nets of a layer's neurons and cells that are others' too."""
        own = {f"membrane_{layer}_1", f"fired_b_{layer}_1", f"spike_{layer}_1", f"spike_b_{layer}_1", "output_1"}
        nets = [net for net in self.network.neuron_nets(layer, 1) if net not in {*own, *LEVELS, "vdd", "vss"}]
        biases = [f"bias_{sign}" for sign in SIGNS if self.network.design.synapse.biased]
        return [*nets, *biases]

    def _circuit(self, title: str) -> TopLevel:
        return TopLevel(f"{title} of {self.network.name}", self.network.design.technology, self.chip)

    def _place_levels(self, circuit: TopLevel) -> None:
        levels = self.network.design.levels
        circuit.voltage("reset_level", "reset_level", GROUND, levels.reset)
        circuit.voltage("threshold", "threshold", GROUND, levels.threshold)

    def _place_sources(self, circuit: TopLevel) -> None:
        """Supply, levels and the bias generator."""
        design = self.network.design
        circuit.voltage(SUPPLY, "vdd", GROUND, design.conditions.supply)
        self._place_levels(circuit)
        circuit.current("reference", "vdd", "reference", design.bias.reference_input)
        block = bias_block(design)
        circuit.instance("bias", block, _grounded(block.ports))

    def _place_ramp(self, circuit: TopLevel, layer: int, start: float) -> None:
        """The phases of a layer, driven as from a time on, and its ramp."""
        stimulus = Testbench(self.network, ((1.0,) * self.network.design.layer_sizes[0],)).stimulus()
        for phase in PHASES:
            driver = self.network.parts.phase_driver(layer)
            circuit.instance(f"{phase}_{layer}", driver, _grounded(self.network.phase_nets(layer, phase)))
            port = f"{phase}_{layer}"
            circuit.voltage_steps(port, port, _from(np.array(stimulus[port]), start))
        if (line := self.network.parts.ramp_line(layer)) is not None:
            circuit.instance(f"ramp_{layer}", line, _grounded(self.network.ramp_nets(layer, line)))
            place_ramp_wires(circuit, self.network, layer)

    def _place_neurons(self, circuit: TopLevel, layer: int) -> None:
        for column in self._columns(layer):
            self._place_neuron(circuit, layer, column)

    def _place_neuron(self, circuit: TopLevel, layer: int, column: int) -> None:
        neuron = self.network.parts.neuron(layer)
        circuit.instance(f"neuron_{layer}_{column}", neuron, _grounded(self.network.neuron_nets(layer, column)))
        place_neuron_wires(circuit, self.network, layer, column)

    def _place_cells(
        self,
        circuit: TopLevel,
        layer: int,
        column: int,
        rows: Sequence[SpikeLines],
        start: float,
        *,
        merged: bool = False,
    ) -> list[str]:
        """The cells of a column, and the inner nodes that only a resistor from its membrane holds while they are off.

        Cells of one sign whose rows do the same are one instance; on a chip they are so if `merged`.
        """
        weights, ends = self.network.weights[layer - 1][column - 1], list[str]()
        for sign in SIGNS:
            lines, polarity = ("spike_b", 1) if sign == "positive" else ("spike", -1)
            units = [max(0, polarity * weight) for weight in weights]
            block = synapse_block(self.network.design.synapse, sign)
            for group in merged_rows(units, rows):
                net = f"{lines}_{layer}_{column}_{sign}_{group.rows[0]}"
                nets = self._cell_nets(f"membrane_{layer}_{column}", sign, net)
                circuit.voltage_steps(net, net, _from(getattr(group.lines, lines), start))
                names = {f"crossbar_{layer}.{row}_{column}": units[row - 1] for row in group.rows}
                if self.chip is None or merged:
                    names = {f"cells_{layer}_{column}_{sign}_{group.rows[0]}": sum(names.values())}
                for name, count in names.items():
                    circuit.instance(name, block, nets, count)
                    ends += [f"x{name}.{node}" for node in block.resistor_ends]
        return ends

    def _cell_nets(self, membrane: str, sign: Sign, line: str) -> tuple[str, ...]:
        """A cell's nets; it uses the one line whose polarity turns it on."""
        lines = (GROUND, line) if sign == "positive" else (line, "vdd")
        return (membrane, *lines, self._bias(sign), "vdd", GROUND)

    def _bias(self, sign: Sign) -> str:
        return f"bias_{sign}" if self.network.design.synapse.biased else GROUND

    def _row_units(self, layer: int, row: int) -> dict[Sign, int]:
        weights = [column[row - 1] for column in self.network.weights[layer - 1]]
        return {
            "positive": sum(max(0, weight) for weight in weights),
            "negative": sum(max(0, -weight) for weight in weights),
        }

    def _place_rows(self, circuit: TopLevel, layer: int) -> None:
        """The cells of a layer as the load of its rows; none beyond the last layer."""
        if layer in self.network.layers:
            for row in range(1, self.network.design.layer_sizes[layer - 1] + 1):
                self._place_row(circuit, layer, row)

    def _place_row(self, circuit: TopLevel, layer: int, row: int) -> None:
        for sign, units in self._row_units(layer, row).items():
            if units:
                lines = (f"spike_{layer - 1}_{row}", f"spike_b_{layer - 1}_{row}")
                nets = ("reset_level", *lines, self._bias(sign), "vdd", GROUND)
                circuit.instance(
                    f"row_{layer}_{row}_{sign}", synapse_block(self.network.design.synapse, sign), nets, units
                )

    def _pulse(self, pulse: Phase) -> list[tuple[float, float]]:
        high, half = self.network.design.conditions.supply, self.network.design.timing.edge / 2
        corners = [(pulse.start - half, 0.0), (pulse.start + half, high), (pulse.stop - half, high)]
        return [(0.0, 0.0), *corners, (pulse.stop + half, 0.0)]

    def _blocks(self) -> Iterator[Block]:
        yield from self.network.parts
        yield from (synapse_block(self.network.design.synapse, sign) for sign in SIGNS)

    def _deck(
        self, title: str, circuit: TopLevel, probes: Sequence[str], stop: float, levels: Mapping[str, float]
    ) -> Deck:
        design = self.network.design
        cells = "" if self.chip else library(self._blocks(), design.technology) + "\n"
        return Deck(
            title=f"{title} of {self.network.name}",
            circuit=cells + str(circuit),
            analysis=Transient(stop=stop, maximum_step=design.timing.window / STEPS_PER_WINDOW),
            probes=tuple(probes),
            process=design.pdk,
            corner=design.conditions.corner,
            temperature=design.conditions.temperature,
            deviates=self.chip is not None,
            seed=design.conditions.seed,
            options={"method": "gear", "reltol": RELATIVE_TOLERANCE},
            initial_conditions=levels,
        )


def _grounded(nets: Sequence[str]) -> list[str]:
    return [GROUND if net == "vss" else net for net in nets]


def _from(corners: Floats, start: float) -> list[tuple[float, float]]:
    """Corners of a waveform from a time on, counted from it."""
    times, values = corners[:, 0] - start, corners[:, 1]
    first = float(np.interp(0.0, times, values))
    return [(0.0, first), *((float(time), float(value)) for time, value in zip(times, values, strict=True) if time > 0)]


def _joined(begun: Floats, ended: Floats) -> Floats:
    """A line that rises and, as soon as it falls, is what falls."""
    return np.concatenate([begun[begun[:, 0] < ended[0, 0]], ended])
