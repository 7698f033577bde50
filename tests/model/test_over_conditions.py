"""Between the conditions of a table a model is a weighted mean of its neighbours."""

import pytest

from codesign.design import Conditions
from codesign.model.neuron_model import NeuronModel
from codesign.model.over_conditions import ConditionsError, ModelsOverConditions
from codesign.model.quantity import Quantity
from tests.variation.example import MODEL


def model(ramp: float) -> NeuronModel:
    return MODEL.model_copy(update={"ramp": Quantity(value=ramp, interval=0.1)})


def table() -> list[tuple[Conditions, NeuronModel]]:
    return [
        (Conditions(corner=corner, temperature=temperature, supply=supply), model(1 + temperature / 10 + 100 * supply))
        for corner in ("tt", "ff")
        for temperature in (-40.0, 27.0, 85.0)
        for supply in (1.7, 1.8, 1.9)
    ]


def test_at_a_condition_it_is_the_model_itself_and_linear_between() -> None:
    models = ModelsOverConditions(table())
    for conditions, own in table():
        found = models.at(conditions.corner, conditions.temperature, conditions.supply)
        assert found.ramp.value == pytest.approx(own.ramp.value)
    assert models.at("ff", 50.0, 1.74).ramp.value == pytest.approx(1 + 5 + 174)
    between = models.at("tt", 0.0, 1.85)
    assert between.unit_current_pos.value == pytest.approx(MODEL.unit_current_pos.value)
    assert between.max_units == MODEL.max_units


@pytest.mark.parametrize("wrong", [table()[1:], [*table(), table()[0]], []], ids=["missing", "twice", "none"])
def test_what_is_no_table_is_refused(wrong: list[tuple[Conditions, NeuronModel]]) -> None:
    with pytest.raises(ConditionsError, match="do not fill a table"):
        ModelsOverConditions(wrong)
