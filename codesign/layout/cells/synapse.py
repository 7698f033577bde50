"""Unit synapses: two transistors in series, current along y, their gates on poly lines that run across the units.

All units of a synapse share the two gate lines and three li1 strips: the rail, the middle node and the membrane. The
lines end in a contact column at the left. A positive synapse is the same drawing in an n-well, placed upside down.
"""

from dataclasses import dataclass

from codesign.layout.cells.taps import tap_width
from codesign.layout.cells.transistor import WIRE_WIDTH, Channel, contact_length
from codesign.layout.contacts import cut_size, fill_with_cuts, pad_size
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

LINE_WIDTH = 230
"""Width of the met1 lines of spikes and biases, nm: an mcon and its enclosure fit in."""

SHIELD_WIDTH = 140
"""Width of the met1 shields, nm."""


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
        return self.width + technology.nm("difftap.3")

    def clearance(self, technology: Technology) -> int:
        """Least distance along y of negative and positive diffusion, nm."""
        return technology.nm("difftap.9") + technology.nm("difftap.8")

    def shared_implants(self, technology: Technology) -> dict[str, int]:
        """Layers drawn over a whole row at once: none."""
        return {}

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
        spike_line: centre of its met1 line.
        shield_line: centre of a grounded met1 line between the spike and the bias.
        source_contact: centre of the source's gate contact.
        bias_line: centre of its met1 line.
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

    @property
    def extent(self) -> int:
        """High end of what is drawn."""
        return self.height


def unit_geometry(unit: Unit, technology: Technology) -> UnitGeometry:
    """Lay out a unit cell along y.

    Raises:
        LayoutError: a size is below the rules or off the grid.
    """
    for what, size, rule in (
        ("width", unit.width, "difftap.2"),
        ("switch length", unit.switch_length, "poly.1a"),
        ("source length", unit.source_length, "poly.1a"),
    ):
        if size < technology.nm(rule) or size % technology.grid:
            raise LayoutError(
                f"a unit cell of {what} {size / 1000:g} um cannot be drawn: at least "
                f"{technology.nm(rule) / 1000:g} um, a multiple of {technology.grid} nm"
            )
    contact = contact_length(technology)
    space = technology.nm("m1.2")
    switch = (contact, contact + unit.switch_length)
    source = (switch[1] + contact, switch[1] + contact + unit.source_length)
    # The gate contacts lie on the outer sides of the lines, their poly pads overlapping them.
    outside = gate_contact_offset(technology)
    # Met1 from the rail upwards: the spike with room for its vias, the shield, the bias.
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
    licon = technology.sizes_nm("licon.1")[0]
    return (licon // 2 + technology.grid) // technology.grid * technology.grid


def spike_line(technology: Technology) -> int:
    """Y of the spike's met1 line, nm: next to the rail, with room for its vias."""
    return -technology.nm("difftap.3") - tap_width(technology) // 2 + WIRE_WIDTH + technology.nm("m1.2")


def contact_column(technology: Technology) -> int:
    """Distance from a synapse's first diffusion to the centre of its gate contacts, nm."""
    licon = technology.sizes_nm("licon.1")[0]
    return technology.nm("psd.5") + technology.nm("licon.9") + licon // 2


def synapse_gap(technology: Technology) -> int:
    """Distance from the diffusion of a synapse to that of the next one on its right, nm."""
    pad = technology.sizes_nm("licon.1")[0] + 2 * technology.nm("licon.8a")
    gap = technology.nm("poly.8") + technology.nm("poly.2") + contact_column(technology) + pad // 2
    return -(-gap // technology.grid) * technology.grid


def draw_unit(unit: Unit, technology: Technology) -> Drawing:
    """Draw one unit cell: diffusion, gates and contacts, its lower left diffusion corner at the origin."""
    geometry = unit_geometry(unit, technology)
    drawing = Drawing(f"unit_{unit.channel}_w{unit.width}_l{unit.switch_length}_l{unit.source_length}", technology)
    drawing.add("diff", Box(0, 0, unit.width, geometry.height))
    end = technology.nm("poly.8")
    for low, high in (geometry.switch, geometry.source):
        drawing.add("poly", Box(-end, low, unit.width + end, high))
    licon = technology.sizes_nm("licon.1")[0]
    inset = technology.nm("licon.5c")
    for y in (geometry.rail, geometry.middle, geometry.membrane):
        bottom = y - licon // 2
        fill_with_cuts(drawing, "licon", Box(inset, bottom, unit.width - inset, bottom + licon))
    return drawing


def draw_synapse(unit: Unit, units: int, technology: Technology) -> Drawing:
    """Draw `units` parallel unit cells, the lower left corner of the first diffusion at the origin.

    The gate contacts reach up to mcon: the met1 lines of the crossbar's row lie over them.
    """
    geometry = unit_geometry(unit, technology)
    cell = draw_unit(unit, technology)
    sign = "negative" if unit.channel == "n" else "positive"
    drawing = Drawing(f"synapse_{sign}_{units}", technology)
    pitch = unit.pitch(technology)
    for number in range(units):
        drawing.place(cell, number * pitch, 0)
    diff = Box(0, 0, (units - 1) * pitch + unit.width, geometry.height)
    drawing.add("nsdm" if unit.channel == "n" else "psdm", diff.grown(technology.nm("nsd.5")))
    _draw_strips(drawing, geometry, diff)
    draw_gate_contact(drawing, geometry.switch, geometry.spike_contact, geometry.spike_line, diff.right)
    draw_gate_contact(drawing, geometry.source, geometry.source_contact, geometry.bias_line, diff.right)
    return drawing


def strip_across(technology: Technology, y: int, right: int) -> Box:
    """Li1 over a row of contacts at `y`, from the first diffusion to the last one's right edge."""
    licon = technology.sizes_nm("licon.1")[0]
    overhang = technology.nm("li.5") - technology.nm("licon.5c")
    return Box(-overhang, y - licon // 2, right + overhang, y - licon // 2 + licon)


def draw_rail_strip(drawing: Drawing, y: int, right: int) -> None:
    """The li1 strip of the rail's contacts, which reaches down to the tap strip under the power rail."""
    technology = drawing.technology
    rail = strip_across(technology, y, right)
    tap_centre = -technology.nm("difftap.3") - tap_width(technology) // 2
    drawing.add("li1", Box(rail.left, tap_centre, rail.right, rail.top))


def _draw_strips(drawing: Drawing, geometry: UnitGeometry, diff: Box) -> None:
    """The li1 strips of rail, middle and membrane, and the membrane's met1."""
    technology = drawing.technology
    draw_rail_strip(drawing, geometry.rail, diff.right)
    drawing.add("li1", strip_across(technology, geometry.middle, diff.right))
    membrane = drawing.add("li1", strip_across(technology, geometry.membrane, diff.right))
    mcons = fill_with_cuts(drawing, "mcon", membrane)
    reach = pad_size(technology, "via", "met1")[1] // 2
    first = membrane_column(technology)
    covered = Box.around(*mcons).grown(technology.nm("m1.5"), 0)
    bottom = geometry.membrane - WIRE_WIDTH // 2
    drawing.add(
        "met1",
        Box(min(first - reach, covered.left), bottom, max(first + reach, covered.right), bottom + WIRE_WIDTH),
    )


def membrane_column(technology: Technology) -> int:
    """Where a membrane column crosses a synapse: x from its first diffusion's edge, nm, whatever its width."""
    return technology.nm("difftap.2") // 2


def draw_gate_contact(drawing: Drawing, gate: tuple[int, int], contact_y: int, line_y: int, right: int) -> None:
    """A gate line, its contact at the left, and li1 from there to the met1 line at `line_y`."""
    technology = drawing.technology
    x = -contact_column(technology)
    licon = technology.sizes_nm("licon.1")[0]
    left, bottom = x - licon // 2, contact_y - licon // 2
    cut = drawing.add("licon", Box(left, bottom, left + licon, bottom + licon))
    pad = drawing.add("poly", cut.grown(technology.nm("licon.8a"), technology.nm("licon.8")))
    drawing.add("poly", Box(pad.left, gate[0], right + technology.nm("poly.8"), gate[1]))
    drawing.add("npc", cut.grown(technology.nm("licon.15")))
    side = cut_size(technology, "mcon")
    mcon = drawing.add("mcon", Box(cut.left, line_y - side // 2, cut.left + side, line_y - side // 2 + side))
    drawing.add("li1", Box.around(cut.grown(0, technology.nm("li.5")), mcon))
