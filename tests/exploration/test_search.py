"""The search against a Pareto front that is known, without a simulator; interruptions; what is not feasible."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from codesign.design import Design
from codesign.exploration.errors import ExplorationError, Infeasible
from codesign.exploration.front import choose, pareto_front
from codesign.exploration.search import STUDY, search
from codesign.exploration.settings import ExplorationSettings
from codesign.exploration.space import Space
from codesign.flow.file import FlowFile
from codesign.report.exploration import TrialRow

FLOWS = Path(__file__).parents[2] / "flows"
BASE = FlowFile.load(FLOWS / "5-5-5.toml").design

WIDTH, UNITS, TAIL = "synapse.width", "neuron.tail_units", "bias.tail_length"


def settings(**given: object) -> ExplorationSettings:
    space = {WIDTH: {"low": 0.35, "high": 1.4}, TAIL: {"low": 4, "high": 8}}
    return ExplorationSettings.model_validate(
        {"space": space, "objectives": ["area", "chip_error"], "trials": 40, "seed": 3} | given
    )


def of(asked: ExplorationSettings) -> Space:
    return Space.of(BASE, asked.space)


def measure(design: Design, names: Sequence[str]) -> Mapping[str, float]:
    """Area w + d, error 1 / w + d, where d is by how much the tail is longer than 4 um: the front is d = 0."""
    width, longer = design.synapse.model_dump()["width"], design.bias.tail_length - 4
    values = {"area": 100 * (width + longer), "chip_error": 1 / width + longer, "accuracy": 90.0}
    return {name: values[name] for name in names}


@pytest.mark.slow
def test_the_known_front_is_found(tmp_path: Path) -> None:
    asked = settings(trials=60)
    rows = search(of(asked), asked, measure, tmp_path)
    assert [row.number for row in rows] == list(range(1, 61)) and all(row.failure is None for row in rows)
    # The first is the base design.
    assert rows[0].values == {WIDTH: 0.35, TAIL: 4.0}
    front = pareto_front(rows, asked.objectives)
    # Random designs are 2 um from the front in the mean, and those that the sampler chose on it are near it.
    later = [row.values[TAIL] for row in rows[30:]]
    assert np.median(np.array(later, dtype=float)) - 4 < 0.5
    assert all(float(row.values[TAIL]) - 4 < 1 for row in front) and len(front) >= 5
    # From the definition, one by one.
    costs = [(row.results["area"], row.results["chip_error"]) for row in rows]
    beaten = {a for a in costs for b in costs if b != a and b[0] <= a[0] and b[1] <= a[1]}
    assert {row.number for row in front} == {
        row.number for row, cost in zip(rows, costs, strict=True) if cost not in beaten
    }


@pytest.mark.slow
def test_an_interruption_changes_nothing(tmp_path: Path) -> None:
    asked = settings(trials=14)
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    whole = search(of(asked), asked, measure, tmp_path / "whole")
    calls = 0

    def interrupted(design: Design, names: Sequence[str]) -> Mapping[str, float]:
        nonlocal calls
        calls += 1
        if calls in (1, 7, 13):
            raise KeyboardInterrupt
        return measure(design, names)

    told: list[int] = []
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            search(of(asked), asked, interrupted, tmp_path / "parts", lambda row: told.append(row.number))
    parts = search(of(asked), asked, interrupted, tmp_path / "parts", lambda row: told.append(row.number))
    # The trials in flight were lost, and are no trials.
    assert parts == whole and told == list(range(1, 15)) and calls == 17
    # With more trials it goes on, and with as many nothing is done.
    more = settings(trials=16)
    assert search(of(more), more, measure, tmp_path / "parts")[:14] == whole
    assert len(search(of(more), more, interrupted, tmp_path / "parts")) == 16 and calls == 17


def test_designs_that_fail_and_designs_beyond_a_limit(tmp_path: Path) -> None:
    asked = settings(limits={"area": {"highest": 300}, "accuracy": {"lowest": 80}}, trials=30)

    def sometimes(design: Design, names: Sequence[str]) -> Mapping[str, float]:
        assert names == ("area", "chip_error", "accuracy")
        if design.bias.tail_length > 7:
            raise Infeasible("the neuron does not fire")
        return measure(design, names)

    rows = search(of(asked), asked, sometimes, tmp_path)
    failed = [row for row in rows if not row.results]
    beyond = [row for row in rows if row.results and row.failure]
    assert failed and {row.failure for row in failed} == {"the neuron does not fire"}
    assert beyond and all(row.results["area"] > 300 and "not at most 300" in str(row.failure) for row in beyond)
    assert all(row.results["area"] <= 300 for row in pareto_front(rows, asked.objectives))
    # The sampler learns from both.
    assert sum(row.failure is None for row in rows[15:]) > sum(row.failure is None for row in rows[:15])


def test_a_design_that_cannot_work_is_a_trial_that_says_why(tmp_path: Path) -> None:
    asked = settings(space={"levels.swing": {"low": 0.6, "high": 1.2}}, objectives=["latency"], trials=8)
    rows = search(of(asked), asked, lambda design, names: {"latency": design.levels.swing}, tmp_path)
    assert all(("levels" in str(row.failure)) == (float(row.values["levels.swing"]) > 0.7) for row in rows)
    assert min(row.results["latency"] for row in rows if row.results) == 0.6


def test_whole_numbers_choices_and_tables(tmp_path: Path) -> None:
    space = {
        "neuron": {"choices": [{"kind": "ramp"}, {"kind": "autozero"}]},
        UNITS: {"choices": [8, 10]},
        "neuron.pair_width": {"low": 4, "high": 32, "log": True},
        "bias.reference_units": {"low": 1, "high": 8, "log": True},
    }
    asked = settings(space=space, objectives=["latency"], trials=12)
    rows = search(of(asked), asked, lambda design, names: {"latency": design.neuron.tail_units}, tmp_path)
    kinds = {row.values["neuron"] for row in rows}
    assert kinds == {"kind = ramp", "kind = autozero"}
    assert all(("neuron.pair_width" in row.values) == (row.values["neuron"] == "kind = autozero") for row in rows)
    assert {type(row.values["bias.reference_units"]) for row in rows} == {int}
    assert {row.values[UNITS] for row in rows} == {8, 10}


def test_values_on_a_grid(tmp_path: Path) -> None:
    length = {"low": 50, "high": 150, "step": 0.005, "log": True, "scales": {"synapse.negative_length": 1}}
    asked = settings(space={"synapse.positive_length": length}, objectives=["latency"], trials=5)
    designs: list[Design] = []

    def kept(design: Design, names: Sequence[str]) -> Mapping[str, float]:
        designs.append(design)
        return {"latency": 1.0}

    rows = search(of(asked), asked, kept, tmp_path)
    lengths = [row.values["synapse.positive_length"] for row in rows]
    assert lengths == [round(float(one) * 200) / 200 for one in lengths] and len(set(lengths)) == 5
    assert [design.synapse.model_dump()["negative_length"] for design in designs] == lengths


def test_trials_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / STUDY).write_text("no database")
    with pytest.raises(ExplorationError, match=r"cannot use .*trials.db"):
        search(of(settings()), settings(), measure, tmp_path)


def row(number: int, area: float, accuracy: float, failure: str | None = None) -> TrialRow:
    return TrialRow(number=number, values={}, results={"area": area, "accuracy": accuracy}, failure=failure)


def test_front_and_choice_by_hand() -> None:
    rows = [row(1, 10, 50), row(2, 20, 80), row(3, 30, 90), row(4, 25, 70), row(5, 5, 99, "beyond"), row(6, 30, 85)]
    front = pareto_front(rows, ["area", "accuracy"])
    assert [one.number for one in front] == [1, 2, 3]
    # From the ideal point (10, 90): trial 2 is (0.5, 0.25) away, the others 1.
    assert choose(front, ["area", "accuracy"]).number == 2
    assert choose(front, ["area"]).number == 1 and choose(front[:1], ["area", "accuracy"]).number == 1


def test_no_feasible_design_is_one_line() -> None:
    rows = [row(1, 1, 1, "does not fire"), row(2, 1, 1, "does not fire"), row(3, 1, 1, "area = 1, not at most 0.5")]
    with pytest.raises(ExplorationError, match=r"none of 3 designs .*; the last: area = 1.*2 of them: does not"):
        pareto_front(rows, ["area"])
