"""A space of designs: what its keys may be, and the designs that it makes."""

from pathlib import Path
from typing import Any

import pytest

from codesign.design import Design, DesignError
from codesign.exploration.errors import ExplorationError
from codesign.exploration.settings import Parameter
from codesign.exploration.space import Space
from codesign.flow.file import FlowFile

FLOWS = Path(__file__).parents[2] / "flows"
BASE = FlowFile.load(FLOWS / "5-5-5.toml").design


def space(**parameters: dict[str, Any]) -> Space:
    given = {key.replace("__", "."): Parameter.model_validate(value) for key, value in parameters.items()}
    return Space.of(BASE, given)


def test_values_are_set_and_all_else_stays() -> None:
    some = space(bias__tail_length={"low": 1, "high": 8}, neuron__tail_units={"low": 4, "high": 12})
    assert some.whole_numbers("neuron.tail_units") and not some.whole_numbers("bias.tail_length")
    assert some.base_values() == {"bias.tail_length": 4.0, "neuron.tail_units": 6}
    assert some.design({"bias.tail_length": 4.0, "neuron.tail_units": 6}) == BASE
    design = some.design({"bias.tail_length": 2.5, "neuron.tail_units": 9})
    assert (design.bias.tail_length, design.neuron.tail_units) == (2.5, 9)
    assert design.model_dump(exclude={"bias", "neuron"}) == BASE.model_dump(exclude={"bias", "neuron"})


def test_keys_that_go_with_another() -> None:
    longer = {"low": 50, "high": 200, "scales": {"synapse.negative_length": 1, "bias.reference_current": -1}}
    window = {"low": 1e-7, "high": 1e-6, "scales": {"bias.reference_current": -1}}
    some = space(synapse__positive_length=longer, timing__window=window)
    design = some.design({"synapse.positive_length": 197.0, "timing.window": 125e-9})
    assert design.synapse.model_dump()["negative_length"] == pytest.approx(197.0)
    # Twice the length halves the current, half the window doubles it.
    assert design.bias.reference_current == pytest.approx(BASE.bias.reference_current)


def test_whole_tables_and_keys_that_only_some_have() -> None:
    some = space(
        neuron__pair_width={"low": 4, "high": 32},
        neuron={"choices": [{"kind": "autozero"}, {"kind": "ramp", "ramp_units": 5}]},
    )
    assert some.base_values() == {"neuron": "kind = autozero", "neuron.pair_width": 16.0}
    assert some.design(some.base_values() or {}) == BASE
    other = {"neuron": "kind = ramp, ramp_units = 5"}
    assert some.has("neuron.pair_width", {"neuron": "kind = autozero"}) and not some.has("neuron.pair_width", other)
    neuron = some.design(other).neuron
    # Another kind has its own defaults, not the base design's values.
    assert (neuron.kind, neuron.ramp_units, neuron.capacitance) == ("ramp", 5, 1.907e-12)
    assert space(bias__tail_length={"low": 5, "high": 8}).base_values() is None


def test_a_design_that_cannot_work_is_refused() -> None:
    some = space(timing__window={"low": 1e-9, "high": 1e-6})
    with pytest.raises(DesignError, match=r"timing\.edge"):
        some.design({"timing.window": 1e-9})


@pytest.mark.parametrize(
    ("key", "parameter", "line"),
    [
        ("bias__lenght", {"low": 1, "high": 2}, "bias.lenght is no value of the design"),
        ("bias", {"low": 1, "high": 2}, "bias is no value of the design"),
        ("layer_sizes", {"low": 1, "high": 2}, "layer_sizes is no value of the design"),
        ("neuron", {"low": 1, "high": 2}, "give choices, each a table"),
        ("neuron", {"choices": [1, 2]}, "each a table, not 1"),
        ("neuron", {"choices": [{"kind": "spiking"}]}, "neuron with kind = spiking"),
        ("neuron__tail_units", {"low": 4.5, "high": 9.5}, "takes whole numbers, not 4.5, 9.5"),
        ("bias__tail_length", {"choices": ["long", "short"]}, "takes numbers, not 'long', 'short'"),
        ("conditions__corner", {"low": 1, "high": 2}, "takes choices of text"),
        ("levels__ratiometric", {"low": 0, "high": 1}, "takes choices of true and false"),
        ("bias__tail_length", {"low": 1, "high": 2, "scales": {"bias.width": 1}}, "scales bias.width, which must"),
        ("bias__tail_length", {"low": 1, "high": 2, "scales": {"neuron.tail_units": 1}}, "which must be a number"),
        ("conditions__temperature", {"choices": [0.0], "scales": {"bias.width": 1}}, "scales bias.width"),
    ],
)
def test_what_does_not_fit_the_design(key: str, parameter: dict[str, Any], line: str) -> None:
    with pytest.raises(ExplorationError, match=line):
        space(**{key: parameter})


def test_a_base_value_of_0_scales_nothing() -> None:
    parameter = Parameter(low=0, high=1e-13, scales={"neuron.capacitance": 1})
    neuron = BASE.neuron.model_copy(update={"wire_capacitance": 0.0})
    with pytest.raises(ExplorationError, match="must be above 0 in the base design"):
        Space.of(Design.model_validate(BASE.model_dump() | {"neuron": neuron}), {"neuron.wire_capacitance": parameter})
