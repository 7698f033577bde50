"""Errors between a deck and its waveforms."""

from functools import partial
from pathlib import Path
from typing import Any

from codesign.errors import CodesignError


class SimulationError(CodesignError):
    """A deck is wrong, or the simulator or the cache cannot be used."""


class NgspiceNotFound(SimulationError):
    """ngspice is not installed, is too old, or cannot be started."""


class SimulationFailed(SimulationError):
    """A run did not complete; its run directory is kept.

    Attributes:
        deck: the deck as it was run.
        log_tail: the last lines that ngspice printed.
    """

    def __init__(self, reason: str, deck: Path, log_tail: str, *, cure: str) -> None:
        super().__init__(f"{reason} in {deck} (the log ends: {' | '.join(log_tail.splitlines())})", cure=cure)
        self.reason = reason
        self.deck = deck
        self.log_tail = log_tail

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception with its own arguments must say how to be rebuilt when it comes back from a worker process.
        return partial(type(self), cure=self.cure), (self.reason, self.deck, self.log_tail)
