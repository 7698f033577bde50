"""The table of the fitted parameters is whole, and the models and the documentation say the same."""

from pathlib import Path

import pytest

from codesign.model.neuron_model import NeuronModel
from codesign.model.normalised import NormalisedModel
from codesign.model.parameters import OFFSET, PARAMETERS, Parameter, Range, Units, parameters_table
from codesign.model.quantity import Quantity

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "parameters.md"


def test_every_fitted_field_of_the_models_has_its_row() -> None:
    rows = {row.field for row in PARAMETERS}
    assert len(rows) == len(PARAMETERS) == 27
    quantities = {name for name, field in NeuronModel.model_fields.items() if field.annotation is Quantity}
    assert quantities == rows | {"capacitance"}
    # What is not fitted: what the design says, from which the fit starts.
    given = {"threshold", "shared_ramp", "resistive", "v_min", "v_max", "max_units"}
    assert {row.normalised_field for row in PARAMETERS} - {OFFSET} == set(NormalisedModel.model_fields) - given


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: row.name)
def test_a_row_can_be_fitted(row: Parameter) -> None:
    found = row.range.around(0.14)
    assert found.lower <= found.start <= found.upper
    assert 0 < found.step <= found.known < found.upper - found.lower
    # There and back: to SI units and to the fitted value.
    units = Units(swing=0.45, window=1e-6, capacitance=2e-12)
    assert row.dimension.normalised(3.0 * row.dimension.worth(units), units) == pytest.approx(3.0)
    assert row.of_normalised(row.of_fitted(0.3)) == pytest.approx(0.3)


def test_the_page_holds_the_table() -> None:
    assert parameters_table() in PAGE.read_text(encoding="utf-8")
    assert any(not isinstance(row.range, Range) for row in PARAMETERS)
