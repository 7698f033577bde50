"""A block's schematic as a picture (SVG), drawn from the block itself.

Devices stand in branches between the supply and ground; parts are boxes. Nets that neighbouring branches share at one
height are joined by a wire, all others by their names, ports in bold. Bulks are not drawn: they are at the rail of
their kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from codesign.circuits.block import Block, PlacedBlock, PlacedDevice
from codesign.circuits.branches import GROUND, RAILS, SUPPLY, Branch, Upright, branches
from codesign.pdk.technology import Technology

_COLUMN, _ROW, _MARGIN = 236, 92, 30
_GAP = 22
"""Between a rail and a net that is not on it."""
_BOX, _NAMES = 150, 126
"""Widths of a box and of the names of nets beside it."""
_BRANCHES, _BOXES = 5, 3
"""Side by side, so that a page shows them at about their size."""
_LINE, _TITLE = 17, 40
_STYLE = (
    "svg.schematic{background:#fff}"
    ".schematic path,.schematic line,.schematic rect{stroke:#1a1a1a;stroke-width:1.4;fill:none}"
    ".schematic .solid{fill:#1a1a1a}.schematic .rail{stroke-width:2.4}"
    ".schematic text{font:12px system-ui,sans-serif;fill:#1a1a1a}"
    ".schematic .net{fill:#1f5fa8}.schematic .port{font-weight:700}.schematic .size{fill:#666;font-size:11px}"
)


def schematic_svg(block: Block, technology: Technology | None = None) -> str:
    """The schematic of a block as an SVG element that stands by itself and within a page.

    Args:
        block: which; one that draws nothing, as a user's cell does, is a box with its ports.
        technology: the process whose devices fill the roles; None takes the default process.
    """
    schematic = block.schematic(technology)
    picture = _Picture(frozenset(block.ports))
    parts = schematic.parts if schematic.placed else [PlacedBlock(block.name, block, block.ports)]
    standing = branches(schematic.devices)
    for start in range(0, len(standing), _BRANCHES):
        picture.branches(standing[start : start + _BRANCHES])
    for start in range(0, len(parts), _BOXES):
        picture.boxes(parts[start : start + _BOXES], technology)
    return picture.svg(f"{block.name}: {block.description}")


@dataclass
class _Picture:
    """What is drawn so far, and down to where."""

    ports: frozenset[str]
    elements: list[str] = field(default_factory=list[str])
    bottom: float = _MARGIN
    right: float = 0

    def svg(self, title: str) -> str:
        width, height = self.right + _MARGIN, self.bottom
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="schematic" role="img" width="{width:g}" '
            f'height="{height:g}" viewBox="0 0 {width:g} {height:g}"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style>{''.join(self.elements)}</svg>\n"
        )

    def branches(self, standing: Sequence[Branch]) -> None:
        """A line of branches between two rails."""
        top = self.bottom
        low = top + _ROW * max(len(branch) for branch in standing) + 2 * _GAP
        places = [_MARGIN + _COLUMN * (column + 0.5) for column in range(len(standing))]
        wires = [self._branch(branch, x, top, low) for branch, x in zip(standing, places, strict=True)]
        for column, (x, own) in enumerate(zip(places, wires, strict=True)):
            left = wires[column - 1] if column else {}
            for net, (upper, lower) in own.items():
                if net in RAILS:
                    continue
                above, below = left.get(net, (lower, upper))
                if (y := max(upper, above)) <= min(lower, below) and net in left:
                    self._path(f"M{x - _COLUMN:g} {above:g}V{y:g}H{x:g}V{upper:g}")
                    self._dot(x - _COLUMN, y)
                else:
                    self._net(x + 6, upper - 6, net)
                    y = upper
                self._dot(x, y)
        for rail, y in ((SUPPLY, top), (GROUND, low)):
            touching = [x for x, own in zip(places, wires, strict=True) if rail in own]
            if touching:
                self._line(touching[0] - 24, y, touching[-1] + 24, y, "rail")
                self._text(touching[0] - 28, y + 4, rail, anchor="end", kind=self._kind(rail))
        self.right = max(self.right, places[-1] + _COLUMN / 2)
        self.bottom = low + _MARGIN

    def _branch(self, branch: Branch, x: float, top: float, low: float) -> dict[str, tuple[float, float]]:
        """Draw a branch; between which heights each of its nets is a vertical wire."""
        hangs, stands = branch[0].top == SUPPLY, branch[-1].bottom == GROUND
        length = _ROW * len(branch)
        y = low - length if stands and not hangs else top if hangs else top + _GAP
        wires = {branch[0].top: (y, y)}
        if stands and not hangs:
            wires = {branch[0].top: (y - _GAP, y)}
            self._line(x, y - _GAP, x, y)
        for number, one in enumerate(branch):
            if number == len(branch) - 1 and hangs and stands:
                # A branch between both rails is as high as the line.
                wires[one.top] = (wires[one.top][0], low - _ROW)
                self._line(x, y, x, low - _ROW)
                y = low - _ROW
            self._device(one, x, y + _ROW / 2)
            if (gate := one.gate) is not None and gate in (one.top, one.bottom):
                end = y if gate == one.top else y + _ROW
                self._path(f"M{x - 46:g} {y + _ROW / 2:g}V{end:g}H{x:g}")
                self._dot(x, end)
            elif gate is not None:
                self._net(x - 50, y + _ROW / 2 + 4, gate, anchor="end")
            y += _ROW
            wires[one.bottom] = (y, y)
        if hangs and not stands:
            wires[branch[-1].bottom] = (y, y + _GAP)
        return wires

    def boxes(self, parts: Sequence[PlacedBlock], technology: Technology | None) -> None:
        """A line of parts, each a box with its ports inside and the nets at them outside, inputs on the left."""
        lowest = 0.0
        for column, part in enumerate(parts):
            x, y = _MARGIN + (_BOX + 2 * _NAMES) * column + _NAMES, self.bottom + 14
            pins = [(port, net) for port, net in part.net_of.items() if port not in RAILS]
            inputs = _inputs(part.block, technology)
            sides = [[pin for pin in pins if (pin[0] in inputs) is left] for left in (True, False)]
            height = _TITLE + _LINE * max(len(side) for side in sides)
            self._box(part, x, y, height)
            for side, edge, out, anchors in ((0, x, -1, ("start", "end")), (1, x + _BOX, 1, ("end", "start"))):
                for line, (port, net) in enumerate(sides[side]):
                    level = y + _TITLE + _LINE * line
                    self._line(edge, level, edge + 14 * out, level)
                    self._text(edge - 5 * out, level + 4, port, anchor=anchors[0], kind="size")
                    self._net(edge + 18 * out, level + 4, net, anchor=anchors[1])
            self.right = max(self.right, x + _BOX + _NAMES)
            lowest = max(lowest, y + height)
        self.bottom = lowest + _MARGIN

    def _box(self, part: PlacedBlock, x: float, y: float, height: float) -> None:
        self.elements.append(f'<rect x="{x:g}" y="{y:g}" width="{_BOX:g}" height="{height:g}" rx="4"/>')
        times = "" if part.units in (None, 1) else f" \u00d7 {part.units}"
        self._text(x + _BOX / 2, y - 5, part.block.name + times, anchor="middle")
        self._text(x + _BOX / 2, y + 17, part.name, anchor="middle", kind="size")

    def _device(self, one: Upright, x: float, y: float) -> None:
        match one.device.shape:
            case "mosfet":
                self._transistor(one, x, y)
            case "mim_capacitor":
                self._path(f"M{x:g} {y - _ROW / 2:g}V{y - 5:g}M{x - 16:g} {y - 5:g}h32m-32 10h32M{x:g} {y + 5:g}v41")
            case "poly_resistor":
                self._path(f"M{x:g} {y - _ROW / 2:g}v26M{x:g} {y + 20:g}v26")
                self._path(f"M{x:g} {y - 20:g}l-8 4l16 6l-16 6l16 6l-16 6l16 6l-8 6")
        beside = x + (22 if one.device.shape == "mim_capacitor" else 12)
        self._text(beside, y - 2, one.device.name)
        self._text(beside, y + 12, _size(one.device), kind="size")

    def _transistor(self, one: Upright, x: float, y: float) -> None:
        legs = f"M{x:g} {y - _ROW / 2:g}V{y - 14:g}H{x - 14:g}M{x - 14:g} {y + 14:g}H{x:g}V{y + _ROW / 2:g}"
        self._path(f"{legs}M{x - 14:g} {y - 19:g}v38M{x - 20:g} {y - 14:g}v28")
        # The bubble of a PMOS transistor is as wide as what the gate's wire is shorter.
        bubble = 8 if one.is_p else 0
        self._line(x - 20 - bubble, y, x - 46, y)
        if bubble:
            self.elements.append(
                f'<circle cx="{x - 24:g}" cy="{y:g}" r="4" fill="#fff" stroke="#1a1a1a" stroke-width="1.4"/>'
            )
        level = y - 14 if one.source_up else y + 14
        tip, back = (x - 13, x - 5) if one.is_p else (x - 2, x - 10)
        self._path(f"M{tip:g} {level:g}L{back:g} {level - 4:g}V{level + 4:g}Z", "solid")

    def _kind(self, net: str) -> str:
        return "net port" if net in self.ports else "net"

    def _net(self, x: float, y: float, net: str, *, anchor: str = "start") -> None:
        self._text(x, y, net, anchor=anchor, kind=self._kind(net))

    def _text(self, x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> None:
        self.elements.append(f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>')

    def _path(self, path: str, kind: str = "") -> None:
        self.elements.append(f'<path d="{path}" class="{kind}"/>')

    def _line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "") -> None:
        self.elements.append(f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}"/>')

    def _dot(self, x: float, y: float) -> None:
        self.elements.append(f'<circle cx="{x:g}" cy="{y:g}" r="2.6" fill="#1a1a1a"/>')


def _inputs(block: Block, technology: Technology | None) -> set[str]:
    """The ports that only gates are connected to."""
    schematic = block.schematic(technology)
    driven = {net for one in schematic.devices for k, net in enumerate(one.nets) if one.shape != "mosfet" or k != 1}
    for part in schematic.parts:
        driven |= {net for port, net in part.net_of.items() if port not in _inputs(part.block, technology)}
    return set(block.ports) - driven


def _size(device: PlacedDevice) -> str:
    """Width over length in um, how many, and what is special about the kind."""
    times = "" if device.units == 1 else f" \u00d7 {device.units}"
    low = " lvt" if device.role.endswith("low_threshold") else ""
    return f"{device.width:g}/{device.length:g}{times}{low}"
