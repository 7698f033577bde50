"""Metal density: the share of a cell's area that each conductor covers."""

from codesign.layout.drc.regions import LayerRegions

_CONDUCTORS = ("diff", "poly", "li1", "met1", "met2", "met3", "met4", "met5")


def densities(layers: LayerRegions, area: float) -> dict[str, float]:
    """Covered fraction (0 to 1) of `area` (square database units) by conductor."""
    return {name: layers[name].area() / area if area else 0.0 for name in _CONDUCTORS}
