"""Every emitted subcircuit has its header and stands alone in ngspice."""

import re

import pytest

from codesign.circuits.block import Block, BlockError, Schematic, every_block, library
from codesign.circuits.gates import Inverter
from codesign.circuits.network import Network
from codesign.spice import Deck, OperatingPoint, Simulator
from tests.circuits.designs import KINDS, SMALL_WEIGHTS, design_of

BLOCKS = [
    pytest.param(block, id=f"{kind}-{block.name}")
    for kind in KINDS
    for block in every_block([Network(design_of(kind), SMALL_WEIGHTS)])
    if kind in ("transistor", "autozero") or block.name.startswith(("synapse", "bias", "excite", "inhibit"))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_header_says_what_it_is(block: Block) -> None:
    what, ports, subcircuit, *_ = block.netlist().splitlines()
    assert re.fullmatch(rf"\* {block.name}: \S.*", what)
    assert ports == f"* ports: {' '.join(block.ports)}"
    assert subcircuit.split()[:2] == [".subckt", block.name]
    assert block.netlist().rstrip().splitlines()[-1].split() == [".ends", block.name]
    assert ("units=" in subcircuit) == (block.default_units is not None)


@pytest.mark.spice
@pytest.mark.parametrize("block", BLOCKS)
def test_it_stands_alone_in_ngspice(block: Block, simulator: Simulator) -> None:
    nets = {"vdd": "vdd", "vss": "0", "vp": "vdd", "vn": "0"}
    ports = [nets.get(port, port) for port in block.ports]
    loads = [f"R{port} {port} 0 1e6" for port in ports if port not in ("vdd", "0")]
    circuit = "\n".join([library([block]), f"Xalone {' '.join(ports)} {block.name}", "Vsupply vdd 0 1.8", *loads])
    result = simulator.run(Deck(block.name, circuit, OperatingPoint(), ("vdd", "i(vsupply)")))
    assert result["vdd"][0] == pytest.approx(1.8)


def test_parts_come_before_what_uses_them_each_once() -> None:
    blocks = every_block([Network(design_of("transistor"), SMALL_WEIGHTS)])
    names = [block.name for block in blocks]
    assert len(set(names)) == len(names)
    for index, block in enumerate(blocks):
        assert {part.block.name for part in block.schematic().parts} <= set(names[:index])


class Impostor(Inverter):
    """Another block with an inverter's name."""

    def draw(self, schematic: Schematic) -> None:
        schematic.mim_capacitor("load", "input", "output", 1e-12)


def test_two_different_blocks_of_one_name_are_refused() -> None:
    assert len(every_block([Inverter(), Inverter()])) == 1
    with pytest.raises(BlockError, match="inverter_420n"):
        every_block([Inverter(), Impostor()])


def mosfet_lines(block: Block) -> list[str]:
    return [line for line in block.netlist().splitlines() if "fet_01v8" in line]


def test_a_mosfet_line_carries_its_geometry_and_count() -> None:
    [down, up] = mosfet_lines(Inverter(1.0))
    assert "sky130_fd_pr__nfet_01v8 " in down and "sky130_fd_pr__pfet_01v8 " in up
    values = dict(re.findall(r"(\w+)=(\S+)", down))
    # One contacted diffusion of 0.29 um: area W 0.29, perimeter 2 (W + 0.29).
    assert (values["w"], values["l"], values["m"]) == ("1.0", "0.15", "1")
    assert values["ad"] == values["as"] == "0.29"
    assert values["pd"] == values["ps"] == "2.58"


@pytest.mark.parametrize("capacitance", [1e-13, 1.8e-12, 2e-12, 9e-12, 1e-10])
def test_a_mim_capacitor_has_the_area_of_its_capacitance(capacitance: float) -> None:
    class Capacitor(Inverter):
        def draw(self, schematic: Schematic) -> None:
            schematic.mim_capacitor("c", "input", "output", capacitance)

    [line] = [line for line in Capacitor().netlist().splitlines() if "cap_mim" in line]
    values = {key: float(value) for key, value in re.findall(r"(\w+)=(\S+)", line)}
    assert values["w"] <= 30.0
    assert values["m"] * values["w"] * values["l"] * 2e-15 == pytest.approx(capacitance, rel=2e-3)
