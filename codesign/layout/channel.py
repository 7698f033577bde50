"""A vertical routing channel beside a stack of blocks: metal_2 from the blocks, one metal_1 trunk for each net.

Every wire comes from the same side, at a y of its own, so that any order of trunks works. Shielded nets (membranes) get
the columns next to the blocks, each between two grounded columns; the other nets share columns where they do not meet.
"""

from dataclasses import dataclass

from codesign.layout.cells.tracks import Interval, assign_tracks
from codesign.layout.cells.transistor import WIRE_PITCH, WIRE_WIDTH
from codesign.layout.contacts import draw_cut, pad_size
from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box, Side


@dataclass(frozen=True)
class Terminal:
    """Where a net comes out of a block: the y of its metal_2 wire, and the x where that starts, nm."""

    net: str
    x: int
    y: int


class Channel:
    """The wires on one side of a stack of blocks.

    Args:
        drawing: to draw in.
        side: of the stack.
        edge: x of the stack's edge on that side, nm.
        shielded: nets to keep between grounded columns.
        ground: the net of the shields.
    """

    def __init__(self, drawing: Drawing, side: Side, edge: int, shielded: set[str], ground: str) -> None:
        self._drawing = drawing
        self._side: Side = side
        self._outward = -1 if side == "left" else 1
        self._edge = edge
        self._shielded = shielded
        self._ground = ground
        self._terminals: list[Terminal] = []
        self._reserved: list[int] = []
        self._reach = pad_size(drawing.technology, "via_1", "metal_1")[1] // 2

    def add(self, terminal: Terminal) -> None:
        """Take a wire from a block into the channel."""
        self._terminals.append(terminal)

    def reserve(self, y: int) -> None:
        """Keep y for a wire that crosses the channel without a trunk in it."""
        self._reserved.append(y)

    def nets(self) -> set[str]:
        """Nets that come into the channel."""
        return {terminal.net for terminal in self._terminals}

    def free_y(self, low: int, high: int) -> int:
        """A y at which no wire runs yet: the nearest to the middle between `low` and `high`, or the next above."""
        taken = [*self._reserved, *(terminal.y for terminal in self._terminals)]
        grid = self._drawing.technology.grid
        middle = (low + high) // (2 * grid) * grid
        candidates = [middle, -(-low // grid) * grid, *(y + side * WIRE_PITCH for y in taken for side in (-1, 1))]
        free = [y for y in candidates if y >= low and all(abs(y - other) >= WIRE_PITCH for other in taken)]
        return min(free, key=lambda y: (y > high, abs(y - middle) if y <= high else y, y))

    def span(self, net: str) -> tuple[int, int]:
        """The lowest and highest y at which `net` comes into the channel."""
        ys = [terminal.y for terminal in self._terminals if terminal.net == net]
        return min(ys), max(ys)

    def outermost_with(self, terminals: list[Terminal]) -> int:
        """The x outside of which no trunk will lie once these terminals are taken too."""
        with_them = Channel(self._drawing, self._side, self._edge, self._shielded, self._ground)
        with_them._terminals = [*self._terminals, *terminals]
        return with_them.outermost

    @property
    def outermost(self) -> int:
        """The x outside of which no trunk lies, with the terminals taken so far."""
        shields = 2 * len(self._present_shielded()) + 1
        columns = [self._edge, self._column(shields), *self._columns().values()]
        return self._outward * max(self._outward * x for x in columns) + self._outward * WIRE_PITCH

    def draw(self) -> None:
        """Draw trunks and wires."""
        columns = self._columns()
        shields = self._draw_shields()
        for net, x in columns.items():
            low, high = self.span(net)
            self._draw_trunk(x, low, high)
        for terminal in self._terminals:
            targets = (
                shields if terminal.net == self._ground else [columns[terminal.net]] if terminal.net in columns else []
            )
            if not targets:
                continue
            for x in targets:
                draw_cut(self._drawing, "via_1", x, terminal.y)
            reach = [terminal.x, *(x - self._reach for x in targets), *(x + self._reach for x in targets)]
            bottom = terminal.y - WIRE_WIDTH // 2
            self._drawing.add("metal_2", Box(min(reach), bottom, max(reach), bottom + WIRE_WIDTH))

    def _present_shielded(self) -> list[str]:
        return sorted(self._shielded & self.nets(), key=lambda net: (self.span(net), net))

    def _column(self, number: int) -> int:
        return self._edge + self._outward * (number + 1) * WIRE_PITCH

    def _columns(self) -> dict[str, int]:
        """The x of every net's trunk."""
        shielded = self._present_shielded()
        columns = {net: self._column(2 * number + 1) for number, net in enumerate(shielded)}
        first = 2 * len(shielded) + 1 if shielded else 0
        space = self._drawing.technology.nm("metal_1 spacing")
        intervals = [
            Interval(net, self.span(net)[0] - self._reach, self.span(net)[1] + self._reach)
            for net in sorted(self.nets() - self._shielded - {self._ground})
        ]
        tracks = assign_tracks(intervals, space)
        return columns | {net: self._column(first + track) for net, track in tracks.items()}

    def _draw_shields(self) -> list[int]:
        shielded = self._present_shielded()
        ground = [terminal.y for terminal in self._terminals if terminal.net == self._ground]
        if not shielded or not ground:
            return []
        columns = [self._column(2 * number) for number in range(len(shielded) + 1)]
        spans = [y for net in shielded for y in self.span(net)]
        for x in columns:
            self._draw_trunk(x, min(*spans, *ground), max(*spans, *ground))
        return columns

    def _draw_trunk(self, x: int, low: int, high: int) -> None:
        left = x - WIRE_WIDTH // 2
        self._drawing.add("metal_1", Box(left, low - self._reach, left + WIRE_WIDTH, high + self._reach))
