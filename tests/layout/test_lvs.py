"""LVS accepts the circuits as drawn and rejects every mutation with a message that names a net or device."""

import re
from pathlib import Path

import klayout.db as db
import pytest

from codesign import design
from codesign.circuits.block import library
from codesign.circuits.neuron import Neuron
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.lvs import compare_files, format_comparison
from codesign.layout.network import draw_network
from tests.layout.helpers import TECHNOLOGY, draw_circuit, draw_weights, write_both
from tests.layout.mutations import CROSSBAR, NETWORK, NEURON, WEIGHTS, Mutation, mutate_text
from tests.layout.networks import network


@pytest.fixture(scope="module")
def neuron() -> tuple[Drawing, str]:
    return draw_circuit(Neuron(design.Neuron(), design.Bias()))


@pytest.fixture(scope="module")
def crossbar() -> tuple[Drawing, str]:
    return draw_weights("small_crossbar", WEIGHTS)


@pytest.fixture(scope="module")
def whole_network() -> tuple[Drawing, str]:
    whole = network((5, 5, 5))
    return draw_network(whole, TECHNOLOGY), library([whole])


def messages_after(mutation: Mutation, circuit: tuple[Drawing, str], folder: Path) -> tuple[str, ...]:
    gds, spice = write_both(*circuit, folder)
    if mutation.spice is not None:
        spice.write_text(mutate_text(spice.read_text(), *mutation.spice))
    if mutation.layout is not None:
        layout = db.Layout()
        layout.read(str(gds))
        cell = layout.top_cell()
        cell.flatten(-1, True)
        mutation.layout(layout, cell)
        layout.write(str(gds))
    return compare_files(gds, spice).messages


@pytest.mark.parametrize("name", NEURON)
def test_every_mutation_of_the_neuron_is_rejected(name: str, neuron: tuple[Drawing, str], tmp_path: Path) -> None:
    messages = messages_after(NEURON[name], neuron, tmp_path)
    assert any(re.search(NEURON[name].message, message) for message in messages), messages


@pytest.mark.parametrize("name", CROSSBAR)
def test_every_mutation_of_a_crossbar_is_rejected(name: str, crossbar: tuple[Drawing, str], tmp_path: Path) -> None:
    messages = messages_after(CROSSBAR[name], crossbar, tmp_path)
    assert any(re.search(CROSSBAR[name].message, message) for message in messages), messages


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORK)
def test_every_mutation_of_the_network_is_rejected(
    name: str, whole_network: tuple[Drawing, str], tmp_path: Path
) -> None:
    messages = messages_after(NETWORK[name], whole_network, tmp_path)
    assert any(re.search(NETWORK[name].message, message) for message in messages), messages


def test_the_report_says_what_was_compared(crossbar: tuple[Drawing, str], tmp_path: Path) -> None:
    text = format_comparison(compare_files(*write_both(*crossbar, tmp_path)))
    assert text.startswith("small_crossbar: 14 pfet_01v8, 6 nfet_01v8; ")
    assert text.endswith("layout and schematic match")


def test_several_parallel_devices_of_a_netlist_count(crossbar: tuple[Drawing, str], tmp_path: Path) -> None:
    assert compare_files(*write_both(*crossbar, tmp_path)).devices == {"pfet_01v8": 14, "nfet_01v8": 6}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("small_crossbar", "another_cell", "has no subcircuit small_crossbar"),
        ("^X1_1 .*$", "R1 a b 1k", "is not understood"),
        ("units=3", "units=three", "neither a number nor a known parameter"),
        ("^X1_1 membrane_1", "X1_1", "has 5 nets but synapse_positive has 6 ports"),
        ("sky130_fd_pr__pfet_01v8", "sky130_fd_pr__pfet_g5v0d10v5", "LVS knows"),
        ("w=0.42", "", "has no W"),
        ("^.ends small_crossbar$", "", "is not closed"),
        ("synapse_positive units", "synapse_unknown units", "which is not in the file"),
    ],
)
def test_netlists_that_cannot_be_judged(
    old: str, new: str, message: str, crossbar: tuple[Drawing, str], tmp_path: Path
) -> None:
    gds, spice = write_both(*crossbar, tmp_path)
    count = 0 if old == "small_crossbar" else 1
    spice.write_text(re.sub(old, new, spice.read_text(), count=count, flags=re.MULTILINE))
    with pytest.raises(LayoutError, match=message):
        compare_files(gds, spice)


def test_a_layout_off_the_grid_cannot_be_judged(crossbar: tuple[Drawing, str], tmp_path: Path) -> None:
    gds, spice = write_both(*crossbar, tmp_path)
    layout = db.Layout()
    layout.read(str(gds))
    layout.top_cell().shapes(layout.layer(68, 20)).insert(db.DBox(-5, -5, -4.002, -4))
    layout.write(str(gds))
    with pytest.raises(LayoutError, match=r"off the grid \(met1 at"):
        compare_files(gds, spice)


def test_an_absent_netlist(crossbar: tuple[Drawing, str], tmp_path: Path) -> None:
    gds, _spice = write_both(*crossbar, tmp_path)
    with pytest.raises(LayoutError, match="cannot read"):
        compare_files(gds, tmp_path / "none.spice")
