"""The auto-zeroed neuron: its offset cancels, its spike time hardly deviates from chip to chip."""

from dataclasses import replace

import numpy as np
import pytest

from codesign import read_weights
from codesign.circuits.network import Network, as_tuples
from codesign.circuits.testbench import Testbench, membrane_probe, spike_probe
from codesign.design import Design, DesignError, load_design
from codesign.extraction.extract import nominal_model
from codesign.extraction.testbenches import capacitance_deck
from codesign.spice import Simulator
from tests.circuits.designs import FLOWS, design_of, small_testbench

NEURONS = 10
ROW = (((3,),) * NEURONS,)
"""Equal columns of one input."""


def spread(design: Design, simulator: Simulator) -> tuple[float, float, float]:
    """Sigma over equal neurons of one chip: of the starting level, of v(1) above it (V), and of the spike time (s)."""
    design = design.model_copy(update={"layer_sizes": (1, NEURONS)}).at(mismatch=True, seed=3)
    bench = Testbench(Network(design, ROW), ((0.3,),))
    waveforms, timeline = simulator.run(bench.deck()), bench.timeline
    accumulation = timeline.accumulation(1, 0)
    instants = (accumulation.start, accumulation.stop)
    membranes = np.array([waveforms.at(membrane_probe(1, n), instants) for n in range(1, NEURONS + 1)])
    half = design.conditions.supply / 2
    falls = [waveforms.crossings(spike_probe(1, n), half, rising=False) for n in range(1, NEURONS + 1)]
    firing = timeline.firing(1, 0)
    times = np.array([fall[(fall > firing.start) & (fall < firing.stop)][0] for fall in falls])
    rise = membranes[:, 1] - membranes[:, 0]
    # What the membranes themselves differ by is not the neuron's fault.
    late = times + (rise - rise.mean()) / design.levels.swing * design.timing.window
    return float(membranes[:, 0].std()), float(rise.std()), float(late.std())


@pytest.mark.spice
def test_the_stored_offset_takes_itself_out_of_the_spike_time(simulator: Simulator) -> None:
    plain = design_of("resistor")
    stored, _, late = spread(design_of("autozero"), simulator)
    assert stored > 1e-3
    assert late < 0.005 * design_of("autozero").timing.window
    _, _, late_of_plain = spread(plain, simulator)
    assert late_of_plain / plain.timing.window > 3 * late / design_of("autozero").timing.window


def test_a_layer_shares_one_ramp() -> None:
    design = design_of("autozero", (2, 3, 2))
    parts = Network(design, (((1, 2),) * 3, ((1, 2, 3),) * 2)).schematic().parts
    names = [part.name for part in parts]
    assert [name for name in names if name.startswith("ramp_")] == ["ramp_1", "ramp_2"]
    lines = {part.name: part.net_of.get("line") for part in parts if part.name.startswith("neuron_")}
    assert lines == {f"neuron_{layer}_{k}": f"line_{layer}" for layer, n in ((1, 3), (2, 2)) for k in range(1, n + 1)}


def test_the_ramp_that_a_column_does_not_load() -> None:
    model = nominal_model(design_of("autozero")).model_copy(update={"fire_lag": 0.01, "fire_hold": 0.01})
    assert model.shared_ramp
    v, none = np.array([0.4]), np.zeros(1)
    light, heavy = (model.firing_time(v, np.array([load]), none, none) for load in (0.0, 0.1))
    assert light == heavy
    own = model.model_copy(update={"shared_ramp": False})
    assert own.firing_time(v, np.array([0.1]), none, none) > own.firing_time(v, none, none, none)


def test_the_kind_decides_which_keys_a_neuron_has() -> None:
    design = design_of("autozero")
    assert design.neuron.kind == "autozero"
    assert Design.model_validate(design.model_dump()) == design
    for neuron in ({"ramp_capacitance": 1e-12}, {"kind": "autozero", "ramp_capacitance": 1e-18}):
        with pytest.raises(DesignError, match=r"neuron\.ramp_capacitance"):
            load_design(name="plain", neuron=neuron)


def test_membranes_and_resistors_are_held_while_the_operating_point_is_found() -> None:
    held = small_testbench((0.3, 0.5), kind="autozero").deck().initial_conditions
    membranes = {membrane_probe(layer, column) for layer in (1, 2) for column in (1, 2)}
    cells = {f"xnetwork.xcrossbar_{layer}.x{row}_{k}.middle" for layer in (1, 2) for row in (1, 2) for k in (1, 2)}
    assert set(held) == membranes | cells
    assert set(held.values()) == {design_of("autozero").levels.reset}
    assert set(capacitance_deck(design_of("autozero"), None).initial_conditions) == {"up", "down"}
    loaded = capacitance_deck(design_of("autozero"), "negative").initial_conditions
    assert set(loaded) == {"up", "down", "xload_up.middle", "xload_down.middle"}
    for deck in (small_testbench((0.3, 0.5)).deck(), capacitance_deck(design_of("transistor"), None)):
        assert ".ic" not in deck.text("models")


@pytest.mark.spice
def test_a_slow_and_warm_network_starts_between_its_rails(simulator: Simulator) -> None:
    """Here ngspice takes the inner node of a cell that is off to 7674 V unless it is held."""
    design = design_of("autozero", (5, 5, 5)).at(corner="ss", temperature=85.0, supply=1.7)
    weights = read_weights(FLOWS.parent / "netlists" / "5-5-5.npz", design.synapse.max_units)
    bench = Testbench(Network(design, as_tuples(weights.layers)), ((0.1, 0.3, 0.5, 0.7, 0.9),))
    waveforms = simulator.run(bench.deck())
    for membrane in bench.membranes:
        assert waveforms[membrane].min() > 0.0
        assert waveforms[membrane].max() < 1.7


@pytest.mark.spice
def test_to_hold_them_changes_nothing_after_the_reset(simulator: Simulator) -> None:
    bench = small_testbench((0.3, 0.5), kind="autozero")
    held, free = (simulator.run(deck) for deck in (bench.deck(), replace(bench.deck(), initial_conditions={})))
    instants = np.linspace(bench.timeline.accumulation(1, 0).start, bench.timeline.firing(2, 0).stop, 200)
    for membrane in bench.membranes:
        np.testing.assert_allclose(held.at(membrane, instants), free.at(membrane, instants), atol=5e-5)
