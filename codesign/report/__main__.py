"""`python -m codesign.report REPORT.json DOCUMENT.md ...`: write the measured tables of documents from a report."""

from pathlib import Path
from typing import Annotated

import typer

from codesign.errors import CodesignError
from codesign.report.conditions import ConditionTable
from codesign.report.content import Report, read_content
from codesign.report.exploration import Exploration
from codesign.report.montecarlo import MonteCarlo
from codesign.report.tables import fill_tables

app = typer.Typer(add_completion=False)

KINDS = {"montecarlo": MonteCarlo, "conditions": ConditionTable, "explore": Exploration}
"""What a file holds by the start of its name; others are a `report.json`."""


@app.command()
def main(
    report: Annotated[Path, typer.Argument(help="report.json, montecarlo.json, conditions.json or explore.json.")],
    documents: Annotated[list[Path], typer.Argument(help="Markdown files with measured tables.")],
) -> None:
    """Write a report's measured tables into documents; other tables stay as they are."""
    try:
        kind = next((kind for name, kind in KINDS.items() if report.name.startswith(name)), Report)
        content = read_content(kind, report)
        for document in documents:
            names = fill_tables(document, content)
            typer.echo(f"{document}: {', '.join(names) or 'no table of this report'}")
    except CodesignError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    app()
