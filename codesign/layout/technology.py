"""The SKY130 technology facts that drawing, checking and extraction share, read from `pdk/sky130/*.toml`."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from codesign.layout.errors import LayoutError


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Facts):
    """One design rule.

    Attributes:
        name: the official name, for example "m1.2".
        check: the function of `codesign.layout.drc.checks` that judges it.
        text: the sentence of the rule.
        of: the layer that is checked (drawn or derived).
        to: the layer that it is checked against.
        value: the limit in um (um2 for areas, a ratio for aspect ratios).
        values: the allowed sizes in um, where there are several.
        layers: the layers of a rule that covers many.
        beyond: the layer that must lie on both sides (gate extensions).
        exempt: the layer whose coinciding edges are exempt (implants).
        other: a third layer.
    """

    name: str
    check: str
    text: str
    of: str = ""
    to: str = ""
    value: float = 0.0
    values: tuple[float, ...] = ()
    layers: tuple[str, ...] = ()
    beyond: str = ""
    exempt: str = Field(default="", alias="except")
    other: str = ""


class Cut(_Facts):
    """A contact between two conductors.

    Attributes:
        below: the lower conductor.
        above: the upper conductor.
        size: name of the rule that gives its side.
        space: name of the rule that gives its spacing.
        below_enclosure: rules for its enclosure by the lower conductor: on all sides, on one of two adjacent sides.
        above_enclosure: the same for the upper conductor.
    """

    below: str
    above: str
    size: str
    space: str
    below_enclosure: tuple[str, str]
    above_enclosure: tuple[str, str]


class AntennaRule(_Facts):
    """A limit on the side-wall area of a conductor over the gate area on its net.

    Attributes:
        name: the official name.
        layer: the conductor.
        thickness: of the conductor, um.
        ratio: the limit without a diode.
        diode_factor: added times diffusion area over gate area.
        diode_bonus: added where the net has any diffusion.
        text: the sentence of the rule.
    """

    name: str
    layer: str
    thickness: float
    ratio: float
    diode_factor: float
    diode_bonus: float
    text: str


class Conductor(_Facts):
    """Parasitics of a conductor.

    Attributes:
        sheet_resistance: ohm per square.
        area: capacitance to the substrate, aF/um2.
        fringe: capacitance of an edge to the substrate, aF/um.
        coupling: numerator of the coupling of two parallel edges, aF.
        coupling_offset: um, so that coupling per um is `coupling / (spacing + coupling_offset)`.
    """

    sheet_resistance: float
    area: float
    fringe: float
    coupling: float
    coupling_offset: float


class Mim(_Facts):
    """MIM capacitance: fF/um2 of plate and fF/um of perimeter."""

    area: float
    perimeter: float


class Parasitics(_Facts):
    """Wire parasitics.

    Attributes:
        conductors: of each conductor by itself.
        overlap: upper conductor, lower conductor: aF/um2 of overlap.
        edge_overlap: upper conductor, lower conductor: aF/um of the upper one's edge.
        cuts: ohm per cut.
        mim: of MIM capacitors.
    """

    conductors: dict[str, Conductor]
    overlap: dict[str, dict[str, float]]
    edge_overlap: dict[str, dict[str, float]]
    cuts: dict[str, float]
    mim: Mim


class Technology(_Facts):
    """Layers, rules and parasitics of the process.

    Attributes:
        grid_um: the manufacturing grid, um.
        database_unit_um: um per GDS unit.
        drawing: layer name to GDS (layer, datatype).
        pin: conductor name to the GDS pair of its pin shapes.
        label: conductor name to the GDS pair of its labels.
        markers: name to the GDS layer, or pair, of shapes that make nothing.
        cuts: the cuts between conductors, from the lowest.
        derived: layer name to the operation that makes it.
        drc: the design rules.
        antenna: the antenna rules.
        parasitics: wire resistance and capacitance.
    """

    grid_um: float
    database_unit_um: float
    drawing: dict[str, tuple[int, int]]
    pin: dict[str, tuple[int, int]]
    label: dict[str, tuple[int, int]]
    markers: dict[str, tuple[int] | tuple[int, int]]
    cuts: dict[str, Cut]
    derived: dict[str, tuple[str | float, ...]]
    drc: tuple[Rule, ...]
    antenna: tuple[AntennaRule, ...]
    parasitics: Parasitics

    @property
    def grid(self) -> int:
        """The manufacturing grid in nm."""
        return round(self.grid_um * 1000)

    def cut_between(self, below: str, above: str) -> str:
        """Name of the cut that connects two neighbouring conductors.

        Raises:
            LayoutError: no cut does.
        """
        for name, cut in self.cuts.items():
            if (cut.below, cut.above) == (below, above):
                return name
        raise LayoutError(f"no cut connects {below} to {above}; see pdk/sky130/layers.toml")

    def nm(self, rule: str) -> int:
        """The limit of the rule called `rule`, in nm; 0 for the name "", no rule.

        Raises:
            LayoutError: no rule has that name, or it has no single value.
        """
        if not rule:
            return 0
        for candidate in self.drc:
            if candidate.name == rule and candidate.value:
                return round(candidate.value * 1000)
        raise LayoutError(f"the technology has no rule {rule!r} with a value; see pdk/sky130/rules.toml")

    def sizes_nm(self, rule: str) -> tuple[int, ...]:
        """The allowed sizes of the rule called `rule`, in nm.

        Raises:
            LayoutError: no rule has that name, or it has no list of sizes.
        """
        for candidate in self.drc:
            if candidate.name == rule and candidate.values:
                return tuple(round(value * 1000) for value in candidate.values)
        raise LayoutError(f"the technology has no rule {rule!r} with sizes; see pdk/sky130/rules.toml")

    def known_layers(self) -> frozenset[tuple[int, int]]:
        """Every GDS (layer, datatype) pair that the technology names."""
        return frozenset((*self.drawing.values(), *self.pin.values(), *self.label.values()))

    def marker(self, layer: int, datatype: int) -> str | None:
        """Name of the marker that a GDS layer is, or None."""
        return next((name for name, own in self.markers.items() if own in ((layer,), (layer, datatype))), None)


@cache
def sky130() -> Technology:
    """The SKY130 technology that ships with the package.

    Raises:
        LayoutError: a data file of the package is missing or damaged.
    """
    folder = files("codesign.pdk.processes") / "sky130"
    try:
        layers, rules, parasitics = (
            tomllib.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("layers.toml", "rules.toml", "parasitics.toml")
        )
        return Technology.model_validate({**layers, **rules, "parasitics": parasitics})
    except (OSError, ValueError) as error:
        raise LayoutError(f"the technology data in {folder} cannot be used: {error}; reinstall codesign") from error
