"""What can go wrong between a deck and its waveforms."""

from pathlib import Path

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

    def __init__(self, reason: str, deck: Path, log_tail: str, advice: str) -> None:
        super().__init__(f"{reason} in {deck}; {advice}; the log ends: {' | '.join(log_tail.splitlines())}")
        self.reason = reason
        self.deck = deck
        self.log_tail = log_tail
        self.advice = advice

    def __reduce__(self) -> tuple[type["SimulationFailed"], tuple[str, Path, str, str]]:
        # An exception with its own arguments must say how to be rebuilt when it comes back from a worker process.
        return type(self), (self.reason, self.deck, self.log_tail, self.advice)
