"""One element of a user's cell: checked, and multiplied by the cell's parameter `units`.

`m=` on the instance of a subcircuit is lost in ngspice 39 where no line of the deck gives the device an `m=` of its
own, so it stands on every element. The mismatch of the models follows `mult=` instead.
"""

import re

from codesign.errors import CodesignError
from codesign.pdk.technology import Devices

_ASSIGNED = re.compile(r"\s*=\s*")
_TOKEN = re.compile(r"(?:(?P<name>[a-z_]\w*)=)?(?P<value>'[^']+'|\{[^{}]+\}|[^\s'{}=]+)(?=\s|$)", re.IGNORECASE)
_SUFFIXED = re.compile(r"(?<![\w.])((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)[a-z]", re.IGNORECASE)
_MULTIPLIERS = ("m", "mult")


class ElementError(CodesignError):
    """An element that a cell cannot have."""


def element_with_units(line: str, cell: str, devices: Devices) -> str:
    """Write an element so that it stands for `units` equal ones in parallel.

    Args:
        line: an X, R, C or L element with its continuation lines, without comments.
        cell: name of the subcircuit that it stands in.
        devices: of the process.

    Raises:
        ElementError: a parameter that is not `name=value`, a size with a unit suffix, an instance of something other
            than a device of the models, or a wrong number of nodes.
    """
    words, parameters = _split(line)
    is_device = words[0][0] in "xX"
    if is_device:
        _check_device(words, parameters, cell, devices)
    elif not 3 <= len(words) <= 4 or (len(words) == 3 and not parameters):
        raise ElementError(f"{words[0]} needs two nodes and a value, but has {' '.join(words[1:])[:60] or 'nothing'}")
    multiplier = parameters.get("m", "1")
    multiplied = {"m": multiplier}
    if is_device:
        multiplied["mult"] = parameters.get("mult", multiplier)
    others = [f"{name}={value}" for name, value in parameters.items() if name not in _MULTIPLIERS]
    return " ".join([*words, *others, *(f"{name}={_times_units(value)}" for name, value in multiplied.items())])


def _split(line: str) -> tuple[list[str], dict[str, str]]:
    """Plain words and parameters, names in lower case; expressions lose their blanks."""
    text = _ASSIGNED.sub("=", line)
    words: list[str] = []
    parameters: dict[str, str] = {}
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None or (token["name"] is None and parameters):
            broken = text[position:].split()[0]
            raise ElementError(f"{broken[:40]!r} is neither a node nor name=value; write for example w=0.42")
        value = "".join(token["value"].split())
        if token["name"] is None:
            words.append(value)
        elif (name := token["name"].lower()) in parameters:
            raise ElementError(f"the parameter {name} is given twice; give it once")
        else:
            parameters[name] = value
        position = len(text) - len(text[token.end() :].lstrip())
    return words, parameters


def _check_device(words: list[str], parameters: dict[str, str], cell: str, devices: Devices) -> None:
    name, *nodes, device = words if len(words) > 1 else [*words, ""]
    if device.lower() == cell.lower():
        raise ElementError(f"{name} places {cell} inside itself; a cell is made of devices")
    if not device.lower().startswith(devices.prefix):
        raise ElementError(
            f"{name} is an instance of {device[:60]!r}, which is no device of the models ({devices.prefix}...); "
            "a cell is flat: write the devices of a subcircuit in its place"
        )
    count = devices.terminal_count(device)
    if count is not None and len(nodes) != count:
        raise ElementError(f"{name} has {len(nodes)} nodes, but {device} has {count} terminals")
    for parameter, value in parameters.items():
        if (suffixed := _SUFFIXED.search(value)) is not None:
            raise ElementError(
                f"{parameter}={value[:40]} has a unit suffix; the models take plain micrometres, "
                f"{parameter}={suffixed[1]} for {suffixed[1]} um"
            )


def _times_units(value: str) -> str:
    plain = value.strip("'{}")
    if plain == "1":
        return "{units}"
    return f"{{{plain}*units}}" if plain.isdecimal() else f"{{({plain})*units}}"


def split_element(element: str) -> tuple[str, list[str], list[str]]:
    """The name, the nodes and the rest of an element that `element_with_units` wrote.

    The rest of a device starts with its model.
    """
    words = element.split()
    plain = next((number for number, word in enumerate(words) if "=" in word), len(words))
    nodes = plain - 1 if words[0][0] in "xX" else 3
    return words[0], words[1:nodes], words[nodes:]
