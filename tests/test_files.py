"""Strict JSON. Atomic writing is tested where files are written."""

import json
import math

import numpy as np

from codesign.files import strict_json


def test_json_has_no_infinity_and_no_nan() -> None:
    values = {
        "a": [1.5, math.inf, (math.nan, -math.inf)],
        "b": {"c": np.float64("nan"), "d": None},
        "e": "NaN",
        "f": True,
    }
    expected = {"a": [1.5, None, [None, None]], "b": {"c": None, "d": None}, "e": "NaN", "f": True}
    assert json.loads(strict_json(values), parse_constant=lambda text: text) == expected
