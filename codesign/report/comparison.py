"""Two runs side by side: every measured number of one in units of the other's."""

from dataclasses import dataclass
from typing import Any

from codesign.quantity import quantity
from codesign.report.content import Comparison, Report, ratio
from codesign.report.page import provenance_rows, render_page
from codesign.table import Shown, Table

Measured = tuple[str, float | None, str]
"""Label, value and unit."""


@dataclass(frozen=True, repr=False)
class ComparedRuns(Shown):
    """Two runs, shown as a table.

    Attributes:
        names: of the runs.
        reports: their content.
    """

    names: tuple[str, str]
    reports: tuple[Report, Report]

    @property
    def table(self) -> Table:
        """What was measured in each run, and the second's number in units of the first's."""
        first, second = (_measured(report) for report in self.reports)
        rows = tuple(
            (
                label,
                quantity(first.get(label, (None, ""))[0], unit),
                quantity(second.get(label, (None, ""))[0], unit),
                quantity(ratio(second.get(label, (None, ""))[0], first.get(label, (None, ""))[0])),
            )
            for label, (_, unit) in (first | second).items()
        )
        return Table(("", *self.names, "ratio"), rows, "\n".join(self.warnings))

    @property
    def warnings(self) -> list[str]:
        """What to say before the numbers of models that do not describe their circuits."""
        pairs = zip(self.names, self.reports, strict=True)
        return [f"{name}: {report.warning}" for name, report in pairs if report.warning]

    @property
    def page(self) -> str:
        """The same as a page that needs nothing from outside."""
        provenance = [
            (f"{name}: {label}", value)
            for name, report in zip(self.names, self.reports, strict=True)
            for label, value in provenance_rows(report.provenance.model_dump())
        ]
        return render_page("compare.html.j2", {}, {"compared": self, "provenance": provenance})


def _measured(report: Report) -> dict[str, tuple[float | None, str]]:
    """Value and unit by label."""
    found, accuracy = report.extraction, report.accuracy
    rows: list[Measured] = [
        *_errors(report.comparison),
        ("swing", report.comparison.swing_mV, "mV"),
        ("reversal potential, positive, in swings", found.e_rev_pos, ""),
        ("reversal potential, negative, in swings", found.e_rev_neg, ""),
        ("unit current, positive", found.unit_current_pos_A, "A"),
        ("unit current, negative", found.unit_current_neg_A, "A"),
        ("capacitance per positive cell", found.capacitance_per_unit_pos_F, "F"),
        ("capacitance per negative cell", found.capacitance_per_unit_neg_F, "F"),
        ("residual of the membrane fit", found.rmse_mV, "mV"),
        ("residual of the spike times", found.firing_rmse_ns, "ns"),
        ("test accuracy, median of the seeds", 100 * accuracy.test_median, "%"),
        ("test accuracy, conventional", 100 * accuracy.conventional_test_median, "%"),
        ("SPICE and model classify alike", 100 * accuracy.agreement, "%"),
        ("energy of an inference", report.energy_per_inference_pJ, "pJ"),
        ("latency", report.latency_us, "us"),
        ("period of a stream", report.period_us, "us"),
        ("an inference in a stream against alone", report.pipeline_max_difference_mV, "mV"),
    ]
    if (post := report.post_layout) is not None:
        rows += _errors(post, "layout: ")
        rows += [
            ("layout: wires of a membrane", post.wire_capacitance_fF.mean, "fF"),
            ("layout: energy of an inference", post.energy_per_inference_pJ, "pJ"),
            ("layout: area", post.area_um2, "µm²"),
        ]
    return {label: (value, unit) for label, value, unit in rows}


def _errors(comparison: Comparison[Any], view: str = "") -> list[Measured]:
    rows: list[Measured] = []
    for name, errors in (("hidden", comparison.hidden), ("output", comparison.output)):
        rows += [
            (f"{view}{name}: error of the fitted model, rms", errors.rmse_fitted_mV, "mV"),
            (f"{view}{name}: conventional mapping, in errors of that model", errors.ratio_conventional, ""),
            (f"{view}{name}: best-fit ideal model, likewise", errors.ratio_bestfit_ideal, ""),
        ]
    return rows
