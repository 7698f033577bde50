"""Drops the model bins that a deck's transistors do not fall into.

A transistor's subcircuit may hold one BSIM4 model for each range of width and length, some fifty in all, and
ngspice copies them all for every instance: keeping the bins that are used halves its memory and saves a second or
more of start-up for a network, and changes no number.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from codesign.pdk.cards import cards_of
from codesign.pdk.errors import PdkError

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
        The models.

    Raises:
        PdkError: a transistor falls into no bin of its device.
    """
    return "\n".join(_kept(models, sizes, length_unit)) + "\n"


def _kept(models: str, sizes: Sizes, length_unit: float) -> Iterator[str]:
    block: list[str] = []
    for line in models.splitlines():
        if block or line.lower().startswith(".subckt"):
            block.append(line)
            if line.lower().startswith(".ends"):
                yield from _cut_block(block, sizes, length_unit)
                block = []
        else:
            yield line
    yield from block


def _cut_block(block: list[str], sizes: Sizes, length_unit: float) -> list[str]:
    name = block[0].split()[1].lower()
    wanted = [(width * length_unit, length * length_unit) for device, width, length in sizes if device == name]
    cards = cards_of(block)
    bins = [_bounds(card) for card in cards if _is_bin(card)]
    if not wanted or not bins:
        return block
    for size in sorted(wanted):
        if not any(_holds(bounds, *size) for bounds in bins):
            raise PdkError(_outside(name, size, bins, length_unit), cure="change its size in the design or the cell")
    used = [card for card in cards if not _is_bin(card) or any(_holds(_bounds(card), *size) for size in wanted)]
    return [line for card in used for line in card]


def _outside(device: str, size: tuple[float, float], bins: list[dict[str, float]], length_unit: float) -> str:
    width, length = (value / length_unit for value in size)
    (narrowest, widest), (shortest, longest) = (
        (min(one[f"{side}min"] for one in bins) / length_unit, max(one[f"{side}max"] for one in bins) / length_unit)
        for side in "wl"
    )
    return (
        f"no model of {device} holds for a width of {width:g} and a length of {length:g}: they go from {narrowest:g} "
        f"to {widest:g} and from {shortest:g} to {longest:g} in units of {length_unit:g} m"
    )


def _is_bin(card: list[str]) -> bool:
    return card[0].lower().startswith(".model") and len(_bounds(card)) == 4


def _holds(bounds: dict[str, float], width: float, length: float) -> bool:
    return (
        bounds["wmin"] - _TOLERANCE <= width <= bounds["wmax"] + _TOLERANCE
        and bounds["lmin"] - _TOLERANCE <= length <= bounds["lmax"] + _TOLERANCE
    )


def _bounds(card: list[str]) -> dict[str, float]:
    return {name.lower(): float(value) for name, value in _BOUND.findall(" ".join(card))}
