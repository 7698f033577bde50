"""A user's own unit cell: one flat `.subckt` read from a SPICE file and checked line by line."""

import re
from dataclasses import dataclass
from pathlib import Path

from codesign.circuits.block import Block, Schematic
from codesign.design import UserCell
from codesign.errors import CodesignError
from codesign.pdk.technology import Technology

_ELEMENT = re.compile(r"[xrcl][a-z0-9_]*\s", re.IGNORECASE)
_SAFE = re.compile(r"[A-Za-z0-9_ \t.+\-*/=(){}\[\]:,<>?!&|^']*")


class UserCellError(CodesignError):
    """A user's cell file that cannot be used."""


@dataclass(frozen=True)
class UserSubcircuit(Block):
    """The user's subcircuit as it stands in the file."""

    cell_name: str
    cell_ports: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        return self.cell_name

    @property
    def ports(self) -> tuple[str, ...]:
        return self.cell_ports

    @property
    def description(self) -> str:
        return "the user's unit cell"

    def draw(self, schematic: Schematic) -> None:
        """Draws nothing: the user's text is the netlist."""

    def netlist(self, technology: Technology | None = None) -> str:
        """The user's text under the common header."""
        return f"* {self.name}: {self.description}\n* ports: {' '.join(self.ports)}\n{self.text}\n"


def read_user_subcircuit(file: Path, cell: UserCell) -> UserSubcircuit:
    """Read the subcircuit that `cell` names from `file`.

    The body may hold X, R, C and L elements, comments and continuation lines, nothing else: no other
    directive, so that a cell file cannot include files, run commands or end the deck.

    Raises:
        UserCellError: the file cannot be read, has no such subcircuit, holds a line that is not allowed, or
            its ports are not those that `cell` names.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserCellError(f"cannot read the cell file {file}: {error.strerror}; check synapse.file") from error
    except UnicodeDecodeError as error:
        raise UserCellError(f"{file} is not a text file; synapse.file must be a SPICE netlist") from error
    body: list[str] = []
    ports: tuple[str, ...] | None = None
    for number, line in enumerate(lines, start=1):
        words = line.split()
        start = words[0].lower() if words else ""
        if ports is None:
            if start == ".subckt" and len(words) > 1 and words[1].lower() == cell.subcircuit.lower():
                ports = tuple(word.lower() for word in words[2:])
        elif start == ".ends":
            name = cell.subcircuit
            text = "\n".join([f".subckt {name} {' '.join(ports)}", *body, f".ends {name}"])
            return _checked(UserSubcircuit(name, ports, text), cell, file)
        elif not words or start.startswith("*"):
            continue
        elif start.startswith("+") and not body:
            ports += tuple(word.lower() for word in line.strip()[1:].split())
        elif not _SAFE.fullmatch(line) or not (start.startswith("+") or _ELEMENT.match(line.strip() + " ")):
            raise UserCellError(
                f"{file}, line {number}: {line.strip()[:60]!r} is not allowed in a cell; "
                "use X, R, C and L elements only"
            )
        else:
            body.append(line.strip())
    found = "is not closed by .ends" if ports is not None else "is not there"
    raise UserCellError(f"{file}: the subcircuit {cell.subcircuit} {found}; check synapse.*.subcircuit")


def _checked(block: UserSubcircuit, cell: UserCell, file: Path) -> UserSubcircuit:
    if sorted(block.ports) != sorted(cell.ports):
        raise UserCellError(
            f"{file}: {block.name} has the ports {' '.join(block.ports)}, but the design names "
            f"{' '.join(cell.ports)}; make them agree"
        )
    return block
