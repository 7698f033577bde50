"""The tiles of a shuttle: sizes, pins and limits, read from the process's data files."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Conductor, Layer
from codesign.pdk.technology import DEFAULT_PROCESS, process_folder

Direction = Literal["input", "output", "analog"]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Power(_Facts):
    """The power stripes; um.

    Attributes:
        ground: name of the ground pin.
        supply: name of the supply pin.
        width: the least of a stripe.
        reach: the largest distance of a stripe's ends from the lower and upper edge.
    """

    ground: str
    supply: str
    width: float
    reach: float


class Analog(_Facts):
    """The analog pins at the lower edge; um.

    Attributes:
        name: of all of them.
        count: how many there are, from 0.
        usable: how many a project may use.
        width: of a pin.
        height: of a pin.
        first: x of the centre of the first.
        pitch: from one to the next.
        near: distances from a pin between which metal makes it a used one.
        resistance: ohm in series with a pin, at most.
        capacitance: F on a pin, at most.
    """

    name: str
    count: int
    usable: int
    width: float
    height: float
    first: float
    pitch: float
    near: tuple[float, float]
    resistance: float
    capacitance: float


class Bus(_Facts):
    """Digital pins side by side.

    Attributes:
        name: of the bus.
        bits: how many; 0 for a single pin.
        direction: as the tile sees it.
        enabled_by: the bus whose bit must be high for an output of this one, or "".
        shown_as: its name in the list of pins of a project, or "" where it has no line there.
    """

    name: str
    bits: int
    direction: Literal["input", "output"]
    enabled_by: str = ""
    shown_as: str = ""

    @property
    def pins(self) -> tuple[str, ...]:
        """Names of its pins from bit 0."""
        return tuple(f"{self.name}[{bit}]" for bit in range(self.bits)) or (self.name,)


class Digital(_Facts):
    """The digital pins at the upper edge; um.

    Attributes:
        width: of a pin.
        height: of a pin.
        first: x of the centre of the first.
        pitch: from one to the next.
        load: of an output, F.
        buses: from the left, the highest bit of each first.
    """

    width: float
    height: float
    first: float
    pitch: float
    load: float
    buses: tuple[Bus, ...]


@dataclass(frozen=True)
class TilePin:
    """A signal pin of a tile: its name, what it is for, and where it is, nm."""

    name: str
    direction: Direction
    box: Box


class Shuttle(_Facts):
    """What a shuttle asks of a tile; lengths in um.

    Attributes:
        label: what people call it.
        name_prefix: of the top cell.
        layer: of all pins.
        forbidden: layers that a tile must not have.
        track: the pitch of tracks on which all pins lie.
        height: of all tiles.
        widths: of each size by its name, from the smallest.
        power: the stripes.
        analog: the pins at the lower edge.
        digital: the pins at the upper edge.
    """

    label: str
    name_prefix: str
    layer: Conductor
    forbidden: tuple[Layer, ...]
    track: float
    height: float
    widths: dict[str, float]
    power: Power
    analog: Analog
    digital: Digital

    def outline(self, size: str) -> Box:
        """The tile of that size, nm.

        Raises:
            LayoutError: there is no such size.
        """
        if size not in self.widths:
            raise LayoutError(f"there is no tile of size {size!r:.20}; use one of {', '.join(self.widths)}")
        return Box(0, 0, _nm(self.widths[size]), _nm(self.height))

    @property
    def pins(self) -> dict[str, TilePin]:
        """Every signal pin by its name; they are where they are whatever the size."""
        found: list[TilePin] = []
        analog, digital = self.analog, self.digital
        for number in range(analog.count):
            x = analog.first + number * analog.pitch
            found.append(TilePin(f"{analog.name}[{number}]", "analog", _box(x, 0.0, analog.width, analog.height)))
        x = digital.first
        for bus in digital.buses:
            for name in reversed(bus.pins):
                box = _box(x, self.height - digital.height, digital.width, digital.height)
                found.append(TilePin(name, bus.direction, box))
                x += digital.pitch
        return {pin.name: pin for pin in found}

    def bus_of(self, pin: str) -> Bus | None:
        """The bus of a digital pin."""
        return next((bus for bus in self.digital.buses if pin in bus.pins), None)

    def shown(self, pin: str) -> str:
        """The name of a pin in the list of a project's pins: that of the chip's own pin."""
        bus = self.bus_of(pin)
        return pin if bus is None or not bus.shown_as else bus.shown_as + pin.removeprefix(bus.name)


def _nm(micrometres: float) -> int:
    return round(micrometres * 1000)


def _box(x: float, bottom: float, width: float, height: float) -> Box:
    return Box(_nm(x - width / 2), _nm(bottom), _nm(x + width / 2), _nm(bottom + height))


@cache
def load_shuttle(process: str = DEFAULT_PROCESS, name: str = "tiny_tapeout") -> Shuttle:
    """What a shuttle in a process asks of a tile; cached.

    Raises:
        LayoutError: no such shuttle takes that process.
    """
    path = process_folder(process) / f"{name}.toml"
    if not path.is_file():
        raise LayoutError(f"no tiles of {name} are known for the process {process}; draw a layout instead")
    return Shuttle.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
