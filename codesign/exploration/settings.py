"""What a user asks of an exploration: where to look, what for, and within which limits."""

import hashlib
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from codesign.exploration.objectives import OBJECTIVES

Value = bool | int | float | str
"""Of a parameter."""

Choice = Value | dict[str, Value]
"""What a parameter may be set to; a table stands for the whole table of a design."""

Count = Annotated[int, Field(ge=1)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Parameter(_Settings):
    """A row of the `[space]` table: what one key of the design may be."""

    low: int | float | None = None
    """Least value."""
    high: int | float | None = None
    """Largest value."""
    log: bool = False
    """Whether equal ratios, not equal differences, are equally likely."""
    step: Annotated[float, Field(gt=0)] | None = None
    """Values are whole multiples of it, as of the grid that a layout is drawn on; None: any value."""
    choices: tuple[Choice, ...] = ()
    """All values, instead of a range."""
    scales: dict[str, float] = {}
    """Keys that go with it: each is its own value times a power of this one's ratio to the base design's."""

    @model_validator(mode="after")
    def _range_or_choices(self) -> Self:
        if self.choices:
            if self.low is not None or self.high is not None or self.log or self.step:
                raise ValueError("give choices, or low and high, not both")
            if any(one == other for k, one in enumerate(self.choices) for other in self.choices[:k]):
                raise ValueError("a choice is given twice; give each once")
            return self
        if self.low is None or self.high is None:
            raise ValueError("give low and high, or choices")
        if not self.low < self.high:
            raise ValueError(f"the range from low = {self.low:g} to high = {self.high:g} is empty; low must be less")
        if self.log and self.low <= 0:
            raise ValueError(f"a range with log = true must lie above 0, low = {self.low:g} does not")
        if (self.on_step(self.low), self.on_step(self.high)) != (self.low, self.high):
            raise ValueError(f"low = {self.low:g} and high = {self.high:g} must be multiples of step = {self.step}")
        return self

    def on_step(self, value: float) -> float:
        """The nearest multiple of the step, without digits that are only rounding."""
        return value if self.step is None else float(f"{round(value / self.step) * self.step:.12g}")


class Limit(_Settings):
    """A row of the `[limits]` table: what an objective may be in a feasible design."""

    lowest: float | None = None
    """Least value; None: no limit."""
    highest: float | None = None
    """Largest value; None: no limit."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.lowest is None and self.highest is None:
            raise ValueError("give lowest or highest")
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            raise ValueError(f"nothing is at least {self.lowest:g} and at most {self.highest:g}; lowest must be less")
        return self

    def broken_by(self, value: float) -> float:
        """How far a value lies outside; 0 or less: it does not."""
        below = float("-inf") if self.lowest is None else self.lowest - value
        above = float("-inf") if self.highest is None else value - self.highest
        return max(below, above)

    def __str__(self) -> str:
        bounds = (("at least", self.lowest), ("at most", self.highest))
        return ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


class Effort(_Settings):
    """The `[effort]` table: how much is simulated for each design."""

    networks: int = Field(default=8, ge=8, le=1000)
    """Random networks in the fitting set of an extraction."""
    chips: int = Field(default=8, ge=4, le=1000)
    """Chips that sigmas are estimated from."""
    model_chips: int = Field(default=200, ge=2, le=100_000)
    """Chips on the model, for the error of a chip and for the yield."""
    yield_limit: float = Field(default=0.02, ge=0, le=1)
    """Loss of accuracy up to which a chip is good, a fraction."""
    epochs: Count = 50
    """Passes over the training samples."""
    candidates: int = Field(default=2, ge=1, le=64)
    """Networks trained side by side; the best one is kept."""
    inputs: Count = 2
    """Test inputs that the energy is the mean of."""


class ExplorationSettings(_Settings):
    """An exploration, without its base design."""

    space: Annotated[dict[str, Parameter], Field(min_length=1)]
    """Keys of the design, dotted, and what they may be."""
    objectives: Annotated[tuple[str, ...], Field(min_length=1)]
    """What is to become as good as it can, by the names of `OBJECTIVES`."""
    limits: dict[str, Limit] = {}
    """What must hold, by the same names."""
    trials: Count = 100
    """Designs that are looked at."""
    seed: int = Field(default=1, ge=0, lt=2**31)
    """Of the search."""
    effort: Effort = Effort()

    @field_validator("objectives")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("an objective is named twice; name each once")
        for name in names:
            _check_name(name)
        return names

    @field_validator("limits")
    @classmethod
    def _reachable(cls, limits: dict[str, Limit]) -> dict[str, Limit]:
        for name, limit in limits.items():
            _check_name(name)
            objective = OBJECTIVES[name]
            if limit.broken_by(min(max(limit.lowest or 0.0, 0.0), objective.most)) > 0:
                raise ValueError(f"{name} {limit} is impossible: it is 0 to {objective.most:g} {objective.unit}")
        return limits

    @property
    def measured(self) -> tuple[str, ...]:
        """All that a design is measured by: the objectives, then what only limits name."""
        return tuple(dict.fromkeys((*self.objectives, *self.limits)))

    @property
    def digest(self) -> str:
        """SHA-256 of all but the number of trials, which may grow, hexadecimal."""
        return hashlib.sha256(self.model_dump_json(exclude={"trials"}).encode()).hexdigest()


def _check_name(name: str) -> None:
    if name not in OBJECTIVES:
        raise ValueError(f"{name!r} is no objective; use {', '.join(OBJECTIVES)}")
