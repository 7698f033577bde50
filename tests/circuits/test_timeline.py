"""Phases of a pipelined network for any timing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.circuits.timeline import Timeline
from codesign.design import Timing

timings = st.builds(
    Timing,
    window=st.floats(1e-8, 1e-4),
    reset=st.floats(1e-9, 1e-5),
    guard=st.floats(1e-10, 1e-6),
    edge=st.just(1e-10),
)
layers, inferences = st.integers(1, 6), st.integers(0, 20)


@given(timings, layers, inferences)
def test_the_phases_of_a_layer_never_overlap(timing: Timing, layer: int, inference: int) -> None:
    line = Timeline(timing)
    phases = [
        phase
        for number in (inference, inference + 1)
        for phase in (line.reset(layer, number), line.accumulation(layer, number), line.firing(layer, number))
    ]
    assert phases[0].start >= 0
    for before, after in pairwise(phases):
        assert before.start < before.stop
        # At least the pause between them, to rounding.
        assert after.start - before.stop >= timing.guard * (1 - 1e-6)


@given(timings, layers, inferences)
def test_a_layer_fires_while_the_next_accumulates(timing: Timing, layer: int, inference: int) -> None:
    line = Timeline(timing)
    assert line.firing(layer, inference) == line.accumulation(layer + 1, inference)
    firing = line.firing(layer, inference)
    assert firing.stop - firing.start == pytest.approx(timing.window)
    reset = line.reset(layer, inference)
    assert reset.stop - reset.start == pytest.approx(timing.reset)


@given(timings, layers, inferences)
def test_every_inference_is_one_period_after_the_last(timing: Timing, layer: int, inference: int) -> None:
    line = Timeline(timing)
    later = line.accumulation(layer, inference + 1).start - line.accumulation(layer, inference).start
    assert later == pytest.approx(line.period)
    assert line.stop(layer, inference + 1) > line.firing(layer, inference).stop


def test_a_layer_is_never_in_reset_while_its_inputs_come() -> None:
    line = Timeline(Timing())
    for inference in range(3):
        for layer in (1, 2, 3):
            window, reset = line.accumulation(layer, inference), line.reset(layer, inference)
            assert reset.stop < window.start
            following = line.reset(layer, inference + 1)
            assert following.start > window.stop
