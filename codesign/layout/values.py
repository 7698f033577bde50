"""Numbers and expressions of a SPICE netlist, and lengths in the two units in which netlists give them."""

import math
import re
from collections.abc import Mapping

_SUFFIXES = {
    "t": 1e12,
    "g": 1e9,
    "meg": 1e6,
    "k": 1e3,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "a": 1e-18,
}
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_TOKEN = re.compile(
    rf"(?P<number>{_NUMBER})(?P<suffix>meg|[tgkmunpfa])?m?(?![\w.])|(?P<name>[a-z_]\w*)|(?P<sign>[-+*/()])"
)
_DEEPEST = 50

# No device is drawn a thousandth of a micrometre small, and none a thousandth of a metre large.
_METRES_BELOW = 1e-3


def value_of(text: str, parameters: Mapping[str, float]) -> float | None:
    """The value of a number, a parameter, or an expression of both with + - * / and parentheses.

    Args:
        text: in lower case, perhaps in braces or quotes.
        parameters: by name, in lower case.

    Returns:
        The value, or None where the text is no such thing, or its value is not finite.
    """
    tokens: list[tuple[str, str, str]] = []
    inner = re.sub(r"\s+", "", text.strip("{}'\""))
    position = 0
    while position < len(inner):
        match = _TOKEN.match(inner, position)
        if match is None:
            return None
        tokens.append((match["number"] or "", match["suffix"] or "", match["name"] or match["sign"] or ""))
        position = match.end()
    expression = _Expression(tokens, parameters)
    try:
        value = expression.sum(0)
    except (ValueError, ArithmeticError):
        return None
    return value if expression.at_end and math.isfinite(value) else None


def micrometres(value: float) -> float:
    """A length of a netlist, um: written in um (0.42, 420000u), or in metres (0.42u, 4.2e-7)."""
    return value * 1e6 if abs(value) < _METRES_BELOW else value


class _Expression:
    """Recursive descent over tokens; a ValueError where they make no expression."""

    def __init__(self, tokens: list[tuple[str, str, str]], parameters: Mapping[str, float]) -> None:
        self._tokens = tokens
        self._parameters = parameters
        self._next = 0

    @property
    def at_end(self) -> bool:
        return self._next == len(self._tokens)

    def _take(self, *signs: str) -> str | None:
        if self.at_end or self._tokens[self._next][2] not in signs:
            return None
        self._next += 1
        return self._tokens[self._next - 1][2]

    def sum(self, depth: int) -> float:
        value = self._product(depth)
        while sign := self._take("+", "-"):
            term = self._product(depth)
            value = value + term if sign == "+" else value - term
        return value

    def _product(self, depth: int) -> float:
        value = self._factor(depth)
        while sign := self._take("*", "/"):
            factor = self._factor(depth)
            value = value * factor if sign == "*" else value / factor
        return value

    def _factor(self, depth: int) -> float:
        if depth > _DEEPEST or self.at_end:
            raise ValueError
        if sign := self._take("+", "-"):
            value = self._factor(depth + 1)
            return value if sign == "+" else -value
        if self._take("("):
            value = self.sum(depth + 1)
            if not self._take(")"):
                raise ValueError
            return value
        number, suffix, name = self._tokens[self._next]
        self._next += 1
        if number:
            return float(number) * _SUFFIXES.get(suffix, 1.0)
        if name not in self._parameters:
            raise ValueError
        return self._parameters[name]
