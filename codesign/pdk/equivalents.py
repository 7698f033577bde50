"""Expressions of the model library in a form that ngspice evaluates faster, where sizes allow it.

ngspice walks the tree of a behavioural expression, and those of its derivatives, at every iteration. A process names
such expressions and what takes their place (`technology.toml`).
"""

import re
from functools import lru_cache

from codesign.pdk.bins import Sizes
from codesign.pdk.technology import Equivalent


@lru_cache(maxsize=64)
def with_equivalents(models: str, sizes: Sizes, equivalents: tuple[Equivalent, ...], prefix: str) -> str:
    """Put the faster forms in the place of a slice's expressions.

    Args:
        models: a slice of the library.
        sizes: of the deck's devices, see `codesign.pdk.bins`; a device of which one is shorter than the form allows, or
            of unknown size, keeps the library's expression, and so does a library that says it otherwise.
        equivalents: the expressions.
        prefix: of the names of devices.
    """
    for one in equivalents:
        lengths = [length for name, _, length in sizes if name == prefix + one.device]
        if lengths and min(lengths) >= one.shortest:
            exact = r"\s+".join(re.escape(word) for word in one.exact.split())
            models = re.sub(exact, lambda _, one=one: one.equivalent.strip(), models)
    return models
