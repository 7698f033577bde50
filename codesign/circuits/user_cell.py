"""A user's own unit cell: one flat `.subckt` read from a SPICE file and checked line by line."""

import re
from dataclasses import dataclass
from pathlib import Path

from codesign.circuits.block import Block, Schematic
from codesign.circuits.user_element import ElementError, element_with_units
from codesign.design import UserCell
from codesign.errors import CodesignError
from codesign.pdk.technology import Technology, load_technology

_ELEMENT = re.compile(r"[xrcl][a-z0-9_]*\s", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9_ \t.+\-*/=(){}\[\]:,<>?!&|^']")
_TRAILING_COMMENT = re.compile(r";.*|\s\$(\s.*)?$")


class UserCellError(CodesignError):
    """A user's cell file that cannot be used."""


@dataclass(frozen=True)
class UserSubcircuit(Block):
    """The user's subcircuit, each of its elements multiplied by the parameter `units`.

    Attributes:
        cell_name: name of the `.subckt`.
        cell_ports: its ports, lower case.
        elements: its lines, multiplied.
    """

    cell_name: str
    cell_ports: tuple[str, ...]
    elements: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.cell_name

    @property
    def ports(self) -> tuple[str, ...]:
        return self.cell_ports

    @property
    def description(self) -> str:
        return "`units` of the user's unit cell"

    @property
    def default_units(self) -> int | None:
        return 1

    def draw(self, schematic: Schematic) -> None:
        """Draws nothing: the user's elements are the netlist."""

    @property
    def text(self) -> str:
        """The `.subckt` by itself."""
        return "\n".join([f".subckt {self.name} {' '.join(self.ports)} units=1", *self.elements, f".ends {self.name}"])

    def netlist(self, technology: Technology | None = None) -> str:
        """The user's elements under the common header."""
        return f"* {self.name}: {self.description}\n* ports: {' '.join(self.ports)}\n{self.text}\n"


@dataclass(frozen=True)
class _Line:
    number: int
    text: str


def read_user_subcircuit(file: Path, cell: UserCell, technology: Technology | None = None) -> UserSubcircuit:
    """Read the subcircuit that `cell` names from `file`.

    The body may hold X, R, C and L elements, comments and continuation lines, nothing else: no other
    directive, so that a cell file cannot include files, run commands or end the deck.

    Raises:
        UserCellError: the file cannot be read, has no such subcircuit, holds a line that is not allowed, or
            its ports are not those that `cell` names.
    """
    technology = technology or load_technology()
    header, body = _subcircuit_lines(file, cell)
    ports = _ports(header, file)
    if sorted(ports) != sorted(cell.ports):
        raise UserCellError(
            f"{file}: {cell.subcircuit} has the ports {' '.join(ports)}, but the design names "
            f"{' '.join(cell.ports)}; make them agree"
        )
    elements: list[str] = []
    for line in body:
        try:
            elements.append(element_with_units(line.text, cell.subcircuit, technology.devices))
        except ElementError as error:
            raise UserCellError(f"{file}, line {line.number}: {error}") from error
    if not elements:
        raise UserCellError(f"{file}: {cell.subcircuit} has no elements; describe one unit cell")
    return UserSubcircuit(cell.subcircuit, ports, tuple(elements))


def _subcircuit_lines(file: Path, cell: UserCell) -> tuple[_Line, list[_Line]]:
    """The `.subckt` line and the elements, each with its continuation lines and without comments."""
    header: _Line | None = None
    body: list[_Line] = []
    for number, raw in enumerate(_lines(file), start=1):
        line = _TRAILING_COMMENT.sub("", raw).strip()
        start = line.split()[0].lower() if line else ""
        if header is None:
            if start == ".subckt" and line.lower().split()[1:2] == [cell.subcircuit.lower()]:
                header = _Line(number, line)
        elif start == ".ends":
            return header, body
        elif not line or start.startswith("*"):
            continue
        elif (unsafe := _UNSAFE.search(line)) is not None:
            raise UserCellError(f"{file}, line {number}: the character {unsafe[0]!a} is not allowed in a cell")
        elif start.startswith("+"):
            longer = body.pop() if body else header
            longer = _Line(longer.number, f"{longer.text} {line[1:].strip()}")
            header, body = (header, [*body, longer]) if longer.number != header.number else (longer, body)
        elif not _ELEMENT.match(line + " "):
            raise UserCellError(
                f"{file}, line {number}: {line[:60]!r} is not allowed in a cell; use X, R, C and L elements only"
            )
        else:
            body.append(_Line(number, line))
    found = "is not closed by .ends" if header is not None else "is not there"
    raise UserCellError(f"{file}: the subcircuit {cell.subcircuit} {found}; check synapse.*.subcircuit")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserCellError(f"cannot read the cell file {file}: {error.strerror}; check synapse.file") from error
    except UnicodeDecodeError as error:
        raise UserCellError(f"{file} is not a text file; synapse.file must be a SPICE netlist") from error


def _ports(header: _Line, file: Path) -> tuple[str, ...]:
    words = re.sub(r"\s*=\s*", "=", header.text.lower()).split()[2:]
    if parameter := next((word for word in words if "=" in word or word == "params:"), None):
        raise UserCellError(
            f"{file}, line {header.number}: a cell's .subckt line has ports only, not {parameter[:40]!a}; "
            "write the numbers on the lines of the devices"
        )
    return tuple(words)
