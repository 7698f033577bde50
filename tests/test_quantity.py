"""Quantities are written with three digits and a prefix, and say the same number."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.quantity import quantity

WRITTEN = [
    ((131.04e-9, "A"), "131 nA"),
    ((131.04e-9, "A", 4), "131.0 nA"),
    ((2.034e-12, "F"), "2.03 pF"),
    ((49.74, "ns"), "49.7 ns"),
    ((0.0277, "mV"), "27.7 µV"),
    ((999.96, "mV"), "1.00 V"),
    ((-0.8848, "V"), "-885 mV"),
    ((3.02, "us"), "3.02 µs"),
    ((1270.0, "V"), "1.27 kV"),
    ((2268671.3, "V/s"), "2.27 MV/s"),
    ((5.3e-35, "A"), "0 A"),
    ((0.0, "mV"), "0 V"),
    ((1848.55,), "1,849"),
    ((790.0,), "790"),
    ((1.47477,), "1.47"),
    ((94.7368, "%"), "94.7 %"),
    ((0.0087, "1/V²"), "0.00870 1/V²"),
    ((69806.2, "µm²"), "69,806 µm²"),
    ((None, "V"), "none"),
    ((math.inf, "V"), "none"),
]


@pytest.mark.parametrize(("given_", "written"), WRITTEN)
def test_as_people_write_them(given_: tuple[float | None, ...], written: str) -> None:
    assert quantity(*given_) == written  # type: ignore[arg-type]


def test_a_sign_is_written_where_it_is_asked_for() -> None:
    assert [quantity(value, "%", sign=True) for value in (1.25, 0.0, -1.25)] == ["+1.25 %", "0 %", "-1.25 %"]


PREFIXES = dict(zip("qryzafpnµm kMGTPEZYRQ", range(-30, 31, 3), strict=True))


@given(st.floats(-1e28, 1e28).filter(lambda value: abs(value) > 1e-29))
def test_it_is_the_same_number_in_three_digits(value: float) -> None:
    number, unit = quantity(value, "V").split(" ")
    read = float(number) * 10.0 ** PREFIXES[unit.removesuffix("V") or " "]
    assert read == pytest.approx(value, rel=0.005 + 1e-9)
    assert "e" not in number and len(number.lstrip("-").replace(".", "")) == 3
