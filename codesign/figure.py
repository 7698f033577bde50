"""Figures that a notebook shows without a plotting window."""

import io
from typing import Any

from matplotlib import figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""Colours that colour-blind readers can tell apart (Okabe and Ito)."""


class Figure(figure.Figure):
    """A figure of Matplotlib's that a notebook shows as it is, without pyplot."""

    def _repr_png_(self) -> bytes:
        return figure_png(self)


def figure_png(drawn: figure.Figure) -> bytes:
    """A figure as a PNG file; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # Tight, for a label that grows with its ticks can reach beyond the laid out figure.
    options: dict[str, Any] = {"format": "png", "dpi": 150, "bbox_inches": "tight", "metadata": {"Software": None}}
    drawn.savefig(buffer, **options)  # pyright: ignore[reportUnknownMemberType]
    return buffer.getvalue()
