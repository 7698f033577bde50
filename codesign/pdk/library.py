"""The statements of a SPICE model library, one `.lib` section with everything that it includes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from codesign.pdk.errors import PdkError

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")
_ASSIGNMENT = re.compile(r"([a-z_][a-z0-9_]*)\s*=(?!=)")
_INCLUDE = re.compile(r"\.inc(?:lude)?\s+[\"']?([^\"'\s]+)", re.IGNORECASE)
_SECTION_START = re.compile(r"\.lib\s+(\w+)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """A card of the library with its continuation lines, or a whole `.subckt` block.

    Attributes:
        text: its lines without comments.
    """

    text: str

    @cached_property
    def kind(self) -> str:
        """The dot command in lower case, for example `.param`; the first word where it is no dot command."""
        return self.text.split(None, 1)[0].lower()

    @cached_property
    def defines(self) -> frozenset[str]:
        """The lower-case names of the parameters, the model, the function or the subcircuit that it defines."""
        if self.kind == ".param":
            return frozenset(_ASSIGNMENT.findall(self.text.lower()))
        if self.kind in (".model", ".subckt", ".func"):
            return frozenset(_IDENTIFIER.findall(self.text.split(None, 2)[1].lower())[:1])
        return frozenset()

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Every lower-case identifier in it: the names that it may depend on."""
        return frozenset(_IDENTIFIER.findall(self.text.lower()))


def read_section(library: Path, section: str) -> list[Statement]:
    """Read one `.lib` section with all that it includes, in the order in which ngspice reads it.

    Args:
        library: the library file.
        section: the section's name, for example a corner.

    Raises:
        PdkError: a file cannot be read, or the library has no such section.
    """
    return list(_statements(_expanded(library, _section_lines(library, section))))


def included_files(library: Path) -> set[Path]:
    """The library file and every file that any of its sections includes, directly or not.

    Raises:
        PdkError: a file cannot be read.
    """
    found: set[Path] = set()
    waiting = [library.resolve()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [_included(path, match[1]) for line in _lines(path) if (match := _INCLUDE.match(line))]
    return found


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PdkError(
            f"cannot read the model file {path}: {error.strerror}",
            cure="reinstall the PDK or point PDK_ROOT to another",
        ) from error
    lines = (line.split(";")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("*")]


def _included(path: Path, target: str) -> Path:
    return (path.parent / target).resolve()


def _section_lines(library: Path, section: str) -> list[str]:
    lines = _lines(library)
    starts = {match[1].lower(): number for number, line in enumerate(lines) if (match := _SECTION_START.match(line))}
    if section.lower() not in starts:
        raise PdkError(f"the model library {library} has no corner {section!r}; it has {', '.join(sorted(starts))}")
    first = starts[section.lower()] + 1
    after = next((n for n in range(first, len(lines)) if lines[n].lower().startswith(".endl")), len(lines))
    return lines[first:after]


def _expanded(path: Path, lines: list[str]) -> Iterator[str]:
    for line in lines:
        if match := _INCLUDE.match(line):
            included = _included(path, match[1])
            yield from _expanded(included, _lines(included))
        else:
            yield line


def _statements(lines: Iterator[str]) -> Iterator[Statement]:
    pending: list[str] = []
    for line in lines:
        inside_block = bool(pending) and pending[0].lower().startswith(".subckt")
        if pending and not inside_block and not line.startswith("+"):
            yield Statement("\n".join(pending))
            pending = []
        pending.append(line)
        if inside_block and line.lower().startswith(".ends"):
            yield Statement("\n".join(pending))
            pending = []
    if pending:
        yield Statement("\n".join(pending))
