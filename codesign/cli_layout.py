"""The command line of the layout room: `drc`, mounted by `codesign.cli`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from codesign.errors import CodesignError
from codesign.layout.drc import check_gds, format_report, write_markers
from codesign.layout.technology import sky130

app = typer.Typer(help="Layout, design rules, layout versus schematic, parasitics.", no_args_is_help=True)
_errors = Console(stderr=True, soft_wrap=True, highlight=False)

CLEAN, VIOLATED, NOT_JUDGED = 0, 1, 2


def _not_judged(error: CodesignError) -> typer.Exit:
    _errors.print(f"error: {error}", markup=False)
    return typer.Exit(NOT_JUDGED)


@app.command()
def drc(
    file: Annotated[Path, typer.Argument(metavar="FILE.gds", help="The layout to check.")],
    markers: Annotated[
        Path | None, typer.Option(help="Where to write the KLayout markers [default: FILE.lyrdb].", show_default=False)
    ] = None,
) -> None:
    """Check the SKY130 design rules. Exit code 0: clean, 1: violations, 2: could not judge."""
    try:
        with Progress(transient=True, console=_errors, disable=not _errors.is_terminal) as progress:
            task = progress.add_task("design rules", total=len(sky130().drc))
            report = check_gds(file, lambda _name: progress.advance(task))
        target = markers or file.with_suffix(".lyrdb")
        write_markers(report, target)
    except CodesignError as error:
        raise _not_judged(error) from error
    typer.echo(format_report(report))
    typer.echo(f"markers: {target}")
    raise typer.Exit(CLEAN if report.clean else VIOLATED)
