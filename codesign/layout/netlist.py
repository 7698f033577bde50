"""Reading a SPICE netlist of subcircuits and devices, and flattening it to the devices that are drawn.

What the netlists of `codesign.circuits`, of schematic editors and of hand-written LVS sources need: `.subckt` with
parameters, `X` and `M` elements, comments and continuation lines. Anything else is an error and never skipped.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codesign.layout.errors import LayoutError
from codesign.layout.values import micrometres, value_of

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\{[^{}]*\}")
_COMMENT = re.compile(r"(?:^|\s)\$|;")
_GROUND = "0"
# What a netlist file of `codesign` calls the lines of its crossbars, and the crossbars.
_LINES, _CROSSBAR = ("membrane_", "spike_"), "crossbar_"

# Far above any circuit that is drawn: a file beyond them would never be done.
_DEEPEST = 100
_MOST_DEVICES = 1_000_000


@dataclass(frozen=True)
class Element:
    """One `X` or `M` (primitive) line: a name, nets, what it is an instance of, and its parameters as written."""

    name: str
    nets: tuple[str, ...]
    model: str
    parameters: dict[str, str]
    primitive: bool = False


@dataclass
class Subcircuit:
    """One `.subckt`: ports, default parameters and elements."""

    name: str
    ports: tuple[str, ...]
    parameters: dict[str, str]
    elements: list[Element] = field(default_factory=list[Element])


@dataclass(frozen=True)
class Device:
    """A drawn device.

    Attributes:
        name: path of instance names, joined by dots.
        model: the process's device without its prefix.
        nets: its nets in the order of the SPICE line.
        width: um.
        length: um.
        count: number of equal devices in parallel.
    """

    name: str
    model: str
    nets: tuple[str, ...]
    width: float
    length: float
    count: int


@dataclass(frozen=True)
class Lines:
    """The spike and membrane lines of crossbars.

    Attributes:
        nets: their nets.
        synapses: names of the devices along them; all others on a line are its driver's or its neuron's.
    """

    nets: frozenset[str]
    synapses: frozenset[str]


@dataclass(frozen=True)
class FlatNetlist:
    """The devices of one subcircuit with everything inside it; inner nets carry the path of their instance.

    Attributes:
        name: of the subcircuit.
        ports: in order.
        devices: in order.
        lines: of its crossbars; a netlist that was read tells them by the names that `codesign` gives.
    """

    name: str
    ports: tuple[str, ...]
    devices: tuple[Device, ...]
    lines: Lines

    @property
    def connected_ports(self) -> tuple[str, ...]:
        """Ports that a device is connected to. A block may leave one unused, and then nothing is drawn for it."""
        used = {net for device in self.devices for net in device.nets}
        return tuple(port for port in self.ports if port in used)


def read_netlist(path: Path, name: str, prefix: str) -> FlatNetlist:
    """The devices of the subcircuit called `name` in a file.

    Args:
        path: the file.
        name: of the subcircuit.
        prefix: of the process's devices.

    Raises:
        LayoutError: the file cannot be read or understood, or has no such subcircuit.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LayoutError(f"cannot read {path}: {reason}; give the netlist as a SPICE file") from error
    return flatten(parse_spice(text, str(path)), name, str(path), prefix)


def parse_spice(text: str, source: str) -> dict[str, Subcircuit]:
    """The subcircuits of a netlist by name, in lower case as SPICE compares them.

    Args:
        text: the netlist.
        source: what it is called in messages.

    Raises:
        LayoutError: a line that is none of the allowed ones, or a subcircuit that is not closed.
    """
    subcircuits: dict[str, Subcircuit] = {}
    current: Subcircuit | None = None
    names: set[str] = set()
    for number, line in _logical_lines(text):
        where = f"{source}, line {number}"
        if not line.isprintable():
            raise LayoutError(f"{where}: {line[:60]!r} holds a character that is no text; write it anew")
        words = _words(line)
        if words[0] == ".subckt" and current is None and len(words) > 1 and "=" not in words[1]:
            ports = tuple(word for word in words[2:] if "=" not in word and word != "params:")
            current = Subcircuit(words[1], ports, _parameters(words[2:]))
            names = set()
            if current.name in subcircuits:
                raise LayoutError(f"{where}: the subcircuit {current.name[:60]} is defined twice; remove one")
            if len(set(ports)) < len(ports):
                raise LayoutError(f"{where}: {line[:60]!r} names a port twice; give each another name")
        elif words[0] == ".ends" and current is not None:
            subcircuits[current.name] = current
            current = None
        elif words[0][0] in "xm" and current is not None:
            element = _element(words, f"{where}: {line[:60]!r}")
            if element.name in names:
                raise LayoutError(f"{where}: the element {words[0][:60]} is there twice; rename one")
            names.add(element.name)
            current.elements.append(element)
        elif words[0] == ".end" and current is None:
            break
        else:
            raise LayoutError(
                f"{where}: {line[:60]!r} is not understood; only .subckt, X and M elements and .ends are drawn or "
                "compared"
            )
    if current is not None:
        raise LayoutError(f"{source}: the subcircuit {current.name} is not closed by .ends")
    return subcircuits


def _logical_lines(text: str) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = " ".join(_COMMENT.split(raw, maxsplit=1)[0].split())
        if line.startswith("+") and lines:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {line[1:].strip()}")
        elif line and not line.startswith("*"):
            lines.append((number, line))
    return lines


def _words(line: str) -> list[str]:
    """The words of a line in lower case, each parameter one word whatever blanks it holds."""
    joined = _QUOTED.sub(lambda quoted: re.sub(r"\s+", "", quoted[0]), line)
    return re.sub(r"\s*=\s*", "=", joined).lower().split()


def _element(words: list[str], where: str) -> Element:
    names = [word for word in words[1:] if "=" not in word]
    if names[-2:-1] == ["/"]:
        # CDL sets a stroke before the subcircuit's name.
        del names[-2]
    if not names:
        raise LayoutError(f"{where} names no subcircuit or device")
    name, model = words[0].removeprefix("x"), names[-1]
    primitive = words[0].startswith("m")
    return Element(words[0] if primitive else name, tuple(names[:-1]), model, _parameters(words[1:]), primitive)


def _parameters(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word)


def flatten(subcircuits: dict[str, Subcircuit], name: str, source: str, prefix: str) -> FlatNetlist:
    """The devices of the subcircuit called `name`.

    Args:
        subcircuits: by name.
        name: of the subcircuit.
        source: what messages call the netlist.
        prefix: of the process's devices.

    Raises:
        LayoutError: there is no such subcircuit, an instance names an unknown one, has the wrong number of nets, a
            parameter without a value, or the subcircuits contain each other.
    """
    top = subcircuits.get(name.lower())
    if top is None:
        found = ", ".join(list(subcircuits)[-5:]) or "none"
        raise LayoutError(f"{source} has no subcircuit {name}; the file must hold the cell (it holds {found})")
    flattener = _Flattener(subcircuits, source, prefix)
    flattener.expand(top, {port: port for port in top.ports}, {}, 1, "", ())
    return FlatNetlist(top.name, top.ports, tuple(flattener.devices), _named_lines(flattener.devices))


def inner_net(net: str, nets: Mapping[str, str], path: str) -> str:
    """A net of the instance at `path`: its parent's at a port (by `nets`), its own otherwise; ground is everyone's."""
    return nets.get(net, net if net == _GROUND else path + net)


def _named_lines(devices: Sequence[Device]) -> Lines:
    nets = {net for device in devices for net in device.nets if net.rpartition(".")[2].startswith(_LINES)}
    synapses = {
        device.name for device in devices if any(part.startswith(_CROSSBAR) for part in device.name.split(".")[:-1])
    }
    return Lines(frozenset(nets), frozenset(synapses))


class _Flattener:
    """Collects the devices of a subcircuit and of all within it."""

    def __init__(self, subcircuits: dict[str, Subcircuit], source: str, prefix: str) -> None:
        self.devices: list[Device] = []
        self._subcircuits = subcircuits
        self._source = source
        self._prefix = prefix
        self._count = 0

    def expand(
        self,
        circuit: Subcircuit,
        nets: dict[str, str],
        given: Mapping[str, float],
        count: int,
        path: str,
        parents: tuple[str, ...],
    ) -> None:
        if circuit.name in parents:
            raise LayoutError(f"{self._source}: the subcircuit {circuit.name} contains itself")
        if len(parents) > _DEEPEST:
            raise LayoutError(f"{self._source}: the subcircuits are over {_DEEPEST} levels deep; flatten some")
        parameters: dict[str, float] = {**given}
        for key, text in circuit.parameters.items():
            if key not in given:
                parameters[key] = self._value(text, parameters, circuit.name)
        for element in circuit.elements:
            name = path + element.name
            outer = tuple(inner_net(net, nets, path) for net in element.nets)
            inner = None if element.primitive else self._subcircuits.get(element.model)
            if inner is not None:
                self._count_up(1)
                self._expand_instance(element, inner, name, outer, parameters, count, (*parents, circuit.name))
            elif element.primitive or element.model.startswith(self._prefix):
                self.devices.append(self._device(element, name, outer, parameters, count))
            else:
                raise LayoutError(f"{self._source}: {name} is an instance of {element.model}, which is not in the file")

    def _expand_instance(
        self,
        element: Element,
        inner: Subcircuit,
        name: str,
        outer: tuple[str, ...],
        parameters: Mapping[str, float],
        count: int,
        parents: tuple[str, ...],
    ) -> None:
        if len(outer) != len(inner.ports):
            raise LayoutError(
                f"{self._source}: {name} has {len(outer)} nets but {inner.name} has {len(inner.ports)} ports"
            )
        values = {key: self._value(text, parameters, name) for key, text in element.parameters.items()}
        # An own parameter called m is a parameter; any other m is a number of instances.
        multiplicity = 1.0 if "m" in inner.parameters else values.pop("m", 1.0)
        ports = dict(zip(inner.ports, outer, strict=True))
        self.expand(inner, ports, values, count * self._whole(multiplicity, name), f"{name}.", parents)

    def _device(
        self, element: Element, name: str, nets: tuple[str, ...], parameters: Mapping[str, float], count: int
    ) -> Device:
        # Only what is drawn is read: areas and stress distances of a schematic editor may be any expression.
        values = {
            key: self._value(element.parameters[key], parameters, name)
            for key in ("w", "l", "m", "mult")
            if key in element.parameters
        }
        for key in "wl":
            if key not in values:
                raise LayoutError(f"{self._source}: {name} has no {key.upper()}; give W and L in um")
            if values[key] <= 0:
                raise LayoutError(f"{self._source}: {name} has {key.upper()} {values[key]:g}; it must be over 0")
        count *= self._whole(values.get("m", values.get("mult", 1.0)), name)
        self._count_up(count)
        model = element.model.removeprefix(self._prefix)
        return Device(name, model, nets, micrometres(values["w"]), micrometres(values["l"]), count)

    def _whole(self, multiplicity: float, name: str) -> int:
        if multiplicity != round(multiplicity) or multiplicity < 1:
            raise LayoutError(
                f"{self._source}: {name} has multiplicity {multiplicity:g}; it must be a whole number from 1"
            )
        return round(multiplicity)

    def _count_up(self, number: int) -> None:
        self._count += number
        if self._count > _MOST_DEVICES:
            raise LayoutError(
                f"{self._source} has over {_MOST_DEVICES} devices and instances; give a smaller part of the circuit"
            )

    def _value(self, text: str, parameters: Mapping[str, float], name: str) -> float:
        value = value_of(text, parameters)
        if value is None:
            raise LayoutError(
                f"{self._source}: {name}: the parameter value {text[:40]!r} is neither a number nor a known parameter"
            )
        return value
