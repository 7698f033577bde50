"""A part of a network as a drawing."""

from dataclasses import dataclass

from codesign.layout.drawing import Drawing

RAILS = ("vss", "vdd")


@dataclass(frozen=True)
class Part:
    """A drawing, and the network's net at each of its pins."""

    drawing: Drawing
    nets: dict[str, str]
