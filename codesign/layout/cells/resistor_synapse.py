"""Poly-resistor synapses: switches at the rail, and beyond them a row of upright resistors to the membrane.

The gates of all units of a synapse are one poly line; li1 joins their drains and goes on to the nearest resistor, met1
joins the resistors' ends. A positive synapse is the same drawing with its switches in an n-well, placed upside down.
"""

from dataclasses import dataclass

from codesign.layout.cells.resistor import ResistorDrawing, draw_resistor
from codesign.layout.cells.synapse import (
    draw_gate_contact,
    draw_rail_strip,
    gate_contact_offset,
    membrane_column,
    spike_line,
    strip_across,
)
from codesign.layout.cells.transistor import WIRE_WIDTH, Channel, contact_length
from codesign.layout.contacts import fill_with_cuts, pad_size
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology


@dataclass(frozen=True)
class ResistorGeometry:
    """Where the parts of a unit lie along y, nm, the rail's end of its switch at 0.

    Attributes:
        rail: centre of the rail contact.
        switch: low and high edge of the switch's gate.
        middle: centre of the contact between switch and resistor.
        height: of the switch's diffusion.
        resistor: low end of the resistor's body.
        extent: high end of the resistor's poly.
        membrane: centre of the met1 bar at the membrane.
        spike_contact: centre of the switch's gate contact.
        spike_line: centre of its met1 line.
    """

    rail: int
    switch: tuple[int, int]
    middle: int
    height: int
    resistor: int
    extent: int
    membrane: int
    spike_contact: int
    spike_line: int


@dataclass(frozen=True)
class ResistorUnit:
    """A unit cell of a switch and a poly resistor, sizes in nm."""

    channel: Channel
    width: int
    switch_length: int
    resistor_width: int
    resistor_length: int

    @property
    def shortest_gate(self) -> int:
        """Length of the shortest gate on a line, nm."""
        return self.switch_length

    def pitch(self, technology: Technology) -> int:
        """Distance of neighbouring units, nm."""
        return max(self.width + technology.nm("difftap.3"), self._resistor_pitch(technology))

    def clearance(self, technology: Technology) -> int:
        """Least distance along y of a resistor to the diffusion of a switch, nm."""
        return max(
            technology.nm("poly.9"),
            technology.nm("nsd.5") + technology.nm("rpm.6") + technology.nm("rpm.3"),
            technology.nm("psd.5") + technology.nm("psd.2") + technology.nm("rpm.4"),
        )

    def shared_implants(self, technology: Technology) -> dict[str, int]:
        """Layers drawn over all resistors of a row at once, and how far they reach beyond them, nm."""
        return {layer: technology.nm(rule) for layer, rule in (("urpm", "rpm.3"), ("psdm", "rpm.4"), ("npc", "rpm.5"))}

    def geometry(self, technology: Technology) -> ResistorGeometry:
        """Lay out a unit cell along y.

        Raises:
            LayoutError: a size is below the rules or off the grid.
        """
        self._check(technology)
        contact = contact_length(technology)
        switch = (contact, contact + self.switch_length)
        height = switch[1] + contact
        drawn = self._draw_resistor(technology)
        poly = Box.around(*(box for layer, box in drawn.drawing.shapes if layer == "poly"))
        start = height + self.clearance(technology) - poly.bottom
        return ResistorGeometry(
            rail=contact // 2,
            switch=switch,
            middle=switch[1] + contact // 2,
            height=height,
            resistor=start,
            extent=start + poly.top,
            membrane=start + drawn.high.top - WIRE_WIDTH // 2,
            spike_contact=switch[0] - gate_contact_offset(technology),
            spike_line=spike_line(technology),
        )

    def draw(self, units: int, technology: Technology) -> Drawing:
        """Draw `units` parallel unit cells, the lower left corner of the first diffusion at the origin."""
        geometry = self.geometry(technology)
        sign = "negative" if self.channel == "n" else "positive"
        drawing = Drawing(f"resistor_synapse_{sign}_{units}", technology)
        diff = self._draw_switches(drawing, geometry, units)
        resistors = self._draw_resistor(technology)
        pitch = self._resistor_pitch(technology)
        placed = [drawing.place(resistors.drawing, number * pitch, geometry.resistor) for number in range(units)]
        low = Box.around(*(instance.place(resistors.low) for instance in placed))
        high = Box.around(*(instance.place(resistors.high) for instance in placed))
        drawing.add("met1", Box(low.left, low.bottom, low.right, low.bottom + WIRE_WIDTH))
        reach, column = pad_size(technology, "via", "met1")[1] // 2, membrane_column(technology)
        left, right = min(high.left, column - reach), max(high.right, column + reach)
        drawing.add("met1", Box(left, high.top - WIRE_WIDTH, right, high.top))
        middle = drawing.add("li1", strip_across(technology, geometry.middle, diff.right))
        first = min((box for layer, box in resistors.drawing.shapes if layer == "li1"), key=lambda box: box.bottom)
        head = placed[0].place(first)
        drawing.add("li1", Box(head.left, middle.bottom, head.right, head.top))
        return drawing

    def _draw_switches(self, drawing: Drawing, geometry: ResistorGeometry, units: int) -> Box:
        technology = drawing.technology
        licon, inset = technology.sizes_nm("licon.1")[0], technology.nm("licon.5c")
        pitch = self.width + technology.nm("difftap.3")
        for left in range(0, units * pitch, pitch):
            drawing.add("diff", Box(left, 0, left + self.width, geometry.height))
            for y in (geometry.rail, geometry.middle):
                bottom = y - licon // 2
                fill_with_cuts(drawing, "licon", Box(left + inset, bottom, left + self.width - inset, bottom + licon))
        diff = Box(0, 0, (units - 1) * pitch + self.width, geometry.height)
        drawing.add("nsdm" if self.channel == "n" else "psdm", diff.grown(technology.nm("nsd.5")))
        draw_rail_strip(drawing, geometry.rail, diff.right)
        draw_gate_contact(drawing, geometry.switch, geometry.spike_contact, geometry.spike_line, diff.right)
        return diff

    def _draw_resistor(self, technology: Technology) -> ResistorDrawing:
        return draw_resistor(self.resistor_width, self.resistor_length, technology)

    def _resistor_pitch(self, technology: Technology) -> int:
        return self.resistor_width + technology.nm("poly.9")

    def _check(self, technology: Technology) -> None:
        for what, size, rule in (("width", self.width, "difftap.2"), ("switch length", self.switch_length, "poly.1a")):
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
