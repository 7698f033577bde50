"""The content of `explore.json`, typed."""

from typing import Annotated, Literal

from pydantic import Field

from codesign.design import Design
from codesign.report.content import Content, ReportProvenance


class TrialRow(Content):
    """One design that was tried."""

    number: int
    """From 1."""
    values: dict[str, bool | int | float | str]
    """What its keys are, by their dotted names."""
    results: dict[str, float]
    """What it was measured by, by the names of objectives; empty for a design that cannot be."""
    failure: str | None = None
    """Why it is not feasible; None if it is."""


class MeasuredBy(Content):
    """A quantity that designs were measured by."""

    name: str
    label: str
    unit: str
    better: Literal["low", "high"]
    lowest: float | None
    """Limit, None for none."""
    highest: float | None
    """Limit, None for none."""


class Exploration(Content):
    """The designs that were tried, and which is chosen."""

    schema_version: Annotated[Literal[1], Field(alias="schema")] = 1
    n_trials: int
    n_feasible: int
    objectives: tuple[MeasuredBy, ...]
    """What the front is about."""
    limited: tuple[MeasuredBy, ...]
    """What only has limits."""
    seed: int
    trials: tuple[TrialRow, ...]
    base: int | None
    """Number of the trial of the base design; None if that lies outside the space."""
    front: tuple[int, ...]
    """Numbers of the trials on the Pareto front."""
    chosen: int
    """Number of the trial that is nearest to the ideal point."""
    design: Design
    """The chosen design."""
    provenance: ReportProvenance

    @property
    def chosen_row(self) -> TrialRow:
        """The trial that is chosen."""
        return self.trials[self.chosen - 1]

    @property
    def front_rows(self) -> list[TrialRow]:
        """The trials on the front, from the best to the worst in the first objective."""
        first = self.objectives[0]
        rows = [self.trials[number - 1] for number in self.front]
        return sorted(rows, key=lambda row: row.results[first.name], reverse=first.better == "high")
