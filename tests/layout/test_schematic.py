"""A weight's way from training to the layout: the same objects throughout, and no text."""

from pathlib import Path

import numpy as np
import pytest

from codesign.circuits.block import Block, library
from codesign.circuits.crossbar import Crossbar
from codesign.circuits.network import Network, as_tuples
from codesign.design import Design
from codesign.layout import netlist, schematic
from codesign.layout.cells.crossbar import CrossbarPlan, draw_crossbar
from codesign.layout.drawing import Drawing
from codesign.layout.netlist import flatten, parse_spice
from codesign.layout.network import draw_network, parts
from codesign.layout.schematic import flat_schematic
from codesign.layout.technology import Technology
from tests.circuits.designs import design_of
from tests.layout.helpers import PREFIX, TECHNOLOGY
from tests.layout.networks import network

TRAINED = (np.array([[3, -2], [0, 15]]), np.array([[-7, 4]]))
"""Unit cells as training gives them: an array for each layer, shape (neurons, inputs)."""


def refused(*_: object, **__: object) -> None:
    raise AssertionError("text on the way of a weight")


def test_a_weight_reaches_the_drawn_crossbar_as_the_object_that_training_was_turned_into(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans: list[CrossbarPlan] = []

    def remembered(plan: CrossbarPlan, technology: Technology) -> Drawing:
        plans.append(plan)
        return draw_crossbar(plan, technology)

    monkeypatch.setattr(parts, "draw_crossbar", remembered)
    weights = as_tuples(TRAINED)
    draw_network(Network(Design(name="one_way", layer_sizes=(2, 2, 1)), weights), TECHNOLOGY)
    assert [np.array(plan.weights).tolist() for plan in plans] == [layer.tolist() for layer in TRAINED]
    # Equal would hold of a copy read back from anywhere; the very same tuples went nowhere.
    for plan, layer in zip(plans, weights, strict=True):
        assert plan.weights is layer


def test_a_network_is_drawn_without_text_or_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for where in (netlist, schematic):
        monkeypatch.setattr(where, "parse_spice", refused)
    monkeypatch.setattr(Block, "netlist", refused)
    for name in ("write_text", "write_bytes"):
        monkeypatch.setattr(Path, name, refused)
    drawing = draw_network(Network(Design(name="in_memory", layer_sizes=(2, 2, 1)), as_tuples(TRAINED)), TECHNOLOGY)
    drawn = {part.name: part for part in drawing.every_drawing()}
    units = [unit for layer in TRAINED for unit in layer.flat]
    counts = {"p": 0, "n": 0}
    for crossbar in (drawn["crossbar_1"], drawn["crossbar_2"]):
        for synapse in crossbar.instances:
            for unit in synapse.drawing.instances:
                for channel in counts:
                    counts[channel] += unit.drawing.name.startswith(f"unit_{channel}_")
    assert counts == {"p": sum(u for u in units if u > 0), "n": -sum(u for u in units if u < 0)}


@pytest.mark.parametrize("kind", ["transistor", "resistor", "user"])
def test_the_devices_of_the_objects_are_those_of_the_emitted_netlist(kind: str) -> None:
    block = Network(design_of(kind, (3, 2, 2)), network((3, 2, 2)).weights)
    read = flatten(parse_spice(library([block]), block.name), block.name, block.name, PREFIX)
    assert flat_schematic(block, TECHNOLOGY.process) == read


def test_blocks_know_their_lines() -> None:
    crossbar = Crossbar(1, ((1, -2, 3), (0, 4, 5)), design_of("transistor").synapse)
    assert crossbar.membranes == ("membrane_1", "membrane_2")
    assert crossbar.lines == (*(f"spike_{i}" for i in (1, 2, 3)), *(f"spike_b_{i}" for i in (1, 2, 3)),
                              *crossbar.membranes)  # fmt: skip
