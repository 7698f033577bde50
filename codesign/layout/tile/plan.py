"""Which pin of a tile each port of a network has, and what becomes of the others."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from codesign.circuits.network import LEVELS, Network
from codesign.circuits.tile import Tile
from codesign.layout.errors import LayoutError
from codesign.layout.tile.settings import TileSettings
from codesign.layout.tile.shuttle import Direction, Shuttle

_MEMBRANE = re.compile(r"membrane_(\d{1,4})_(\d{1,4})")
_RAILS = ("vdd", "vss")


@dataclass(frozen=True)
class TilePlan:
    """A network at the pins of a tile.

    Attributes:
        tile: the circuit.
        shuttle: whose tile it is.
        sizes: of tiles, to be tried in this order.
        low: outputs without a port, which are tied to ground.
        high: outputs that enable others, which are tied to the supply.
    """

    tile: Tile
    shuttle: Shuttle
    sizes: tuple[str, ...]
    low: tuple[str, ...]
    high: tuple[str, ...]

    @property
    def port_of(self) -> dict[str, str]:
        """The port of the network at each pin that has one."""
        return {pin: port for port, pin in self.tile.pins}


def plan_tile(network: Network, settings: TileSettings, shuttle: Shuttle) -> TilePlan:
    """Give every port of a network a pin.

    Args:
        network: without observed membranes: those that `settings` gives a pin are.
        settings: what the user says.
        shuttle: whose tile it is.

    Raises:
        LayoutError: a name, size, port or pin that is not there, a pin that is taken twice or of another kind, or more
            ports than pins.
        NetworkError: a membrane that is not there.
    """
    name = settings.name or f"{shuttle.name_prefix}codesign_{'_'.join(map(str, network.design.layer_sizes))}"
    if not name.startswith(shuttle.name_prefix) or name == shuttle.name_prefix:
        raise LayoutError(f"{name!r} is no name of a {shuttle.label} tile; it must start with {shuttle.name_prefix}")
    if settings.size:
        shuttle.outline(settings.size)
    asked = [match for port in settings.pins if (match := _MEMBRANE.fullmatch(port)) is not None]
    network = replace(network, observed=tuple((int(match[1]), int(match[2])) for match in asked))
    ports = [port for port in network.ports if port not in _RAILS]
    _check_given(settings.pins, ports, shuttle)
    pins = _with_free_pins(settings.pins, ports, shuttle)
    _check_analog(pins.values(), shuttle)
    high = _enables(pins.values(), shuttle)
    outputs = [pin.name for pin in shuttle.pins.values() if pin.direction == "output"]
    tile = Tile(name, network, tuple((port, pins[port]) for port in ports), shuttle.power.supply, shuttle.power.ground)
    return TilePlan(
        tile,
        shuttle,
        (settings.size,) if settings.size else tuple(shuttle.widths),
        tuple(pin for pin in outputs if pin not in (*pins.values(), *high)),
        high,
    )


def _kind(port: str) -> Direction:
    if port in LEVELS or _MEMBRANE.fullmatch(port):
        return "analog"
    return "output" if port.startswith("output_") else "input"


def _check_given(given: dict[str, str], ports: list[str], shuttle: Shuttle) -> None:
    taken: dict[str, str] = {}
    for port, pin in given.items():
        if port not in ports:
            raise LayoutError(f"the network has no port {port!r:.40}; it has {', '.join(ports)} and its membranes")
        if pin not in shuttle.pins:
            raise LayoutError(f"the tile has no pin {pin!r:.40} for {port}; it has {_names(shuttle)}")
        kind, direction = _kind(port), shuttle.pins[pin].direction
        if kind != direction:
            raise LayoutError(f"{port} is an {kind} and {pin} an {direction} pin; give it another one")
        for pad in sorted(_pads(pin, shuttle), reverse=True):
            if pad in taken:
                raise LayoutError(f"the pin {pad} is taken twice, by {taken[pad]} and {port}; give one another pin")
            taken[pad] = port


def _pads(pin: str, shuttle: Shuttle) -> set[str]:
    """What of the chip a pin takes: itself, and the chip's own pin, to which others of the tile may lead as well."""
    return {pin, shuttle.shown(pin)}


def _names(shuttle: Shuttle) -> str:
    buses = ", ".join(f"{bus.name}[{bus.bits - 1}:0]" if bus.bits else bus.name for bus in shuttle.digital.buses)
    return f"{shuttle.analog.name}[{shuttle.analog.usable - 1}:0], {buses}"


def _with_free_pins(given: dict[str, str], ports: list[str], shuttle: Shuttle) -> dict[str, str]:
    """The pins of all ports: first those of pins for one direction only, from bit 0."""
    pins = dict(given)
    taken = {pad for pin in given.values() for pad in _pads(pin, shuttle)}
    enabling = {bus.enabled_by for bus in shuttle.digital.buses}
    # Single pins are the chip's own: its clock, its reset.
    buses = [bus for bus in shuttle.digital.buses if bus.bits and bus.name not in enabling]
    shared = {bus.name for bus in buses if sum(other.shown_as == bus.shown_as for other in buses) > 1}
    digital = [pin for bus in sorted(buses, key=lambda bus: bus.name in shared) for pin in bus.pins]
    analog = [f"{shuttle.analog.name}[{number}]" for number in range(shuttle.analog.usable)]
    for port in ports:
        if port in pins:
            continue
        kind = _kind(port)
        free = (
            pin
            for pin in (*digital, *analog)
            if shuttle.pins[pin].direction == kind and taken.isdisjoint(_pads(pin, shuttle))
        )
        pin = next(free, None)
        if pin is None:
            raise LayoutError(f"the tile has no free {kind} pin left for {port}; the network has too many ports")
        pins[port] = pin
        taken.update(_pads(pin, shuttle))
    return pins


def _check_analog(pins: Iterable[str], shuttle: Shuttle) -> None:
    name, usable = shuttle.analog.name, shuttle.analog.usable
    order = [f"{name}[{number}]" for number in range(shuttle.analog.count)]
    used = sorted(order.index(pin) for pin in pins if pin in order)
    if used and used[-1] >= usable:
        raise LayoutError(f"{order[used[-1]]} cannot be used; analog pins are {order[0]} to {order[usable - 1]}")
    if missing := sorted({*range(len(used))} - {*used}):
        raise LayoutError(
            f"{order[used[-1]]} is used and {order[missing[0]]} is not; use analog pins from {order[0]} on"
        )


def _enables(pins: Iterable[str], shuttle: Shuttle) -> tuple[str, ...]:
    """The outputs that must be high for those that are used."""
    found: list[str] = []
    for pin in pins:
        bus = shuttle.bus_of(pin)
        if bus is not None and bus.enabled_by:
            found.append(bus.enabled_by + pin.removeprefix(bus.name))
    return tuple(found)
