"""A user's cell file: what may be in it, and what becomes of everything else."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.circuits.block import BlockError, every_block, library
from codesign.circuits.network import Network
from codesign.circuits.synapse import synapse_block
from codesign.circuits.user_cell import UserCellError, read_user_subcircuit
from codesign.design import Design, UserCell, UserSynapse
from codesign.extraction.testbenches import dc_sweep_deck
from codesign.pdk import PdkError
from codesign.spice import DcSweep, Deck, SimulationFailed, Simulator

NMOS = "sky130_fd_pr__nfet_01v8 w=0.42 l=0.15"
GOOD = f"* mine\n.subckt sink Out FIRE\nXa out fire 0 0 {NMOS}\n+ ad=0.1\n\n* a comment\nR1 out 0 1e9\n.ends sink\n"


def cell_of(**changes: Any) -> UserCell:
    values = {"subcircuit": "sink", "membrane": "out", "spike": "fire", "spike_active": "high"}
    return UserCell(**(values | changes))


def written(folder: Path, text: str) -> Path:
    path = folder / "cell.spice"
    path.write_text(text)
    return path


def test_every_element_is_multiplied_by_the_units(tmp_path: Path) -> None:
    other = ".subckt other a\nR1 a 0 1\n.ends\n"
    block = read_user_subcircuit(written(tmp_path, other + GOOD + other), cell_of())
    assert block.ports == ("out", "fire")
    assert block.netlist().splitlines() == [
        "* sink: `units` of the user's unit cell",
        "* ports: out fire",
        ".subckt sink out fire units=1",
        f"Xa out fire 0 0 {NMOS} ad=0.1 m={{units}} mult={{units}}",
        "R1 out 0 1e9 m={units}",
        ".ends sink",
    ]


def test_ports_may_go_on_in_the_next_line(tmp_path: Path) -> None:
    text = GOOD.replace("Out FIRE", "Out\n+ FIRE")
    assert read_user_subcircuit(written(tmp_path, text), cell_of()).ports == ("out", "fire")


def test_ports_are_connected_by_their_roles(tmp_path: Path) -> None:
    file = written(tmp_path, ".subckt sink gnd bias fire out top\nR1 out gnd 1e6\n.ends\n")
    cell = cell_of(ground="gnd", bias="bias", supply="top", spike_active="low")
    choice = UserSynapse(kind="user", file=file, positive=cell, negative=cell)
    text = synapse_block(choice, "negative").netlist()
    assert re.search(r"^Xcell vss bias spike_b membrane vdd sink units=\{units\}", text, re.MULTILINE)


INJECTIONS = [
    ".include /etc/passwd",
    ".INC /etc/passwd",
    ".lib /etc/passwd tt",
    ".control",
    ".end",
    ".model x nmos",
    ".param a=1",
    ".subckt inner a",
    "shell touch owned",
    "Va out 0 1",
    "Ba out 0 v=1",
    "Aa out x model",
    "Xa out fire `touch x`",
    "Xa out fire $(touch x)",
    'Xa out fire 0 0 n w="x"',
    "Xa out fire 0 0 n \\",
    "+ .include x\r.include y",
    "Ra out 0 1\x0b.include /etc/passwd",
    "Ra out 0 1\x85.include /etc/passwd",
    "Ra out 0 1\u2028.include /etc/passwd",
    "Ra out 0 1 \x00",
]


@pytest.mark.parametrize("line", INJECTIONS)
def test_nothing_but_elements_gets_through(tmp_path: Path, line: str) -> None:
    (tmp_path / "cell.spice").write_bytes(GOOD.replace("R1 out 0 1e9", line).encode())
    with pytest.raises(UserCellError) as caught:
        read_user_subcircuit(tmp_path / "cell.spice", cell_of())
    message = str(caught.value)
    assert "is not allowed in a cell" in message and "cell.spice, line " in message
    assert message.isprintable()


@pytest.mark.parametrize(
    ("text", "cell", "about"),
    [
        ("", {}, "the subcircuit sink is not there"),
        (GOOD, {"subcircuit": "source"}, "the subcircuit source is not there"),
        (GOOD.replace(".ends sink", ""), {}, "is not closed by .ends"),
        (GOOD, {"membrane": "output"}, "has the ports out fire, but the design names"),
        (GOOD, {"bias": "vb"}, "has the ports out fire, but the design names"),
        (GOOD.replace("Out", "Out w = 1"), {}, "cell.spice, line 2: a cell's .subckt line has ports only, not 'w=1'"),
        (GOOD.replace("Out", "Out params: w=1"), {}, "ports only, not 'params:'"),
        (GOOD.replace("Out", "Out out"), {}, "has the ports"),
    ],
)
def test_a_file_that_does_not_fit_gives_one_line(tmp_path: Path, text: str, cell: dict[str, str], about: str) -> None:
    with pytest.raises(UserCellError, match=about) as caught:
        read_user_subcircuit(written(tmp_path, text), cell_of(**cell))
    assert "\n" not in str(caught.value)


def test_unreadable_cell_files_give_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserCellError, match=r"cannot read the cell file .*No such file"):
        read_user_subcircuit(tmp_path / "nothing.spice", cell_of())
    (tmp_path / "binary.spice").write_bytes(b"\xff\xfe")
    with pytest.raises(UserCellError, match="not a text file"):
        read_user_subcircuit(tmp_path / "binary.spice", cell_of())


def design_with(folder: Path, text: str, name: str = "sink") -> Design:
    cell = cell_of(subcircuit=name)
    synapse = UserSynapse(kind="user", file=written(folder, text), positive=cell, negative=cell)
    return Design(name="mine", layer_sizes=(1, 1), synapse=synapse)


def test_a_cell_with_the_name_of_a_block_is_refused(tmp_path: Path) -> None:
    design = design_with(tmp_path, GOOD.replace("sink", "NEURON"), "NEURON")
    with pytest.raises(BlockError, match=r"(?i)neuron.*rename"):
        every_block([Network(design, (((1,),),))])


def test_both_signs_may_share_one_cell(tmp_path: Path) -> None:
    design = design_with(tmp_path, GOOD)
    network = Network(design.model_copy(update={"layer_sizes": (2, 1)}), (((1, -1),),))
    assert library([network]).count(".subckt sink") == 1


def test_trailing_comments_are_passed_over(tmp_path: Path) -> None:
    text = GOOD.replace("+ ad=0.1", "+ ad=0.1 $ switch").replace("1e9", "1e9 ; leak").replace("FIRE", "FIRE ; ports")
    assert read_user_subcircuit(written(tmp_path, text), cell_of()) == read_user_subcircuit(
        written(tmp_path, GOOD), cell_of()
    )


def test_an_element_that_cannot_be_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UserCellError, match=r"cell\.spice, line 3: w=0\.42u has a unit suffix"):
        read_user_subcircuit(written(tmp_path, GOOD.replace("w=0.42", "w=0.42u")), cell_of())


def test_an_odd_character_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserCellError, match=r"line 7: the character '\\xb5' is not allowed in a cell"):
        read_user_subcircuit(written(tmp_path, GOOD.replace("1e9", "1\u00b5")), cell_of())


def test_an_empty_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserCellError, match="sink has no elements"):
        read_user_subcircuit(written(tmp_path, ".subckt sink out fire\n.ends\n"), cell_of())


XSCHEM = "nf=1 ad='W/nf * 0.29' as='W/nf * 0.29' nrd='0.29 / W'"


@pytest.mark.spice
@pytest.mark.parametrize(
    "element",
    [
        "Xa out out 0 0 sky130_fd_pr__nfet_03v3_nvt w=0.7 l=0.5",
        "Xa 0 0 out out sky130_fd_pr__pfet_01v8_hvt w=0.42 l=0.15",
        f"Xa out out 0 0 {NMOS} m=1",
        f"Xa out out 0 0 {NMOS} mult=2",
        f"Xa out out 0 0 {NMOS} m=2",
        "Xa out out 0 0 sky130_fd_pr__nfet_01v8 w=0.84 l=0.15 nf=2",
        f"XM1 out out 0 0 {NMOS} {XSCHEM} mult=1 m=1",
        "Xa out 0 0 sky130_fd_pr__res_xhigh_po w=0.35 l=5",
        "R1 out 0 1meg",
    ],
)
def test_nine_units_carry_nine_times_the_current_of_one(tmp_path: Path, element: str, simulator: Simulator) -> None:
    text = f".subckt sink out fire\n{element}\nR9 out fire 1e12\n.ends\n"
    cell = read_user_subcircuit(written(tmp_path, text), cell_of())
    circuit = (
        f"{cell.netlist()}\nXone one 0 sink units=1\nXnine nine 0 sink units=9\n"
        "Vsupply supply 0 1\nVone supply one 0\nVnine supply nine 0\n"
    )
    deck = Deck("units", circuit, DcSweep("Vsupply", 0.6, 1.2, 0.3), ("i(vone)", "i(vnine)"))
    waveforms = simulator.run(deck)
    assert waveforms["i(vnine)"] == pytest.approx(9 * waveforms["i(vone)"], rel=1e-4)


@pytest.mark.spice
def test_the_mismatch_of_many_units_averages(tmp_path: Path, simulator: Simulator) -> None:
    text = f".subckt sink out fire\nXa out out 0 0 {NMOS}\nR9 out fire 1e12\n.ends\n"
    cell = read_user_subcircuit(written(tmp_path, text), cell_of())
    count, lines, probes = 40, [cell.netlist(), "Vsupply supply 0 0.8"], list[str]()
    for units in (1, 25):
        for index in range(count):
            name = f"{units}_{index}"
            lines += [f"X{name} n{name} 0 sink units={units}", f"Vs{name} supply n{name} 0"]
            probes.append(f"i(vs{name})")
    deck = Deck("mismatch", "\n".join(lines), DcSweep("Vsupply", 0.8, 0.9, 0.1), tuple(probes), mismatch=True)
    waveforms = simulator.run(deck)
    currents = np.log([waveforms[probe][0] for probe in probes]).reshape(2, count)
    single, many = currents.std(axis=1)
    assert many == pytest.approx(single / 5, rel=0.4)


@pytest.mark.spice
def test_a_device_outside_its_models_is_refused_before_ngspice_runs(tmp_path: Path, simulator: Simulator) -> None:
    design = design_with(tmp_path, GOOD.replace("nfet_01v8 w=0.42", "pfet_01v8_hvt w=0.3"))
    with pytest.raises(PdkError, match=r"no model of sky130_fd_pr__pfet_01v8_hvt .* width of 0\.3 .* from 0\.42 to"):
        simulator.run(dc_sweep_deck(design))


@pytest.mark.spice
def test_a_cell_that_ngspice_rejects_gives_one_line(tmp_path: Path, simulator: Simulator) -> None:
    line = f"Xa out fire 0 0 {NMOS} nf={{undefined}}"
    design = design_with(tmp_path, GOOD.replace("R1 out 0 1e9", line.replace("Xa", "Xb")))
    with pytest.raises(SimulationFailed) as caught:
        simulator.run(dc_sweep_deck(design))
    assert "\n" not in str(caught.value)
    assert caught.value.deck.is_file()
