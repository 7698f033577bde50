"""One chip of many: the deviation of each of its devices from the design."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

from codesign.design import Design

_STANDARD_NORMAL = NormalDist()

# One less than a double holds: with half a step added, no draw is rounded to 1.
_DRAW_BITS = 52


@dataclass(frozen=True)
class Chip:
    """A chip by its number.

    A deviate is a standard normal number; the process's models scale it by the size of the device (`deviate_1` and on
    of its subcircuit). It is drawn from the chip's number and the device's name, so that a device is the same in every
    deck, whatever else is in it.

    Attributes:
        seed: the chip's number.
        given: deviates that are not drawn, by the device's name.
    """

    seed: int = 1
    given: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]], hash=False)

    def deviates(self, device: str, count: int) -> tuple[float, ...]:
        """The deviates of a device, in the order in which its model uses them.

        Args:
            device: names of the instances that it is in and its own, joined by dots: "neuron_1_2.reset_n". The
                circuit's own instance in a testbench is not among them.
            count: how many its model uses.
        """
        given = self.given.get(device, ())
        return tuple(given[k] if k < len(given) else self._draw(device, k) for k in range(count))

    def _draw(self, device: str, index: int) -> float:
        digest = hashlib.sha256(f"{self.seed}/{device}/{index}".encode()).digest()
        number = int.from_bytes(digest[:8], "big") >> (64 - _DRAW_BITS)
        return _STANDARD_NORMAL.inv_cdf((number + 0.5) / 2**_DRAW_BITS)


def chip_of(design: Design) -> Chip | None:
    """The chip that a design's conditions name, or None for the matched circuit."""
    return Chip(design.conditions.seed) if design.conditions.mismatch else None
