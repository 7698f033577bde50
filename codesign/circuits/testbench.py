"""A network with its supplies, phase signals and input spikes, ready to simulate."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from codesign.circuits.block import library
from codesign.circuits.chip import Chip, chip_of
from codesign.circuits.expected_wires import place_neuron_wires, place_ramp_wires
from codesign.circuits.extracted import ExtractedNetwork
from codesign.circuits.flat import GROUND
from codesign.circuits.network import Network
from codesign.circuits.neuron import starting_levels
from codesign.circuits.timeline import Phase, Timeline
from codesign.circuits.top_level import TopLevel
from codesign.spice import Deck, Transient

SUPPLY = "supply"
"""Name of the supply's voltage source."""

RELATIVE_TOLERANCE = 1e-4
"""ngspice `reltol`: with 200 steps a window, membranes lie within 0.02 mV of a hundred times tighter run."""

_INSIDE = "xnetwork."
"""What the names of the network's own nodes begin with."""

STEPS_PER_WINDOW = 200
"""Least number of solver steps in an accumulation window."""


@dataclass(frozen=True)
class Testbench:
    """A stream of inferences in one transient.

    Attributes:
        network: the circuit.
        spike_times: one tuple for each inference, of one spike time for each input, in accumulation windows;
            1 or more means that the input does not spike.
        extracted: the network's layout; None simulates the schematic, with the wires that the design expects.
        chip: the chip to simulate; None takes what the design's conditions name.
    """

    __test__ = False  # not a test class, whatever pytest thinks of its name

    network: Network
    spike_times: tuple[tuple[float, ...], ...]
    extracted: ExtractedNetwork | None = None
    chip: Chip | None = None

    @property
    def simulated_chip(self) -> Chip | None:
        """The chip that is simulated, or None for the matched circuit."""
        return self.chip or chip_of(self.network.design)

    @property
    def timeline(self) -> Timeline:
        """When the layers reset, accumulate and fire."""
        return Timeline(self.network.design.timing)

    @property
    def membranes(self) -> tuple[str, ...]:
        """The node of every membrane."""
        return tuple(membrane_probe(layer, column) for layer in self.network.layers for column in self._columns(layer))

    @property
    def probes(self) -> tuple[str, ...]:
        """Every membrane and spike, and the supply current."""
        spikes = (spike_probe(layer, column) for layer in self.network.layers for column in self._columns(layer))
        return (*self.membranes, *spikes, f"i(v{SUPPLY})")

    def deck(self) -> Deck:
        """The deck of the transient."""
        design = self.network.design
        return Deck(
            title=f"{self.network.name}, {len(self.spike_times)} inferences",
            circuit=self.circuit(),
            analysis=Transient(
                stop=self.timeline.stop(len(self.network.layers), len(self.spike_times)),
                maximum_step=design.timing.window / STEPS_PER_WINDOW,
            ),
            probes=self.probes,
            process=design.pdk,
            corner=design.conditions.corner,
            temperature=design.conditions.temperature,
            deviates=self.simulated_chip is not None,
            seed=design.conditions.seed,
            options={"method": "gear", "reltol": RELATIVE_TOLERANCE},
            initial_conditions=starting_levels(design, self.membranes, self._resistor_ends()),
        )

    def _resistor_ends(self) -> tuple[str, ...]:
        """Of the schematic; an extracted layout has nodes of its own."""
        return () if self.extracted else tuple(_INSIDE + node for node in self.network.resistor_ends)

    def circuit(self) -> str:
        """Cell library, network, supplies and stimulus."""
        if self.extracted is not None:
            cells = self.extracted.netlist + "\n"
        elif self.simulated_chip is not None:
            cells = ""
        else:
            cells = library([self.network], self.network.design.technology) + "\n"
        return cells + str(self.sources())

    def sources(self) -> TopLevel:
        """The network's instance, supplies and stimulus, and the schematic's wires."""
        network, design = self.network, self.network.design
        chip = self.simulated_chip if self.extracted is None else None
        circuit = TopLevel(f"testbench of {network.name}", design.technology, chip)
        circuit.instance("network", network, (GROUND if port == "vss" else port for port in network.ports))
        if self.extracted is None:
            self._expected_wires(circuit)
        circuit.voltage(SUPPLY, "vdd", GROUND, design.conditions.supply)
        circuit.voltage("reset_level", "reset_level", GROUND, design.levels.reset)
        circuit.voltage("threshold", "threshold", GROUND, design.levels.threshold)
        circuit.current("reference", "vdd", "reference", design.bias.reference_input)
        for port, high in network.bit_levels:
            circuit.voltage(port, port, GROUND, design.conditions.supply if high else 0.0)
        for port, points in self.stimulus().items():
            circuit.voltage_steps(port, port, points)
        return circuit

    def stimulus(self) -> dict[str, list[tuple[float, float]]]:
        """What drives each input and phase: corners of its waveform, s and V, by port of the network."""
        inputs = range(1, self.network.design.layer_sizes[0] + 1)
        driven = {f"input_{number}": self._corners(self._input_pulses(number), first_high=False) for number in inputs}
        inferences = range(len(self.spike_times))
        for layer in self.network.layers:
            resets = [self.timeline.reset(layer, inference) for inference in inferences]
            # Start in reset, so that no membrane floats while ngspice finds the operating point.
            driven[f"reset_{layer}"] = self._corners(resets, first_high=True)
            firings = [self.timeline.firing(layer, inference) for inference in inferences]
            driven[f"fire_{layer}"] = self._corners(firings, first_high=False)
        return driven

    def _expected_wires(self, circuit: TopLevel) -> None:
        for layer in self.network.layers:
            place_ramp_wires(circuit, self.network, layer, _INSIDE)
            for column in self._columns(layer):
                place_neuron_wires(circuit, self.network, layer, column, _INSIDE)

    def _columns(self, layer: int) -> range:
        return range(1, self.network.design.layer_sizes[layer] + 1)

    def _input_pulses(self, number: int) -> Iterable[Phase]:
        timing = self.network.design.timing
        for inference, times in enumerate(self.spike_times):
            window = self.timeline.accumulation(1, inference)
            start = window.start + times[number - 1] * timing.window
            if start + 2 * timing.edge < window.stop:
                yield Phase(start, window.stop)

    def _corners(self, pulses: Iterable[Phase], *, first_high: bool) -> list[tuple[float, float]]:
        """A waveform that is high in each of `pulses` (half-supply crossings); from time 0 on if `first_high`."""
        high, half = self.network.design.conditions.supply, self.network.design.timing.edge / 2
        points: list[tuple[float, float]] = [(0.0, high if first_high else 0.0)]
        for index, pulse in enumerate(pulses):
            if index > 0 or not first_high:
                points += [(pulse.start - half, 0.0), (pulse.start + half, high)]
            points += [(pulse.stop - half, high), (pulse.stop + half, 0.0)]
        return points


View = Callable[[Sequence[Testbench]], list[Testbench]]
"""Chooses what the testbenches simulate: the schematic of each network, or its layout."""


def schematic(testbenches: Sequence[Testbench]) -> list[Testbench]:
    """The view of the networks as drawn in the schematic."""
    return list(testbenches)


def membrane_probe(layer: int, column: int) -> str:
    """Node of a neuron's membrane (layer and column from 1)."""
    return f"xnetwork.membrane_{layer}_{column}"


def spike_probe(layer: int, column: int) -> str:
    """Node whose falling edge is a neuron's spike time (layer and column from 1)."""
    return f"xnetwork.fired_b_{layer}_{column}"
