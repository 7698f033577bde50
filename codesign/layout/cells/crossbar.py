"""The crossbar: spike lines along x on metal_1, membrane lines along y on metal_2, unit cells placed by weight.

A band for each input, from below: ground rail, negative synapses, positive synapses in an n-well, supply rail. Under
the first band every membrane turns onto a metal_1 track to the left or right edge, with ground lines between the tracks
so that membranes do not couple into each other. Each metal_1 line starts over an antenna diode, for a long line may end
on the gate of a single unit cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.layout.cells.lines import diode_width, draw_diode, draw_pad, draw_pin, reach
from codesign.layout.cells.synapse import (
    LINE_WIDTH,
    SHIELD_WIDTH,
    Unit,
    contact_column,
    membrane_column,
    synapse_gap,
)
from codesign.layout.cells.taps import TapKind, draw_rail, tap_width
from codesign.layout.cells.transistor import WIRE_PITCH, WIRE_WIDTH, Channel
from codesign.layout.contacts import cut_size, draw_cut
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box, Side
from codesign.layout.technology import Technology

_RAIL_WIDTH = WIRE_WIDTH
_SPINE_WIDTH = 600
# Room at the right end of the lines, where the shields turn to their rails, nm.
_SHIELD_TURN = 600


@dataclass(frozen=True)
class CrossbarPlan:
    """What a crossbar is drawn from.

    Attributes:
        name: of the cell.
        weights: unit cells, one sequence for each output (column), one number for each input (row).
        positive: unit cell of positive weights (p-channel).
        negative: unit cell of negative weights (n-channel).
        membrane_sides: the edge at which each membrane leaves.
    """

    name: str
    weights: Sequence[Sequence[int]]
    positive: Unit
    negative: Unit
    membrane_sides: Sequence[Side]


def draw_crossbar(plan: CrossbarPlan, technology: Technology) -> Drawing:
    """Draw a crossbar; its pins are called as the ports of the netlist's crossbar.

    Raises:
        LayoutError: there are no weights, they are ragged, or a unit cell cannot be drawn.
    """
    if not plan.weights or not plan.weights[0] or any(len(column) != len(plan.weights[0]) for column in plan.weights):
        raise LayoutError(f"{plan.name}: the weights must be a full table of at least one input and one neuron")
    return _Crossbar(plan, technology).draw()


class _Crossbar:
    def __init__(self, plan: CrossbarPlan, technology: Technology) -> None:
        self._plan = plan
        self._negative = plan.negative.geometry(technology)
        self._positive = plan.positive.geometry(technology)
        self._technology = technology
        self._drawing = Drawing(plan.name, technology)
        self._synapses: dict[int, Drawing] = {}
        self._reach = reach(technology)
        space = technology.nm("metal_1 spacing")
        most = max(1, *(abs(units) for column in plan.weights for units in column))
        pitch = max(unit.pitch(technology) for unit in (plan.positive, plan.negative))
        stub = 2 * self._reach + space + WIRE_WIDTH // 2
        self._spines: dict[str, int] = {}
        x = stub
        widths = {"vss": _SPINE_WIDTH, "vdd": _SPINE_WIDTH, "bias_negative": WIRE_WIDTH, "bias_positive": WIRE_WIDTH}
        for net, width in widths.items():
            self._spines[net] = x + width // 2
            x += width + technology.nm("metal_2 spacing") + technology.grid * 4
        pad = cut_size(technology, "contact") + 2 * technology.nm("poly end enclosure of contact")
        first = x + contact_column(technology) + pad
        first = -(-first // technology.grid) * technology.grid
        self._synapse_width = most * pitch - technology.nm("active spacing")
        site = self._synapse_width + synapse_gap(technology)
        self._sites = [first + number * site for number in range(len(plan.weights))]
        self._right = self._sites[-1] + site + _SHIELD_TURN
        diode = self._diode_width(self._right + 2 * site)
        gap = technology.nm("active spacing")
        self._diodes = [Box(left, 0, left + diode, 1) for left in (stub, stub + diode + gap)]
        shift = max(
            0,
            self._diodes[-1].right
            + technology.nm("n_implant spacing")
            + 2 * technology.nm("n_implant enclosure of active")
            + contact_column(technology)
            + pad
            - first,
        )
        self._sites = [x + shift for x in self._sites]
        self._right += shift
        self._heights()

    def _heights(self) -> None:
        technology = self._technology
        tap = tap_width(technology)
        to_diff = tap // 2 + technology.nm("active spacing")
        negative, positive = self._negative, self._positive
        self._negative_y = to_diff
        between = technology.nm("active to n_well spacing") + technology.nm("n_well enclosure of active")
        self._positive_y = self._negative_y + negative.height + positive.height + between
        self._well_bottom = self._positive_y - positive.height - technology.nm("n_well enclosure of active")
        self._supply_y = self._positive_y + to_diff
        self._well_top = self._supply_y + tap // 2 + technology.grid + technology.nm("n_well enclosure of tap")
        by_tap = self._well_top + technology.nm("tap to n_well spacing") + tap // 2 + technology.grid
        by_metal = self._supply_y + _RAIL_WIDTH + technology.nm("metal_1 spacing")
        self._band = -(-max(by_tap, by_metal) // technology.grid) * technology.grid

    def draw(self) -> Drawing:
        plan = self._plan
        rows = len(plan.weights[0])
        for row in range(rows):
            self._draw_band(row)
        tops = [self._draw_column(column) for column in range(len(plan.weights))]
        self._draw_turns(tops)
        self._draw_spines(rows)
        return self._drawing

    def _draw_band(self, row: int) -> None:
        drawing, technology = self._drawing, self._technology
        y = row * self._band
        inset, tap = technology.nm("n_well enclosure of tap"), tap_width(technology)
        rails: tuple[tuple[TapKind, int, str], ...] = (("substrate", y, "vss"), ("well", y + self._supply_y, "vdd"))
        for kind, centre, net in rails:
            strip = Box(inset, centre - tap // 2, self._right - inset, centre - tap // 2 + tap)
            draw_rail(drawing, kind, strip, _RAIL_WIDTH)
            rail = Box(0, centre - _RAIL_WIDTH // 2, self._right, centre + _RAIL_WIDTH // 2)
            drawing.pin(net, "metal_1", drawing.add("metal_1", rail))
        drawing.add("n_well", Box(0, y + self._well_bottom, self._right, y + self._well_top))
        for column, weights in enumerate(self._plan.weights):
            units = weights[row]
            if units:
                offset = self._positive_y if units > 0 else self._negative_y
                drawing.place(self._synapse(units), self._sites[column], y + offset, flipped=units > 0)
        self._draw_spikes(row + 1, y)
        low, high = y + self._negative_y, y + self._positive_y
        self._draw_bias("bias_negative", "n", y, low + self._negative.bias_line)
        self._draw_bias("bias_positive", "p", y, high - self._positive.bias_line)
        self._draw_line_shield(low + self._negative.shield_line, y)
        self._draw_line_shield(high - self._positive.shield_line, y + self._supply_y)

    def _draw_spikes(self, number: int, y: int) -> None:
        low, high = y + self._negative_y, y + self._positive_y
        lines: tuple[tuple[str, Channel, int, int], ...] = (
            (f"spike_{number}", "n", low + self._negative.spike_contact, low + self._negative.spike_line),
            (f"spike_b_{number}", "p", high - self._positive.spike_contact, high - self._positive.spike_line),
        )
        for net, channel, contact, line in lines:
            self._draw_line(net, line, 0)
            self._draw_diode(0, y, channel, contact, line)

    def _draw_bias(self, net: str, channel: Channel, y: int, line: int) -> None:
        """The line of a bias in one band; that of the lowest band starts at the left edge."""
        self._draw_line(net, line, self._diodes[1].left if y else 0)
        self._draw_diode(1, y, channel, line, line)
        draw_pad(self._drawing, self._spines[net], line)

    def _synapse(self, units: int) -> Drawing:
        if units not in self._synapses:
            unit = self._plan.positive if units > 0 else self._plan.negative
            self._synapses[units] = unit.draw(abs(units), self._technology)
        return self._synapses[units]

    def _draw_line(self, net: str, y: int, left: int) -> None:
        """A metal_1 line to the right edge, with a metal_2 pin where it starts at the left edge."""
        right = self._right - _SHIELD_TURN
        self._drawing.add("metal_1", Box(left, y - LINE_WIDTH // 2, right, y - LINE_WIDTH // 2 + LINE_WIDTH))
        if left == 0:
            draw_pin(self._drawing, net, y, "left", self._right)

    def _draw_line_shield(self, y: int, rail: int) -> None:
        """A grounded metal_1 line from the first synapse to the right end, and there to its rail."""
        pad = cut_size(self._technology, "contact") + 2 * self._technology.nm("poly end enclosure of contact")
        left = self._sites[0] - contact_column(self._technology) - pad
        right = self._right - _SHIELD_TURN + self._technology.nm("metal_1 spacing") + WIRE_WIDTH
        self._drawing.add("metal_1", Box(left, y - SHIELD_WIDTH // 2, right, y - SHIELD_WIDTH // 2 + SHIELD_WIDTH))
        self._drawing.add("metal_1", Box(right - WIRE_WIDTH, min(y, rail), right, max(y, rail)))

    def _draw_diode(self, number: int, y: int, channel: Channel, contact: int, line: int) -> None:
        """A junction of diffusion in the band at `y` with a contact at y = `contact`, up to the metal_1 line `line`."""
        low, high = y + self._negative_y, y + self._positive_y
        bottom, top = (low, low + self._negative.height) if channel == "n" else (high - self._positive.height, high)
        draw_diode(
            self._drawing,
            Box(self._diodes[number].left, bottom, self._diodes[number].right, top),
            contact,
            line,
        )
        implant = Box(self._diodes[0].left, bottom, self._diodes[-1].right, top)
        self._drawing.add(
            "n_implant" if channel == "n" else "p_implant",
            implant.grown(self._technology.nm("n_implant enclosure of active")),
        )

    def _diode_width(self, line: int) -> int:
        """Width of a diode that keeps the antenna rule of a metal_1 line of that length on the gate of one unit, nm."""
        plan = self._plan
        return max(
            diode_width(self._technology, line, unit.width * unit.shortest_gate, geometry.height)
            for unit, geometry in ((plan.positive, self._positive), (plan.negative, self._negative))
        )

    def _draw_column(self, column: int) -> int:
        """Vias from the synapses of a column to its metal_2 line; returns the line's top."""
        technology = self._technology
        x = self._sites[column] + membrane_column(technology)
        top = 0
        for row, units in enumerate(self._plan.weights[column]):
            if units == 0:
                continue
            unit = self._plan.positive if units > 0 else self._plan.negative
            membrane = unit.geometry(technology).membrane
            y = row * self._band + (self._positive_y - membrane if units > 0 else self._negative_y + membrane)
            draw_cut(self._drawing, "via_1", x, y)
            top = y + self._reach
        return top

    def _draw_turns(self, tops: list[int]) -> None:
        technology = self._technology
        below = _RAIL_WIDTH // 2 + technology.nm("metal_1 spacing") + self._reach
        for column, top in enumerate(tops):
            x = self._sites[column] + membrane_column(technology)
            y = -below - 2 * column * WIRE_PITCH
            side = self._plan.membrane_sides[column]
            half = WIRE_WIDTH // 2
            self._drawing.add(
                "metal_2", Box(x - half, y - self._reach, x - half + WIRE_WIDTH, max(top, y + self._reach))
            )
            draw_cut(self._drawing, "via_1", x, y)
            left, right = (0, x + self._reach) if side == "left" else (x - self._reach, self._right)
            self._drawing.add("metal_1", Box(left, y - half, right, y - half + WIRE_WIDTH))
            draw_pin(self._drawing, f"membrane_{column + 1}", y, side, self._right)
            if column + 1 < len(tops):
                self._draw_shield(y - WIRE_PITCH)
        self._bottom = -below - 2 * (len(tops) - 1) * WIRE_PITCH

    def _draw_shield(self, y: int) -> None:
        x = self._spines["vss"]
        clear = 2 * self._reach + self._technology.nm("metal_1 spacing")
        half = SHIELD_WIDTH // 2
        self._drawing.add("metal_1", Box(clear, y - half, self._right - clear, y + half))
        draw_pad(self._drawing, x, y)

    def _draw_spines(self, rows: int) -> None:
        last = (rows - 1) * self._band
        for net, low, high in (("vss", self._bottom, last), ("vdd", self._supply_y, last + self._supply_y)):
            x = self._spines[net]
            half = _SPINE_WIDTH // 2
            self._drawing.add("metal_2", Box(x - half, low - self._reach, x + half, high + self._reach))
            for row in range(rows):
                draw_cut(self._drawing, "via_1", x, row * self._band + (0 if net == "vss" else self._supply_y))
        for net, line in (
            ("bias_negative", self._negative_y + self._negative.bias_line),
            ("bias_positive", self._positive_y - self._positive.bias_line),
        ):
            left = self._spines[net] - WIRE_WIDTH // 2
            self._drawing.add("metal_2", Box(left, line - self._reach, left + WIRE_WIDTH, last + line + self._reach))
