"""Drops the model bins that a deck's transistors do not fall into.

A transistor's subcircuit may hold one BSIM4 model for each range of width and length, some fifty in all, and
ngspice copies them all for every instance: keeping the bins that are used halves its memory and saves a second or
more of start-up for a network, and changes no number.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

Sizes = frozenset[tuple[str, float, float]]
"""Device name, width and length of every transistor, as they stand in the netlist."""

_BOUND = re.compile(r"\b(lmin|lmax|wmin|wmax)\s*=\s*([0-9.eE+-]+)", re.IGNORECASE)

_TOLERANCE = 1e-9
"""m: ngspice itself compares sizes with bin edges less strictly than in the last digit."""


@lru_cache(maxsize=64)
def keep_bins(models: str, sizes: Sizes, length_unit: float) -> str:
    """Cut a model slice down to the bins that some transistor falls into.

    Args:
        models: from `model_slice`.
        sizes: of the deck's transistors. Devices that are not among them keep all bins.
        length_unit: of the sizes, m.

    Returns:
        The models; a device none of whose bins fits keeps them all, so that ngspice says what is wrong.
    """
    metres = frozenset((device, width * length_unit, length * length_unit) for device, width, length in sizes)
    return "\n".join(_kept(models, metres)) + "\n"


def _kept(models: str, sizes: Sizes) -> Iterator[str]:
    block: list[str] = []
    for line in models.splitlines():
        if block or line.lower().startswith(".subckt"):
            block.append(line)
            if line.lower().startswith(".ends"):
                yield from _cut_block(block, sizes)
                block = []
        else:
            yield line
    yield from block


def _cut_block(block: list[str], sizes: Sizes) -> list[str]:
    name = block[0].split()[1].lower()
    wanted = [(width, length) for device, width, length in sizes if device == name]
    cards = _cards(block)
    fitting = [not _is_bin(card) or any(_holds(card, *size) for size in wanted) for card in cards]
    if not wanted or not any(fits and _is_bin(card) for fits, card in zip(fitting, cards, strict=True)):
        return block
    return [line for fits, card in zip(fitting, cards, strict=True) if fits for line in card]


def _cards(block: list[str]) -> list[list[str]]:
    """Lines grouped with their continuation lines."""
    cards: list[list[str]] = []
    for line in block:
        if line.startswith("+") and cards:
            cards[-1].append(line)
        else:
            cards.append([line])
    return cards


def _is_bin(card: list[str]) -> bool:
    return card[0].lower().startswith(".model") and len(_bounds(card)) == 4


def _holds(card: list[str], width: float, length: float) -> bool:
    bounds = _bounds(card)
    return (
        bounds["wmin"] - _TOLERANCE <= width <= bounds["wmax"] + _TOLERANCE
        and bounds["lmin"] - _TOLERANCE <= length <= bounds["lmax"] + _TOLERANCE
    )


def _bounds(card: list[str]) -> dict[str, float]:
    return {name.lower(): float(value) for name, value in _BOUND.findall(" ".join(card))}
