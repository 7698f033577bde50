"""A passing and failing drawings for every design rule, with the limits typed here and not read from the deck."""

from dataclasses import dataclass

GRID = 0.005

Shape = tuple[str, tuple[float, ...]]


@dataclass(frozen=True)
class Example:
    """Drawings that keep a rule, and drawings that break it. A shape is (layer, x0, y0, x1, y1, ...) in um."""

    passing: tuple[tuple[Shape, ...], ...]
    failing: tuple[tuple[Shape, ...], ...]


def box(layer: str, x0: float, y0: float, x1: float, y1: float) -> tuple[Shape, ...]:
    """A rectangle on a layer; on `n_diff` and its like, with the implant that makes it so."""
    implants = {
        "n_active": ("active", "n_implant"),
        "p_active": ("active", "p_implant"),
        "n_tap": ("tap", "n_implant"),
        "p_tap": ("tap", "p_implant"),
    }
    if layer not in implants:
        return ((layer, (x0, y0, x1, y1)),)
    drawn, implant = implants[layer]
    return (drawn, (x0, y0, x1, y1)), (implant, (x0 - 0.125, y0 - 0.125, x1 + 0.125, y1 + 0.125))


def square(layer: str, size: float) -> tuple[Shape, ...]:
    return box(layer, 0, 0, size, size)


def around(layer: str, size: float, left: float, bottom: float, right: float, top: float) -> tuple[Shape, ...]:
    return box(layer, -left, -bottom, size + right, size + top)


def width(layer: str, limit: float, length: float = 5.0) -> Example:
    return Example((box(layer, 0, 0, limit, length),), (box(layer, 0, 0, limit - GRID, length),))


def space(layer: str, limit: float, size: float) -> Example:
    def pair(gap: float) -> tuple[Shape, ...]:
        return square(layer, size) + box(layer, size + gap, 0, 2 * size + gap, size)

    corner = (limit - GRID) / 2**0.5
    diagonal = round(corner / GRID - 0.5) * GRID
    apart = square(layer, size) + box(layer, size + diagonal, size + diagonal, 2 * size + diagonal, 2 * size + diagonal)
    notch = box(layer, 0, 0, 3 * size, size) + box(layer, 0, size, size, 2 * size)
    notch += box(layer, size + limit - GRID, size, 3 * size, 2 * size)
    return Example((pair(limit),), (pair(limit - GRID), apart, notch))


def separation(first: str, second: str, limit: float, size: float = 2.0) -> Example:
    def pair(gap: float) -> tuple[Shape, ...]:
        return square(first, size) + box(second, size + gap, 0, 2 * size + gap, size)

    return Example((pair(limit),), (pair(limit - GRID), pair(-size)))


def enclosure(inner: str, size: float, outer: str, limit: float) -> Example:
    """Limit on all four sides; too little on one side, and not inside at all."""
    shape = square(inner, size)
    return Example(
        (shape + around(outer, size, limit, limit, limit, limit),),
        (shape + around(outer, size, limit - GRID, limit, limit, limit), shape),
    )


def adjacent(inner: str, size: float, outer: str, limit: float, floor: float, more: tuple[Shape, ...] = ()) -> Example:
    """The limit on two opposite sides and `floor` on the others; then a grid less on one side of a corner."""
    shape = square(inner, size) + more
    less = limit - GRID
    return Example(
        (
            shape + around(outer, size, floor, limit, floor, limit),
            shape + around(outer, size, limit, floor, limit, floor),
        ),
        (
            shape + around(outer, size, floor, less, floor, limit),
            shape + around(outer, size, less, limit, limit, floor),
        ),
    )


def area(layer: str, side: float, other: float) -> Example:
    """A rectangle that just has the area, and one that is a grid shorter."""
    return Example((box(layer, 0, 0, side, other),), (box(layer, 0, 0, side, other - GRID),))


def hole(layer: str, side: float, other: float, frame: float) -> Example:
    def ring(height: float) -> tuple[Shape, ...]:
        right, top = frame + side, frame + height
        return (
            box(layer, 0, 0, right + frame, frame)
            + box(layer, 0, top, right + frame, top + frame)
            + box(layer, 0, 0, frame, top + frame)
            + box(layer, right, 0, right + frame, top + frame)
        )

    return Example((ring(other),), (ring(other - GRID),))


def ring(layer: str, frame: float, side: float) -> tuple[Shape, ...]:
    """A square frame around a hole of `side`."""
    far, end = frame + side, 2 * frame + side
    return (
        box(layer, 0, 0, end, frame)
        + box(layer, 0, far, end, end)
        + box(layer, 0, frame, frame, far)
        + box(layer, far, frame, end, far)
    )


def cut(layer: str, short: float, long: float, more: tuple[Shape, ...] = (), frame: float = 0.0) -> Example:
    """A cut of its size; too wide, too short, no rectangle, and rings thinner and thicker than a seal ring's frame."""
    rings = (ring(layer, frame - GRID, 5.0), ring(layer, frame + 2 * GRID, 5.0)) if frame else ()
    return Example(
        (box(layer, 0, 0, short, long) + more,),
        (
            box(layer, 0, 0, short + GRID, long) + more,
            box(layer, 0, 0, short, long - GRID) + more,
            box(layer, 0, 0, short, long) + box(layer, short, 0, short + long, short - 0.05) + more,
            *rings,
        ),
    )


def floating(layer: str, *cuts: str) -> Example:
    """A plate with each of the cuts that may hold it, and one with none."""
    return Example(tuple(square(layer, 3.0) + box(one, 1, 1, 1.8, 1.8) for one in cuts), (square(layer, 3.0),))


def wide(layer: str, limit: float) -> Example:
    plate = square(layer, 3.0)
    attached = box(layer, 3.0, 1.0, 8.0, 1.4)
    near = box(layer, 3.0 + limit - GRID, 2.0, 8.0, 2.4)
    far = box(layer, 3.0 + limit, 2.0, 8.0, 2.4)
    wider = square(layer, 3.5) + box(layer, 3.5 + limit - GRID, 2.0, 8.0, 2.4)
    slim = box(layer, 0, 0, 2.995, 3.0) + box(layer, 2.995 + limit - GRID, 0, 8.0, 2.9)
    twins = attached + box(layer, 3.0, 1.4 + limit - GRID, 8.0, 2.2)
    apart = attached + box(layer, 3.0, 1.4 + limit, 8.0, 2.2)
    return Example(
        (plate + attached + far, slim, plate + apart), (plate + attached + near, plate + near, plate + twins, wider)
    )


TRANSISTOR_DIFF = box("n_active", 0, 0, 1.0, 0.42)
P_DIFF = box("p_active", 0, 0, 1.0, 0.42)
GATE = box("poly", 0.4, -0.13, 0.55, 0.55)
RESISTOR = (
    box("poly", 0, 0, 0.35, 8.0)
    + box("resistor_mark", -0.1, 2.5, 0.45, 5.5)
    + box("resistor_implant", -0.5, -0.5, 0.85, 8.5)
)
SLOT_LOW = box("contact", 0.08, 0.08, 0.27, 2.08)
WELL = box("n_well", -1, -1, 3, 3)


def resistor(at: float = 0.0, wide_um: float = 0.35) -> tuple[Shape, ...]:
    return (
        box("poly", at, 0, at + wide_um, 8.0)
        + box("resistor_mark", at - 0.1, 2.5, at + wide_um + 0.1, 5.5)
        + box("resistor_implant", at - 0.5, -0.5, at + wide_um + 0.5, 8.5)
    )


def resistor_enclosure(layer: str, limit: float) -> Example:
    body = box("poly", 0, 0, 1.41, 8.0) + box("resistor_mark", -0.1, 2.5, 1.51, 5.5)
    block = () if layer == "resistor_implant" else box("resistor_implant", -0.5, -0.5, 1.91, 8.5)
    return Example(
        (body + block + box(layer, -limit, -limit, 1.41 + limit, 8 + limit),),
        (body + block + box(layer, -limit + GRID, -limit, 1.41 + limit, 8 + limit),),
    )


def butted(tap_width: float = 0.5, tap_x: float = 1.0, tap_height: float = 0.42) -> tuple[Shape, ...]:
    """An n+ diffusion with a p+ tap that abuts its right edge."""
    return (
        ("active", (0, 0, 1.0, 0.42)),
        ("n_implant", (-0.125, -0.125, 1.0, 0.545)),
        ("tap", (tap_x, 0, tap_x + tap_width, tap_height)),
        ("p_implant", (1.0, -0.125, tap_x + tap_width + 0.125, tap_height + 0.125)),
    )


def two_sided(tap_width: float) -> tuple[Shape, ...]:
    return (*butted(tap_width), ("active", (1.0 + tap_width, 0, 2.0, 0.42)))


# Layers that x.2 and x.3a are about.
SQUARE = (
    "active",
    "tap",
    "poly",
    "contact",
    "local_interconnect",
    "mim_plate",
    "via_0",
    "via_1",
    "via_2",
    "via_3",
    "via_4",
)
BEVELLED = ("n_well", "low_threshold_implant", "high_threshold_implant", "n_implant", "p_implant", "nitride_cut")
BEVELLED += ("resistor_implant", "metal_1", "metal_2", "metal_3", "metal_4", "metal_5")


def slots(right: float, above: float) -> tuple[Shape, ...]:
    """Two slotted contacts of one resistor, one that far to the right of and above the other."""
    slot = box("contact", 1.0, 1.0, 1.19, 3.0)
    body = box("poly", 0, 0, 5.73, 20.0) + box("resistor_mark", -0.1, 8.5, 5.83, 12.5)
    covers = box("resistor_implant", -0.5, -0.5, 6.23, 20.5) + box("p_implant", -0.5, -0.5, 6.23, 20.5)
    return body + covers + slot + box("contact", 1.0 + right, 1.0 + above, 1.19 + right, 3.0 + above)


EXAMPLES: dict[str, Example] = {
    "x.1b": Example((square("metal_1", 0.5),), tuple(box(layer, 0.002, 0, 2, 2) for layer in (*SQUARE, *BEVELLED))),
    "x.2": Example(
        (square("active", 1.0),),
        (
            *(((layer, (0, 0, 0, 1, 1, 0)),) for layer in SQUARE),
            (("local_interconnect", (0, 0, 0, 2, 1, 0)),),
        ),
    ),
    "x.3a": Example(((("metal_1", (0, 0, 0, 1, 1, 0)),),), tuple(((one, (0, 0, 0, 2, 1, 0)),) for one in BEVELLED)),
    "nwell.1": width("n_well", 0.84),
    "nwell.2a": space("n_well", 1.27, 2.0),
    "nwell.4": Example(
        (WELL + box("n_tap", 0, 0, 1, 1) + box("contact", 0.4, 0.4, 0.57, 0.57),),
        (WELL, WELL + box("n_tap", 0, 0, 1, 1)),
    ),
    "difftap.1": Example(
        width("active", 0.15).passing,
        (
            *width("active", 0.15).failing,
            *width("tap", 0.15).failing,
            box("active", 0, 0, 0.145, 1) + box("tap", 0.145, 0, 1, 1),
        ),
    ),
    "difftap.2": Example((TRANSISTOR_DIFF + GATE,), (box("n_active", 0, 0, 1.0, 0.415) + GATE,)),
    "difftap.3": Example(
        (*space("active", 0.27, 0.5).passing, butted()),
        space("active", 0.27, 0.5).failing
        + space("tap", 0.27, 0.5).failing
        + (box("active", 0, 0, 1, 1) + box("tap", 1.265, 0, 2, 1),),
    ),
    "difftap.4": Example((butted(tap_height=0.29),), (butted(tap_height=0.285),)),
    "difftap.5": Example((two_sided(0.40),), (two_sided(0.395),)),
    "difftap.6": Example((butted(),), (butted(tap_x=0.99),)),
    "difftap.7": Example(
        (butted() + box("active", 1.0, 0.55, 1.5, 1.0),), (butted() + box("active", 1.0, 0.545, 1.5, 1.0),)
    ),
    "difftap.8": enclosure("p_active", 1.0, "n_well", 0.18),
    "difftap.9": separation("n_active", "n_well", 0.34),
    "difftap.10": enclosure("n_tap", 1.0, "n_well", 0.18),
    "difftap.11": separation("p_tap", "n_well", 0.13),
    "lvtn.1a": width("low_threshold_implant", 0.38),
    "lvtn.2": space("low_threshold_implant", 0.38, 1.0),
    "lvtn.3a": Example(
        (TRANSISTOR_DIFF + GATE + box("low_threshold_implant", 0.4, 0.6, 1, 2),),
        (TRANSISTOR_DIFF + GATE + box("low_threshold_implant", 0.4, 0.595, 1, 2),),
    ),
    "lvtn.3b": Example(
        (
            P_DIFF + GATE + box("low_threshold_implant", 0.785, 0, 2, 1),
            P_DIFF + GATE + box("low_threshold_implant", 0.4, 0.62, 1, 2),
        ),
        (P_DIFF + GATE + box("low_threshold_implant", 0.78, 0, 2, 1),),
    ),
    "lvtn.4b": Example(
        (TRANSISTOR_DIFF + GATE + box("low_threshold_implant", 0.22, -0.18, 0.73, 0.6),),
        (
            TRANSISTOR_DIFF + GATE + box("low_threshold_implant", 0.225, -0.18, 0.73, 0.6),
            TRANSISTOR_DIFF + GATE + box("low_threshold_implant", 0, 0.1, 1, 1),
        ),
    ),
    "lvtn.10": Example(
        (
            box("low_threshold_implant", 0, 0, 1, 1) + box("n_well", -0.38, -0.38, 1.38, 1.38),
            box("low_threshold_implant", 0, 0, 1, 1) + box("n_well", 0, -1, 2, 2),
        ),
        (box("low_threshold_implant", 0, 0, 1, 1) + box("n_well", -0.375, -0.38, 1.38, 1.38),),
    ),
    "MR_lvtn.OVL.2": Example(
        (
            box("low_threshold_implant", 0, 0, 1, 1) + box("n_well", 0, -1, 2, 2),
            box("low_threshold_implant", 0, 0, 1, 1) + box("n_well", 1.005, 0, 2, 1),
        ),
        (
            box("low_threshold_implant", 0, 0, 1, 1) + box("n_well", 0.5, -1, 2, 2),
            box("low_threshold_implant", 0, 0, 1, 1) + box("n_well", 1, 0, 2, 1),
        ),
    ),
    "lvtn.13": area("low_threshold_implant", 0.50, 0.53),
    "lvtn.14": hole("low_threshold_implant", 0.50, 0.53, 0.4),
    "hvtp.1": width("high_threshold_implant", 0.38),
    "hvtp.2": space("high_threshold_implant", 0.38, 1.0),
    "hvtp.3": Example(
        (P_DIFF + GATE + box("high_threshold_implant", 0.22, -0.18, 0.73, 0.6),),
        (
            P_DIFF + GATE + box("high_threshold_implant", 0.225, -0.18, 0.73, 0.6),
            P_DIFF + GATE + box("high_threshold_implant", 0, 0.1, 1, 1),
        ),
    ),
    "hvtp.4": Example(
        (
            P_DIFF + GATE + box("high_threshold_implant", 0.4, 0.6, 1, 2),
            TRANSISTOR_DIFF + GATE + box("high_threshold_implant", 0.4, 0.595, 1, 2),
        ),
        (P_DIFF + GATE + box("high_threshold_implant", 0.4, 0.595, 1, 2),),
    ),
    "hvtp.5": area("high_threshold_implant", 0.50, 0.53),
    "hvtp.6": hole("high_threshold_implant", 0.50, 0.53, 0.4),
    "poly.1b": Example(
        (P_DIFF + box("poly", 0.3, -0.2, 0.65, 0.6) + box("low_threshold_implant", 0, -0.5, 1, 1),),
        (P_DIFF + box("poly", 0.3, -0.2, 0.645, 0.6) + box("low_threshold_implant", 0, -0.5, 1, 1),),
    ),
    "poly.1a": width("poly", 0.15),
    "poly.2": space("poly", 0.21, 0.5),
    "poly.3": Example(
        (box("poly", 0, 0, 0.33, 5) + box("resistor_mark", -0.2, 1, 0.6, 2),),
        (box("poly", 0, 0, 0.325, 5) + box("resistor_mark", -0.2, 1, 0.6, 2), box("resistor_mark", 0, 0, 0.325, 2)),
    ),
    "MR_poly.LEN.2": Example((box("resistor_mark", 0, 0, 0.4, 0.66),), (box("resistor_mark", 0, 0, 0.4, 0.655),)),
    "poly.4": Example(
        (TRANSISTOR_DIFF + box("poly", 1.075, 0, 1.3, 1), TRANSISTOR_DIFF + GATE),
        (TRANSISTOR_DIFF + box("poly", 1.07, 0, 1.3, 1), TRANSISTOR_DIFF + box("poly", 1.0, 0, 1.3, 1)),
    ),
    "poly.5": separation("poly", "tap", 0.055),
    "poly.7": Example(
        (box("n_active", 0.15, 0, 0.8, 0.42) + GATE,),
        (box("n_active", 0.155, 0, 0.8, 0.42) + GATE, box("n_active", 0.4, 0, 0.8, 0.42) + GATE),
    ),
    "poly.8": Example(
        (TRANSISTOR_DIFF + GATE,),
        (
            TRANSISTOR_DIFF + box("poly", 0.4, -0.125, 0.55, 0.55),
            TRANSISTOR_DIFF + box("poly", 0.4, 0, 0.55, 0.55),
            TRANSISTOR_DIFF + box("poly", 0.4, 0.1, 0.55, 0.55),
        ),
    ),
    "poly.9": Example(
        (RESISTOR + box("poly", 0.83, 0, 1.5, 2), resistor() + resistor(2.5)),
        (
            RESISTOR + box("poly", 0.825, 0, 1.5, 2),
            RESISTOR + box("tap", 0.825, 0, 1.5, 2),
            resistor() + resistor(0.825),
        ),
    ),
    "poly.11": Example((TRANSISTOR_DIFF + GATE,), (TRANSISTOR_DIFF + GATE + box("poly", 0.4, 0.1, 0.8, 0.3),)),
    "poly.12": Example(
        (box("poly", 0, 0, 1, 1) + box("tap", 2, 0, 3, 1),), (box("poly", 0, 0, 1, 1) + box("tap", 0.5, 0, 3, 1),)
    ),
    "rpm.1a": width("resistor_implant", 1.27),
    "rpm.1bcdef": Example((RESISTOR, resistor(0, 1.41)), (resistor(0, 0.36), resistor(0, 1.0))),
    "rpm.2": space("resistor_implant", 0.84, 2.0),
    "rpm.3": resistor_enclosure("resistor_implant", 0.20),
    "rpm.4": resistor_enclosure("p_implant", 0.11),
    "rpm.5": resistor_enclosure("nitride_cut", 0.095),
    "rpm.6": separation("resistor_implant", "n_implant", 0.20),
    "rpm.7": separation("resistor_implant", "poly", 0.20),
    "npc.1": width("nitride_cut", 0.27),
    "npc.2": space("nitride_cut", 0.27, 0.5),
    "npc.4": Example(
        (TRANSISTOR_DIFF + GATE + box("nitride_cut", 0.2, 0.51, 0.8, 1.0),),
        (TRANSISTOR_DIFF + GATE + box("nitride_cut", 0.2, 0.505, 0.8, 1.0),),
    ),
    "nsd.1": width("n_implant", 0.38),
    "psd.1": width("p_implant", 0.38),
    "nsd.2": space("n_implant", 0.38, 1.0),
    "psd.2": space("p_implant", 0.38, 1.0),
    "nsd.5": Example(
        (box("active", 0, 0, 1, 1) + box("n_implant", -0.125, -0.125, 1.125, 1.125), butted()),
        (
            box("active", 0, 0, 1, 1) + box("n_implant", -0.12, -0.125, 1.125, 1.125),
            box("tap", 0, 0, 1, 1) + box("n_implant", 0, -0.125, 1.125, 1.125),
        ),
    ),
    "psd.5": Example(
        (box("active", 0, 0, 1, 1) + box("p_implant", -0.125, -0.125, 1.125, 1.125), butted()),
        (
            box("active", 0, 0, 1, 1) + box("p_implant", -0.12, -0.125, 1.125, 1.125),
            box("tap", 0, 0, 1, 1) + box("p_implant", 0, -0.125, 1.125, 1.125),
        ),
    ),
    "nsd.7": Example(
        (box("p_active", 0, 0, 1, 1) + box("n_implant", 1.13, 0, 2, 1), butted()),
        (box("p_active", 0, 0, 1, 1) + box("n_implant", 1.125, 0, 2, 1),),
    ),
    "psd.7": Example(
        (box("n_active", 0, 0, 1, 1) + box("p_implant", 1.13, 0, 2, 1), butted()),
        (box("n_active", 0, 0, 1, 1) + box("p_implant", 1.125, 0, 2, 1),),
    ),
    "nsd.8": Example(
        (box("n_implant", 0, 0, 1, 1) + box("p_implant", 1, 0, 2, 1),),
        (
            box("n_implant", 0, 0, 1, 1) + box("p_implant", 0.995, 0, 2, 1),
            box("n_active", 0, 0, 1, 1) + box("p_implant", 0.5, 0, 2, 1),
        ),
    ),
    "nsd.9": Example(
        (TRANSISTOR_DIFF, box("p_tap", 0, 0, 1, 1)),
        (box("active", 0, 0, 1, 1), TRANSISTOR_DIFF + box("tap", 3, 0, 4, 1)),
    ),
    "nsd.10a": area("n_implant", 0.50, 0.53),
    "psd.10b": area("p_implant", 0.50, 0.51),
    "nsd.11": hole("n_implant", 0.50, 0.53, 0.4),
    "psd.11": hole("p_implant", 0.50, 0.53, 0.4),
    "licon.1": Example(
        cut("contact", 0.17, 0.17).passing,
        (*cut("contact", 0.17, 0.17).failing, square("poly", 3.0) + box("contact", 0.5, 0.5, 0.69, 2.5)),
    ),
    "licon.1bc": Example(
        cut("contact", 0.19, 2.0, RESISTOR).passing,
        (
            *cut("contact", 0.19, 2.0, RESISTOR).failing,
            RESISTOR + box("contact", 0.08, 0.08, 0.27, 1) + box("contact", 0.08, 1, 0.22, 2.08),
        ),
    ),
    "licon.2": space("contact", 0.17, 0.17),
    "licon.2b": Example((slots(0, 2.35),), (slots(0, 2.345),)),
    "licon.2c": Example((slots(0.70, 0), slots(0, 2.35)), (slots(0.695, 0), slots(0.69, 1))),
    "MR_licon.CON.xx": Example(
        (RESISTOR + box("poly", 2, 0, 3, 1) + box("contact", 2.4, 0.4, 2.57, 0.57),),
        (
            RESISTOR + box("contact", 0.1, 0.1, 0.27, 0.27) + box("contact", 0.85, 0, 1.02, 0.17),
            RESISTOR + box("active", 0.45, 0, 0.85, 1) + box("contact", 0.6, 0.4, 0.77, 0.57),
        ),
    ),
    "MRW_licon.SP.16": Example((slots(0.70, 0), slots(0, 2.51)), (slots(0.695, 0), slots(0, 2.505))),
    "MRW_licon.SP.15": Example((slots(0.70, 0), slots(0.665, 2.475)), (slots(0.645, 2.455),)),
    "licon.2d": Example(
        (RESISTOR + SLOT_LOW + box("contact", 0.78, 1, 0.95, 1.17),),
        (RESISTOR + SLOT_LOW + box("contact", 0.775, 1, 0.945, 1.17),),
    ),
    "licon.4": Example(
        (
            square("contact", 0.17)
            + around("local_interconnect", 0.17, 0.1, 0.1, 0.1, 0.1)
            + around("active", 0.17, 0.1, 0.1, 0.1, 0.1),
        ),
        (
            square("contact", 0.17) + around("active", 0.17, 0.1, 0.1, 0.1, 0.1),
            square("contact", 0.17) + around("local_interconnect", 0.17, 0.1, 0.1, 0.1, 0.1),
        ),
    ),
    "licon.5a": Example(
        enclosure("contact", 0.17, "active", 0.04).passing, enclosure("contact", 0.17, "active", 0.04).failing[:1]
    ),
    "licon.5b": Example(
        (butted() + box("contact", 1.06, 0.1, 1.23, 0.27),), (butted() + box("contact", 1.055, 0.1, 1.225, 0.27),)
    ),
    "licon.5c": adjacent("contact", 0.17, "active", 0.06, 0.04),
    "licon.6": Example(
        (box("contact", 0, 0, 0.17, 0.17) + box("tap", 0, -0.2, 0.3, 0.4),),
        (box("contact", 0, 0, 0.17, 0.17) + box("tap", 0.005, -0.2, 0.3, 0.4),),
    ),
    "licon.7": adjacent("contact", 0.17, "tap", 0.12, 0.0),
    "licon.8": Example(
        enclosure("contact", 0.17, "poly", 0.05).passing, enclosure("contact", 0.17, "poly", 0.05).failing[:1]
    ),
    "licon.8a": adjacent("contact", 0.17, "poly", 0.08, 0.05),
    "licon.9": Example(
        (box("contact", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("p_implant", 0.28, 0, 1, 1),),
        (box("contact", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("p_implant", 0.275, 0, 1, 1),),
    ),
    "licon.11": Example(
        (TRANSISTOR_DIFF + GATE + box("contact", 0.175, 0.1, 0.345, 0.27),),
        (TRANSISTOR_DIFF + GATE + box("contact", 0.18, 0.1, 0.35, 0.27),),
    ),
    "licon.13": Example(
        (TRANSISTOR_DIFF + box("contact", 0.1, 0.1, 0.27, 0.27) + box("nitride_cut", 0.36, 0, 1, 1),),
        (
            TRANSISTOR_DIFF + box("contact", 0.1, 0.1, 0.27, 0.27) + box("nitride_cut", 0.355, 0, 1, 1),
            TRANSISTOR_DIFF + box("contact", 0.1, 0.1, 0.27, 0.27) + box("nitride_cut", 0, 0, 1, 1),
        ),
    ),
    "licon.14": Example(
        (box("contact", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("active", 0.36, 0, 1, 1),),
        (box("contact", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("active", 0.355, 0, 1, 1),),
    ),
    "licon.15": Example(
        (
            square("contact", 0.17)
            + around("poly", 0.17, 0.1, 0.1, 0.1, 0.1)
            + around("nitride_cut", 0.17, 0.1, 0.1, 0.1, 0.1),
        ),
        (
            square("contact", 0.17)
            + around("poly", 0.17, 0.1, 0.1, 0.1, 0.1)
            + around("nitride_cut", 0.17, 0.095, 0.1, 0.1, 0.1),
            square("contact", 0.17) + around("poly", 0.17, 0.1, 0.1, 0.1, 0.1),
        ),
    ),
    "licon.16": Example((box("tap", 0, 0, 1, 1) + box("contact", 0.3, 0.3, 0.47, 0.47),), (box("tap", 0, 0, 1, 1),)),
    "licon.17": Example(
        (box("poly", 0, 0, 1, 1) + box("contact", 0.3, 0.3, 0.47, 0.47),),
        (box("poly", 0, 0, 1, 1) + box("contact", 0.3, 0.3, 0.47, 0.47) + box("active", 0, 0, 0.4, 0.4),),
    ),
    "licon.18": Example(
        (box("poly", 0, 0, 1, 1) + box("contact", 0.3, 0.3, 0.47, 0.47) + box("nitride_cut", 0.2, 0.2, 0.6, 0.6),),
        (box("nitride_cut", 0, 0, 1, 1),),
    ),
    "li.1": width("local_interconnect", 0.17),
    "li.3": space("local_interconnect", 0.17, 0.5),
    "li.5": adjacent("contact", 0.17, "local_interconnect", 0.08, 0.0),
    "li.6": Example((box("local_interconnect", 0, 0, 0.17, 0.33),), (box("local_interconnect", 0, 0, 0.17, 0.325),)),
    "ct.1": cut("via_0", 0.17, 0.17, frame=0.17),
    "ct.2": space("via_0", 0.19, 0.17),
    "ct.4": Example(
        (square("via_0", 0.17) + square("local_interconnect", 0.17),),
        (square("via_0", 0.17) + box("local_interconnect", 0.005, 0, 0.4, 0.17), square("via_0", 0.17)),
    ),
    "m1.1": width("metal_1", 0.14),
    "m1.2": space("metal_1", 0.14, 0.5),
    "m1.3ab": wide("metal_1", 0.28),
    "m1.4": enclosure("via_0", 0.17, "metal_1", 0.03),
    "m1.5": adjacent("via_0", 0.17, "metal_1", 0.06, 0.03),
    "m1.6": Example((box("metal_1", 0, 0, 0.2, 0.415),), (box("metal_1", 0, 0, 0.2, 0.41),)),
    "m1.7": hole("metal_1", 0.35, 0.40, 0.2),
    "m1.x": floating("metal_1", "via_0", "via_1"),
    "via.1a": cut("via_1", 0.15, 0.15, frame=0.20),
    "via.2": space("via_1", 0.17, 0.15),
    "via.4a": enclosure("via_1", 0.15, "metal_1", 0.055),
    "via.5a": adjacent("via_1", 0.15, "metal_1", 0.085, 0.055),
    "m2.1": width("metal_2", 0.14),
    "m2.2": space("metal_2", 0.14, 0.5),
    "m2.3ab": wide("metal_2", 0.28),
    "m2.4": enclosure("via_1", 0.15, "metal_2", 0.055),
    "m2.5": adjacent("via_1", 0.15, "metal_2", 0.085, 0.055),
    "m2.6": Example((box("metal_2", 0, 0, 0.26, 0.26),), (box("metal_2", 0, 0, 0.26, 0.255),)),
    "m2.7": hole("metal_2", 0.35, 0.40, 0.2),
    "m2.x": floating("metal_2", "via_1", "via_2"),
    "via2.1a": cut("via_2", 0.20, 0.20, frame=0.20),
    "via2.2": space("via_2", 0.20, 0.20),
    "via2.4": enclosure("via_2", 0.20, "metal_2", 0.04),
    "via2.5": adjacent("via_2", 0.20, "metal_2", 0.085, 0.04),
    "m3.1": width("metal_3", 0.30),
    "m3.2": space("metal_3", 0.30, 0.5),
    "m3.3cd": wide("metal_3", 0.40),
    "m3.4": enclosure("via_2", 0.20, "metal_3", 0.065),
    "m3.6": Example((box("metal_3", 0, 0, 0.4, 0.6),), (box("metal_3", 0, 0, 0.4, 0.595),)),
    "m3.7": hole("metal_3", 0.40, 0.50, 0.4),
    "m3.x": floating("metal_3", "via_2", "via_3"),
    "via3.1": cut("via_3", 0.20, 0.20),
    "via3.2": space("via_3", 0.20, 0.20),
    "via3.4": enclosure("via_3", 0.20, "metal_3", 0.06),
    "via3.5": adjacent("via_3", 0.20, "metal_3", 0.09, 0.06),
    "capm.1": width("mim_plate", 1.0),
    "capm.2a": space("mim_plate", 0.84, 2.0),
    "capm.2b": Example(
        (
            box("metal_3", 0, 0, 2, 2)
            + box("mim_plate", 0.4, 0.4, 1.6, 1.6)
            + box("metal_3", 3.2, 0, 5.2, 2)
            + box("mim_plate", 3.6, 0.4, 4.8, 1.6),
        ),
        (
            box("metal_3", 0, 0, 2, 2)
            + box("mim_plate", 0.4, 0.4, 1.6, 1.6)
            + box("metal_3", 3.195, 0, 5.2, 2)
            + box("mim_plate", 3.6, 0.4, 4.8, 1.6),
        ),
    ),
    "capm.2b_a": Example(
        # The bottom plate itself may come closer where it reaches beyond 0.14 um.
        (
            square("mim_plate", 2.0) + box("metal_3", -0.14, -0.14, 3, 2.14) + box("metal_3", 3.34, 0, 4, 2),
            square("mim_plate", 2.0) + around("metal_3", 2.0, 0.14, 0.14, 0.14, 0.14) + box("metal_3", 3.34, 0, 4, 2),
        ),
        (
            square("mim_plate", 2.0) + around("metal_3", 2.0, 0.14, 0.14, 0.14, 0.14) + box("metal_3", 3.335, 0, 4, 2),
            square("mim_plate", 2.0) + box("metal_3", -0.14, -0.14, 3, 2.14) + box("metal_3", 3.335, 0, 4, 2),
        ),
    ),
    "capm.3": enclosure("mim_plate", 2.0, "metal_3", 0.14),
    "capm.4": Example(
        (box("via_3", 0, 0, 0.2, 0.2) + box("mim_plate", -0.14, -0.14, 1.0, 1.0),),
        (
            box("via_3", 0, 0, 0.2, 0.2) + box("mim_plate", -0.135, -0.14, 1.0, 1.0),
            box("via_3", 0, 0, 0.2, 0.2) + box("mim_plate", 0.1, -0.14, 1.2, 1.0),
        ),
    ),
    "capm.5": Example(
        (square("mim_plate", 2.0) + box("via_3", 2.14, 1, 2.34, 1.2),),
        (square("mim_plate", 2.0) + box("via_3", 2.135, 1, 2.335, 1.2),),
    ),
    "capm.6": Example((box("mim_plate", 0, 0, 1, 20),), (box("mim_plate", 0, 0, 1, 20.005),)),
    "capm.7": Example((square("mim_plate", 2.0),), (square("mim_plate", 2.0) + box("mim_plate", 2.0, 0, 4.0, 1.0),)),
    "capm.8": separation("mim_plate", "via_2", 0.14),
    "capm.11": Example(
        (square("mim_plate", 2.0) + around("metal_3", 2.0, 0.14, 0.14, 0.14, 0.14) + box("metal_3", 2.5, 0, 3, 2),),
        (square("mim_plate", 2.0) + around("metal_3", 2.0, 0.14, 0.14, 0.14, 0.14) + box("metal_3", 2.495, 0, 3, 2),),
    ),
    "m4.1": width("metal_4", 0.30),
    "m4.2": space("metal_4", 0.30, 0.5),
    "m4.3": enclosure("via_3", 0.20, "metal_4", 0.065),
    "m4.4a": Example((box("metal_4", 0, 0, 0.4, 0.6),), (box("metal_4", 0, 0, 0.4, 0.595),)),
    "m4.5ab": wide("metal_4", 0.40),
    "m4.7": hole("metal_4", 0.40, 0.50, 0.4),
    "m4.x": floating("metal_4", "via_3", "via_4"),
    "via4.1": cut("via_4", 0.80, 0.80, frame=0.80),
    "via4.2": space("via_4", 0.80, 0.80),
    "via4.4": enclosure("via_4", 0.80, "metal_4", 0.19),
    "m5.1": width("metal_5", 1.6),
    "m5.2": Example(
        space("metal_5", 1.6, 2.0).passing, (*space("metal_5", 1.6, 2.0).failing, ring("metal_5", 1.6, 0.37))
    ),
    "m5.3": enclosure("via_4", 0.80, "metal_5", 0.31),
    "m5.4": Example((box("metal_5", 0, 0, 1.6, 2.5),), (box("metal_5", 0, 0, 1.6, 2.495),)),
    "m5.x": floating("metal_5", "via_4"),
}
