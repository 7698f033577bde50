"""The cards of a netlist: lines with their continuation lines."""

from collections.abc import Iterable


def cards_of(lines: Iterable[str]) -> list[list[str]]:
    """Group lines with the continuation lines that follow them."""
    cards: list[list[str]] = []
    for line in lines:
        if line.startswith("+") and cards:
            cards[-1].append(line)
        else:
            cards.append([line])
    return cards
