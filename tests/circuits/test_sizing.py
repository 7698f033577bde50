"""Drivers and ramps grow with what they drive."""

from pathlib import Path

import numpy as np
import pytest

from codesign.circuits.block import library
from codesign.circuits.columns import ColumnBench
from codesign.circuits.gates import InputDriver
from codesign.circuits.network import Network, as_tuples
from codesign.circuits.network_parts import NetworkParts
from codesign.circuits.neuron import ramp_line_block
from codesign.circuits.sizing import UNIT_LOAD, driver_units, ramp_units
from codesign.design import AutozeroNeuron, Design
from codesign.flow.file import FlowFile
from codesign.spice import Simulator

FLOW = Path(__file__).parents[2] / "flows" / "5-5-5.toml"

DESIGN = Design(name="x", layer_sizes=(64, 32, 10), neuron=AutozeroNeuron(kind="autozero", ramp_units=7))


def test_units_follow_the_load() -> None:
    assert [driver_units(loads) for loads in (1, 5, 7, 8, 32, 128)] == [1, 1, 1, 2, 6, 26]
    assert [ramp_units(7, neurons) for neurons in (1, 3, 5, 10, 32)] == [1, 4, 7, 14, 45]


def test_a_layer_has_parts_of_its_own_size() -> None:
    parts = NetworkParts(DESIGN)
    assert parts.input_driver == InputDriver(6)
    assert parts.neuron(1).driver_units == 2 and parts.neuron(2).driver_units == 1
    assert parts.phase_driver(1).units == 6 and parts.phase_driver(2).units == 2
    wide, usual = (ramp_line_block(DESIGN, neurons) for neurons in (32, UNIT_LOAD))
    assert wide is not None and usual is not None and parts.ramp_line(1) == wide
    assert wide.name == "ramp_line_of_32" and usual.name == "ramp_line"
    # As steep without a load, and each neuron as large a part of it.
    assert wide.capacitance / usual.capacitance == pytest.approx(wide.units / usual.units)
    assert wide.units / 32 == pytest.approx(usual.units / UNIT_LOAD, rel=0.01)


def test_parallel_inverters_are_units_of_each_transistor() -> None:
    one, six = (library([InputDriver(units)], DESIGN.technology).splitlines() for units in (1, 6))
    transistors = [line for line in six if line.startswith("X") and "fet" in line]
    assert len(transistors) == 4 and all(" m=6 mult=6 " in line for line in transistors)
    assert InputDriver(6).name == "input_driver_x6" and len(one) == len(six)


@pytest.mark.spice
@pytest.mark.slow
def test_the_ramp_of_a_wide_layer_is_as_steep(lasting_simulator: Simulator) -> None:
    reference = FlowFile.load(FLOW).design
    slopes: list[float] = []
    for neurons in (5, 12):
        design = reference.model_copy(update={"layer_sizes": (2, neurons)})
        bench = ColumnBench(Network(design, as_tuples((np.ones((neurons, 2), dtype=np.int64),))))
        lines = lasting_simulator.run(bench.lines_deck())
        phase = bench.timeline.firing(1, 0)
        times = np.linspace(0.8 * phase.start + 0.2 * phase.stop, 0.2 * phase.start + 0.8 * phase.stop, 50)
        slopes.append(np.polyfit(times, lines.at("line_1", times), 1)[0])
    # With the ramp of five neurons it would be 4 % less steep.
    assert slopes[1] == pytest.approx(slopes[0], rel=3e-3)
