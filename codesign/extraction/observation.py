"""What a simulated network did, layer by layer, in normalised units."""

from collections.abc import Sequence

import numpy as np

from codesign.arrays import Floats
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench, membrane_probe, spike_probe
from codesign.design import Design
from codesign.extraction.records import LayerRecord
from codesign.model.scale import Scale
from codesign.spice import SimulationError, Waveforms

SAMPLE_TIMES: Floats = np.linspace(0.0, 1.0, 41)
"""Where membranes are compared, in windows."""

_BEYOND_SUPPLIES = 1.0
"""Farther beyond ground or supply no membrane can be, V: junctions and switches would conduct."""


def scale_of(design: Design) -> Scale:
    """The normalised units of a design."""
    return Scale(reset_level=design.levels.reset, swing=design.levels.swing, window=design.timing.window)


def observe(testbench: Testbench, waveforms: Waveforms) -> list[list[LayerRecord]]:
    """Read a testbench's waveforms.

    Returns:
        For each inference, for each layer, its record. The input spike times of a layer beyond the first are
        those that its predecessor fired in the simulation.

    Raises:
        SimulationError: a membrane is where no circuit can have it.
    """
    return [_observe_inference(testbench, waveforms, inference) for inference in range(len(testbench.spike_times))]


def _observe_inference(testbench: Testbench, waveforms: Waveforms, inference: int) -> list[LayerRecord]:
    design, timeline = testbench.network.design, testbench.timeline
    scale = scale_of(design)
    inputs = np.array(testbench.spike_times[inference])
    records: list[LayerRecord] = []
    for layer in testbench.network.layers:
        accumulation, firing = timeline.accumulation(layer, inference), timeline.firing(layer, inference)
        columns = range(1, design.layer_sizes[layer] + 1)
        sampled = accumulation.start + SAMPLE_TIMES * scale.window
        traces = [
            scale.membrane(
                plausible_membrane(
                    waveforms.at(membrane_probe(layer, column), sampled), testbench.network, layer, column
                )
            )
            for column in columns
        ]
        half = design.conditions.supply / 2
        fired = [
            first_fall(waveforms, spike_probe(layer, column), half, firing.start, firing.stop) for column in columns
        ]
        records.append(
            LayerRecord(
                weights=np.array(testbench.network.weights[layer - 1], dtype=np.int64),
                spike_times=inputs,
                times=SAMPLE_TIMES,
                traces=np.array(traces),
                fired=scale.time(np.array(fired), firing.start),
                wire_load=_wire_load(testbench, layer),
            )
        )
        inputs = records[-1].fired
    return records


def _wire_load(testbench: Testbench, layer: int) -> Floats | float:
    """Wires of a layer's columns beyond those that the design expects, as a share of the membrane capacitance."""
    if testbench.extracted is None:
        return 0.0
    neuron = testbench.network.design.neuron
    wires = np.array(testbench.extracted.wire_capacitances[layer - 1])
    return (wires - neuron.wire_capacitance) / (neuron.capacitance + neuron.wire_capacitance)


def plausible_membrane(voltages: Floats, network: Network, layer: int, column: int) -> Floats:
    """A membrane, V, unless it is where no circuit can have it: ngspice may find such an operating point.

    Raises:
        SimulationError: it is.
    """
    supply = network.design.conditions.supply
    if (worst := max(-voltages.min(), voltages.max() - supply)) > _BEYOND_SUPPLIES:
        raise SimulationError(
            f"the membrane of neuron {column} in layer {layer} lies {worst:.3g} V beyond the supplies in "
            f"{network.name}: ngspice has found an operating point that no circuit has; take another chip, "
            "or other sizes of the neuron"
        )
    return voltages


def first_fall(waveforms: Waveforms, probe: str, level: float, start: float, stop: float) -> float:
    """When a signal first falls through a level in a span of time, s; infinity if it does not."""
    falls = waveforms.crossings(probe, level, rising=False)
    within = falls[(falls >= start) & (falls < stop)]
    return float(within[0]) if within.size else np.inf


def records_of_layers(inferences: Sequence[Sequence[LayerRecord]]) -> list[LayerRecord]:
    """All layers' records of all inferences in one list."""
    return [record for inference in inferences for record in inference]
