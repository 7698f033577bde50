"""The drawn and derived layers of one cell as merged KLayout regions."""

import klayout.db as db

from codesign.layout.errors import LayoutError
from codesign.layout.technology import Layer, Technology


class LayerRegions:
    """Regions of a flat cell by layer name, computed when first asked for.

    Args:
        top: the cell; its hierarchy is flattened.
        technology: names, GDS numbers and derivations of the layers.
    """

    def __init__(self, top: db.Cell, technology: Technology) -> None:
        self._top = top
        self._technology = technology
        self._regions: dict[str, db.Region] = {}

    @property
    def dbu(self) -> float:
        """Um per database unit."""
        return self._top.layout().dbu

    def __getitem__(self, name: str) -> db.Region:
        if name not in self._regions:
            self._regions[name] = self._make(name).merged()
        return self._regions[name]

    def drawn(self) -> tuple[Layer, ...]:
        """The drawn layers."""
        return tuple(self._technology.drawing)

    def raw(self, name: Layer) -> db.Region:
        """The drawn layer without merging (for checks of every vertex)."""
        layer, datatype = self._technology.drawing[name]
        return db.Region(self._top.begin_shapes_rec(self._top.layout().layer(layer, datatype)))

    def to_dbu(self, micrometres: float) -> int:
        """A length in database units."""
        return round(micrometres / self.dbu)

    def _ports(self, conductor: str) -> db.Region:
        for layer, number in self._technology.pin.items():
            if layer == conductor:
                return db.Region(self._top.begin_shapes_rec(self._top.layout().layer(*number)))
        raise LayoutError(f"{conductor!r} has no pin layer; name it in layers.toml")

    def _make(self, name: str) -> db.Region:
        drawn: Layer | None = next((layer for layer in self._technology.drawing if layer == name), None)
        if drawn is not None:
            return self.raw(drawn)
        if name not in self._technology.derived:
            raise LayoutError(f"no layer is called {name!r}; name it in layers.toml")
        operation, *operands = self._technology.derived[name]
        if operation == "ports":
            return self._ports(str(operands[0]))
        first = self[str(operands[0])]
        if operation == "sized":
            return first.sized(self.to_dbu(float(operands[1])))
        if operation == "sized_open":
            # A unit less than half, so that a shape of exactly that width stays.
            half = self.to_dbu(float(operands[1]) / 2) - 1
            return first.sized(-half).sized(half)
        second = self[str(operands[1])]
        match operation:
            case "and":
                return first & second
            case "or":
                return first + second
            case "not":
                return first - second
            case "interacting":
                return first.interacting(second)
            case _:
                raise LayoutError(f"derived layer {name!r}: unknown operation {operation!r} in layers.toml")
