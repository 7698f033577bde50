"""Shell commands of the documentation: what bash makes of them, and what the command line makes of their arguments."""

import subprocess
from copy import copy
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.models import CommandInfo

from codesign.cli.main import app

# Notes down the folder and its arguments, and makes the output folder into which a later line changes.
_STAND_IN = """#!/bin/sh
printf '%s\\0' "$PWD" "${0##*/}" "$@" >> "$COMMANDS"
echo >> "$COMMANDS"
while [ $# -gt 1 ]; do [ "$1" = --out ] && [ "$2" = "${2%.*}" ] && /bin/mkdir -p "$2"; shift; done
exit 0
"""


class Command(NamedTuple):
    """A program that a block starts, with its arguments, in a folder."""

    folder: Path
    program: str
    arguments: list[str]


def commands(block: str, folder: Path, checkout: Path, programs: set[str]) -> list[Command]:
    """The commands that bash starts for a block; it knows no other programs, and none of them runs.

    Args:
        block: lines of shell.
        folder: where bash starts.
        checkout: the root, in which a `.venv` is expected.
        programs: what it knows.
    """
    places = (checkout.parent / "bin", checkout / ".venv" / "bin")
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        for program in programs:
            (place / program).write_text(_STAND_IN)
            (place / program).chmod(0o755)
    (places[1] / "activate").touch()
    notes = checkout.parent / "commands"
    notes.write_text("")
    subprocess.run(
        ["/bin/bash", "-euc", block],
        cwd=folder,
        env={"PATH": str(places[0]), "COMMANDS": str(notes)},
        check=True,
        timeout=60,
    )
    lines = [line.split("\0")[:-1] for line in notes.read_text().splitlines()]
    return [Command(Path(place), program, arguments) for place, program, *arguments in lines]


class Accepted(NamedTuple):
    """What the command line understands of some arguments: a command, and its parameters by name."""

    name: str
    values: dict[str, Any]


def accepted(arguments: list[str]) -> Accepted:
    """The command of `codesign` that arguments name; it is not run.

    Raises:
        Exception: the command line refuses the arguments, in words of its own.
    """
    found: list[Accepted] = []
    _noting(app, "", found)(arguments, "codesign", standalone_mode=False)
    [one] = found
    return one


def _noting(typer_app: typer.Typer, name: str, found: list[Accepted]) -> typer.Typer:
    """The same command line, whose commands only note down that they are called."""
    noting = copy(typer_app)
    noting.registered_commands = [_noting_command(command, name, found) for command in typer_app.registered_commands]
    noting.registered_groups = []
    for group in typer_app.registered_groups:
        own = group.name if isinstance(group.name, str) else ""
        one = copy(group)
        assert one.typer_instance is not None
        one.typer_instance = _noting(one.typer_instance, f"{name} {own}".strip(), found)
        noting.registered_groups.append(one)
    return noting


def _noting_command(command: CommandInfo, group: str, found: list[Accepted]) -> CommandInfo:
    function = command.callback
    assert function is not None
    name = f"{group} {command.name or function.__name__}".strip()

    # Wrapped, so that it has the parameters of the command.
    @wraps(function)
    def note(**values: Any) -> None:
        found.append(Accepted(name, values))

    one = copy(command)
    one.callback = note
    return one
