"""A network drawn: blocks in a stack, a routing channel on either side, MIM capacitors over them.

The stack follows the schematic from below: biases, drivers, then a crossbar and its neurons for each layer. The
capacitors lie over it on metal_3 and metal_4: those to ground on one grounded metal_3 plane, which also shields them,
those to the supply on a plate of their own. Their top plates come out on the left or right and join their net in that
channel. Supply and ground are metal_4 stripes at the left, every rail runs into one of them, and every port reaches the
left edge.
"""

from dataclasses import dataclass

from codesign.circuits.autozero import RampLine
from codesign.circuits.bias import BiasGenerator
from codesign.circuits.network import Network
from codesign.layout.cells.transistor import WIRE_WIDTH
from codesign.layout.channel import Channel, Terminal
from codesign.layout.contacts import fill_with_cuts, pad_size, via_stack
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box, Side
from codesign.layout.network.part import RAILS, Part
from codesign.layout.network.parts import line_sides, membrane_nets, network_parts
from codesign.layout.network.plates import Plates, make_banks, place_banks
from codesign.layout.schematic import flat_schematic
from codesign.layout.technology import Technology

_GROUND, _SUPPLY = RAILS
_BLOCK_GAP = 600
_STRIPE_WIDTH = 1600
_STRIPE_GAP = 600
_STRAP_WIDTH = 600
# Height of the tongue of a bottom plate under its power stripe, nm.
_TONGUE = 1200
_TONGUE_CLEARANCE = 800
_STRAP_CLEARANCE = 1000
_EDGE = 500


@dataclass(frozen=True)
class _Rail:
    net: str
    left: int
    y: int


def draw_network(network: Network, technology: Technology) -> Drawing:
    """Draw a network.

    Raises:
        LayoutError: a part cannot be drawn.
    """
    if network.bit_levels:
        raise LayoutError("programmable synapses have no layout yet; draw a network whose weights are in the mask")
    placed = network.schematic().parts
    sides = line_sides(placed)
    parts = list(network_parts(placed, network.ports, sides, technology))
    banks = make_banks(flat_schematic(network, technology.process).devices, sides, technology)
    # Membranes, ramps and biases: a spike that couples into them changes what is computed.
    biases = {net for part in placed if isinstance(part.block, BiasGenerator) for net in part.nets}
    biases |= {part.net_of["line"] for part in placed if isinstance(part.block, RampLine)}
    assembly = _Assembly(network, parts, sides, {*membrane_nets(placed)} | biases - {*RAILS}, technology)
    assembly.stack()
    plates = place_banks(assembly.drawing, banks, assembly.width // (2 * technology.grid) * technology.grid, 0)
    assembly.connect(plates)
    return assembly.drawing


class _Assembly:
    """Draws in this order: the stack, the plates' straps, the power stripes, the ports, the channels."""

    def __init__(
        self, network: Network, parts: list[Part], sides: dict[str, Side], quiet: set[str], technology: Technology
    ) -> None:
        self.drawing = Drawing(network.name, technology)
        self.width = max(part.drawing.box.right for part in parts)
        self._ports = [port for port in network.ports if port not in RAILS]
        self._parts = parts
        self._sides = sides
        self._technology = technology
        self._channels: dict[Side, Channel] = {
            "left": Channel(self.drawing, "left", 0, quiet, _GROUND),
            "right": Channel(self.drawing, "right", self.width, quiet, _GROUND),
        }
        self._rails: list[_Rail] = []
        self._straps: dict[Side, int] = {}
        self._stacks: list[int] = []

    def stack(self) -> None:
        """Place the parts above each other and take their pins into the channels."""
        used: dict[str, int] = {}
        for part in self._parts:
            for net in part.nets.values():
                used[net] = used.get(net, 0) + 1
        wanted = {net for net, count in used.items() if count > 1} | {*self._ports}
        y = 0
        for part in self._parts:
            box = part.drawing.box
            origin = -(-(y - box.bottom) // self._technology.grid) * self._technology.grid
            instance = self.drawing.place(part.drawing, 0, origin)
            y = origin + box.top + _BLOCK_GAP
            for pin in part.drawing.pins:
                net, place = part.nets[pin.net], instance.place(pin.box)
                if net in RAILS:
                    self._take_rail(net, place)
                    continue
                side: Side = "left" if pin.box.left <= 0 else "right"
                if net in wanted and self._side(net) == side:
                    x = place.right if side == "left" else place.left
                    self._channels[side].add(Terminal(net, x, place.y))

    def _take_rail(self, net: str, rail: Box) -> None:
        """Bring a metal_1 rail up to metal_2 at both ends of a ground rail, at the left end of a supply rail."""
        reach = pad_size(self._technology, "via_1", "metal_2")[1] // 2
        self._rails.append(_Rail(net, rail.left, rail.y))
        if net == _SUPPLY:
            self._channels["left"].reserve(rail.y)
        for side, x in (("left", rail.left + reach), ("right", rail.right - reach)):
            if net == _SUPPLY and side == "right":
                continue
            via_stack(self.drawing, x, rail.y, "metal_1", "metal_2", direction="horizontal")
            if net == _GROUND:
                self._channels["left" if side == "left" else "right"].add(Terminal(net, x, rail.y))

    def connect(self, plates: list[Plates]) -> None:
        """Draw everything between the blocks."""
        for group in plates:
            self._draw_straps(group)
        ports = {port: self._port_y(port) for port in self._ports}
        outside = self._outside("left", ports)
        clearance = self._technology.nm("bottom plate to metal_3 spacing") + 2 * _STRAP_WIDTH + _STRIPE_GAP
        edge = min([outside, *(group.plate.left - clearance for group in plates)])
        edge = edge // self._technology.grid * self._technology.grid
        stripes: dict[str, int] = {}
        for net in (_GROUND, _SUPPLY):
            stripes[net] = edge - _STRIPE_WIDTH // 2
            edge -= _STRIPE_WIDTH + _STRIPE_GAP
        self._draw_rails(stripes)
        for group in plates:
            self._draw_tongue(group, stripes[group.rail])
        left = edge - _EDGE
        ends: dict[Side, int] = {"left": left, "right": max(self.drawing.box.right, self._outside("right", ports))}
        for port, y in ports.items():
            self._draw_port(port, ends[self._side(port)], y)
        for channel in self._channels.values():
            channel.draw()
        self._draw_stripes(stripes, left)

    def _draw_straps(self, group: Plates) -> None:
        """Metal_4 from the top plates to the side, along it to the next free y, and down to a metal_2 wire there."""
        away = self._technology.nm("bottom plate to metal_3 spacing") + _STRAP_WIDTH
        half = _STRAP_WIDTH // 2
        for placed in sorted(group.banks, key=lambda placed: placed.top.bottom):
            side, top = placed.bank.side, placed.top
            low = max(top.bottom + half, self._straps.get(side, top.bottom) + _STRAP_CLEARANCE)
            y = self._channels[side].free_y(low, max(low, top.top - half))
            leaves = min(y, top.top - half)
            if side == "left":
                x = min(group.plate.left, 0) - away
                strap = Box(x - half, leaves - half, top.left + half, leaves + half)
            else:
                x = max(group.plate.right, self.width) + away
                strap = Box(top.right - half, leaves - half, x + half, leaves + half)
            self.drawing.add("metal_4", strap)
            self.drawing.add("metal_4", Box(x - half, leaves - half, x + half, y + half))
            pads = via_stack(self.drawing, x, y, "metal_2", "metal_4", direction="horizontal")
            inner = pads["metal_2"].right if side == "left" else pads["metal_2"].left
            self._channels[side].add(Terminal(placed.bank.net, inner, y))
            self._straps[side] = y
            self._stacks.append(y)

    def _draw_rails(self, stripes: dict[str, int]) -> None:
        for rail in self._rails:
            bottom = rail.y - WIRE_WIDTH // 2
            x = stripes[rail.net]
            self.drawing.add("metal_2", Box(x - WIRE_WIDTH, bottom, rail.left + WIRE_WIDTH, bottom + WIRE_WIDTH))
            via_stack(self.drawing, x, rail.y, "metal_2", "metal_4", direction="horizontal")

    def _draw_tongue(self, group: Plates, stripe: int) -> None:
        """Extend a bottom plate under its stripe, clear of all via stacks, and join them by via_3."""
        technology = self._technology
        y = group.plate.bottom
        stacks = [*self._stacks, *(rail.y for rail in self._rails)]
        while any(y - _TONGUE_CLEARANCE < stack < y + _TONGUE + _TONGUE_CLEARANCE for stack in stacks):
            y += technology.grid
            if y + _TONGUE > group.plate.top:
                raise LayoutError(f"{self.drawing.name}: no room for the {group.rail} plate's way to its stripe")
        half = _STRIPE_WIDTH // 2
        self.drawing.add("metal_3", Box(stripe - half, y, group.plate.left, y + _TONGUE))
        inset = technology.nm("metal_3 end enclosure of via_3")
        fill_with_cuts(self.drawing, "via_3", Box(stripe - half, y, stripe + half, y + _TONGUE).grown(-inset))

    def _side(self, net: str) -> Side:
        return self._sides.get(net, "left")

    def _outside(self, side: Side, ports: dict[str, int]) -> int:
        """The x outside of which no trunk on that side will lie once the ports are connected."""
        terminals = [Terminal(port, 0, y) for port, y in ports.items() if self._side(port) == side]
        return self._channels[side].outermost_with(terminals)

    def _port_y(self, port: str) -> int:
        """A free y at which a port's net can go to its edge."""
        channel = self._channels[self._side(port)]
        if port not in channel.nets():
            raise LayoutError(f"{self.drawing.name}: no block has the port {port}")
        y = channel.free_y(*channel.span(port))
        channel.reserve(y)
        return y

    def _draw_port(self, port: str, edge: int, y: int) -> None:
        """Bring a port's net to its edge on metal_2."""
        side = self._side(port)
        self._channels[side].add(Terminal(port, edge, y))
        bottom, left = y - WIRE_WIDTH // 2, edge if side == "left" else edge - WIRE_WIDTH
        self.drawing.pin(port, "metal_2", Box(left, bottom, left + WIRE_WIDTH, bottom + WIRE_WIDTH))

    def _draw_stripes(self, stripes: dict[str, int], left: int) -> None:
        inner = self.drawing.box
        outline = Box(left, inner.bottom, max(inner.right, self._channels["right"].outermost), inner.top)
        for net, x in stripes.items():
            half = _STRIPE_WIDTH // 2
            stripe = self.drawing.add("metal_4", Box(x - half, outline.bottom, x + half, outline.top))
            self.drawing.pin(net, "metal_4", stripe)
        self.drawing.add("boundary", outline)
