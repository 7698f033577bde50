"""What is simulated to extract a neuron model: fitting networks, a DC sweep, and a capacitance measurement."""

from collections.abc import Mapping

import numpy as np

from codesign.circuits.bias import bias_block
from codesign.circuits.block import Block, library
from codesign.circuits.chip import chip_of
from codesign.circuits.flat import GROUND
from codesign.circuits.network import Network
from codesign.circuits.neuron import neuron_block, ramp_line_block, starting_levels
from codesign.circuits.sizing import UNIT_LOAD
from codesign.circuits.synapse import SIGNS, Sign, synapse_block
from codesign.circuits.testbench import SUPPLY, Testbench
from codesign.circuits.top_level import TopLevel
from codesign.design import Design
from codesign.spice import DcSweep, Deck, Transient

FITTING_INPUTS = 5
FITTING_NEURONS = UNIT_LOAD
"""Size of each fitting network: one layer, on which drivers and ramps are sized; see `fitting_inputs`."""

_USUAL_GAIN = 0.14
"""Weight of a unit cell with which `FITTING_INPUTS` move a membrane over its range."""

_SPREADS = (2, 5, 9, 15)
"""Largest weight of a fitting column, drawn at random, so that there are small and large columns."""

_SLACK = 0.3
"""How far an ideal membrane may leave the valid range in a fitting column, in swings: the real one falls short of
it, and the set must show both ends of the range and the firing of a membrane above the threshold."""

LATEST = 1.25
"""Up to when the inputs of a fitting network spike, in windows: a fifth of them never do, so that cells on a column and
cells that are on tell apart."""

SWEEP_POINTS = 60

PARALLEL_UNITS = 9
"""Unit cells in parallel that are compared with one."""

CAPACITANCE_CURRENTS = 4
"""Current of the capacitance measurement in reference currents."""

LOADED_UNITS = 60
"""Unit cells, all off, on a loaded column of the capacitance measurement."""


def fitting_inputs(design: Design) -> int:
    """Inputs of a fitting network: more where a unit cell moves the membrane less.

    Programmable columns are all as long as those of the design.
    """
    if design.synapse.kind == "programmable":
        return design.layer_sizes[0]
    return max(FITTING_INPUTS, round(FITTING_INPUTS * _USUAL_GAIN / design.nominal_gain))


def fitting_testbenches(design: Design, count: int, seed: int) -> list[Testbench]:
    """Random one-layer networks with random inputs; columns whose ideal membrane leaves the range are redrawn.

    Args:
        design: cells, levels, timing and conditions; its layer sizes do not matter.
        count: number of networks.
        seed: of weights and inputs; the same seed gives the same networks.
    """
    inputs = fitting_inputs(design)
    small = design.model_copy(update={"layer_sizes": (inputs, FITTING_NEURONS)})
    testbenches: list[Testbench] = []
    for index in range(count):
        random = np.random.default_rng([seed, index])
        times = random.uniform(0, LATEST, inputs)
        columns = tuple(_random_column(design, times, random) for _ in range(FITTING_NEURONS))
        testbenches.append(Testbench(Network(small, (columns,)), (tuple(float(time) for time in times),)))
    return testbenches


def _random_column(design: Design, times: np.ndarray, random: np.random.Generator) -> tuple[int, ...]:
    levels = design.levels
    lowest = (levels.lowest - levels.reset) / levels.swing - _SLACK
    highest = (levels.highest - levels.reset) / levels.swing + _SLACK
    times = np.minimum(times, 1.0)
    order = np.argsort(times)
    while True:
        spread = min(int(random.choice(_SPREADS)), design.synapse.max_units)
        lean = random.choice((-0.6, -0.2, 0.2, 0.6))
        weights = np.rint(spread * np.clip(random.uniform(-1, 1, len(times)) + lean, -1, 1)).astype(int)
        # Ideal membrane at each spike and at the end of the window.
        edges = np.append(times[order], 1.0)
        on = np.cumsum(weights[order])
        membrane = np.concatenate([[0.0], np.cumsum(design.nominal_gain * on * np.diff(edges))])
        if weights.any() and lowest <= membrane.min() and membrane.max() <= highest:
            return tuple(int(units) for units in weights)


def dc_sweep_deck(design: Design) -> Deck:
    """One unit cell of each sign, switched on, its membrane port swept over the valid range.

    Probes: `i(vpositive)` flows out of the positive cell, `i(vnegative)` into the negative cell, A.
    """
    blocks: list[Block] = [synapse_block(design.synapse, sign) for sign in SIGNS]
    circuit = _biased(design, "DC sweep of one unit cell of each sign")
    circuit.voltage("membrane", "membrane", GROUND, design.levels.reset)
    for sign, block in zip(SIGNS, blocks, strict=True):
        circuit.instance(sign, block, (sign, "vdd", GROUND, f"bias_{sign}", "vdd", GROUND))
    circuit.voltage("positive", "positive", "membrane", 0)
    circuit.voltage("negative", "membrane", "negative", 0)
    levels = design.levels
    return _deck(
        design,
        blocks,
        circuit,
        DcSweep("Vmembrane", levels.lowest, levels.highest, (levels.highest - levels.lowest) / SWEEP_POINTS),
        ("i(vpositive)", "i(vnegative)"),
    )


def many_cells_deck(design: Design, count: int) -> Deck:
    """Unit cells of each sign, switched on, the membrane swept over the valid range.

    Probes: `i(vpositive_1)` and on flow out of the positive cells, `i(vnegative_1)` and on into the negative ones, A.
    """
    blocks: list[Block] = [synapse_block(design.synapse, sign) for sign in SIGNS]
    circuit = _biased(design, f"{count} unit cells of each sign")
    circuit.voltage("membrane", "membrane", GROUND, design.levels.reset)
    probes: list[str] = []
    for sign, block in zip(SIGNS, blocks, strict=True):
        for number in range(1, count + 1):
            name = f"{sign}_{number}"
            circuit.instance(name, block, (name, "vdd", GROUND, f"bias_{sign}", "vdd", GROUND))
            circuit.voltage(name, *((name, "membrane") if sign == "positive" else ("membrane", name)), 0)
            probes.append(f"i(v{name})")
    lowest, highest = design.levels.lowest, design.levels.highest
    sweep = DcSweep("Vmembrane", lowest, highest, (highest - lowest) / SWEEP_POINTS)
    return _deck(design, blocks, circuit, sweep, tuple(probes))


def unit_cells_deck(design: Design) -> Deck:
    """One unit cell of each sign switched on, one switched off, and `PARALLEL_UNITS` in parallel switched on.

    The membrane is swept over the valid range; the cells are those of the matched circuit, whatever chip the design is.

    Probes: `i(von_positive)`, `i(voff_positive)`, `i(vmany_positive)`, and so of the negative sign: the current into
    the membrane of positive cells, out of it of negative ones, A.
    """
    design = design.at(mismatch=False)
    blocks: list[Block] = [synapse_block(design.synapse, sign) for sign in SIGNS]
    circuit = _biased(design, "unit cells on, off and in parallel")
    circuit.voltage("membrane", "membrane", GROUND, design.levels.reset)
    probes: list[str] = []
    for sign, block in zip(SIGNS, blocks, strict=True):
        for state, units in (("on", 1), ("off", 1), ("many", PARALLEL_UNITS)):
            name = f"{state}_{sign}"
            spike = (GROUND, "vdd") if state == "off" else ("vdd", GROUND)
            circuit.instance(name, block, (name, *spike, f"bias_{sign}", "vdd", GROUND), units)
            circuit.voltage(name, *((name, "membrane") if sign == "positive" else ("membrane", name)), 0)
            probes.append(f"i(v{name})")
    lowest, highest = design.levels.lowest, design.levels.highest
    sweep = DcSweep("Vmembrane", lowest, highest, (highest - lowest) / SWEEP_POINTS)
    return _deck(design, blocks, circuit, sweep, tuple(probes))


def capacitance_deck(design: Design, loaded: Sign | None) -> Deck:
    """A neuron charged by a known current over the valid range, from its reset level up and down.

    A programmable column has all its cells, switched off.

    Two neurons start at the reset level; after the reset a current of `CAPACITANCE_CURRENTS` reference currents
    flows into the membrane of one and out of the other.

    Args:
        design: the design.
        loaded: put `LOADED_UNITS` unit cells of this sign on each column, switched off; None puts none.

    Probes: `up` and `down`, the two membranes, V.
    """
    neuron, line = neuron_block(design), ramp_line_block(design)
    load = None if loaded is None else synapse_block(design.synapse, loaded)
    circuit = _biased(design, "capacitance measurement")
    levels, timing, supply = design.levels, design.timing, design.conditions.supply
    circuit.voltage("threshold", "threshold", GROUND, levels.threshold)
    end, edge = timing.reset, timing.edge
    circuit.voltage_steps("reset", "reset", [(0, supply), (end, supply), (end + edge, 0)])
    circuit.voltage_steps("reset_b", "reset_b", [(0, 0), (end, 0), (end + edge, supply)])
    current = CAPACITANCE_CURRENTS * design.bias.reference_current
    start = capacitance_start(design)
    shared = {"fire": GROUND, "fire_b": "vdd", "vss": GROUND}
    if line is not None:
        circuit.instance("ramp", line, (shared.get(port, port) for port in line.ports))
    for name, source, sink in (("up", GROUND, "up"), ("down", "down", GROUND)):
        for sign in SIGNS if design.cells_of_column else ():
            off = (name, GROUND, "vdd", f"bias_{sign}", "vdd", GROUND)
            circuit.instance(f"{sign}_{name}", synapse_block(design.synapse, sign), off, units=design.cells_of_column)
        own = {"membrane": name, **{port: f"{port}_{name}" for port in ("fired_b", "spike", "spike_b")}}
        circuit.instance(name, neuron, ({**shared, **own}.get(port, port) for port in neuron.ports))
        circuit.capacitor(f"wire_{name}", name, GROUND, design.neuron.wire_capacitance)
        circuit.current_steps(name, source, sink, [(0, 0), (start, 0), (start + edge, current)])
        if load is not None:
            off = (name, GROUND, "vdd", f"bias_{loaded}", "vdd", GROUND)
            circuit.instance(f"load_{name}", load, off, units=LOADED_UNITS)
    always = [synapse_block(design.synapse, sign) for sign in SIGNS] if design.cells_of_column else []
    blocks: list[Block] = [block for block in (neuron, line, load, *always) if block is not None]
    farthest = max(levels.highest - levels.reset, levels.reset - levels.lowest)
    capacitance = design.neuron.capacitance + design.neuron.wire_capacitance
    stop = start + edge + 1.1 * farthest * capacitance / current
    ends = (
        () if load is None else tuple(f"xload_{name}.{node}" for name in ("up", "down") for node in load.resistor_ends)
    )
    levels_at_start = starting_levels(design, ("up", "down"), ends)
    return _deck(design, blocks, circuit, Transient(stop, stop / 500), ("up", "down"), levels_at_start)


def capacitance_start(design: Design) -> float:
    """When the current of the capacitance measurement starts, s."""
    return design.timing.reset + 2 * design.timing.guard


def _biased(design: Design, title: str) -> TopLevel:
    circuit = TopLevel(title, design.technology, chip_of(design))
    circuit.voltage(SUPPLY, "vdd", GROUND, design.conditions.supply)
    circuit.voltage("reset_level", "reset_level", GROUND, design.levels.reset)
    circuit.current("reference", "vdd", "reference", design.bias.reference_input)
    bias = bias_block(design)
    circuit.instance("bias", bias, (GROUND if port == "vss" else port for port in bias.ports))
    return circuit


def _deck(
    design: Design,
    blocks: list[Block],
    circuit: TopLevel,
    analysis: DcSweep | Transient,
    probes: tuple[str, ...],
    initial_conditions: Mapping[str, float] | None = None,
) -> Deck:
    conditions = design.conditions
    cells = library([bias_block(design), *blocks], design.technology)
    return Deck(
        title=f"extraction of {design.name}",
        circuit=str(circuit) if conditions.mismatch else f"{cells}\n{circuit}",
        analysis=analysis,
        probes=probes,
        process=design.pdk,
        corner=conditions.corner,
        temperature=conditions.temperature,
        deviates=conditions.mismatch,
        seed=conditions.seed,
        options={"method": "gear", "reltol": 1e-6},
        initial_conditions=initial_conditions or {},
    )
