"""`codesign report` and `codesign compare`: reports of runs that have ended."""

from pathlib import Path
from typing import Annotated

import typer

from codesign.files import keep_inputs, write_atomically
from codesign.flow.page import PAGE, draw_page, finished_report
from codesign.quantity import quantity
from codesign.report.comparison import ComparedRuns
from codesign.report.content import Report

FolderArgument = Annotated[Path, typer.Argument(help="Output folder of codesign run or validate.")]


def report(folder: FolderArgument) -> None:
    """Draw report.html again from what the folder of a run holds."""
    show(draw_page(folder), folder)


def compare(
    first: FolderArgument,
    second: FolderArgument,
    out: Annotated[Path | None, typer.Option("--out", help="Write the same as a page (HTML) too.")] = None,
) -> None:
    """Put the measured numbers of two runs side by side."""
    compared = ComparedRuns((str(first), str(second)), (finished_report(first), finished_report(second)))
    typer.echo(compared.table)
    if out is not None:
        keep_inputs((first / PAGE, second / PAGE), (out,))
        write_atomically(out, compared.page)
        typer.echo(f"page: {out}")


def show(report: Report, out: Path) -> None:
    """Print the errors of a report and its path; if the model does not describe the circuit, say so first."""
    if report.warning:
        typer.echo(report.warning)
    for title, compared in (("", report.comparison), ("post-layout ", report.post_layout)):
        for layer, errors in () if compared is None else (("hidden", compared.hidden), ("output", compared.output)):
            if errors.rmse_fitted_mV is not None:
                # Ratios to an error that says nothing say nothing either.
                others = (
                    ""
                    if report.warning
                    else f", conventional mapping {quantity(errors.ratio_conventional)} times that, best-fit ideal "
                    f"{quantity(errors.ratio_bestfit_ideal)} times"
                )
                typer.echo(f"{title}{layer}: fitted model {quantity(errors.rmse_fitted_mV, 'mV')} rms{others}")
                if (error := errors.rmse_calibrated_mV) is not None:
                    typer.echo(f"{title}{layer}: model calibrated to the chip {quantity(error, 'mV')} rms")
    typer.echo(f"report: {out / PAGE}")
