"""A deck: a circuit, its conditions, the analysis, and what to save."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from codesign.files import checked_name
from codesign.pdk import Pdk, model_slice
from codesign.pdk.bins import Sizes, keep_bins
from codesign.pdk.deviates import with_deviates
from codesign.pdk.equivalents import with_equivalents
from codesign.pdk.sharing import share_cards
from codesign.pdk.technology import DEFAULT_PROCESS, load_technology
from codesign.spice.analysis import Analysis, number
from codesign.spice.errors import SimulationError

_NODE = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_SOURCE_CURRENT = re.compile(r"i\([A-Za-z_][A-Za-z0-9_.]*\)", re.IGNORECASE)
_OPTION_VALUE = re.compile(r"[A-Za-z0-9_.+-]+")
_PARAMETER = re.compile(r"\b([wl]|nf)\s*=\s*(\S+)")

DEFAULT_OPTIONS: Mapping[str, str | float] = {"method": "gear", "reltol": 1e-4}
"""Default ngspice options of a deck: gear integration, a tenth of the usual relative tolerance."""


@dataclass(frozen=True)
class Deck:
    """One simulation.

    Attributes:
        title: one line that names it.
        circuit: the netlist, as `str()` of a PySpice circuit or as text; it holds neither models nor analyses.
        analysis: what to simulate.
        probes: what to save: node names (`membrane`, `network.neuron0.membrane` inside subcircuits) and currents
            through voltage sources (`i(Vdd)`).
        process: whose devices the circuit uses.
        corner: one of the corners of its technology.
        temperature: degrees Celsius.
        mismatch: whether ngspice draws a random deviation for every device.
        deviates: whether the lines of the devices say how far each deviates (`codesign.circuits.chip`).
        seed: of the random deviations; the same seed repeats them.
        options: ngspice options by their ngspice names.
        initial_conditions: node voltages at which a transient's operating point is held, V.

    Raises:
        SimulationError: a title of several lines, or a probe, an option or a node that is not a plain name.
    """

    title: str
    circuit: str
    analysis: Analysis
    probes: tuple[str, ...]
    process: str = DEFAULT_PROCESS
    corner: str = load_technology(DEFAULT_PROCESS).typical_corner
    temperature: float = 27.0
    mismatch: bool = False
    deviates: bool = False
    seed: int = 1
    options: Mapping[str, str | float] = field(default_factory=lambda: DEFAULT_OPTIONS)
    initial_conditions: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.title.isprintable():
            raise SimulationError(f"a deck's title must be one line of text, got {self.title[:80]!r}")
        if not self.probes:
            raise SimulationError(f"deck {self.title!r} probes nothing; name a node or a source current")
        if len({probe.lower() for probe in self.probes}) < len(self.probes):
            raise SimulationError(f"deck {self.title!r} probes a node or a current twice (SPICE ignores case)")
        for probe in self.probes:
            if not _SOURCE_CURRENT.fullmatch(probe):
                _check_node(probe, self.title)
        for node in self.initial_conditions:
            _check_node(node, self.title)
        for name, value in self.options.items():
            checked_name(name, "ngspice option")
            if not _OPTION_VALUE.fullmatch(str(value)):
                raise SimulationError(f"deck {self.title!r}: option {name} has no plain value: {value!r}")

    @cached_property
    def devices(self) -> frozenset[str]:
        """The names of the PDK devices in the circuit."""
        return frozenset(name.lower() for name in _device_pattern(self._prefix).findall(self.circuit))

    @cached_property
    def sizes(self) -> Sizes:
        """Device, finger width and length (um) of every instance.

        A device of which one instance's size is an expression, or not on the instance's own line, is left out.
        """
        found: set[tuple[str, float, float]] = set()
        open_ended: set[str] = set()
        for device, parameters in _instance_pattern(self._prefix).findall(self.circuit):
            given = dict(_PARAMETER.findall(parameters.lower()))
            try:
                finger_width = float(given["w"]) / float(given.get("nf", "1"))
                found.add((device.lower(), finger_width, float(given["l"])))
            except (KeyError, ValueError, ZeroDivisionError):
                open_ended.add(device.lower())
        return frozenset(size for size in found if size[0] not in open_ended)

    def models(self, pdk: Pdk) -> str:
        """The models that the deck needs, and no more.

        Raises:
            PdkError: an unknown device or corner, or an unreadable library.
            SimulationError: the library is another process's.
        """
        if pdk.process != self.process:
            raise SimulationError(
                f"deck {self.title!r} uses devices of {self.process}, but the models are those of {pdk.process}; "
                f"simulate it with the models of its own process"
            )
        models = model_slice(pdk, self.devices, self.corner, self.mismatch or self.deviates)
        if self.deviates:
            models = with_deviates(models, pdk.technology.devices)
        models = keep_bins(models, self.sizes, pdk.technology.length_unit)
        return share_cards(with_equivalents(models, self.sizes, pdk.technology.equivalents, self._prefix))

    @property
    def _prefix(self) -> str:
        return load_technology(self.process).devices.prefix

    def text(self, models: str) -> str:
        """Render the file that ngspice runs.

        Args:
            models: the path of the model library, to be included.
        """
        return "\n".join(
            [
                f"* {self.title}",
                f'.include "{models}"',
                self._circuit_without_title(),
                f".temp {number(self.temperature)}",
                f".option seed={self.seed}",
                *(f".option {name}={value}" for name, value in sorted(self.options.items())),
                *(f".ic v({node})={number(value)}" for node, value in self.initial_conditions.items()),
                f".save {' '.join(saved_name(probe) for probe in self.probes)}",
                self.analysis.card(),
                ".end",
                "",
            ]
        )

    def _circuit_without_title(self) -> str:
        lines = self.circuit.strip().splitlines()
        return "\n".join(line for line in lines if not line.lower().startswith(".title"))


def saved_name(probe: str) -> str:
    """What ngspice calls a probe: `v(node)`, or the source current as it is."""
    return probe if _SOURCE_CURRENT.fullmatch(probe) else f"v({probe})"


@cache
def _device_pattern(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(prefix)}\w+", re.IGNORECASE)


@cache
def _instance_pattern(prefix: str) -> re.Pattern[str]:
    """A device's line: its name, and what comes after it."""
    return re.compile(rf"^[ \t]*x\S*\s[^\n]*?\b({re.escape(prefix)}\w+)([^\n]*)$", re.IGNORECASE | re.MULTILINE)


def _check_node(node: str, title: str) -> None:
    if not _NODE.fullmatch(node):
        raise SimulationError(
            f"deck {title!r}: {node[:80]!r} is neither a node (letters, digits, underscores, dots between the levels) "
            f"nor a source current i(NAME)"
        )
