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
        "n_diff": ("diff", "nsdm"),
        "p_diff": ("diff", "psdm"),
        "n_tap": ("tap", "nsdm"),
        "p_tap": ("tap", "psdm"),
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


def cut(layer: str, short: float, long: float, more: tuple[Shape, ...] = ()) -> Example:
    return Example(
        (box(layer, 0, 0, short, long) + more,),
        (
            box(layer, 0, 0, short + GRID, long) + more,
            box(layer, 0, 0, short, long - GRID) + more,
            box(layer, 0, 0, short, long) + box(layer, short, 0, short + long, short) + more,
        ),
    )


def wide(layer: str, limit: float) -> Example:
    plate = square(layer, 3.0)
    attached = box(layer, 3.0, 1.0, 8.0, 1.4)
    near = box(layer, 3.0 + limit - GRID, 2.0, 8.0, 2.4)
    far = box(layer, 3.0 + limit, 2.0, 8.0, 2.4)
    slim = box(layer, 0, 0, 2.995, 3.0) + box(layer, 2.995 + limit - GRID, 0, 8.0, 2.9)
    twins = attached + box(layer, 3.0, 1.4 + limit - GRID, 8.0, 2.2)
    apart = attached + box(layer, 3.0, 1.4 + limit, 8.0, 2.2)
    return Example(
        (plate + attached + far, slim, plate + apart), (plate + attached + near, plate + near, plate + twins)
    )


TRANSISTOR_DIFF = box("n_diff", 0, 0, 1.0, 0.42)
P_DIFF = box("p_diff", 0, 0, 1.0, 0.42)
GATE = box("poly", 0.4, -0.13, 0.55, 0.55)
RESISTOR = box("poly", 0, 0, 0.35, 8.0) + box("poly_res", -0.1, 2.5, 0.45, 5.5) + box("urpm", -0.5, -0.5, 0.85, 8.5)
SLOT_LOW = box("licon", 0.08, 0.08, 0.27, 2.08)
WELL = box("nwell", -1, -1, 3, 3)


def resistor(at: float = 0.0, wide_um: float = 0.35) -> tuple[Shape, ...]:
    return (
        box("poly", at, 0, at + wide_um, 8.0)
        + box("poly_res", at - 0.1, 2.5, at + wide_um + 0.1, 5.5)
        + box("urpm", at - 0.5, -0.5, at + wide_um + 0.5, 8.5)
    )


def resistor_enclosure(layer: str, limit: float) -> Example:
    body = box("poly", 0, 0, 1.41, 8.0) + box("poly_res", -0.1, 2.5, 1.51, 5.5)
    block = () if layer == "urpm" else box("urpm", -0.5, -0.5, 1.91, 8.5)
    return Example(
        (body + block + box(layer, -limit, -limit, 1.41 + limit, 8 + limit),),
        (body + block + box(layer, -limit + GRID, -limit, 1.41 + limit, 8 + limit),),
    )


def butted(tap_width: float = 0.5, tap_x: float = 1.0, tap_height: float = 0.42) -> tuple[Shape, ...]:
    """An n+ diffusion with a p+ tap that abuts its right edge."""
    return (
        ("diff", (0, 0, 1.0, 0.42)),
        ("nsdm", (-0.125, -0.125, 1.0, 0.545)),
        ("tap", (tap_x, 0, tap_x + tap_width, tap_height)),
        ("psdm", (1.0, -0.125, tap_x + tap_width + 0.125, tap_height + 0.125)),
    )


def two_sided(tap_width: float) -> tuple[Shape, ...]:
    return (*butted(tap_width), ("diff", (1.0 + tap_width, 0, 2.0, 0.42)))


EXAMPLES: dict[str, Example] = {
    "x.1b": Example((box("met1", 0, 0, 0.5, 0.5),), (box("met1", 0, 0, 0.502, 0.5), box("nwell", 0.001, 0, 2, 2))),
    "x.2": Example(
        (box("diff", 0, 0, 1, 1),), ((("diff", (0, 0, 0, 1, 1, 0)),), (("via2", (0, 0, 0, 0.2, 0.2, 0.3)),))
    ),
    "x.3a": Example(((("met1", (0, 0, 0, 1, 1, 0)),),), ((("met1", (0, 0, 0, 2, 1, 0)),),)),
    "nwell.1": width("nwell", 0.84),
    "nwell.2a": space("nwell", 1.27, 2.0),
    "nwell.4": Example(
        (WELL + box("n_tap", 0, 0, 1, 1) + box("licon", 0.4, 0.4, 0.57, 0.57),), (WELL, WELL + box("n_tap", 0, 0, 1, 1))
    ),
    "difftap.1": width("diff", 0.15),
    "difftap.2": Example((TRANSISTOR_DIFF + GATE,), (box("n_diff", 0, 0, 1.0, 0.415) + GATE,)),
    "difftap.3": Example(
        (*space("diff", 0.27, 0.5).passing, butted()),
        space("diff", 0.27, 0.5).failing
        + space("tap", 0.27, 0.5).failing
        + (box("diff", 0, 0, 1, 1) + box("tap", 1.265, 0, 2, 1),),
    ),
    "difftap.4": Example((butted(tap_height=0.29),), (butted(tap_height=0.285),)),
    "difftap.5": Example((two_sided(0.40),), (two_sided(0.395),)),
    "difftap.6": Example((butted(),), (butted(tap_x=0.99),)),
    "difftap.7": Example(
        (butted() + box("diff", 1.0, 0.55, 1.5, 1.0),), (butted() + box("diff", 1.0, 0.545, 1.5, 1.0),)
    ),
    "difftap.8": enclosure("p_diff", 1.0, "nwell", 0.18),
    "difftap.9": separation("n_diff", "nwell", 0.34),
    "difftap.10": enclosure("n_tap", 1.0, "nwell", 0.18),
    "difftap.11": separation("p_tap", "nwell", 0.13),
    "lvtn.1a": width("lvtn", 0.38),
    "lvtn.2": space("lvtn", 0.38, 1.0),
    "lvtn.3a": Example(
        (TRANSISTOR_DIFF + GATE + box("lvtn", 0.4, 0.6, 1, 2),),
        (TRANSISTOR_DIFF + GATE + box("lvtn", 0.4, 0.595, 1, 2),),
    ),
    "lvtn.3b": Example(
        (P_DIFF + GATE + box("lvtn", 0.785, 0, 2, 1), P_DIFF + GATE + box("lvtn", 0.4, 0.62, 1, 2)),
        (P_DIFF + GATE + box("lvtn", 0.78, 0, 2, 1),),
    ),
    "lvtn.4b": Example(
        (TRANSISTOR_DIFF + GATE + box("lvtn", 0.22, -0.18, 0.73, 0.6),),
        (
            TRANSISTOR_DIFF + GATE + box("lvtn", 0.225, -0.18, 0.73, 0.6),
            TRANSISTOR_DIFF + GATE + box("lvtn", 0, 0.1, 1, 1),
        ),
    ),
    "lvtn.10": Example(
        (
            box("lvtn", 0, 0, 1, 1) + box("nwell", -0.38, -0.38, 1.38, 1.38),
            box("lvtn", 0, 0, 1, 1) + box("nwell", 0, -1, 2, 2),
        ),
        (box("lvtn", 0, 0, 1, 1) + box("nwell", -0.375, -0.38, 1.38, 1.38),),
    ),
    "lvtn.13": area("lvtn", 0.50, 0.53),
    "lvtn.14": hole("lvtn", 0.50, 0.53, 0.4),
    "poly.1b": Example(
        (P_DIFF + box("poly", 0.3, -0.2, 0.65, 0.6) + box("lvtn", 0, -0.5, 1, 1),),
        (P_DIFF + box("poly", 0.3, -0.2, 0.645, 0.6) + box("lvtn", 0, -0.5, 1, 1),),
    ),
    "poly.1a": width("poly", 0.15),
    "poly.2": space("poly", 0.21, 0.5),
    "poly.3": Example(
        (box("poly", 0, 0, 0.33, 5) + box("poly_res", -0.2, 1, 0.6, 2),),
        (box("poly", 0, 0, 0.325, 5) + box("poly_res", -0.2, 1, 0.6, 2),),
    ),
    "poly.4": Example(
        (TRANSISTOR_DIFF + box("poly", 1.075, 0, 1.3, 1), TRANSISTOR_DIFF + GATE),
        (TRANSISTOR_DIFF + box("poly", 1.07, 0, 1.3, 1), TRANSISTOR_DIFF + box("poly", 1.0, 0, 1.3, 1)),
    ),
    "poly.5": separation("poly", "tap", 0.055),
    "poly.7": Example(
        (box("n_diff", 0.15, 0, 0.8, 0.42) + GATE,),
        (box("n_diff", 0.155, 0, 0.8, 0.42) + GATE, box("n_diff", 0.4, 0, 0.8, 0.42) + GATE),
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
    "rpm.1a": width("urpm", 1.27),
    "rpm.1bcdef": Example((RESISTOR, resistor(0, 1.41)), (resistor(0, 0.36), resistor(0, 1.0))),
    "rpm.2": space("urpm", 0.84, 2.0),
    "rpm.3": resistor_enclosure("urpm", 0.20),
    "rpm.4": resistor_enclosure("psdm", 0.11),
    "rpm.5": resistor_enclosure("npc", 0.095),
    "rpm.6": separation("urpm", "nsdm", 0.20),
    "rpm.7": separation("urpm", "poly", 0.20),
    "npc.1": width("npc", 0.27),
    "npc.2": space("npc", 0.27, 0.5),
    "npc.4": Example(
        (TRANSISTOR_DIFF + GATE + box("npc", 0.2, 0.51, 0.8, 1.0),),
        (TRANSISTOR_DIFF + GATE + box("npc", 0.2, 0.505, 0.8, 1.0),),
    ),
    "nsd.1": width("nsdm", 0.38),
    "psd.1": width("psdm", 0.38),
    "nsd.2": space("nsdm", 0.38, 1.0),
    "psd.2": space("psdm", 0.38, 1.0),
    "nsd.5": Example(
        (box("diff", 0, 0, 1, 1) + box("nsdm", -0.125, -0.125, 1.125, 1.125), butted()),
        (
            box("diff", 0, 0, 1, 1) + box("nsdm", -0.12, -0.125, 1.125, 1.125),
            box("tap", 0, 0, 1, 1) + box("nsdm", 0, -0.125, 1.125, 1.125),
        ),
    ),
    "psd.5": Example(
        (box("diff", 0, 0, 1, 1) + box("psdm", -0.125, -0.125, 1.125, 1.125), butted()),
        (
            box("diff", 0, 0, 1, 1) + box("psdm", -0.12, -0.125, 1.125, 1.125),
            box("tap", 0, 0, 1, 1) + box("psdm", 0, -0.125, 1.125, 1.125),
        ),
    ),
    "nsd.7": Example(
        (box("p_diff", 0, 0, 1, 1) + box("nsdm", 1.13, 0, 2, 1), butted()),
        (box("p_diff", 0, 0, 1, 1) + box("nsdm", 1.125, 0, 2, 1),),
    ),
    "psd.7": Example(
        (box("n_diff", 0, 0, 1, 1) + box("psdm", 1.13, 0, 2, 1), butted()),
        (box("n_diff", 0, 0, 1, 1) + box("psdm", 1.125, 0, 2, 1),),
    ),
    "nsd.8": Example(
        (box("nsdm", 0, 0, 1, 1) + box("psdm", 1, 0, 2, 1),), (box("nsdm", 0, 0, 1, 1) + box("psdm", 0.995, 0, 2, 1),)
    ),
    "nsd.9": Example(
        (TRANSISTOR_DIFF, box("p_tap", 0, 0, 1, 1)), (box("diff", 0, 0, 1, 1), TRANSISTOR_DIFF + box("tap", 3, 0, 4, 1))
    ),
    "nsd.10a": area("nsdm", 0.50, 0.53),
    "psd.10b": area("psdm", 0.50, 0.51),
    "nsd.11": hole("nsdm", 0.50, 0.53, 0.4),
    "psd.11": hole("psdm", 0.50, 0.53, 0.4),
    "licon.1": cut("licon", 0.17, 0.17),
    "licon.1bc": cut("licon", 0.19, 2.0, RESISTOR),
    "licon.2": space("licon", 0.17, 0.17),
    "licon.2b": Example(
        (resistor(0, 1.41) + box("licon", 0.2, 0.1, 0.39, 2.1) + box("licon", 0.74, 0.1, 0.93, 2.1),),
        (resistor(0, 1.41) + box("licon", 0.2, 0.1, 0.39, 2.1) + box("licon", 0.735, 0.1, 0.925, 2.1),),
    ),
    "licon.2d": Example(
        (RESISTOR + SLOT_LOW + box("licon", 0.78, 1, 0.95, 1.17),),
        (RESISTOR + SLOT_LOW + box("licon", 0.775, 1, 0.945, 1.17),),
    ),
    "licon.4": Example(
        (square("licon", 0.17) + around("li1", 0.17, 0.1, 0.1, 0.1, 0.1) + around("diff", 0.17, 0.1, 0.1, 0.1, 0.1),),
        (
            square("licon", 0.17) + around("diff", 0.17, 0.1, 0.1, 0.1, 0.1),
            square("licon", 0.17) + around("li1", 0.17, 0.1, 0.1, 0.1, 0.1),
        ),
    ),
    "licon.5a": Example(
        enclosure("licon", 0.17, "diff", 0.04).passing, enclosure("licon", 0.17, "diff", 0.04).failing[:1]
    ),
    "licon.5b": Example(
        (butted() + box("licon", 1.06, 0.1, 1.23, 0.27),), (butted() + box("licon", 1.055, 0.1, 1.225, 0.27),)
    ),
    "licon.5c": adjacent("licon", 0.17, "diff", 0.06, 0.04),
    "licon.6": Example(
        (box("licon", 0, 0, 0.17, 0.17) + box("tap", 0, -0.2, 0.3, 0.4),),
        (box("licon", 0, 0, 0.17, 0.17) + box("tap", 0.005, -0.2, 0.3, 0.4),),
    ),
    "licon.7": adjacent("licon", 0.17, "tap", 0.12, 0.0),
    "licon.8": Example(
        enclosure("licon", 0.17, "poly", 0.05).passing, enclosure("licon", 0.17, "poly", 0.05).failing[:1]
    ),
    "licon.8a": adjacent("licon", 0.17, "poly", 0.08, 0.05),
    "licon.9": Example(
        (box("licon", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("psdm", 0.28, 0, 1, 1),),
        (box("licon", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("psdm", 0.275, 0, 1, 1),),
    ),
    "licon.11": Example(
        (TRANSISTOR_DIFF + GATE + box("licon", 0.175, 0.1, 0.345, 0.27),),
        (TRANSISTOR_DIFF + GATE + box("licon", 0.18, 0.1, 0.35, 0.27),),
    ),
    "licon.13": Example(
        (TRANSISTOR_DIFF + box("licon", 0.1, 0.1, 0.27, 0.27) + box("npc", 0.36, 0, 1, 1),),
        (TRANSISTOR_DIFF + box("licon", 0.1, 0.1, 0.27, 0.27) + box("npc", 0.355, 0, 1, 1),),
    ),
    "licon.14": Example(
        (box("licon", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("diff", 0.36, 0, 1, 1),),
        (box("licon", 0, 0, 0.17, 0.17) + box("poly", -0.1, -0.1, 0.27, 0.27) + box("diff", 0.355, 0, 1, 1),),
    ),
    "licon.15": Example(
        (square("licon", 0.17) + around("poly", 0.17, 0.1, 0.1, 0.1, 0.1) + around("npc", 0.17, 0.1, 0.1, 0.1, 0.1),),
        (
            square("licon", 0.17)
            + around("poly", 0.17, 0.1, 0.1, 0.1, 0.1)
            + around("npc", 0.17, 0.095, 0.1, 0.1, 0.1),
            square("licon", 0.17) + around("poly", 0.17, 0.1, 0.1, 0.1, 0.1),
        ),
    ),
    "licon.16": Example((box("tap", 0, 0, 1, 1) + box("licon", 0.3, 0.3, 0.47, 0.47),), (box("tap", 0, 0, 1, 1),)),
    "licon.17": Example(
        (box("poly", 0, 0, 1, 1) + box("licon", 0.3, 0.3, 0.47, 0.47),),
        (box("poly", 0, 0, 1, 1) + box("licon", 0.3, 0.3, 0.47, 0.47) + box("diff", 0, 0, 0.4, 0.4),),
    ),
    "licon.18": Example(
        (box("poly", 0, 0, 1, 1) + box("licon", 0.3, 0.3, 0.47, 0.47) + box("npc", 0.2, 0.2, 0.6, 0.6),),
        (box("npc", 0, 0, 1, 1),),
    ),
    "li.1": width("li1", 0.17),
    "li.3": space("li1", 0.17, 0.5),
    "li.5": adjacent("licon", 0.17, "li1", 0.08, 0.0),
    "li.6": Example((box("li1", 0, 0, 0.17, 0.33),), (box("li1", 0, 0, 0.17, 0.325),)),
    "ct.1": cut("mcon", 0.17, 0.17),
    "ct.2": space("mcon", 0.19, 0.17),
    "ct.4": Example(
        (square("mcon", 0.17) + square("li1", 0.17),),
        (square("mcon", 0.17) + box("li1", 0.005, 0, 0.4, 0.17), square("mcon", 0.17)),
    ),
    "m1.1": width("met1", 0.14),
    "m1.2": space("met1", 0.14, 0.5),
    "m1.3ab": wide("met1", 0.28),
    "m1.4": enclosure("mcon", 0.17, "met1", 0.03),
    "m1.5": adjacent("mcon", 0.17, "met1", 0.06, 0.03),
    "m1.6": Example((box("met1", 0, 0, 0.2, 0.415),), (box("met1", 0, 0, 0.2, 0.41),)),
    "m1.7": hole("met1", 0.35, 0.40, 0.2),
    "via.1a": cut("via", 0.15, 0.15),
    "via.2": space("via", 0.17, 0.15),
    "via.4a": enclosure("via", 0.15, "met1", 0.055),
    "via.5a": adjacent("via", 0.15, "met1", 0.085, 0.055),
    "m2.1": width("met2", 0.14),
    "m2.2": space("met2", 0.14, 0.5),
    "m2.3ab": wide("met2", 0.28),
    "m2.4": enclosure("via", 0.15, "met2", 0.055),
    "m2.5": adjacent("via", 0.15, "met2", 0.085, 0.055),
    "m2.6": Example((box("met2", 0, 0, 0.26, 0.26),), (box("met2", 0, 0, 0.26, 0.255),)),
    "m2.7": hole("met2", 0.35, 0.40, 0.2),
    "via2.1a": cut("via2", 0.20, 0.20),
    "via2.2": space("via2", 0.20, 0.20),
    "via2.4": enclosure("via2", 0.20, "met2", 0.04),
    "via2.5": adjacent("via2", 0.20, "met2", 0.085, 0.04),
    "m3.1": width("met3", 0.30),
    "m3.2": space("met3", 0.30, 0.5),
    "m3.3cd": wide("met3", 0.40),
    "m3.4": enclosure("via2", 0.20, "met3", 0.065),
    "m3.6": Example((box("met3", 0, 0, 0.4, 0.6),), (box("met3", 0, 0, 0.4, 0.595),)),
    "m3.7": hole("met3", 0.40, 0.50, 0.4),
    "via3.1": cut("via3", 0.20, 0.20),
    "via3.2": space("via3", 0.20, 0.20),
    "via3.4": enclosure("via3", 0.20, "met3", 0.06),
    "via3.5": adjacent("via3", 0.20, "met3", 0.09, 0.06),
    "capm.1": width("capm", 1.0),
    "capm.2a": space("capm", 0.84, 2.0),
    "capm.2b": Example(
        (
            box("met3", 0, 0, 2, 2)
            + box("capm", 0.4, 0.4, 1.6, 1.6)
            + box("met3", 3.2, 0, 5.2, 2)
            + box("capm", 3.6, 0.4, 4.8, 1.6),
        ),
        (
            box("met3", 0, 0, 2, 2)
            + box("capm", 0.4, 0.4, 1.6, 1.6)
            + box("met3", 3.195, 0, 5.2, 2)
            + box("capm", 3.6, 0.4, 4.8, 1.6),
        ),
    ),
    "capm.3": enclosure("capm", 2.0, "met3", 0.14),
    "capm.4": Example(
        (box("via3", 0, 0, 0.2, 0.2) + box("capm", -0.14, -0.14, 1.0, 1.0),),
        (
            box("via3", 0, 0, 0.2, 0.2) + box("capm", -0.135, -0.14, 1.0, 1.0),
            box("via3", 0, 0, 0.2, 0.2) + box("capm", 0.1, -0.14, 1.2, 1.0),
        ),
    ),
    "capm.5": Example(
        (square("capm", 2.0) + box("via3", 2.14, 1, 2.34, 1.2),),
        (square("capm", 2.0) + box("via3", 2.135, 1, 2.335, 1.2),),
    ),
    "capm.6": Example((box("capm", 0, 0, 1, 20),), (box("capm", 0, 0, 1, 20.005),)),
    "capm.7": Example((square("capm", 2.0),), (square("capm", 2.0) + box("capm", 2.0, 0, 4.0, 1.0),)),
    "capm.8": separation("capm", "via2", 0.14),
    "capm.11": Example(
        (square("capm", 2.0) + around("met3", 2.0, 0.14, 0.14, 0.14, 0.14) + box("met3", 2.5, 0, 3, 2),),
        (square("capm", 2.0) + around("met3", 2.0, 0.14, 0.14, 0.14, 0.14) + box("met3", 2.495, 0, 3, 2),),
    ),
    "m4.1": width("met4", 0.30),
    "m4.2": space("met4", 0.30, 0.5),
    "m4.3": enclosure("via3", 0.20, "met4", 0.065),
    "m4.4a": Example((box("met4", 0, 0, 0.4, 0.6),), (box("met4", 0, 0, 0.4, 0.595),)),
    "m4.5ab": wide("met4", 0.40),
    "m4.7": hole("met4", 0.40, 0.50, 0.4),
    "via4.1": cut("via4", 0.80, 0.80),
    "via4.2": space("via4", 0.80, 0.80),
    "via4.4": enclosure("via4", 0.80, "met4", 0.19),
    "m5.1": width("met5", 1.6),
    "m5.2": space("met5", 1.6, 2.0),
    "m5.3": enclosure("via4", 0.80, "met5", 0.31),
    "m5.4": Example((box("met5", 0, 0, 1.6, 2.5),), (box("met5", 0, 0, 1.6, 2.495),)),
}
