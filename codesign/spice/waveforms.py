"""What a simulation gives: signals over time or over a swept source."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from codesign.arrays import Floats
from codesign.files import write_atomically
from codesign.spice.cost import Cost
from codesign.spice.errors import SimulationError

_AXIS = "axis"
_SIGNAL = "signal "
_COST = "cost"


@dataclass(frozen=True)
class Waveforms:
    """Signals on one axis, at the points that the solver itself chose.

    Attributes:
        axis: time (s), or the swept source's value (V or A), shape (points,), float64; one 0 for an operating point.
        signals: each probe's values by the name it has in the deck (V for nodes, A for source currents),
            shape (points,), float64.
        cost: what the simulation took, where that is known.
    """

    axis: Floats
    signals: Mapping[str, Floats]
    cost: Cost | None = None

    @property
    def time(self) -> Floats:
        """The axis of a transient, s."""
        return self.axis

    def __getitem__(self, name: str) -> Floats:
        """The values of one signal.

        Raises:
            SimulationError: no such signal.
        """
        if name not in self.signals:
            raise SimulationError(f"no signal {name!r} among the waveforms; there are {', '.join(self.signals)}")
        return self.signals[name]

    def at(self, name: str, times: ArrayLike) -> Floats:
        """Interpolate a signal linearly between the solver's points.

        Args:
            name: the signal.
            times: points on the axis (s for a transient), any shape.

        Returns:
            The values, float64, in the shape of `times`.

        Raises:
            SimulationError: no such signal, or a point outside the axis.
        """
        points = np.asarray(times, dtype=np.float64)
        slack = 1e-9 * float(self.axis[-1] - self.axis[0])
        if points.size and (points.min() < self.axis[0] - slack or points.max() > self.axis[-1] + slack):
            raise SimulationError(
                f"{name} is known from {self.axis[0]:g} to {self.axis[-1]:g}, requested {points.min():g} to "
                f"{points.max():g}; simulate longer"
            )
        return np.interp(points, self.axis, self[name])

    def crossings(self, name: str, level: float, rising: bool = True) -> Floats:
        """The points at which a signal passes a level, interpolated linearly between the solver's points.

        Args:
            name: the signal.
            level: V or A.
            rising: whether it passes from below to above, or the other way.

        Returns:
            The crossings in order (s for a transient), shape (crossings,), float64; empty if there is none.

        Raises:
            SimulationError: no such signal.
        """
        above = (self[name] - level) * (1.0 if rising else -1.0)
        before = np.flatnonzero((above[:-1] < 0) & (above[1:] >= 0))
        fraction = above[before] / (above[before] - above[before + 1])
        return self.axis[before] + fraction * (self.axis[before + 1] - self.axis[before])

    def save(self, path: Path) -> None:
        """Write to a compressed `.npz` file, atomically.

        Raises:
            CodesignError: the file cannot be written.
        """
        write_atomically(path, self.to_bytes())

    @classmethod
    def load(cls, path: Path) -> "Waveforms":
        """Read a file that `save` wrote.

        Raises:
            SimulationError: the file cannot be read, or does not hold waveforms.
        """
        try:
            return cls.from_bytes(path.read_bytes())
        # numpy and zipfile raise many kinds of error on damaged bytes.
        except Exception as error:
            raise SimulationError(f"cannot read the waveforms {path}: {error}; delete it and simulate again") from error

    @classmethod
    def from_bytes(cls, content: bytes) -> "Waveforms":
        """The waveforms that `to_bytes` wrote; numpy and zipfile raise what they will for other bytes."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            signals = {key.removeprefix(_SIGNAL): arrays[key] for key in arrays.files if key.startswith(_SIGNAL)}
            cost = Cost(*map(float, arrays[_COST])) if _COST in arrays.files else None
            return cls(arrays[_AXIS], signals, cost)

    def to_bytes(self) -> bytes:
        """The content of a compressed `.npz` file."""
        buffer = io.BytesIO()
        arrays = {_AXIS: self.axis} | {_SIGNAL + name: values for name, values in self.signals.items()}
        if self.cost is not None:
            arrays[_COST] = np.array([self.cost.processor_s, self.cost.peak_MB])
        np.savez_compressed(buffer, **arrays)  # pyright: ignore[reportArgumentType]
        return buffer.getvalue()
