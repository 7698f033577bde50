"""Poly-resistor synapses: switches at the rail, and beyond them a row of upright resistors to the membrane.

The gates of all units of a synapse are one poly line. Local interconnect joins their drains and goes on to the
resistors above them, metal_1 joins the ends of the resistors. Between switches and resistors there is room for the
spike lines of all inputs. A positive synapse is the same drawing with its switches in an n-well, placed upside down.
"""

from dataclasses import dataclass

from codesign.layout.cells.resistor import ResistorDrawing, draw_resistor
from codesign.layout.cells.synapse import (
    draw_gate_contact,
    draw_rail_strip,
    gate_contact_offset,
    spike_line,
    strip_across,
    synapse_gap,
)
from codesign.layout.cells.transistor import WIRE_PITCH, WIRE_WIDTH, Channel, contact_length, draw_surroundings
from codesign.layout.contacts import cut_size, fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Layer, RuleRole, Technology


@dataclass(frozen=True)
class ResistorGeometry:
    """Where the parts of a unit lie along y, nm, the rail's end of its switch at 0.

    Attributes:
        rail: centre of the rail contact.
        switch: low and high edge of the switch's gate.
        middle: centre of the contact between switch and resistor.
        height: of the switch's diffusion.
        base: low end of the resistor's poly.
        resistor: low end of its body.
        body_top: high end of its body.
        extent: high end of its poly.
        membrane: centre of the metal_1 bar at the membrane.
        spike_contact: centre of the switch's gate contact.
        spike_lines: centres of the metal_1 lines of the spikes, one for each input.
    """

    rail: int
    switch: tuple[int, int]
    middle: int
    height: int
    base: int
    resistor: int
    body_top: int
    extent: int
    membrane: int
    spike_contact: int
    spike_lines: tuple[int, ...]


@dataclass(frozen=True)
class ResistorUnit:
    """A unit cell of a switch and a poly resistor, sizes in nm."""

    channel: Channel
    width: int
    switch_length: int
    resistor_width: int
    resistor_length: int

    @property
    def gate_area(self) -> int:
        """Of the switch, nm2."""
        return self.width * self.switch_length

    def span(self, units: int, technology: Technology) -> int:
        """Distance from a synapse of so many units to the next one of its sign, nm."""
        switches = (units - 1) * self._switch_pitch(technology) + self.width + synapse_gap(technology)
        return max(switches, units * (self.resistor_width + technology.nm("resistor spacing")))

    def clearance(self, technology: Technology) -> int:
        """Least distance along y of a resistor to the diffusion of a switch, nm."""
        return max(
            technology.nm("resistor spacing"),
            technology.nm("n_implant enclosure of active")
            + technology.nm("resistor_implant to n_implant spacing")
            + technology.nm("resistor_implant enclosure of resistor"),
            technology.nm("p_implant enclosure of active")
            + technology.nm("p_implant spacing")
            + technology.nm("p_implant enclosure of resistor"),
        )

    def shared_implants(self, technology: Technology) -> dict[Layer, int]:
        """Layers drawn over all resistors of a crossbar at once, and how far they reach beyond them, nm."""
        return {
            "resistor_implant": technology.nm("resistor_implant enclosure of resistor"),
            "p_implant": technology.nm("p_implant enclosure of resistor"),
            "nitride_cut": technology.nm("nitride_cut enclosure of resistor"),
        }

    def geometry(self, inputs: int, technology: Technology) -> ResistorGeometry:
        """Lay out a unit cell along y, beside the spike lines of `inputs` inputs.

        Raises:
            LayoutError: a size is below the rules or off the grid.
        """
        self._check(technology)
        contact = contact_length(technology)
        switch = (contact, contact + self.switch_length)
        height = switch[1] + contact
        first = spike_line(technology)
        lines = tuple(range(first, first + inputs * WIRE_PITCH, WIRE_PITCH))
        drawn = self._draw_resistor(technology)
        poly = Box.around(*(box for layer, box in drawn.drawing.shapes if layer == "poly"))
        by_lines = lines[-1] + WIRE_WIDTH // 2 + technology.nm("metal_1 spacing") - drawn.low.bottom
        head = min(box.bottom for layer, box in drawn.drawing.shapes if layer == "local_interconnect")
        by_contacts = (
            lines[-1] + cut_size(technology, "via_0") // 2 + technology.nm("local_interconnect spacing") - head
        )
        start = max(height + self.clearance(technology) - poly.bottom, by_lines, by_contacts)
        start = -(-start // technology.grid) * technology.grid
        return ResistorGeometry(
            rail=contact // 2,
            switch=switch,
            middle=switch[1] + contact // 2,
            height=height,
            base=start + poly.bottom,
            resistor=start,
            body_top=start + self.resistor_length,
            extent=start + poly.top,
            membrane=start + drawn.high.top - WIRE_WIDTH // 2,
            spike_contact=switch[0] - gate_contact_offset(technology),
            spike_lines=lines,
        )

    def draw(self, units: int, geometry: ResistorGeometry, row: int, technology: Technology) -> Drawing:
        """Draw a synapse, the lower left corner of the first diffusion at the origin.

        Args:
            units: parallel unit cells.
            geometry: where their parts lie.
            row: number of the input, from 0, whose spike line switches them.
            technology: the rules.
        """
        sign = "negative" if self.channel == "n" else "positive"
        inputs = len(geometry.spike_lines)
        drawing = Drawing(f"resistor_synapse_{sign}_{units}_{row + 1}_of_{inputs}", technology)
        diff = self._draw_switches(drawing, geometry, units, row)
        resistors = self._draw_resistor(technology)
        pitch = self.resistor_width + technology.nm("resistor spacing")
        placed = [drawing.place(resistors.drawing, number * pitch, geometry.resistor) for number in range(units)]
        low = Box.around(*(instance.place(resistors.low) for instance in placed))
        high = Box.around(*(instance.place(resistors.high) for instance in placed))
        drawing.add("metal_1", Box(low.left, low.bottom, low.right, low.bottom + WIRE_WIDTH))
        drawing.add("metal_1", Box(high.left, high.top - WIRE_WIDTH, high.right, high.top))
        middle = drawing.add("local_interconnect", strip_across(technology, geometry.middle, diff.right))
        first = min(
            (box for layer, box in resistors.drawing.shapes if layer == "local_interconnect"),
            key=lambda box: box.bottom,
        )
        for head in (instance.place(first) for instance in placed):
            if head.right <= max(middle.right, first.right):
                drawing.add("local_interconnect", Box(head.left, middle.bottom, head.right, head.top))
        return drawing

    def _draw_switches(self, drawing: Drawing, geometry: ResistorGeometry, units: int, row: int) -> Box:
        technology = drawing.technology
        contact_side, inset = cut_size(technology, "contact"), technology.nm("active end enclosure of contact")
        pitch = self._switch_pitch(technology)
        for left in range(0, units * pitch, pitch):
            drawing.add("active", Box(left, 0, left + self.width, geometry.height))
            for y in (geometry.rail, geometry.middle):
                bottom = y - contact_side // 2
                fill_with_cuts(
                    drawing, "contact", Box(left + inset, bottom, left + self.width - inset, bottom + contact_side)
                )
        diff = Box(0, 0, (units - 1) * pitch + self.width, geometry.height)
        draw_surroundings(drawing, self.channel, diff)
        draw_rail_strip(drawing, geometry.rail, diff.right)
        draw_gate_contact(drawing, geometry.switch, geometry.spike_contact, geometry.spike_lines[row], diff.right)
        return diff

    def _draw_resistor(self, technology: Technology) -> ResistorDrawing:
        return draw_resistor(self.resistor_width, self.resistor_length, technology)

    def _switch_pitch(self, technology: Technology) -> int:
        return self.width + technology.nm("active spacing")

    def _check(self, technology: Technology) -> None:
        sizes: tuple[tuple[str, int, RuleRole], ...] = (
            ("width", self.width, "channel width"),
            ("switch length", self.switch_length, "poly width"),
        )
        for what, size, rule in sizes:
            if size < technology.nm(rule) or size % technology.grid:
                raise LayoutError(
                    f"a unit cell of {what} {size / 1000:g} um cannot be drawn: at least "
                    f"{technology.nm(rule) / 1000:g} um, a multiple of {technology.grid} nm"
                )
        if self.resistor_length % technology.grid:
            raise LayoutError(
                f"a poly resistor of length {self.resistor_length / 1000:g} um is off the {technology.grid} nm grid; "
                "round it"
            )
