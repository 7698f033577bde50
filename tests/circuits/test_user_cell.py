"""A user's cell file: what may be in it, and what becomes of everything else."""

import re
from pathlib import Path
from typing import Any

import pytest

from codesign.circuits.block import BlockError, every_block, library
from codesign.circuits.network import Network
from codesign.circuits.synapse import synapse_block
from codesign.circuits.user_cell import UserCellError, read_user_subcircuit
from codesign.design import Design, UserCell, UserSynapse
from codesign.extraction.testbenches import dc_sweep_deck
from codesign.spice import SimulationFailed, Simulator

NMOS = "sky130_fd_pr__nfet_01v8 w=0.42 l=0.15"
GOOD = f"* mine\n.subckt sink Out FIRE\nXa out fire 0 0 {NMOS}\n+ ad=0.1\n\n* a comment\nR1 out 0 1e9\n.ends sink\n"


def cell_of(**changes: Any) -> UserCell:
    values = {"subcircuit": "sink", "membrane": "out", "spike": "fire", "spike_active": "high"}
    return UserCell(**(values | changes))


def written(folder: Path, text: str) -> Path:
    path = folder / "cell.spice"
    path.write_text(text)
    return path


def test_the_subcircuit_is_taken_as_it_stands(tmp_path: Path) -> None:
    other = ".subckt other a\nR1 a 0 1\n.ends\n"
    block = read_user_subcircuit(written(tmp_path, other + GOOD + other), cell_of())
    assert block.ports == ("out", "fire")
    assert block.netlist().splitlines() == [
        "* sink: the user's unit cell",
        "* ports: out fire",
        ".subckt sink out fire",
        f"Xa out fire 0 0 {NMOS}",
        "+ ad=0.1",
        "R1 out 0 1e9",
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
    assert re.search(r"^Xcell vss bias spike_b membrane vdd sink m=\{units\}", text, re.MULTILINE)


INJECTIONS = [
    ".include /etc/passwd",
    ".INC /etc/passwd",
    ".lib /etc/passwd tt",
    ".control",
    ".end",
    ".model x nmos",
    ".param a=1",
    ".subckt inner a",
    "shell touch /tmp/owned",
    "Va out 0 1",
    "Ba out 0 v=1",
    "Aa out x model",
    "Xa out fire `touch x`",
    "Xa out fire $(touch x)",
    "Xa out fire 0 0 n ; comment",
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
        (GOOD.replace("Out", "Out w=1"), {}, "has the ports"),
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


@pytest.mark.spice
@pytest.mark.parametrize(
    "line",
    ["Xa out fire 0 nothing_of_that_name", f"Xa out fire {NMOS}", f"Xa out fire 0 0 {NMOS} m={{undefined}}"],
    ids=["unknown subcircuit", "too few nodes", "undefined parameter"],
)
def test_a_cell_that_ngspice_rejects_gives_one_line(tmp_path: Path, line: str, simulator: Simulator) -> None:
    design = design_with(tmp_path, GOOD.replace("R1 out 0 1e9", line))
    with pytest.raises(SimulationFailed) as caught:
        simulator.run(dc_sweep_deck(design))
    assert "\n" not in str(caught.value)
    assert caught.value.deck.is_file()
