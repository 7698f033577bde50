"""What drawing, checking and extraction need to know of a process, read from its `layers.toml`, `rules.toml` and
`parasitics.toml`.

Layers and rules go by their roles, which are the same for every process; a process's own names are for messages and
for files that other tools read.
"""

import tomllib
from collections import Counter
from functools import cache
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from codesign.layout.errors import LayoutError
from codesign.pdk.technology import DEFAULT_PROCESS, process_folder
from codesign.pdk.technology import Technology as Process
from codesign.pdk.technology import load_technology as load_process

Conductor = Literal[
    "active", "poly", "local_interconnect", "metal_1", "metal_2", "metal_3", "metal_4", "metal_5", "mim_plate"
]
"""Layers that carry current, from the lowest; the MIM plate lies between metal_3 and metal_4."""

Cut = Literal["contact", "via_0", "via_1", "via_2", "via_3", "via_4"]
"""Layers that join two conductors, from the lowest; a contact leads from diffusion or poly to local_interconnect."""

Layer = Literal[
    Conductor,
    Cut,
    "boundary",
    "substrate",
    "n_well",
    "tap",
    "resistor_mark",
    "resistor_implant",
    "nitride_cut",
    "low_threshold_implant",
    "high_threshold_implant",
    "n_implant",
    "p_implant",
]
"""What a layer is for. `active` is diffusion of transistors, `tap` that of substrate and well contacts."""

RuleRole = Literal[
    "active enclosure of contact",
    "active end enclosure of contact",
    "active spacing",
    "active to n_well spacing",
    "bottom plate enclosure of mim_plate",
    "bottom plate spacing",
    "channel width",
    "contact size",
    "contact spacing",
    "contact to gate spacing",
    "gate extension",
    "local_interconnect end enclosure of contact",
    "local_interconnect spacing",
    "low-threshold p-channel length",
    "low_threshold_implant enclosure of gate",
    "metal_1 end enclosure of via_0",
    "metal_1 spacing",
    "metal_2 spacing",
    "metal_3 end enclosure of via_3",
    "metal_3 spacing",
    "metal_4 enclosure of via_3",
    "metal_4 spacing",
    "mim_plate aspect ratio",
    "mim_plate enclosure of via_3",
    "mim_plate spacing",
    "bottom plate to metal_3 spacing",
    "mim_plate width",
    "n_implant enclosure of active",
    "n_implant spacing",
    "n_well enclosure of active",
    "n_well enclosure of low_threshold_implant",
    "n_well enclosure of tap",
    "n_well width",
    "nitride_cut enclosure of contact",
    "nitride_cut enclosure of resistor",
    "nitride_cut spacing",
    "p_implant enclosure of active",
    "p_implant enclosure of resistor",
    "p_implant spacing",
    "poly contact to active spacing",
    "poly contact to p_implant spacing",
    "poly enclosure of contact",
    "poly end enclosure of contact",
    "poly spacing",
    "poly width",
    "resistor contact size",
    "resistor contact spacing",
    "resistor spacing",
    "resistor width",
    "resistor_implant enclosure of resistor",
    "resistor_implant to n_implant spacing",
    "resistor_implant width",
    "tap end enclosure of contact",
    "tap to n_well spacing",
    "wide metal_4 spacing",
]
"""What a rule that drawing keeps is for; an end enclosure is asked for on one of two adjacent sides."""


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Facts):
    """One design rule.

    Attributes:
        name: the process's name for it.
        role: what drawing asks for it by; "" where drawing does not.
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
    role: RuleRole | Literal[""] = ""
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


class CutRules(_Facts):
    """A contact between two conductors.

    Attributes:
        below: the lower conductor.
        above: the upper conductor.
        size: name of the rule that gives its side.
        space: name of the rule that gives its spacing.
        below_enclosure: rules for its enclosure by the lower conductor: on all sides, on one of two adjacent sides.
        above_enclosure: the same for the upper conductor.
    """

    below: Conductor
    above: Conductor
    size: str
    space: str
    below_enclosure: tuple[str, str]
    above_enclosure: tuple[str, str]


class AntennaRule(_Facts):
    """A limit on the side-wall area of a conductor over the gate area on its net.

    Attributes:
        name: the process's name for it.
        layer: the conductor.
        thickness: of the conductor, um.
        ratio: the limit without a diode.
        diode_factor: added times diffusion area over gate area.
        diode_bonus: added where the net has any diffusion.
        text: the sentence of the rule.
    """

    name: str
    layer: Conductor
    thickness: float
    ratio: float
    diode_factor: float
    diode_bonus: float
    text: str


class Wire(_Facts):
    """Parasitics of the wires on a conductor.

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


class KlayoutPex(_Facts):
    """What klayout-pex calls the process and the layers of an extraction.

    Attributes:
        pdk: its name of the process.
        layers: the layers of `codesign.layout.lvs.extract` by name.
    """

    pdk: str
    layers: dict[str, str]


class Parasitics(_Facts):
    """Wire parasitics.

    Attributes:
        conductors: of each conductor by itself.
        overlap: upper conductor, lower conductor: aF/um2 of overlap.
        edge_overlap: upper conductor, lower conductor: aF/um of the upper one's edge.
        cuts: ohm per cut.
        mim: of MIM capacitors.
        klayout_pex: what it calls the process and its layers.
    """

    conductors: dict[Layer, Wire]
    overlap: dict[Layer, dict[Layer, float]]
    edge_overlap: dict[Layer, dict[Layer, float]]
    cuts: dict[str, float]
    mim: Mim
    klayout_pex: KlayoutPex


class Technology(_Facts):
    """Layers, rules and parasitics of a process.

    Attributes:
        process: its devices, corners and supply.
        grid_um: the manufacturing grid, um.
        database_unit_um: um per GDS unit.
        names: the process's own name of each layer.
        drawing: layer to GDS (layer, datatype).
        pin: layer to the GDS pair of its pin shapes.
        label: layer to the GDS pair of its labels.
        markers: name to the GDS layer, or pair, of shapes that make nothing.
        areas: name of the rule of the smallest area of each conductor above the contacts, from the lowest.
        cuts: the cuts between those conductors, from the lowest.
        derived: layer name to the operation that makes it.
        drc: the design rules.
        antenna: the antenna rules.
        parasitics: wire resistance and capacitance.
    """

    process: Process
    grid_um: float
    database_unit_um: float
    names: dict[Layer, str]
    drawing: dict[Layer, tuple[int, int]]
    pin: dict[Layer, tuple[int, int]]
    label: dict[Layer, tuple[int, int]]
    markers: dict[str, tuple[int] | tuple[int, int]]
    areas: dict[Conductor, str]
    cuts: dict[Cut, CutRules]
    derived: dict[str, tuple[str | float, ...]]
    drc: tuple[Rule, ...]
    antenna: tuple[AntennaRule, ...]
    parasitics: Parasitics

    @model_validator(mode="after")
    def _has_all_roles(self) -> Self:
        """Drawing may ask for any role, so each must be there once."""
        layers = {"names": self.names, "drawing": {"substrate": (), **self.drawing}}
        for table, of in layers.items():
            if missing := [layer for layer in get_args(Layer) if layer not in of]:
                raise ValueError(f"{table} lacks the layer {missing[0]}")
        counts = Counter(rule.role for rule in self.drc if rule.role)
        if wrong := [role for role in get_args(RuleRole) if counts[role] != 1]:
            raise ValueError(f"{counts[wrong[0]]} rules have the role {wrong[0]!r}; one must")
        return self

    @property
    def grid(self) -> int:
        """The manufacturing grid in nm."""
        return round(self.grid_um * 1000)

    def cut_between(self, below: Conductor, above: Conductor) -> Cut:
        """The cut that connects two neighbouring conductors.

        Raises:
            LayoutError: no cut does.
        """
        for name, cut in self.cuts.items():
            if (cut.below, cut.above) == (below, above):
                return name
        raise LayoutError(f"no cut of {self.process.label} connects {below} to {above}")

    def nm(self, role: RuleRole) -> int:
        """The limit of the rule of a role, in nm."""
        return next(round(rule.value * 1000) for rule in self.drc if rule.role == role)

    def sizes_nm(self, role: RuleRole) -> tuple[int, ...]:
        """The allowed sizes of the rule of a role, in nm."""
        return next(tuple(round(value * 1000) for value in rule.values) for rule in self.drc if rule.role == role)

    def rule(self, name: str) -> Rule:
        """The rule that the process calls `name`, as its tables of cuts and areas do.

        Raises:
            LayoutError: no rule has that name.
        """
        for candidate in self.drc:
            if candidate.name == name:
                return candidate
        raise LayoutError(f"{self.process.label} has no rule {name!r}; see its rules.toml")

    def known_layers(self) -> frozenset[tuple[int, int]]:
        """Every GDS (layer, datatype) pair that the technology names."""
        return frozenset((*self.drawing.values(), *self.pin.values(), *self.label.values()))

    def marker(self, layer: int, datatype: int) -> str | None:
        """Name of the marker that a GDS layer is, or None."""
        return next((name for name, own in self.markers.items() if own in ((layer,), (layer, datatype))), None)


@cache
def load_technology(process: str = DEFAULT_PROCESS) -> Technology:
    """Read what layouts need to know of a process; cached.

    Raises:
        PdkError: unknown process.
        LayoutError: a data file of the package is missing or damaged.
    """
    folder, facts = process_folder(process), load_process(process)
    try:
        layers, rules, parasitics = (
            tomllib.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("layers.toml", "rules.toml", "parasitics.toml")
        )
        return Technology.model_validate({"process": facts, **layers, **rules, "parasitics": parasitics})
    except (OSError, ValueError) as error:
        raise LayoutError(f"the technology data in {folder} cannot be used: {error}; reinstall codesign") from error
