"""A block of transistors drawn from its netlist: a p-channel row over an n-channel row, routed between the rails.

Every terminal has an x of its own in its row. It leaves on a vertical metal_1 wire for the metal_2 track of its net;
the tracks of the n-channel row lie in the lower half of the cell and those of the p-channel row in the upper half, over
the transistors as well as between the rows, and a net in both rows has one metal_1 link at an x that is free in both.
Sources at a rail run straight into it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from codesign.layout.cells.taps import TapKind, draw_rail, tap_width
from codesign.layout.cells.tracks import Interval, assign_tracks, put_first
from codesign.layout.cells.transistor import (
    WIRE_PITCH,
    WIRE_WIDTH,
    Channel,
    Transistor,
    draw_junction,
    draw_transistor,
    gate_contact_height,
)
from codesign.layout.contacts import draw_cut, pad_size
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.netlist import Device
from codesign.layout.technology import Technology
from codesign.pdk.technology import Role

CHANNELS: tuple[Channel, Channel] = ("n", "p")
RAILS: dict[Channel, str] = {"n": "vss", "p": "vdd"}
RAIL_WIDTH = 480
"""Width of the metal_1 power rails, nm."""

LARGEST_FINGER = 2000
"""Width above which a transistor is drawn as several fingers, nm, unless its gate is as long as it is wide."""

_DIODE_WIDTH = 1680
"""Width of an antenna diode, nm: enough for a wire from an input driver across a tile, 500 um of metal 3."""

_CHANNELS: dict[Role | None, Channel] = {
    "nmos": "n",
    "nmos_low_threshold": "n",
    "pmos": "p",
    "pmos_low_threshold": "p",
}


def is_transistor(device: Device, technology: Technology) -> bool:
    """Whether the row generator draws this device."""
    return technology.process.role_of(device.model) in _CHANNELS


def channel_of(device: Device, technology: Technology) -> Channel:
    """The channel of a transistor that the row generator draws."""
    return _CHANNELS[technology.process.role_of(device.model)]


def is_low_threshold(device: Device, technology: Technology) -> bool:
    """Whether a transistor that the row generator draws is one of the low threshold."""
    return technology.process.role_of(device.model) in ("nmos_low_threshold", "pmos_low_threshold")


def transistor_of(device: Device, technology: Technology) -> Transistor:
    """The transistor to draw for a netlist device: its parallel devices, wide ones folded, as fingers.

    Raises:
        LayoutError: its sizes are off the manufacturing grid.
    """
    width, length = round(device.width * 1000), round(device.length * 1000)
    grid = technology.grid
    if width % grid or length % grid:
        raise LayoutError(
            f"{device.name}: W = {device.width:g} um, L = {device.length:g} um is off the {grid} nm grid; round them"
        )
    widest = max(LARGEST_FINGER, length)
    folds = next(folds for folds in range(1, width) if width // folds <= widest and width % (folds * grid) == 0)
    return Transistor(
        channel_of(device, technology),
        is_low_threshold(device, technology),
        width // folds,
        length,
        folds * device.count,
    )


@dataclass(frozen=True)
class _Terminal:
    net: str
    strip: Box


@dataclass
class _Row:
    """The transistors (and diodes) of one channel, placed along x, with the diffusion edge at the gates on y = 0."""

    channel: Channel
    placed: list[tuple[Drawing, int]]
    terminals: list[_Terminal]
    width: int
    depth: int
    """How far diffusion reaches below y = 0, nm."""
    metal_depth: int
    """How far metal_1 strips reach below y = 0, nm."""

    @property
    def rail(self) -> str:
        return RAILS[self.channel]

    @property
    def metal_top(self) -> int:
        """How far metal_1 strips reach beyond y = 0, nm."""
        return max((terminal.strip.top for terminal in self.terminals), default=0)

    def nets(self) -> set[str]:
        """Nets that need a track."""
        return {terminal.net for terminal in self.terminals if terminal.net != self.rail}

    def columns(self, net: str) -> list[int]:
        """Where the terminals of `net` are along x."""
        return [terminal.strip.x for terminal in self.terminals if terminal.net == net]


@dataclass(frozen=True)
class RowBlock:
    """A drawn block.

    Attributes:
        drawing: the cell: pins of its ports on the left or right edge (metal_2), rails (metal_1) across.
        vss: y of the centre of the lower rail.
        vdd: y of the centre of the upper rail.
    """

    drawing: Drawing
    vss: int
    vdd: int


def draw_rows(
    name: str,
    devices: Iterable[Device],
    ports_left: Iterable[str],
    ports_right: Iterable[str],
    technology: Technology,
    least_width: int = 0,
    beside_rails: Mapping[Channel, Sequence[str]] | None = None,
    diodes: Sequence[str] = (),
) -> RowBlock:
    """Draw the transistors of a block.

    Args:
        name: of the GDS cell.
        devices: its transistors; short gates come first along the rows, so that the antenna of a small gate is short.
        ports_left: nets that reach the left edge.
        ports_right: nets that reach the right edge.
        technology: the rules.
        least_width: of the cell, nm.
        beside_rails: nets whose tracks come first from each channel's rail, in this order, so that it is known what
            lies beside them.
        diodes: nets that get an antenna diode in the n-channel row.

    Raises:
        LayoutError: a bulk is not on its rail, or a size cannot be drawn.
    """
    devices = tuple(sorted(devices, key=lambda device: device.length))
    rows: dict[Channel, _Row] = {channel: _place(channel, devices, technology) for channel in CHANNELS}
    _place_diodes(rows["n"], diodes, technology)
    return _Router(
        name, rows, tuple(ports_left), tuple(ports_right), technology, least_width, beside_rails or {}
    ).draw()


def _place(channel: Channel, devices: tuple[Device, ...], technology: Technology) -> _Row:
    row = _Row(channel, [], [], 0, technology.nm("channel width"), 0)
    x = WIRE_PITCH
    for device in devices:
        if channel_of(device, technology) != channel:
            continue
        drain, gate, source, bulk = device.nets
        if bulk != row.rail:
            raise LayoutError(f"{device.name}: its bulk is on {bulk}; rows draw bulks on {row.rail} only")
        drawn = draw_transistor(transistor_of(device, technology), technology)
        shift = x - drawn.gate.x
        row.placed.append((drawn.drawing, shift))
        for net, strips in ((gate, (drawn.gate,)), (source, drawn.sources), (drain, drawn.drains)):
            row.terminals += [_Terminal(net, strip.moved(shift, 0)) for strip in strips]
        x = max(strip.right for strip in (*drawn.sources, *drawn.drains)) - WIRE_WIDTH // 2 + shift + WIRE_PITCH
        row.depth = max(row.depth, -min(box.bottom for layer, box in drawn.drawing.shapes if layer == "active"))
    row.width = x
    row.metal_depth = max((-terminal.strip.bottom for terminal in row.terminals), default=0)
    return row


def _place_diodes(row: _Row, nets: Sequence[str], technology: Technology) -> None:
    for net in nets:
        drawn, strip = draw_junction(_DIODE_WIDTH, technology)
        shift = row.width + WIRE_PITCH - strip.x
        row.placed.append((drawn, shift))
        row.terminals.append(_Terminal(net, strip.moved(shift, 0)))
        row.width = shift + strip.x + WIRE_PITCH
        row.depth = max(row.depth, _DIODE_WIDTH)
    row.metal_depth = max((-terminal.strip.bottom for terminal in row.terminals), default=0)


class _Router:
    def __init__(
        self,
        name: str,
        rows: dict[Channel, _Row],
        ports_left: tuple[str, ...],
        ports_right: tuple[str, ...],
        technology: Technology,
        least_width: int,
        beside_rails: Mapping[Channel, Sequence[str]],
    ) -> None:
        self._drawing = Drawing(name, technology)
        self._beside_rails = beside_rails
        self._technology = technology
        self._rows = rows
        self._ports_left, self._ports_right = ports_left, ports_right
        # Half the extent of a via pad along its wire.
        self._reach = pad_size(technology, "via_1", "metal_1")[1] // 2
        self._space = technology.nm("metal_1 spacing")
        self._links = self._choose_links()
        columns = [max(row.width for row in rows.values()), *(x + WIRE_PITCH for x in self._links.values())]
        self._right = max(least_width, *columns)

    def draw(self) -> RowBlock:
        tracks: dict[Channel, dict[str, int]] = {
            channel: put_first(
                assign_tracks(self._intervals(channel), self._space), self._beside_rails.get(channel, ())
            )
            for channel in CHANNELS
        }
        counts: dict[Channel, int] = {channel: len(set(assigned.values())) for channel, assigned in tracks.items()}
        vss, vdd, lift = self._heights(counts)
        edge = RAIL_WIDTH // 2 + self._space + self._reach
        track_y = {net: vss + edge + number * WIRE_PITCH for net, number in tracks["n"].items()}
        upper_y = {net: vdd - edge - number * WIRE_PITCH for net, number in tracks["p"].items()}
        self._draw_rails(vss, vdd)
        self._draw_row("n", 0, track_y, vss)
        self._draw_row("p", lift, upper_y, vdd)
        self._draw_well(lift, vdd)
        for net, x in self._links.items():
            self._draw_wire(x, track_y.get(net, vss), upper_y.get(net, vdd))
            for ys in (track_y, upper_y):
                if net in ys:
                    draw_cut(self._drawing, "via_1", x, ys[net])
        for channel, ys in zip(CHANNELS, (track_y, upper_y), strict=True):
            for interval in self._intervals(channel):
                self._draw_track(interval, ys[interval.net], tops=channel == "p" and interval.net in track_y)
        return RowBlock(self._drawing, vss, vdd)

    def _choose_links(self) -> dict[str, int]:
        """An x for each net in both rows or at the other row's rail, clear of every terminal and of each other."""
        taken = [terminal.strip.x for row in self._rows.values() for terminal in row.terminals]
        links: dict[str, int] = {}
        lower, upper = self._rows["n"], self._rows["p"]
        shared = (lower.nets() & upper.nets()) | ({upper.rail} & lower.nets()) | ({lower.rail} & upper.nets())
        for net in sorted(shared, key=lambda net: (min(lower.columns(net) + upper.columns(net)), net)):
            spans = [row.columns(net) for row in (lower, upper) if net in row.nets()]
            low, high = max(min(span) for span in spans), min(max(span) for span in spans)
            wanted = (min(low, high) + max(low, high)) // 2 // self._technology.grid * self._technology.grid
            links[net] = self._nearest_free(wanted, taken)
            taken.append(links[net])
        return links

    def _nearest_free(self, wanted: int, taken: list[int]) -> int:
        candidates = [wanted, *(x + side * WIRE_PITCH for x in taken for side in (-1, 1))]
        return next(
            x
            for x in sorted(candidates, key=lambda x: (abs(x - wanted), x))
            if x >= WIRE_PITCH and all(abs(x - other) >= WIRE_PITCH for other in taken)
        )

    def _intervals(self, channel: Channel) -> list[Interval]:
        row, other = self._rows[channel], self._rows["p" if channel == "n" else "n"]
        nets = row.nets()
        if channel == "n":
            nets |= {net for net in (*self._ports_left, *self._ports_right) if net not in other.nets()} - {
                *RAILS.values()
            }
        intervals: list[Interval] = []
        for net in sorted(nets):
            columns = row.columns(net) + ([self._links[net]] if net in self._links else [])
            # A port in both rows leaves from the track of the n-channel row.
            leaves = channel == "n" or net not in other.nets()
            left = min(columns, default=0) - self._reach
            right = max(columns, default=self._reach) + self._reach
            if net in self._beside_rails.get(channel, ()):
                right = max(right, self._right - WIRE_PITCH)
            intervals.append(
                Interval(
                    net,
                    0 if leaves and net in self._ports_left else left,
                    self._right if leaves and net in self._ports_right else right,
                )
            )
        return intervals

    def _heights(self, counts: dict[Channel, int]) -> tuple[int, int, int]:
        """Y of the lower rail, of the upper rail, and of the p-channel row's lower diffusion edge."""
        technology = self._technology
        to_rail = {channel: self._to_rail(row) for channel, row in self._rows.items()}
        vss = -to_rail["n"]
        edge = RAIL_WIDTH // 2 + self._space + self._reach
        between = 2 * self._reach + self._space
        stacked = vss + 2 * edge + (sum(counts.values()) - 2) * WIRE_PITCH + between
        gates = (
            2 * gate_contact_height(technology)
            + technology.nm("nitride_cut spacing")
            + 2 * technology.nm("nitride_cut enclosure of contact")
        )
        well = (
            technology.nm("n_well enclosure of low_threshold_implant")
            + technology.nm("low_threshold_implant enclosure of gate")
            + technology.nm("active to n_well spacing")
        )
        # The wires of one row end before they meet the metal of the other, where both have terminals at one x.
        heights = {channel: edge + max(0, counts[channel] - 1) * WIRE_PITCH + self._reach for channel in CHANNELS}
        by_tracks = max(
            self._rows["n"].metal_top + self._space + heights["p"],
            vss + heights["n"] + self._space + self._rows["p"].metal_top + to_rail["p"],
        )
        vdd = max(stacked, by_tracks, max(gates, well) + to_rail["p"])
        vdd = -(-vdd // technology.grid) * technology.grid
        return vss, vdd, vdd - to_rail["p"]

    def _to_rail(self, row: _Row) -> int:
        """Distance from a row's y = 0 to the centre of its rail."""
        by_tap = row.depth + self._technology.nm("active spacing") + tap_width(self._technology) // 2
        by_metal = row.metal_depth + self._space + RAIL_WIDTH // 2
        grid = self._technology.grid
        return -(-max(by_tap, by_metal) // grid) * grid

    def _draw_rails(self, vss: int, vdd: int) -> None:
        inset, half = self._technology.nm("n_well enclosure of tap"), tap_width(self._technology) // 2
        rails: tuple[tuple[TapKind, int, str], ...] = (("substrate", vss, "vss"), ("well", vdd, "vdd"))
        for kind, y, net in rails:
            strip = Box(inset, y - half, self._right - inset, y - half + tap_width(self._technology))
            draw_rail(self._drawing, kind, strip, RAIL_WIDTH)
            rail = self._drawing.add(
                "metal_1", Box(0, strip.y - RAIL_WIDTH // 2, self._right, strip.y + RAIL_WIDTH // 2)
            )
            self._drawing.pin(net, "metal_1", rail)

    def _draw_row(self, channel: Channel, y: int, tracks: dict[str, int], rail_y: int) -> None:
        row = self._rows[channel]
        flipped = channel == "p"
        if not row.placed:
            return
        for drawn, x in row.placed:
            self._drawing.place(drawn, x, y, flipped=flipped)
        implants = [
            box.moved(x, 0)
            for drawn, x in row.placed
            for layer, box in drawn.shapes
            if layer in ("n_implant", "p_implant")
        ]
        self._drawing.add("p_implant" if flipped else "n_implant", self._oriented(Box.around(*implants), y, flipped))
        for terminal in row.terminals:
            strip = self._oriented(terminal.strip, y, flipped)
            if terminal.net == row.rail:
                self._draw_wire(strip.x, strip.y, rail_y)
                continue
            track = tracks[terminal.net]
            self._draw_wire(strip.x, strip.y, track)
            draw_cut(self._drawing, "via_1", strip.x, track)

    def _oriented(self, box: Box, y: int, flipped: bool) -> Box:
        return (box.flipped() if flipped else box).moved(0, y)

    def _draw_well(self, lift: int, vdd: int) -> None:
        technology = self._technology
        below = technology.nm("n_well enclosure of low_threshold_implant") + technology.nm(
            "low_threshold_implant enclosure of gate"
        )
        top = vdd + tap_width(technology) // 2 + technology.grid + technology.nm("n_well enclosure of tap")
        self._drawing.add("n_well", Box(0, lift - below, self._right, top))

    def _draw_wire(self, x: int, from_y: int, to_y: int) -> None:
        low, high = min(from_y, to_y) - self._reach, max(from_y, to_y) + self._reach
        self._drawing.add("metal_1", Box(x - WIRE_WIDTH // 2, low, x - WIRE_WIDTH // 2 + WIRE_WIDTH, high))

    def _draw_track(self, interval: Interval, y: int, *, tops: bool) -> None:
        box = Box(interval.left, y - WIRE_WIDTH // 2, interval.right, y - WIRE_WIDTH // 2 + WIRE_WIDTH)
        self._drawing.add("metal_2", box)
        if tops:
            return
        for ports, edge in ((self._ports_left, box.left), (self._ports_right, box.right - WIRE_WIDTH)):
            if interval.net in ports:
                self._drawing.pin(interval.net, "metal_2", Box(edge, box.bottom, edge + WIRE_WIDTH, box.top))
