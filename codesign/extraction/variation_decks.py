"""What is simulated to find how chips differ: many cells in DC, and a layer of many neurons with equal cells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from codesign.circuits.bias import OF_CELLS
from codesign.circuits.chip import Chip
from codesign.circuits.flat import deviates_of
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.design import Design
from codesign.extraction.testbenches import fitting_inputs
from codesign.extraction.threshold import aimed_columns
from codesign.model.normalised import NormalisedModel

CELLS = 24
"""Unit cells of each sign in a deck."""

NEURONS = 10
"""Neurons in a layer whose variation is looked at."""

_CROSSBAR, _INPUT, _NEURON = "crossbar_1.", "input_", "neuron_1_"
"""What the devices of the layer's synapses, of its inputs, and of its neurons are called."""

_LOCAL_TURNS = 2
"""In how many neurons each device is moved."""

_FINAL = (0.15, 0.9)
"""Where the membranes of these neurons end, in parts of the threshold, evenly from first to last."""


def neurons_testbench(design: Design, model: NormalisedModel, seed: int) -> Testbench:
    """A layer whose neurons all fire on the ramp, of the matched circuit."""
    random = np.random.default_rng(seed)
    times = random.uniform(0, 0.8, fitting_inputs(design))
    wanted = (np.linspace(*_FINAL, NEURONS) - 1) * model.threshold
    columns = aimed_columns(model, times, wanted, random)
    small = design.at(mismatch=False).model_copy(update={"layer_sizes": (len(times), NEURONS)})
    network = Network(small, (tuple(tuple(int(units) for units in column) for column in columns),))
    return Testbench(network, (tuple(float(time) for time in times),))


def on_chip(testbench: Testbench, seed: int) -> Testbench:
    """The same on a chip whose synapses and their biases are those of the matched circuit."""
    devices = deviates_of(testbench.network)
    same = (_CROSSBAR, *(f"bias.{part}" for part in OF_CELLS))
    equal = {name: (0.0,) * count for name, count in devices.items() if name.startswith(same)}
    return replace(testbench, chip=Chip(seed, equal))


@dataclass(frozen=True)
class Shift:
    """A deviate that is moved by one standard deviation.

    Attributes:
        device: its name, within the neuron where `local`.
        index: of the deviate.
        local: whether each neuron has such a device.
    """

    device: str
    index: int
    local: bool


def shifts_of(testbench: Testbench) -> list[Shift]:
    """Every deviate of a neuron, and of what the neurons share."""
    first = f"{_NEURON}1."
    devices = deviates_of(testbench.network)
    local = [(name.removeprefix(first), count, True) for name, count in devices.items() if name.startswith(first)]
    others = (_CROSSBAR, _INPUT, _NEURON, *(f"bias.{part}" for part in OF_CELLS))
    shared = [(name, count, False) for name, count in devices.items() if not name.startswith(others)]
    return [Shift(name, index, where) for name, count, where in (*local, *shared) for index in range(count)]


def shifted_testbenches(testbench: Testbench, shifts: Sequence[Shift]) -> list[tuple[Testbench, list[Shift | None]]]:
    """The matched circuit but for a few deviates, so that each of `shifts` is seen by itself.

    Neurons do not see one another: a deck moves another device in each of them. What they share is moved one a deck.

    Returns:
        Testbenches, and what each neuron of it sees moved, None for one that sees nothing.
    """
    local, shared = ([one for one in shifts if one.local is where] for where in (True, False))
    each: list[list[Shift | None]] = [[one] * NEURONS for one in shared]
    for turn in range(_LOCAL_TURNS):
        # Another neuron sees a device each turn, since its effect depends on where the membrane ends.
        order = local[turn * NEURONS // _LOCAL_TURNS :] + local[: turn * NEURONS // _LOCAL_TURNS]
        for start in range(0, len(order), NEURONS):
            part = order[start : start + NEURONS]
            each.append([*part, *[None] * (NEURONS - len(part))])
    return [(replace(testbench, chip=_moved(testbench, seen)), seen) for seen in each]


def _moved(testbench: Testbench, seen: Sequence[Shift | None]) -> Chip:
    names = {
        (f"{_NEURON}{neuron}.{shift.device}" if shift.local else shift.device, shift.index)
        for neuron, shift in enumerate(seen, start=1)
        if shift is not None
    }
    devices = deviates_of(testbench.network)
    return Chip(
        given={name: tuple(float((name, index) in names) for index in range(count)) for name, count in devices.items()}
    )
