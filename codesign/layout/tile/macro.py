"""Reading the pins of a LEF macro."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_SIZE = re.compile(rf"SIZE {_NUMBER} BY {_NUMBER} ;")
_RECTANGLE = re.compile(rf"RECT {_NUMBER} {_NUMBER} {_NUMBER} {_NUMBER} ;")


@dataclass
class Macro:
    """The abstract of a cell: its size and its pins' rectangles by the name of their layer, nm."""

    size: tuple[int, int] = (0, 0)
    pins: dict[str, list[tuple[str, Box]]] = field(default_factory=dict[str, list[tuple[str, Box]]])


def read_macro(path: Path, name: str) -> Macro:
    """The macro of a name in a LEF file.

    Raises:
        LayoutError: the file cannot be read or has no such macro.
    """
    try:
        lines = [" ".join(line.split()) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise LayoutError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}; give the LEF") from error
    if f"MACRO {name}" not in lines:
        raise LayoutError(f"{path} has no macro {name}; write the abstract of the layout's top cell")
    macro = Macro()
    pin = layer = ""
    for line in lines[lines.index(f"MACRO {name}") + 1 :]:
        first, _, rest = line.partition(" ")
        if line == f"END {name}":
            break
        if (size := _SIZE.fullmatch(line)) is not None:
            macro.size = _nm(size[1]), _nm(size[2])
        elif first == "PIN":
            pin = rest
            macro.pins.setdefault(pin, [])
        elif pin and line == f"END {pin}":
            pin = ""
        elif pin and first == "LAYER":
            layer = rest.removesuffix(" ;")
        elif pin and (corners := _RECTANGLE.fullmatch(line)) is not None:
            macro.pins[pin].append((layer, Box(*(_nm(corner) for corner in corners.groups()))))
    return macro


def _nm(micrometres: str) -> int:
    return round(float(micrometres) * 1000)
