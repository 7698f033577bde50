"""A tile drawn: the network, the drivers and buffers at its side, power stripes, and wires to every pin.

The network lies at the lower edge, upright or turned by a quarter turn, as the tile has room for it. Its power bars
become the tile's stripes where they are upright; where they are not, upright stripes cross over it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from codesign.circuits.block import Block
from codesign.circuits.tile import MembraneBuffer, OutputDriver
from codesign.layout.cells.row import draw_rows, is_transistor
from codesign.layout.drawing import Drawing, Instance
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.network import draw_network
from codesign.layout.network.part import RAILS
from codesign.layout.schematic import flat_schematic
from codesign.layout.technology import Technology
from codesign.layout.tile.plan import TilePlan
from codesign.layout.tile.risers import NoPlace, Risers
from codesign.layout.tile.router import LAYERS, Grid, NoWay, Router
from codesign.layout.tile.search import Node
from codesign.layout.tile.stripes import NoStripes, crossing, lengthened

# Of the network and of cells from the tile's lower edge, its sides, each other, nm.
_BELOW, _CELL_GAP = 3000, 2500


@dataclass(frozen=True)
class TileDrawing:
    """A drawn tile.

    Attributes:
        drawing: the layout.
        size: of the tile, by its name.
    """

    drawing: Drawing
    size: str


def draw_tile(plan: TilePlan, technology: Technology) -> TileDrawing:
    """Draw a tile in the first of its sizes that has room.

    Raises:
        LayoutError: a part cannot be drawn, or no size has room.
    """
    core = draw_network(plan.tile.network, technology)
    cells = list(_cells(plan, technology))
    reasons: dict[str, None] = {}
    for size in plan.sizes:
        for turned in (False, True):
            try:
                return TileDrawing(_Assembly(plan, size, core, cells, turned, technology).draw(), size)
            except (_NoRoom, NoStripes, NoPlace, NoWay) as error:
                reasons[f"{size}{' turned' if turned else ''}: {error.message}"] = None
    box = core.box
    raise LayoutError(
        f"the network, {box.width / 1000:g} x {box.height / 1000:g} um, finds no room in a tile of "
        f"{' or '.join(plan.sizes)} ({'; '.join(reasons)}); take a larger tile or a smaller network"
    )


class _NoRoom(LayoutError):
    """Something does not fit."""


@dataclass(frozen=True)
class _Cell:
    """A block beside the network: its drawing, and the tile's net at each of its pins."""

    drawing: Drawing
    nets: dict[str, str]


def _cells(plan: TilePlan, technology: Technology) -> Iterator[_Cell]:
    drawn: dict[Block, Drawing] = {}
    for part in plan.tile.schematic(technology.process).parts:
        block = part.block
        if not isinstance(block, OutputDriver | MembraneBuffer):
            continue
        if block not in drawn:
            devices = flat_schematic(block, technology.process).devices
            transistors = [device for device in devices if is_transistor(device, technology)]
            inputs = [port for port in block.ports if port not in (*RAILS, "output")]
            drawn[block] = draw_rows(block.name, transistors, inputs, ["output"], technology, diodes=inputs).drawing
        yield _Cell(drawn[block], part.net_of)


class _Assembly:
    """Draws in this order: network and cells, pins, stripes, ways up to the wires, wires."""

    def __init__(
        self, plan: TilePlan, size: str, core: Drawing, cells: list[_Cell], turned: bool, technology: Technology
    ) -> None:
        self._plan = plan
        self._outline = plan.shuttle.outline(size)
        self._core = core
        self._cells = cells
        self._turned = turned
        self._grid = technology.grid
        self._power = {"vss": plan.shuttle.power.ground, "vdd": plan.shuttle.power.supply}
        self._drawing = Drawing(plan.tile.name, technology)
        track = round(plan.shuttle.track * 1000)
        some_pin = next(iter(plan.shuttle.pins.values()))
        self._router = Router(self._drawing, Grid.over(self._outline, track, some_pin.box.x))
        self._risers = Risers(self._drawing, self._router, self._outline)
        # What pins need at the upper and lower edge.
        self._inset = 4 * track
        self._terminals: dict[str, list[list[Node]]] = {}

    def draw(self) -> Drawing:
        """The whole tile.

        Raises:
            _NoRoom, NoStripes, NoPlace, NoWay: something does not fit.
        """
        self._drawing.add("boundary", self._outline)
        network = self._place_network()
        placed = list(self._place_cells(network))
        self._draw_pins()
        for instance in (network, *(instance for instance, _cell in placed)):
            self._occupy(instance)
        self._draw_stripes(network)
        parts = self._plan.tile.schematic(self._drawing.technology.process).parts
        self._raise_ports(network, next(part for part in parts if part.name == "network").net_of)
        for instance, cell in placed:
            self._raise_ports(instance, cell.nets)
        self._route()
        return self._drawing

    def _place_network(self) -> Instance:
        """At the lower edge, to the right if there is room for cells at its left."""
        box = Instance(self._core, 0, 0, turned=self._turned).place(self._core.box)
        room = self._outline.width - box.width
        if room < 0 or box.height > self._outline.height - _BELOW - self._inset:
            raise _NoRoom(f"{self._outline.width / 1000:g} x {self._outline.height / 1000:g} um")
        x = room // (2 * self._grid) * self._grid if room < 2 * _CELL_GAP else room - _CELL_GAP
        return self._drawing.place(self._core, x - box.left, _BELOW - box.bottom, turned=self._turned)

    def _place_cells(self, network: Instance) -> Iterator[tuple[Instance, _Cell]]:
        """In shelves above the network or to the left of it, wherever there is more room."""
        core = network.place(self._core.box)
        above = Box(_CELL_GAP, core.top, self._outline.right - _CELL_GAP, self._outline.top - self._inset)
        beside = Box(_CELL_GAP, _BELOW, core.left - _CELL_GAP, self._outline.top - self._inset)
        area = max(above, beside, key=lambda box: min(box.width, box.height))
        x, y, shelf = area.left, area.bottom + _CELL_GAP, 0
        for cell in sorted(self._cells, key=lambda cell: cell.drawing.box.width):
            box = cell.drawing.box
            if x + box.width > area.right and x > area.left:
                x, y, shelf = area.left, y + shelf + _CELL_GAP, 0
            if x + box.width > area.right or y + box.height > area.top:
                raise _NoRoom("no room for what drives its pins")
            yield self._drawing.place(cell.drawing, x - box.left, y - box.bottom), cell
            x, shelf = x + box.width + _CELL_GAP, max(shelf, box.height)

    def _draw_pins(self) -> None:
        """All pins; near an analog pin without a port there must be nothing."""
        shuttle, plan = self._plan.shuttle, self._plan
        nets = {pin: pin.lower() for pin in plan.port_of}
        nets |= dict.fromkeys(plan.low, shuttle.power.ground.lower())
        nets |= dict.fromkeys(plan.high, shuttle.power.supply.lower())
        far = round(shuttle.analog.near[1] * 1000)
        for pin in shuttle.pins.values():
            self._drawing.pin(pin.name, shuttle.layer, self._drawing.add(shuttle.layer, pin.box))
            net = nets.get(pin.name)
            if net is None:
                self._router.occupy("metal_4", pin.box.grown(far if pin.direction == "analog" else 0))
            else:
                self._router.occupy("metal_4", pin.box, net)
                self._add_terminal(net, self._router.nodes("metal_4", pin.box))

    def _occupy(self, instance: Instance) -> None:
        """What a block has on the layers of wires is in the way of all of them, but for its power bars."""
        bars = {pin.box for pin in instance.drawing.pins if pin.net in RAILS}
        for layer, box in instance.drawing.flat_shapes({*LAYERS, "metal_2"}):
            if layer == "metal_2":
                self._risers.occupy(instance.place(box))
            elif (layer == "metal_3" or layer == "metal_4") and box not in bars:
                self._router.occupy(layer, instance.place(box))

    def _draw_stripes(self, network: Instance) -> None:
        bars = {
            self._power[pin.net].lower(): network.place(pin.box) for pin in self._core.pins if pin.net in self._power
        }
        low, high = self._inset, self._outline.top - self._inset
        stripes = crossing(bars, high, self._drawing, self._router) if self._turned else lengthened(bars, low, high)
        reach = round(self._plan.shuttle.power.reach * 1000)
        for name in self._power.values():
            stripe = self._drawing.add("metal_4", stripes[name.lower()])
            if max(stripe.bottom, self._outline.top - stripe.top) > reach:
                raise _NoRoom("its power stripes do not reach the edges")
            self._drawing.pin(name, self._plan.shuttle.layer, stripe)
            self._router.occupy("metal_4", stripe, name.lower())
            self._terminals.setdefault(name.lower(), []).insert(0, self._router.nodes("metal_4", stripe))

    def _raise_ports(self, instance: Instance, nets: dict[str, str]) -> None:
        """Bring the ports of a block up to the wires; the network's power is on stripes already."""
        ends = instance.drawing.box
        for pin in instance.drawing.pins:
            place, net = instance.place(pin.box), nets[pin.net]
            if pin.net not in RAILS:
                out = 1 if pin.box.right == ends.right else -1
                node = self._risers.from_port(net, place, (0, out) if instance.turned else (out, 0))
            elif instance.drawing is not self._core:
                node = self._risers.from_rail(net, place)
            else:
                continue
            self._add_terminal(net, [node])

    def _add_terminal(self, net: str, nodes: list[Node]) -> None:
        self._terminals.setdefault(net, []).append(nodes)

    def _route(self) -> None:
        """Signals first, the shortest first, then what hangs on the stripes."""
        power = {name.lower() for name in self._power.values()}
        order = sorted(self._terminals, key=lambda net: (net in power, self._length(net)))
        self._router.route({net: self._terminals[net] for net in order})

    def _length(self, net: str) -> int:
        """The distance that a net's wires must bridge, in nodes."""
        ends = [nodes[0] for nodes in self._terminals[net] if nodes]
        columns, rows = [node[1] for node in ends], [node[2] for node in ends]
        return max(columns) - min(columns) + max(rows) - min(rows)
