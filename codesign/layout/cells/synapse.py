"""Unit synapses: two transistors in series, current along y, their gates on poly lines that run across the units.

All units of a synapse share the two gate lines and three local interconnect strips: the rail, the middle node and the
membrane. The lines end in a contact column at the left. A positive synapse is the same drawing in an n-well, placed
upside down.
"""

from dataclasses import dataclass

from codesign.layout.cells.taps import tap_width
from codesign.layout.cells.transistor import WIRE_WIDTH, Channel, contact_length, draw_surroundings
from codesign.layout.contacts import cut_size, fill_with_cuts, pad_size
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import RuleRole, Technology

LINE_WIDTH = 230
"""Width of the metal_1 lines of spikes and biases, nm: a via and its enclosure fit in."""

SHIELD_WIDTH = 140
"""Width of the metal_1 shields, nm."""


@dataclass(frozen=True)
class Unit:
    """A unit cell, sizes in nm."""

    channel: Channel
    width: int
    switch_length: int
    source_length: int

    @property
    def shortest_gate(self) -> int:
        """Length of the shortest gate on a line, nm."""
        return min(self.switch_length, self.source_length)

    def pitch(self, technology: Technology) -> int:
        """Distance of neighbouring units, nm."""
        return self.width + technology.nm("active spacing")

    def geometry(self, technology: Technology) -> "UnitGeometry":
        """Lay out a unit cell along y.

        Raises:
            LayoutError: a size is below the rules or off the grid.
        """
        return unit_geometry(self, technology)

    def draw(self, units: int, technology: Technology) -> Drawing:
        """Draw `units` parallel unit cells, the lower left corner of the first diffusion at the origin."""
        return draw_synapse(self, units, technology)


@dataclass(frozen=True)
class UnitGeometry:
    """Where the parts of a unit lie along y, nm, the rail's end of its diffusion at 0.

    Attributes:
        rail: centre of the rail contact.
        switch: low and high edge of the switch's gate.
        middle: centre of the contact between the transistors.
        source: low and high edge of the current source's gate.
        membrane: centre of the membrane contact.
        height: of the diffusion.
        spike_contact: centre of the switch's gate contact.
        spike_line: centre of its metal_1 line.
        shield_line: centre of a grounded metal_1 line between the spike and the bias.
        source_contact: centre of the source's gate contact.
        bias_line: centre of its metal_1 line.
    """

    rail: int
    switch: tuple[int, int]
    middle: int
    source: tuple[int, int]
    membrane: int
    height: int
    spike_contact: int
    spike_line: int
    shield_line: int
    source_contact: int
    bias_line: int


def unit_geometry(unit: Unit, technology: Technology) -> UnitGeometry:
    """Lay out a unit cell along y.

    Raises:
        LayoutError: a size is below the rules or off the grid.
    """
    sizes: tuple[tuple[str, int, RuleRole], ...] = (
        ("width", unit.width, "channel width"),
        ("switch length", unit.switch_length, "poly width"),
        ("source length", unit.source_length, "poly width"),
    )
    for what, size, rule in sizes:
        if size < technology.nm(rule) or size % technology.grid:
            raise LayoutError(
                f"a unit cell of {what} {size / 1000:g} um cannot be drawn: at least "
                f"{technology.nm(rule) / 1000:g} um, a multiple of {technology.grid} nm"
            )
    contact = contact_length(technology)
    space = technology.nm("metal_1 spacing")
    switch = (contact, contact + unit.switch_length)
    source = (switch[1] + contact, switch[1] + contact + unit.source_length)
    # The gate contacts lie on the outer sides of the lines, their poly pads overlapping them.
    outside = gate_contact_offset(technology)
    # Metal_1 from the rail upwards: the spike with room for its vias, the shield, the bias.
    spike = spike_line(technology)
    shield_line = spike + (LINE_WIDTH + SHIELD_WIDTH) // 2 + space
    bias_line = shield_line + (LINE_WIDTH + SHIELD_WIDTH) // 2 + space
    return UnitGeometry(
        rail=contact // 2,
        switch=switch,
        middle=switch[1] + contact // 2,
        source=source,
        membrane=source[1] + contact // 2,
        height=source[1] + contact,
        spike_contact=switch[0] - outside,
        spike_line=spike,
        shield_line=shield_line,
        source_contact=source[1] + outside,
        bias_line=bias_line,
    )


def gate_contact_offset(technology: Technology) -> int:
    """Distance of a gate contact's centre from the outer edge of its gate, nm."""
    contact_side = cut_size(technology, "contact")
    return (contact_side // 2 + technology.grid) // technology.grid * technology.grid


def spike_line(technology: Technology) -> int:
    """Y of the spike's metal_1 line, nm: next to the rail, with room for its vias."""
    return -technology.nm("active spacing") - tap_width(technology) // 2 + WIRE_WIDTH + technology.nm("metal_1 spacing")


def contact_column(technology: Technology) -> int:
    """Distance from a synapse's first diffusion to the centre of its gate contacts, nm."""
    contact_side = cut_size(technology, "contact")
    return (
        technology.nm("p_implant enclosure of active")
        + technology.nm("poly contact to p_implant spacing")
        + contact_side // 2
    )


def synapse_gap(technology: Technology) -> int:
    """Distance from the diffusion of a synapse to that of the next one on its right, nm."""
    pad = cut_size(technology, "contact") + 2 * technology.nm("poly end enclosure of contact")
    gap = technology.nm("gate extension") + technology.nm("poly spacing") + contact_column(technology) + pad // 2
    return -(-gap // technology.grid) * technology.grid


def draw_unit(unit: Unit, technology: Technology) -> Drawing:
    """Draw one unit cell: diffusion, gates and contacts, its lower left diffusion corner at the origin."""
    geometry = unit_geometry(unit, technology)
    drawing = Drawing(f"unit_{unit.channel}_w{unit.width}_l{unit.switch_length}_l{unit.source_length}", technology)
    draw_surroundings(drawing, unit.channel, drawing.add("active", Box(0, 0, unit.width, geometry.height)))
    end = technology.nm("gate extension")
    for low, high in (geometry.switch, geometry.source):
        drawing.add("poly", Box(-end, low, unit.width + end, high))
    contact_side = cut_size(technology, "contact")
    inset = technology.nm("active end enclosure of contact")
    for y in (geometry.rail, geometry.middle, geometry.membrane):
        bottom = y - contact_side // 2
        fill_with_cuts(drawing, "contact", Box(inset, bottom, unit.width - inset, bottom + contact_side))
        # What makes a contact lies in one cell; the synapse's strips lie over it.
        drawing.add("local_interconnect", strip_across(technology, y, unit.width))
    return drawing


def draw_synapse(unit: Unit, units: int, technology: Technology) -> Drawing:
    """Draw `units` parallel unit cells, the lower left corner of the first diffusion at the origin.

    The gate contacts reach up to their vias: the metal_1 lines of the crossbar's row lie over them.
    """
    geometry = unit_geometry(unit, technology)
    cell = draw_unit(unit, technology)
    sign = "negative" if unit.channel == "n" else "positive"
    drawing = Drawing(f"synapse_{sign}_{units}", technology)
    pitch = unit.pitch(technology)
    for number in range(units):
        drawing.place(cell, number * pitch, 0)
    diff = Box(0, 0, (units - 1) * pitch + unit.width, geometry.height)
    draw_surroundings(drawing, unit.channel, diff)
    _draw_strips(drawing, geometry, diff)
    draw_gate_contact(drawing, geometry.switch, geometry.spike_contact, geometry.spike_line, diff.right)
    draw_gate_contact(drawing, geometry.source, geometry.source_contact, geometry.bias_line, diff.right)
    return drawing


def strip_across(technology: Technology, y: int, right: int) -> Box:
    """Local interconnect over a row of contacts at `y`, from the first diffusion to the last one's right edge."""
    contact_side = cut_size(technology, "contact")
    overhang = technology.nm("local_interconnect end enclosure of contact") - technology.nm(
        "active end enclosure of contact"
    )
    return Box(-overhang, y - contact_side // 2, right + overhang, y - contact_side // 2 + contact_side)


def draw_rail_strip(drawing: Drawing, y: int, right: int) -> None:
    """The local interconnect strip of the rail's contacts, which reaches down to the tap strip under the power rail."""
    technology = drawing.technology
    rail = strip_across(technology, y, right)
    tap_centre = -technology.nm("active spacing") - tap_width(technology) // 2
    drawing.add("local_interconnect", Box(rail.left, tap_centre, rail.right, rail.top))


def _draw_strips(drawing: Drawing, geometry: UnitGeometry, diff: Box) -> None:
    """The local interconnect strips of rail, middle and membrane, and the membrane's metal_1."""
    technology = drawing.technology
    draw_rail_strip(drawing, geometry.rail, diff.right)
    drawing.add("local_interconnect", strip_across(technology, geometry.middle, diff.right))
    membrane = drawing.add("local_interconnect", strip_across(technology, geometry.membrane, diff.right))
    vias = fill_with_cuts(drawing, "via_0", membrane)
    reach = pad_size(technology, "via_1", "metal_1")[1] // 2
    first = membrane_column(technology)
    covered = Box.around(*vias).grown(technology.nm("metal_1 end enclosure of via_0"), 0)
    bottom = geometry.membrane - WIRE_WIDTH // 2
    drawing.add(
        "metal_1",
        Box(min(first - reach, covered.left), bottom, max(first + reach, covered.right), bottom + WIRE_WIDTH),
    )


def membrane_column(technology: Technology) -> int:
    """Where a membrane column crosses a synapse: x from its first diffusion's edge, nm, whatever its width."""
    return technology.nm("channel width") // 2


def draw_gate_contact(drawing: Drawing, gate: tuple[int, int], contact_y: int, line_y: int, right: int) -> None:
    """A gate line, its contact at the left, and local interconnect from there to the metal_1 line at `line_y`."""
    technology = drawing.technology
    x = -contact_column(technology)
    contact_side = cut_size(technology, "contact")
    left, bottom = x - contact_side // 2, contact_y - contact_side // 2
    cut = drawing.add("contact", Box(left, bottom, left + contact_side, bottom + contact_side))
    pad = drawing.add(
        "poly", cut.grown(technology.nm("poly end enclosure of contact"), technology.nm("poly enclosure of contact"))
    )
    drawing.add("poly", Box(pad.left, gate[0], right + technology.nm("gate extension"), gate[1]))
    drawing.add("nitride_cut", cut.grown(technology.nm("nitride_cut enclosure of contact")))
    side = cut_size(technology, "via_0")
    via = drawing.add("via_0", Box(cut.left, line_y - side // 2, cut.left + side, line_y - side // 2 + side))
    drawing.add(
        "local_interconnect",
        Box.around(cut.grown(0, technology.nm("local_interconnect end enclosure of contact")), via),
    )
