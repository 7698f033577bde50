"""A network at work in ngspice: phases, spikes, and a stream of inputs."""

import re
from dataclasses import replace

import numpy as np
import pytest

from codesign.circuits.extracted import ExtractedNetwork
from codesign.circuits.testbench import Testbench, membrane_probe, spike_probe
from codesign.extraction.observation import observe
from codesign.spice import Simulator, Waveforms
from tests.circuits.conftest import ALONE
from tests.circuits.designs import small_testbench


@pytest.mark.spice
def test_a_neuron_resets_accumulates_and_fires(alone: tuple[Testbench, Waveforms]) -> None:
    testbench, waves = alone
    levels = testbench.network.design.levels
    for layer in (1, 2):
        reset, window = testbench.timeline.reset(layer, 0), testbench.timeline.accumulation(layer, 0)
        firing = testbench.timeline.firing(layer, 0)
        for column in (1, 2):
            membrane = membrane_probe(layer, column)
            assert waves.at(membrane, reset.stop - 1e-9) == pytest.approx(levels.reset, abs=2e-3)
            # Within the guard after the window the membrane holds what it has accumulated.
            assert waves.at(membrane, window.stop + 3e-9) == pytest.approx(waves.at(membrane, window.stop), abs=5e-3)
            [spike] = waves.crossings(spike_probe(layer, column), 0.9, rising=False)
            assert firing.start < spike < firing.stop
            assert waves.at(membrane, spike) == pytest.approx(levels.threshold, abs=20e-3)
            # The spike lasts to the end of the firing phase.
            [end] = waves.crossings(spike_probe(layer, column), 0.9, rising=True)
            assert end == pytest.approx(firing.stop, abs=2e-9)


@pytest.mark.spice
def test_the_membrane_moves_by_the_weights_that_are_on(alone: tuple[Testbench, Waveforms]) -> None:
    testbench, waves = alone
    [[hidden, _]] = observe(testbench, waves)
    gain = testbench.network.design.nominal_gain
    ideal = gain * hidden.weights @ np.maximum(1 - np.array(ALONE), 0)
    # The nonideal cells fall short of the conventional mapping, by tens of percents at most.
    assert np.all(np.sign(hidden.traces[:, -1]) == np.sign(ideal))
    np.testing.assert_allclose(hidden.traces[:, -1], ideal, rtol=0.35, atol=0.03)


@pytest.mark.spice
def test_a_stream_gives_each_inference_what_it_gets_alone(
    alone: tuple[Testbench, Waveforms], lasting_simulator: Simulator
) -> None:
    [single] = observe(*alone)
    stream = small_testbench((0.7, 0.05), ALONE, (2.0, 0.6))
    streamed = observe(stream, lasting_simulator.run(stream.deck()))[1]
    swing = stream.network.design.levels.swing
    for one, other in zip(single, streamed, strict=True):
        assert np.abs(one.traces - other.traces).max() * swing < 1e-3
        np.testing.assert_allclose(one.fired, other.fired, atol=2e-3)


def test_an_input_that_does_not_spike_stays_low() -> None:
    text = str(small_testbench((0.3, 1.0), (1.5, float("inf"))).sources())
    # Three points a pulse edge pair: the first input has one pulse in the stream, the second none.
    [first, second] = re.findall(r"^Vinput_\d .*?\((.*?)\)", text, re.MULTILINE | re.DOTALL)
    assert first.count("1.8") == 2
    assert "1.8" not in second


def test_the_schematic_carries_the_wires_that_the_design_expects_and_a_layout_its_own() -> None:
    testbench = small_testbench((0.3, 1.0))
    neuron = testbench.network.design.neuron
    wires = re.findall(r"^Cwire_\S+ (\S+) 0 (\S+)", str(testbench.sources()), re.MULTILINE)
    expected = {node: float(farads) for node, farads in wires}
    assert expected[membrane_probe(2, 1)] == neuron.wire_capacitance
    assert expected["xnetwork.xneuron_1_2.ramp"] == neuron.inner_wire_capacitance
    # None is placed where none is expected.
    bare = neuron.model_copy(update={"inner_wire_capacitance": 0.0})
    design = testbench.network.design.model_copy(update={"neuron": bare})
    plain = replace(testbench, network=replace(testbench.network, design=design))
    assert "xneuron" not in str(plain.sources())
    extracted = replace(testbench, extracted=ExtractedNetwork(".subckt network", ((1e-15, 2e-15), (3e-15, 4e-15))))
    assert "Cwire" not in str(extracted.sources())
    assert extracted.circuit().startswith(".subckt network")
