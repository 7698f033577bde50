"""What simulations take of a machine."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Of one process, or of several.

    Attributes:
        processor_s: seconds on a processor, of all together.
        peak_MB: the most memory that one of them held, 10^6 bytes; 0 where the system does not tell (it has no /proc).
    """

    processor_s: float
    peak_MB: float

    def __add__(self, other: "Cost") -> "Cost":
        """Of processes that ran one after the other."""
        return Cost(self.processor_s + other.processor_s, max(self.peak_MB, other.peak_MB))


def total_cost(costs: Iterable[Cost | None]) -> Cost | None:
    """Of all together; None if one of them is not known."""
    total = Cost(0.0, 0.0)
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total


def peak_memory(process: int) -> float:
    """The most memory that a running process has held so far, 10^6 bytes; 0 for one that has ended."""
    # What the kernel tells of an ended child counts the memory of the parent that it was forked from.
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    peaks = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(next(peaks, "0")) * 1024 / 1e6
