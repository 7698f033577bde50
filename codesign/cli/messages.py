"""Messages of the command line on standard error."""

import contextlib

import typer

from codesign.errors import CodesignError


def error_line(error: BaseException) -> str:
    """The one line of an error; names and values from files may hold any character.

    Args:
        error: one of codesign's, or an OSError that none of its readers and writers met: of standard output.
    """
    text = str(error)
    if isinstance(error, OSError) and not isinstance(error, CodesignError):
        text = f"{error.filename or 'standard output'}: {error.strerror or error}; check the disk and permissions"
    text = " ".join(text.split())
    return "error: " + "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def say(message: str) -> None:
    """Print on standard error, which may be closed, full, or a terminal that is gone."""
    with contextlib.suppress(OSError, ValueError):
        typer.echo(message, err=True)
