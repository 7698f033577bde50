"""Metal density: the share of a cell's area that each conductor covers."""

from codesign.layout.drc.regions import LayerRegions
from codesign.layout.technology import Layer, Technology

_CONDUCTORS: tuple[Layer, ...] = (
    "active",
    "poly",
    "local_interconnect",
    "metal_1",
    "metal_2",
    "metal_3",
    "metal_4",
    "metal_5",
)


def densities(layers: LayerRegions, technology: Technology, area: float) -> dict[str, float]:
    """Covered fraction (0 to 1) of `area` (square database units) by the process's name of each conductor."""
    return {technology.names[layer]: layers[layer].area() / area if area else 0.0 for layer in _CONDUCTORS}
