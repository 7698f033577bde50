"""Reading a SPICE netlist of subcircuits and devices, and flattening it to the devices that are drawn.

Only what the netlists of `codesign.circuits` and hand-written LVS sources need: `.subckt` with parameters,
`X` elements, comments and continuation lines. Anything else is an error and never skipped.
"""

import re
from dataclasses import dataclass, field

from codesign.layout.errors import LayoutError

DEVICE_PREFIX = "sky130_fd_pr__"

_NUMBER = re.compile(r"([-+]?\d+\.?\d*(?:e[-+]?\d+)?)(u|um)?", re.IGNORECASE)


@dataclass(frozen=True)
class Element:
    """One `X` line: a name, nets, what it is an instance of, and its parameters as written."""

    name: str
    nets: tuple[str, ...]
    model: str
    parameters: dict[str, str]


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
        model: SKY130 device without its prefix, for example "nfet_01v8".
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
class FlatNetlist:
    """The devices of one subcircuit with everything inside it; inner nets carry the path of their instance."""

    name: str
    ports: tuple[str, ...]
    devices: tuple[Device, ...]


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
    for number, line in _logical_lines(text):
        words = re.sub(r"\s*=\s*", "=", line).lower().split()
        where = f"{source}, line {number}"
        if words[0] == ".subckt" and current is None and len(words) > 1:
            names = [word for word in words[2:] if "=" not in word]
            current = Subcircuit(words[1], tuple(names), _parameters(words[2:]))
        elif words[0] == ".ends" and current is not None:
            subcircuits[current.name] = current
            current = None
        elif words[0].startswith("x") and current is not None:
            names = [word for word in words[1:] if "=" not in word]
            if not names:
                raise LayoutError(f"{where}: {line[:60]!r} names no subcircuit or device")
            current.elements.append(Element(words[0], tuple(names[:-1]), names[-1], _parameters(words[1:])))
        elif words[0] == ".end" and current is None:
            break
        else:
            raise LayoutError(
                f"{where}: {line[:60]!r} is not understood; only .subckt, X elements and .ends are drawn or compared"
            )
    if current is not None:
        raise LayoutError(f"{source}: the subcircuit {current.name} is not closed by .ends")
    return subcircuits


def _logical_lines(text: str) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split(" $")[0].strip()
        if line.startswith("+") and lines:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {line[1:].strip()}")
        elif line and not line.startswith("*"):
            lines.append((number, line))
    return lines


def _parameters(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word)


def flatten(subcircuits: dict[str, Subcircuit], name: str, source: str) -> FlatNetlist:
    """The devices of the subcircuit called `name`.

    Raises:
        LayoutError: there is no such subcircuit, an instance names an unknown one, has the wrong number of nets, a
            parameter without a value, or the subcircuits contain each other.
    """
    top = subcircuits.get(name.lower())
    if top is None:
        found = ", ".join(list(subcircuits)[-5:]) or "none"
        raise LayoutError(f"{source} has no subcircuit {name}; the file must hold the cell (it holds {found})")
    devices: list[Device] = []
    _expand(subcircuits, top, {port: port for port in top.ports}, top.parameters, 1, "", (), devices, source)
    return FlatNetlist(top.name, top.ports, tuple(devices))


def _expand(
    subcircuits: dict[str, Subcircuit],
    circuit: Subcircuit,
    nets: dict[str, str],
    parameters: dict[str, str],
    count: int,
    path: str,
    parents: tuple[str, ...],
    devices: list[Device],
    source: str,
) -> None:
    if circuit.name in parents:
        raise LayoutError(f"{source}: the subcircuit {circuit.name} contains itself")
    for element in circuit.elements:
        full_name = f"{path}{element.name.removeprefix('x')}"
        outer = tuple(nets.get(net, f"{path}{net}") for net in element.nets)
        values = {key: _value(text, parameters, f"{source}: {full_name}") for key, text in element.parameters.items()}
        if element.model.startswith(DEVICE_PREFIX):
            devices.append(_device(element, full_name, outer, values, count, source))
            continue
        inner = subcircuits.get(element.model)
        if inner is None:
            raise LayoutError(f"{source}: {full_name} is an instance of {element.model}, which is not in the file")
        if len(outer) != len(inner.ports):
            raise LayoutError(
                f"{source}: {full_name} has {len(outer)} nets but {inner.name} has {len(inner.ports)} ports"
            )
        multiplied = count * round(float(values.pop("m", "1")))
        ports = dict(zip(inner.ports, outer, strict=True))
        passed = {**inner.parameters, **values}
        _expand(
            subcircuits, inner, ports, passed, multiplied, f"{full_name}.", (*parents, circuit.name), devices, source
        )


def _device(
    element: Element, name: str, nets: tuple[str, ...], values: dict[str, str], count: int, source: str
) -> Device:
    try:
        width, length = float(values["w"]), float(values["l"])
    except KeyError as error:
        raise LayoutError(f"{source}: {name} has no {str(error).strip(chr(39)).upper()}; give W and L in um") from error
    model = element.model.removeprefix(DEVICE_PREFIX)
    multiplicity = float(values.get("m", values.get("mult", "1")))
    if multiplicity != round(multiplicity) or multiplicity < 1:
        raise LayoutError(f"{source}: {name} has multiplicity {multiplicity:g}; it must be a whole number from 1")
    return Device(name, model, nets, width, length, count * round(multiplicity))


def _value(text: str, parameters: dict[str, str], where: str) -> str:
    """A number as text: a literal, or the value of the parameter that a name in braces or quotes stands for."""
    name = text.strip("{}'\"")
    text = parameters.get(name, name)
    number = _NUMBER.fullmatch(text)
    if number is None:
        raise LayoutError(f"{where}: the parameter value {text[:40]!r} is neither a number nor a known parameter")
    return number.group(1)
