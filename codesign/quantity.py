"""Quantities as people write them: 131 nA, 2.03 pF, 49.7 ns."""

import math

from matplotlib.ticker import EngFormatter

_BASES = {"V", "A", "F", "s", "J", "V/s", "s/V²"}
"""Units that take a prefix."""

_PREFIXES = {prefix: 10.0**exponent for exponent, prefix in EngFormatter.ENG_PREFIXES.items()} | {"u": 1e-6}

_NOTHING = 1e-30
"""What the smallest prefix stands for. A smaller value is 0: it lies on the bound of a fit."""


def quantity(value: float | None, unit: str = "", digits: int = 3, *, sign: bool = False) -> str:
    """A value with its unit, in as many digits, and with the prefix that leaves one to three of them before the point.

    A pure number, and one of a unit that takes no prefix (%, µm²), is written out: 1,849.

    Args:
        value: in `unit`; None, and what is not finite, is "none".
        unit: may have a prefix itself, which need not be that of the result.
        digits: significant ones; whole numbers show all of theirs.
        sign: write that of a positive value too.
    """
    if value is None or not math.isfinite(value):
        return "none"
    base, factor = _split(unit)
    value *= factor
    if abs(value) < _NOTHING:
        value = 0.0
    # Rounding comes first, for it may add a digit before the point.
    rounded = f"{value:.{digits - 1}e}"
    exponent = int(rounded.partition("e")[2]) if value else digits - 1
    plus = "+" if sign and value > 0 else ""
    if base not in _BASES:
        return f"{plus}{value:,.{max(0, digits - 1 - exponent)}f} {base}".rstrip()
    places = max(0, digits - 1 - exponent % 3) if value else 0
    # A hyphen, which every terminal has.
    return plus + EngFormatter(base, places=places)(float(rounded)).replace("\N{MINUS SIGN}", "-")


def percent(fraction: float | None, digits: int = 3) -> str:
    """A fraction in percent; None, and what is not finite, is "none"."""
    return quantity(None if fraction is None else 100 * fraction, "%", digits)


def _split(unit: str) -> tuple[str, float]:
    """The unit without its prefix, and what the prefix stands for."""
    prefix, base = unit[:1], unit[1:]
    return (base, _PREFIXES[prefix]) if base in _BASES and prefix in _PREFIXES else (unit, 1.0)
