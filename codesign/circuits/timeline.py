"""When each layer resets, accumulates and fires."""

from dataclasses import dataclass

from codesign.design import Timing


@dataclass(frozen=True)
class Phase:
    """An interval of time, s."""

    start: float
    stop: float


@dataclass(frozen=True)
class Timeline:
    """The phases of a pipelined network.

    A layer's firing window is the next layer's accumulation window, so that while a layer accumulates one
    input its successor fires or accumulates an earlier one.
    """

    timing: Timing

    @property
    def period(self) -> float:
        """Time from one inference of a stream to the next, s."""
        return self.timing.reset + 2 * self.timing.window + 3 * self.timing.guard

    def reset(self, layer: int, inference: int) -> Phase:
        """Reset phase of `layer` (from 1) for `inference` (from 0)."""
        stop = self.accumulation(layer, inference).start - self.timing.guard
        return Phase(stop - self.timing.reset, stop)

    def accumulation(self, layer: int, inference: int) -> Phase:
        """Accumulation phase of `layer` (from 1) for `inference` (from 0)."""
        timing = self.timing
        first = 2 * timing.guard + timing.reset + inference * self.period
        start = first + (layer - 1) * (timing.window + timing.guard)
        return Phase(start, start + timing.window)

    def firing(self, layer: int, inference: int) -> Phase:
        """Firing phase of `layer` (from 1) for `inference` (from 0)."""
        return self.accumulation(layer + 1, inference)

    def stop(self, layers: int, inferences: int) -> float:
        """End of the last layer's last firing phase, s."""
        return self.firing(layers, inferences - 1).stop + self.timing.guard

    def latency(self, layers: int) -> float:
        """From the start of the first layer's accumulation to the end of the last layer's firing, s."""
        return self.firing(layers, 0).stop - self.accumulation(1, 0).start
