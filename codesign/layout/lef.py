"""The abstract of a layout for placement tools: outline, pins and blocked metal, as a LEF macro."""

from collections.abc import Mapping

from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box
from codesign.layout.technology import Layer

RAILS = {"vdd": "POWER", "vss": "GROUND"}
"""The use of each power pin by its name."""

_BLOCKED: tuple[Layer, ...] = ("metal_1", "metal_2", "metal_3", "metal_4")


def lef_macro(drawing: Drawing, rails: Mapping[str, str] = RAILS) -> str:
    """The LEF text of a drawing, its lower left corner moved to the origin; all metal up to metal_4 is blocked.

    Args:
        drawing: the layout.
        rails: the use, POWER or GROUND, of each power pin by its name.
    """
    outline, names = drawing.box, drawing.technology.names
    size = f"{outline.width / 1000:.3f} BY {outline.height / 1000:.3f}"
    lines = [
        "VERSION 5.7 ;",
        'BUSBITCHARS "[]" ;',
        'DIVIDERCHAR "/" ;',
        "UNITS",
        "  DATABASE MICRONS 1000 ;",
        "END UNITS",
        f"MACRO {drawing.name}",
        "  CLASS BLOCK ;",
        f"  FOREIGN {drawing.name} {outline.left / 1000:.3f} {outline.bottom / 1000:.3f} ;",
        "  ORIGIN 0.000 0.000 ;",
        f"  SIZE {size} ;",
    ]
    for net in dict.fromkeys(pin.net for pin in drawing.pins):
        lines += [f"  PIN {net}", "    DIRECTION INOUT ;", f"    USE {rails.get(net, 'SIGNAL')} ;", "    PORT"]
        for pin in drawing.pins:
            if pin.net == net:
                lines += [f"      LAYER {names[pin.layer]} ;", f"        RECT {_corners(pin.box, outline)} ;"]
        lines += ["    END", f"  END {net}"]
    lines.append("  OBS")
    for layer in _BLOCKED:
        lines += [f"    LAYER {names[layer]} ;", f"      RECT {_corners(outline, outline)} ;"]
    lines += ["  END", f"END {drawing.name}", "END LIBRARY"]
    return "\n".join(lines) + "\n"


def _corners(box: Box, outline: Box) -> str:
    moved = box.moved(-outline.left, -outline.bottom)
    return " ".join(f"{value / 1000:.3f}" for value in (moved.left, moved.bottom, moved.right, moved.top))
