"""The tile's power stripes, from the two power bars of a network."""

from dataclasses import dataclass

from codesign.layout.contacts import fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.tile.router import Router

_WIDTH = 1600
_GAP = 400
# How far the ends of a dive reach along the stripe, nm.
_DIVE_END = 1200


class NoStripes(LayoutError):
    """There is no room for stripes."""


@dataclass(frozen=True)
class _Crossing:
    stripe: Box
    dive: Box | None


def lengthened(bars: dict[str, Box], low: int, high: int) -> dict[str, Box]:
    """Upright bars as stripes from y = `low` to `high`, nm."""
    return {net: Box(bar.left, min(low, bar.bottom), bar.right, max(high, bar.top)) for net, bar in bars.items()}


def crossing(bars: dict[str, Box], high: int, drawing: Drawing, router: Router) -> dict[str, Box]:
    """Upright stripes over a turned network, whose bars lie at its lower edge.

    That of the upper bar begins on it. That of the lower one begins above the upper one, and dives under it on metal_3.

    Args:
        bars: the bar of each power net.
        high: the upper end of the stripes, nm.
        drawing: gets the dive, and the bars where a stripe lies beside them.
        router: knows what lies there.

    Returns:
        The stripes; they are not drawn yet.

    Raises:
        NoStripes: there is no column free for one.
    """
    lower, upper = sorted(bars, key=lambda net: bars[net].bottom)
    stripes: dict[str, Box] = {}
    for net, start in ((upper, bars[upper].bottom), (lower, bars[upper].top + _GAP)):
        found = _free_column(start, high, bars[lower].bottom if net == lower else None, router)
        bar, stripe = bars[net], found.stripe
        reach = drawing.add(
            "metal_4", Box(min(bar.left, stripe.left), bar.bottom, max(bar.right, stripe.right), bar.top)
        )
        router.occupy("metal_4", reach, net)
        router.occupy("metal_4", stripe, net)
        if found.dive is not None:
            dive = drawing.add("metal_3", found.dive)
            router.occupy("metal_3", dive, net)
            inset = drawing.technology.nm("metal_3 end enclosure of via_3")
            for low, top in ((bar.bottom, bar.top), (dive.top - _DIVE_END, dive.top)):
                fill_with_cuts(drawing, "via_3", Box(dive.left, low, dive.right, top).grown(-inset))
        stripes[net] = stripe
    return stripes


def _free_column(start: int, high: int, dive_from: int | None, router: Router) -> _Crossing:
    """The leftmost place for a stripe, and for its dive."""
    half = _WIDTH // 2
    for column in range(4, router.grid.columns - 4):
        x = router.grid.x(column)
        stripe = Box(x - half, start, x + half, high)
        dive = None if dive_from is None else Box(x - half, dive_from, x + half, start + _DIVE_END)
        # Other metal_4 may be wide.
        if router.is_clear("metal_4", stripe.grown(_GAP, 0)) and (dive is None or router.is_clear("metal_3", dive)):
            return _Crossing(stripe, dive)
    raise NoStripes("no room for power stripes over it")
