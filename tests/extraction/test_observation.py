"""Reading a network's waveforms into records."""

import numpy as np
import pytest

from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench, membrane_probe, spike_probe
from codesign.design import Design
from codesign.extraction.observation import SAMPLE_TIMES, observe, records_of_layers
from codesign.spice import SimulationError, Waveforms


def test_records_hold_what_the_waveforms_show() -> None:
    design = Design(name="x", layer_sizes=(2, 1, 1))
    testbench = Testbench(Network(design, (((3, -1),), ((2,),))), ((0.25, np.inf), (0.5, 0.75)))
    timeline = testbench.timeline
    time = np.linspace(0, timeline.stop(2, 2), 40001)
    supply = design.conditions.supply
    signals = {}
    for layer, slope in ((1, 0.3), (2, -0.2)):
        membrane = np.full_like(time, design.levels.reset)
        fired_b = np.full_like(time, supply)
        for inference in (0, 1):
            window, firing = timeline.accumulation(layer, inference), timeline.firing(layer, inference)
            inside = (time >= window.start) & (time <= window.stop + 2e-9)
            membrane[inside] += slope * (time[inside] - window.start) / design.timing.window
            if layer == 1 and inference == 0:
                fired_b[(time >= firing.start + 0.4e-6) & (time < firing.stop)] = 0.0
        signals[membrane_probe(layer, 1)] = membrane
        signals[spike_probe(layer, 1)] = fired_b
    first, second = observe(testbench, Waveforms(time, signals))
    np.testing.assert_array_equal(first[0].weights, [[3, -1]])
    np.testing.assert_array_equal(first[0].spike_times, [0.25, np.inf])
    np.testing.assert_allclose(first[0].traces[0], 0.3 / 0.45 * SAMPLE_TIMES, atol=1e-3)
    np.testing.assert_allclose(first[0].fired, [0.4], atol=1e-3)
    # The second layer's input is what the first one fired.
    np.testing.assert_array_equal(first[1].spike_times, first[0].fired)
    np.testing.assert_allclose(first[1].traces[0], -0.2 / 0.45 * SAMPLE_TIMES, atol=1e-3)
    assert np.isinf(first[1].fired).all()
    # A spike of the first inference is none of the second.
    np.testing.assert_array_equal(second[0].fired, [np.inf])
    np.testing.assert_array_equal(second[0].spike_times, [0.5, 0.75])
    assert len(records_of_layers([first, second])) == 4


@pytest.mark.parametrize("level", [-126.0, 521.0])
def test_a_membrane_that_no_circuit_can_have_is_no_result(level: float) -> None:
    testbench = Testbench(Network(Design(name="x", layer_sizes=(1, 1)), (((3,),),)), ((0.25,),))
    time = np.linspace(0, testbench.timeline.stop(1, 1), 1001)
    signals = {membrane_probe(1, 1): np.full_like(time, level), spike_probe(1, 1): np.full_like(time, 1.8)}
    with pytest.raises(SimulationError, match=r"neuron 1 in layer 1 lies .* V beyond the supplies"):
        observe(testbench, Waveforms(time, signals))
