"""Commands that judge: exit status 0 for nothing found, 1 for something, 2 where they could not."""

import traceback
from collections.abc import Generator
from contextlib import contextmanager

import typer

from codesign.cli.messages import error_line, say
from codesign.errors import CodesignError

CLEAN, VIOLATED, NOT_JUDGED = 0, 1, 2


@contextmanager
def judging() -> Generator[None, None, None]:
    """Exit status 2 for whatever keeps a command from its verdict: 1 is a verdict."""
    try:
        yield
    except typer.Exit:
        raise
    except (CodesignError, OSError) as error:
        # An OSError here is of standard output: a full disk, a closed pipe.
        say(error_line(error))
        raise typer.Exit(NOT_JUDGED) from error
    except Exception as error:
        say(f"{traceback.format_exc()}error: no verdict, by a fault of codesign or of this machine: {error!r}")
        raise typer.Exit(NOT_JUDGED) from error
