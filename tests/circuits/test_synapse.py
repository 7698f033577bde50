"""What cells do in ngspice: N units carry N unit currents, off is off, the bias tracks corner and temperature."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from codesign.circuits.bias import bias_block
from codesign.circuits.block import library
from codesign.circuits.flat import GROUND
from codesign.circuits.synapse import SIGNS, synapse_block
from codesign.circuits.top_level import TopLevel
from codesign.design import Design
from codesign.extraction.testbenches import dc_sweep_deck
from codesign.spice import Deck, OperatingPoint, ResultCache, Simulator, run_decks
from tests.circuits.designs import KINDS, design_of

UNITS = (1, 3, 15)


def cells_deck(design: Design) -> Deck:
    """Cells of every number of units, on and off, each at the reset level through a source of its own."""
    circuit = TopLevel("cells", design.technology)
    circuit.voltage("supply", "vdd", GROUND, design.conditions.supply)
    circuit.voltage("reset_level", "reset_level", GROUND, design.levels.reset)
    circuit.current("reference", "vdd", "reference", design.bias.reference_current)
    bias = bias_block(design)
    circuit.instance("bias", bias, (GROUND if port == "vss" else port for port in bias.ports))
    probes: list[str] = []
    for sign in SIGNS:
        for units in UNITS:
            for state, spike, spike_b in (("on", "vdd", GROUND), ("off", GROUND, "vdd")):
                name = f"{sign}_{state}_{units}"
                cell = synapse_block(design.synapse, sign)
                circuit.instance(name, cell, (name, spike, spike_b, f"bias_{sign}", "vdd", GROUND), units=units)
                circuit.voltage(name, name, GROUND, design.levels.reset)
                probes.append(f"i(v{name})")
    blocks = [bias, *(synapse_block(design.synapse, sign) for sign in SIGNS)]
    return Deck("cells", f"{library(blocks)}\n{circuit}", OperatingPoint(), tuple(probes))


@pytest.mark.spice
@pytest.mark.parametrize("kind", KINDS)
def test_n_units_carry_n_unit_currents_and_off_is_off(kind: str, simulator: Simulator) -> None:
    result = simulator.run(cells_deck(design_of(kind)))
    for sign, direction in (("positive", 1), ("negative", -1)):
        unit = direction * result[f"i(v{sign}_on_1)"][0]
        assert 50e-9 < unit < 5e-6
        for units in UNITS:
            on = direction * result[f"i(v{sign}_on_{units})"][0]
            assert on == pytest.approx(units * unit, rel=1e-3)
            assert abs(result[f"i(v{sign}_off_{units})"][0]) < 1e-3 * on


@pytest.mark.spice
@pytest.mark.slow
def test_the_unit_current_tracks_corner_and_temperature(simulator: Simulator, cache: ResultCache) -> None:
    design = design_of("transistor")
    conditions = [(corner, celsius) for corner in ("tt", "ss", "ff") for celsius in (-40.0, 27.0, 85.0)]
    decks = [dc_sweep_deck(design.at(corner=corner, temperature=celsius)) for corner, celsius in conditions]
    with ThreadPoolExecutor(2) as threads:
        sweeps = run_decks(decks, simulator=simulator, cache=cache, executor=threads)
    for condition, sweep in zip(conditions, sweeps, strict=True):
        for sign in SIGNS:
            current = sweep.at(f"i(v{sign})", design.levels.reset)
            assert current == pytest.approx(design.bias.reference_current, rel=0.3), (condition, sign)
