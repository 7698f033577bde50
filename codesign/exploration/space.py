"""The space of designs: what a base design's keys may be, by their dotted names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from codesign.design import AnyNeuron, Design, Synapse, first_problem
from codesign.exploration.errors import ExplorationError
from codesign.exploration.settings import Parameter, Value

_KINDS: dict[str, TypeAdapter[Any]] = {"synapse": TypeAdapter(Synapse), "neuron": TypeAdapter(AnyNeuron)}
"""The tables of a design that come in several kinds."""

Tables = dict[str, Any]


@dataclass(frozen=True)
class Space:
    """A base design and what its keys may be.

    Attributes:
        base: the design.
        parameters: by dotted key, those that choose whole tables first.
    """

    base: Design
    parameters: Mapping[str, Parameter]

    @classmethod
    def of(cls, base: Design, parameters: Mapping[str, Parameter]) -> "Space":
        """Check every parameter against the design.

        Raises:
            ExplorationError: a key that the design does not have, or values or keys to scale that do not fit it.
        """
        whole = {key: parameter for key, parameter in parameters.items() if key in _KINDS}
        space = cls(base, whole | {key: one for key, one in parameters.items() if key not in whole})
        for key, parameter in whole.items():
            if not parameter.choices or parameter.scales:
                raise ExplorationError(f"space: {key} is a table; give choices, each a table, and nothing else")
            for label in space.labels(key):
                space.table(key, label)
        for key, parameter in parameters.items():
            if key not in whole:
                space.check(key, parameter)
        return space

    def labels(self, key: str) -> dict[str, Tables]:
        """The choices of a whole table, by what they are called.

        Raises:
            ExplorationError: a choice is no table.
        """
        found: dict[str, Tables] = {}
        for choice in self.parameters[key].choices:
            if not isinstance(choice, dict):
                raise ExplorationError(f"space: {key} is a table; give choices, each a table, not {choice!r}")
            found[", ".join(f"{name} = {value}" for name, value in choice.items())] = dict(choice)
        return found

    def choices(self, key: str) -> list[Value]:
        """The choices of a parameter, whole tables by their labels."""
        if key in _KINDS:
            return list(self.labels(key))
        return [choice for choice in self.parameters[key].choices if not isinstance(choice, dict)]

    def table(self, key: str, label: str) -> Tables:
        """A chosen table: changes of the base design's where it is of the same kind, else of that kind's defaults.

        Raises:
            ExplorationError: it is no such table.
        """
        given, base = self.labels(key)[label], getattr(self.base, key).model_dump()
        given = {"kind": base["kind"]} | given
        try:
            return _KINDS[key].validate_python(base | given if given["kind"] == base["kind"] else given).model_dump()
        except ValidationError as error:
            raise ExplorationError(f"space: {key} with {label}: {first_problem(error)}") from error

    def check(self, key: str, parameter: Parameter) -> None:
        """Hold a parameter's values and the keys that it scales against the design.

        Raises:
            ExplorationError: they do not fit.
        """
        held = [value for value in (_held(tables, key) for tables in self._alternatives()) if value is not None]
        if not held or not isinstance(held[0], bool | int | float | str):
            raise ExplorationError(f"space: {key} is no value of the design; name one as in bias.tail_length")
        kind = type(held[0])
        allowed = (int, float) if kind is float else (kind,)
        values = parameter.choices or (parameter.low, parameter.high)
        if any(type(value) not in allowed for value in values) or (kind in (bool, str) and not parameter.choices):
            what = {int: "whole numbers", float: "numbers", bool: "choices of true and false", str: "choices of text"}
            raise ExplorationError(f"space: {key} takes {what[kind]}, not {', '.join(map(repr, values))}")
        own = _held(self.base.model_dump(), key)
        for target in parameter.scales:
            value = _held(self.base.model_dump(), target)
            if target in self.parameters or not isinstance(value, float):
                raise ExplorationError(f"space: {key} scales {target}, which must be a number that is not in the space")
            if not isinstance(own, int | float) or own <= 0:
                raise ExplorationError(f"space: {key} scales {target}, and so must be above 0 in the base design")

    def whole_numbers(self, key: str) -> bool:
        """Whether a key takes whole numbers only."""
        return any(isinstance(_held(tables, key), int) for tables in self._alternatives())

    def has(self, key: str, chosen: Mapping[str, Value]) -> bool:
        """Whether a design with the tables that are chosen so far has a key."""
        return key in _KINDS or _held(self._tables(chosen), key) is not None

    def base_values(self) -> dict[str, Value] | None:
        """The values of the base design, if it lies in the space."""
        values: dict[str, Value] = {}
        tables = self.base.model_dump()
        for key, parameter in self.parameters.items():
            if key in _KINDS:
                same = [label for label in self.labels(key) if self.table(key, label) == tables[key]]
                if not same:
                    return None
                values[key] = same[0]
                continue
            value = _held(tables, key)
            if value is None:
                continue
            inside = value in parameter.choices
            if parameter.low is not None and parameter.high is not None:
                inside = parameter.low <= value <= parameter.high
            if not inside:
                return None
            values[key] = value
        return values

    def design(self, values: Mapping[str, Value]) -> Design:
        """The base design with other values.

        Args:
            values: by dotted key; a table by its label.

        Raises:
            DesignError: it cannot work.
        """
        tables = self._tables(values)
        for key, value in values.items():
            if key not in _KINDS:
                _set(tables, key, value)
        for key, value in values.items():
            for target, power in self.parameters[key].scales.items():
                ratio = cast(float, value) / cast(float, _held(self.base.model_dump(), key))
                if (before := _held(tables, target)) is not None:
                    _set(tables, target, float(f"{before * ratio**power:.12g}"))
        return Design.parse(tables, Path("design"))

    def _tables(self, chosen: Mapping[str, Value]) -> Tables:
        tables = self.base.model_dump()
        return tables | {key: self.table(key, str(label)) for key, label in chosen.items() if key in _KINDS}

    def _alternatives(self) -> list[Tables]:
        """The tables of the base design, and with each choice of a whole table."""
        whole = [key for key in self.parameters if key in _KINDS]
        return [self._tables({}), *(self._tables({key: label}) for key in whole for label in self.labels(key))]


def _held(tables: Tables, key: str) -> Any:
    """The value at a dotted key; None if there is none."""
    held: Any = tables
    for part in key.split("."):
        held = cast(Tables, held).get(part) if isinstance(held, dict) else None
    return held


def _set(tables: Tables, key: str, value: Any) -> None:
    *above, last = key.split(".")
    for part in above:
        tables = tables[part]
    tables[last] = value
