"""Weights as stored bits: the currents of drawn weights, the same chip whatever the bits, and the bit file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.circuits.bit_file import BitFileError, bit_file, read_bit_file
from codesign.circuits.block import library
from codesign.circuits.emission import netlist_files
from codesign.circuits.flat import GROUND, deviates_of
from codesign.circuits.network import Network, NetworkError, as_tuples
from codesign.circuits.programmable import groups_of
from codesign.circuits.synapse import SIGNS, Sign, Synapse, stored_synapse_block, synapse_block
from codesign.circuits.testbench import Testbench
from codesign.circuits.top_level import TopLevel
from codesign.design import Design, DesignError, ProgrammableSynapse, load_design
from codesign.layout.errors import LayoutError
from codesign.layout.network import draw_network
from codesign.layout.technology import load_technology
from codesign.spice import Deck, OperatingPoint, Simulator
from tests.circuits.designs import FLOWS, SMALL_WEIGHTS, design_of

UNITS = (1, 3, 5, 7)

DESIGN = design_of("programmable")
SYNAPSE = DESIGN.synapse
assert isinstance(SYNAPSE, ProgrammableSynapse)


def currents(simulator: Simulator) -> dict[str, float]:
    """Into a membrane at the reset level: of a drawn weight, of one of unit cells, and of one of stored bits."""
    assert isinstance(SYNAPSE, ProgrammableSynapse)
    circuit = TopLevel("weights", DESIGN.technology)
    circuit.voltage("supply", "vdd", GROUND, DESIGN.conditions.supply)
    blocks: list[Synapse] = []
    probes: list[str] = []

    def place(name: str, sign: Sign, block: Synapse, units: int, *bit: str) -> None:
        blocks.append(block)
        circuit.instance(name, block, (probes[-1], "vdd", GROUND, GROUND, "vdd", GROUND, *bit), units=units)

    for sign in SIGNS:
        for units in UNITS:
            for kind in ("drawn", "cells", "stored"):
                name = f"{kind}_{sign}_{units}"
                probes.append(name)
                circuit.voltage(name, name, GROUND, DESIGN.levels.reset)
                if kind == "drawn":
                    place(name, sign, synapse_block(SYNAPSE.cell, sign), units)
                elif kind == "cells":
                    place(name, sign, synapse_block(SYNAPSE, sign), units)
                else:
                    for group in groups_of(1, 1, SYNAPSE.bits):
                        if group.sign == sign:
                            on = group.is_on(units if sign == "positive" else -units)
                            level = "vdd" if on is (sign == "negative") else GROUND
                            block = stored_synapse_block(SYNAPSE, sign)
                            place(f"{name}_{group.bit}", sign, block, 2**group.bit, level)
    deck = Deck("weights", f"{library(blocks)}\n{circuit}", OperatingPoint(), tuple(f"i(v{name})" for name in probes))
    result = simulator.run(deck)
    return {name: float(result[f"i(v{name})"][0]) for name in probes}


@pytest.mark.spice
def test_stored_bits_carry_the_current_of_as_many_cells(simulator: Simulator) -> None:
    found = currents(simulator)
    for sign in SIGNS:
        for units in UNITS:
            stored, drawn = found[f"stored_{sign}_{units}"], found[f"drawn_{sign}_{units}"]
            assert stored == pytest.approx(found[f"cells_{sign}_{units}"], rel=1e-3)
            # The transistor of the bit is in series with each cell: the same for every weight.
            assert stored == pytest.approx(drawn, rel=1e-2)
            assert stored / drawn == pytest.approx(found[f"stored_{sign}_1"] / found[f"drawn_{sign}_1"], rel=1e-3)


OTHER_WEIGHTS = (((-3, 7), (0, 1)), ((2, -5), (-6, 4)))


def test_a_chip_is_the_same_whatever_its_bits() -> None:
    chip = DESIGN.at(mismatch=True, seed=7)
    one, other = (Testbench(Network(chip, weights), ((0.2, 0.6),)) for weights in (SMALL_WEIGHTS, OTHER_WEIGHTS))
    assert deviates_of(one.network) == deviates_of(other.network)
    first, second = (bench.circuit().splitlines() for bench in (one, other))
    changed = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    assert changed and all(line.startswith("Vbit") for pair in changed for line in pair)


def test_the_mask_is_the_same_whatever_the_weights() -> None:
    one, other = (netlist_files(Testbench(Network(DESIGN, w), ((0.2, 0.6),))) for w in (SMALL_WEIGHTS, OTHER_WEIGHTS))
    assert [name for name in one if one[name] != other[name]] == ["bits.csv", "testbench.spice"]
    # Two layers of four crossings, each with three bits of either sign.
    assert len(one["bits.csv"].splitlines()) == 1 + 2 * 4 * 2 * 3


layer = st.lists(st.lists(st.integers(-7, 7), min_size=3, max_size=3), min_size=3, max_size=3)


@given(layers=st.lists(layer, min_size=1, max_size=3))
def test_a_bit_file_gives_its_weights_back(
    layers: list[list[list[int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "bits.csv"
    weights = [np.array(one, dtype=np.int64) for one in layers]
    path.write_text(bit_file(weights, 3))
    again = read_bit_file(path, DESIGN.of_sizes((3,) * (len(layers) + 1)))
    assert all(np.array_equal(*pair) for pair in zip(again, weights, strict=True))


def of_small(text: str) -> str:
    """A bit file of the small network with something in it replaced."""
    whole = bit_file([np.array(one, dtype=np.int64) for one in SMALL_WEIGHTS], 3)
    old, _, new = text.partition(" -> ")
    assert old in whole
    return whole.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (bit_file([np.ones((3, 3), dtype=np.int64)], 3), "the bit file of another network: it has 54 bits"),
        (bit_file([np.ones((2, 2), dtype=np.int64)] * 2, 4), "of another network: it has 64 bits"),
        (of_small("1,1,1,positive,0,0\n -> "), "of another network: it has 47 bits"),
        (of_small("1,1,1,positive,0,0 -> 1,1,1,positive,0,2"), "line 2: '1,1,1,positive,0,2' is no stored bit"),
        (of_small("1,1,1,positive,0,0 -> 1,1,1,positive,1,0"), "line 3: the bit 1,1,1,positive,1 is given twice"),
        (of_small("1,1,1,negative,0,0 -> 1,1,1,negative,0,1"), "bits of both signs are set from input 1 to neuron 1"),
        (of_small("1,1,1,positive,0,0 -> 1,1,one,positive,0,0"), "line 2: '1,1,one,positive,0,0' is no stored bit"),
        ("a,b\n", "its first line must be layer,input,neuron,sign,bit,value"),
        ("", "is no bit file"),
    ],
)
def test_other_files_are_refused_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bits.csv"
    path.write_text(text)
    with pytest.raises(BitFileError, match=str(path)) as caught:
        read_bit_file(path, DESIGN)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_file_of_bits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bits.csv"
    with pytest.raises(BitFileError, match="cannot read"):
        read_bit_file(path, DESIGN)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BitFileError, match="UTF-8"):
        read_bit_file(path, DESIGN)
    with pytest.raises(BitFileError, match="kind 'transistor'"):
        read_bit_file(path, design_of("transistor"))


def test_columns_of_different_lengths_are_refused() -> None:
    values = load_design(FLOWS / "programmable.toml").model_dump() | {"layer_sizes": (5, 4, 3)}
    with pytest.raises(DesignError, match="same number of inputs in each layer"):
        load_design(**values)
    weights = as_tuples([np.ones((3, 2), dtype=np.int64), np.ones((2, 3), dtype=np.int64)])
    with pytest.raises(NetworkError, match="same number of inputs in each layer"):
        Network(DESIGN.of_sizes((2, 3, 2)), weights)


def test_programmable_synapses_have_no_layout() -> None:
    with pytest.raises(LayoutError, match="programmable"):
        draw_network(Network(DESIGN, SMALL_WEIGHTS), load_technology(DESIGN.pdk))


def test_the_nominal_gain_counts_all_cells_of_a_column() -> None:
    assert isinstance(SYNAPSE, ProgrammableSynapse)
    without: Design = DESIGN.model_copy(update={"synapse": SYNAPSE.model_copy(update={"cell_capacitance": 0.0})})
    neuron = DESIGN.neuron.capacitance + DESIGN.neuron.wire_capacitance
    # Seven cells of either sign on each of two rows.
    assert without.nominal_gain / DESIGN.nominal_gain == pytest.approx(1 + 28 * 3.4e-15 / neuron)
