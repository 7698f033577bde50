"""What all figures share."""

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from codesign.files import write_atomically

COLOURS = {"dstd": "C0", "cf4": "C3", "legendre": "C2"}
"""Colour of each basis."""

MARKERS = {"dstd": "o", "cf4": "x", "legendre": "^"}
"""Marker of each basis."""


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG.

    Raises:
        CodesignError: the file cannot be written.
    """
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)  # pyright: ignore[reportUnknownMemberType]
    write_atomically(path, buffer.getvalue())
