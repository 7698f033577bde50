"""The crossbar of poly-resistor synapses: one band of upright resistors, whatever the number of inputs.

From below: ground rail, switches of the negative synapses under the spike lines of all inputs, resistors of both signs
under one area of implants, switches of the positive synapses in an n-well under the inverted spike lines, supply rail.
The synapses of a neuron stand side by side, negative ones to the left of its membrane line (metal_2 along y) and
positive ones to the right, so that no place is left empty. From there the membranes run on metal_1 across the
resistors' bodies to an edge, between grounded lines so that they do not couple into each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.layout.cells.lines import diode_width, draw_diode, draw_pad, draw_pin, reach
from codesign.layout.cells.resistor_synapse import ResistorUnit
from codesign.layout.cells.synapse import LINE_WIDTH, SHIELD_WIDTH, contact_column
from codesign.layout.cells.taps import TapKind, draw_rail, tap_width
from codesign.layout.cells.transistor import WIRE_PITCH, WIRE_WIDTH
from codesign.layout.contacts import draw_cut
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box, Side
from codesign.layout.technology import Layer, Technology

# How far the rails reach inwards, as far as the spike lines allow, and outwards, nm.
_RAIL_INWARDS = WIRE_WIDTH // 2
_RAIL_OUTWARDS = 330
_SPINE_WIDTH = 600
_END = 600


@dataclass(frozen=True)
class ResistorCrossbarPlan:
    """What a crossbar of poly-resistor synapses is drawn from.

    Attributes:
        name: of the cell.
        weights: unit cells, one sequence for each output (column), one number for each input (row).
        positive: unit cell of positive weights (p-channel switch).
        negative: unit cell of negative weights (n-channel switch).
        membrane_sides: the edge at which each membrane leaves.
        spike_sides: the edge at which the spikes of each input arrive.
    """

    name: str
    weights: Sequence[Sequence[int]]
    positive: ResistorUnit
    negative: ResistorUnit
    membrane_sides: Sequence[Side]
    spike_sides: Sequence[Side]


@dataclass(frozen=True)
class _Column:
    """Where the parts of a column stand along x, nm: its negative and positive synapses by row, its membrane line."""

    negative: dict[int, int]
    positive: dict[int, int]
    membrane: int


def draw_resistor_crossbar(plan: ResistorCrossbarPlan, technology: Technology) -> Drawing:
    """Draw a crossbar; its pins are called as the ports of the netlist's crossbar.

    Raises:
        LayoutError: a unit cell cannot be drawn, or the resistors are too short for the membranes that cross them.
    """
    return _Crossbar(plan, technology).draw()


class _Crossbar:
    def __init__(self, plan: ResistorCrossbarPlan, technology: Technology) -> None:
        self._plan = plan
        self._technology = technology
        self._drawing = Drawing(plan.name, technology)
        inputs = len(plan.weights[0])
        self._negative = plan.negative.geometry(inputs, technology)
        self._positive = plan.positive.geometry(inputs, technology)
        self._synapses: dict[tuple[int, int], Drawing] = {}
        self._reach = reach(technology)
        self._heights()
        self._spine = 2 * self._reach + technology.nm("metal_1 spacing") + _SPINE_WIDTH // 2
        self._place(inputs)

    def _heights(self) -> None:
        technology, negative, positive = self._technology, self._negative, self._positive
        to_diff = tap_width(technology) // 2 + technology.nm("active spacing")
        self._negative_y = to_diff
        self._positive_y = to_diff + max(negative.extent + positive.base, negative.base + positive.extent)
        self._supply_y = self._positive_y + to_diff

    def _place(self, inputs: int) -> None:
        """Diodes of the lines at the left, then column after column."""
        technology, plan = self._technology, self._plan
        gap = technology.nm("active spacing")
        widths = [abs(units) for column in plan.weights for units in column]
        line = sum(
            max(plan.negative.span(units, technology), plan.positive.span(units, technology)) for units in widths
        )
        diode = max(
            diode_width(technology, line, unit.gate_area, geometry.height)
            for unit, geometry in ((plan.negative, self._negative), (plan.positive, self._positive))
        )
        first = self._spine + _SPINE_WIDTH // 2 + gap
        self._diodes = [Box(x, 0, x + diode, 1) for x in range(first, first + inputs * (diode + gap), diode + gap)]
        x = self._diodes[-1].right + gap + 2 * contact_column(technology)
        # Room for the via of a membrane between the ends of two resistors.
        beside = self._reach + technology.nm("metal_1 spacing")
        # Between the lines of two membranes: a column may have no cells on either side of it.
        pitch = 2 * self._reach + technology.nm("metal_2 spacing")
        self._columns: list[_Column] = []
        for weights in plan.weights:
            negative, positive = dict[int, int](), dict[int, int]()
            for row, units in enumerate(weights):
                if units < 0:
                    negative[row] = x
                    x += plan.negative.span(-units, technology)
            x = x + max(0, beside - technology.nm("resistor spacing"))
            if self._columns:
                x = max(x, self._columns[-1].membrane + pitch)
            membrane = x = self._on_grid(x)
            x = self._on_grid(x + beside)
            for row, units in enumerate(weights):
                if units > 0:
                    positive[row] = x
                    x += plan.positive.span(units, technology)
            self._columns.append(_Column(negative, positive, membrane))
        self._resistors = (self._diodes[-1].right + gap + 2 * contact_column(technology), x)
        self._right = self._on_grid(x + _END)

    def _on_grid(self, value: int) -> int:
        return -(-value // self._technology.grid) * self._technology.grid

    def draw(self) -> Drawing:
        self._draw_rails()
        self._draw_lines()
        for number, column in enumerate(self._columns):
            self._draw_column(number, column)
        if any(units for weights in self._plan.weights for units in weights):
            self._draw_implants()
        self._draw_membranes()
        return self._drawing

    def _draw_rails(self) -> None:
        drawing, technology = self._drawing, self._technology
        inset, tap = technology.nm("n_well enclosure of tap"), tap_width(technology)
        rails: tuple[tuple[TapKind, int, str], ...] = (("substrate", 0, "vss"), ("well", self._supply_y, "vdd"))
        for kind, y, net in rails:
            strip = Box(inset, y - tap // 2, self._right - inset, y - tap // 2 + tap)
            draw_rail(drawing, kind, strip, 2 * _RAIL_INWARDS)
            below, above = (_RAIL_OUTWARDS, _RAIL_INWARDS) if net == "vss" else (_RAIL_INWARDS, _RAIL_OUTWARDS)
            drawing.pin(net, "metal_1", drawing.add("metal_1", Box(0, y - below, self._right, y + above)))
        well = self._positive_y - self._positive.height - technology.nm("n_well enclosure of active")
        top = self._supply_y + tap // 2 + technology.grid + technology.nm("n_well enclosure of tap")
        drawing.add("n_well", Box(0, well, self._right, top))

    def _draw_lines(self) -> None:
        """Both spike lines of each input, their pins and their diodes."""
        drawing, technology = self._drawing, self._technology
        heights = (self._negative_y, self._negative_y + self._negative.height)
        upper = (self._positive_y - self._positive.height, self._positive_y)
        for row, side in enumerate(self._plan.spike_sides):
            x = self._diodes[row]
            for net, (bottom, top), contact, y in (
                (
                    f"spike_{row + 1}",
                    heights,
                    self._negative_y + self._negative.spike_contact,
                    self._negative_y + self._negative.spike_lines[row],
                ),
                (
                    f"spike_b_{row + 1}",
                    upper,
                    self._positive_y - self._positive.spike_contact,
                    self._positive_y - self._positive.spike_lines[row],
                ),
            ):
                bottom_of_line = y - LINE_WIDTH // 2
                drawing.add("metal_1", Box(0, bottom_of_line, self._right, bottom_of_line + LINE_WIDTH))
                draw_pin(drawing, net, y, side, self._right)
                draw_diode(drawing, Box(x.left, bottom, x.right, top), contact, y)
        margin = technology.nm("n_implant enclosure of active")
        implants: tuple[tuple[Layer, tuple[int, int]], ...] = (("n_implant", heights), ("p_implant", upper))
        for layer, (bottom, top) in implants:
            drawing.add(layer, Box(self._diodes[0].left, bottom, self._diodes[-1].right, top).grown(margin))

    def _draw_column(self, number: int, column: _Column) -> None:
        drawing, weights = self._drawing, self._plan.weights[number]
        for row, x in column.negative.items():
            drawing.place(self._synapse(weights[row], row), x, self._negative_y)
        for row, x in column.positive.items():
            drawing.place(self._synapse(weights[row], row), x, self._positive_y, flipped=True)
        ends = [self._track(number)]
        half = WIRE_WIDTH // 2
        if column.negative:
            y = self._negative_y + self._negative.membrane
            drawing.add(
                "metal_1", Box(min(column.negative.values()), y - half, column.membrane + self._reach, y + half)
            )
            ends.append(y)
        if column.positive:
            last = max(column.positive.values())
            y = self._positive_y - self._positive.membrane
            drawing.add("metal_1", Box(column.membrane - self._reach, y - half, last + self._reach, y + half))
            ends.append(y)
        for y in ends:
            draw_cut(drawing, "via_1", column.membrane, y)
        low, high = min(ends) - self._reach, max(ends) + self._reach
        drawing.add("metal_2", Box(column.membrane - half, low, column.membrane + half, high))

    def _synapse(self, units: int, row: int) -> Drawing:
        if (units, row) not in self._synapses:
            unit, geometry = (
                (self._plan.positive, self._positive) if units > 0 else (self._plan.negative, self._negative)
            )
            self._synapses[units, row] = unit.draw(abs(units), geometry, row, self._technology)
        return self._synapses[units, row]

    def _draw_implants(self) -> None:
        """The implants of all resistors, between the diffusions of the switches."""
        left, right = self._resistors
        low = self._negative_y + self._negative.base
        high = self._positive_y - self._positive.base
        for layer, margin in self._plan.negative.shared_implants(self._technology).items():
            self._drawing.add(layer, Box(left, low, right, high).grown(margin))

    def _track(self, number: int) -> int:
        """Y of a membrane's metal_1 line."""
        return self._tracks + (2 * number + 1) * WIRE_PITCH

    @property
    def _tracks(self) -> int:
        """Y of the lowest grounded line: the tracks are about the middle of the resistors."""
        low = max(self._negative_y + self._negative.resistor, self._positive_y - self._positive.body_top)
        high = min(self._negative_y + self._negative.body_top, self._positive_y - self._positive.resistor)
        height = 2 * len(self._plan.weights) * WIRE_PITCH
        if height + 2 * WIRE_PITCH > high - low:
            raise LayoutError(
                f"{self._plan.name}: resistors of {(high - low) / 1000:g} um are too short for the lines of "
                f"{len(self._plan.weights)} membranes across them; make them longer or the layer smaller"
            )
        return (low + high - height) // (2 * self._technology.grid) * self._technology.grid

    def _draw_membranes(self) -> None:
        """The membranes' lines to their edges, with grounded lines between and beside them."""
        drawing, half = self._drawing, WIRE_WIDTH // 2
        for number, (column, side) in enumerate(zip(self._columns, self._plan.membrane_sides, strict=True)):
            y = self._track(number)
            left, right = (0, column.membrane + self._reach) if side == "left" else (column.membrane - self._reach, 0)
            drawing.add("metal_1", Box(left, y - half, right or self._right, y + half))
            draw_pin(drawing, f"membrane_{number + 1}", y, side, self._right)
        clear = 2 * self._reach + self._technology.nm("metal_1 spacing")
        shield = SHIELD_WIDTH // 2
        shields = [self._tracks + 2 * number * WIRE_PITCH for number in range(len(self._columns) + 1)]
        for y in shields:
            drawing.add("metal_1", Box(clear, y - shield, self._right - clear, y + shield))
            draw_pad(drawing, self._spine, y)
        draw_cut(drawing, "via_1", self._spine, 0)
        half = _SPINE_WIDTH // 2
        spine = Box(self._spine - half, -self._reach, self._spine + half, shields[-1] + self._reach)
        drawing.add("metal_2", spine)
