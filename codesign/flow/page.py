"""The page of a run, from what its folder holds: drawn at the end of the run, and again by `codesign report`."""

from pathlib import Path

from codesign.circuits.cells import cells_of
from codesign.circuits.diagram import schematic_svg
from codesign.files import write_atomically
from codesign.flow.folder import OutputFolderError, claimed_flow
from codesign.model.neuron_model import NeuronModel
from codesign.report.content import ExtractionContent, Report, ratio
from codesign.report.page import provenance_rows, render_page
from codesign.report.traces import load_traces

PAGE = "report.html"
REPORT = "report.json"
TRACES = "traces.npz"

FIGURES = ("traces", "fit", "errors")
"""The pictures of a page."""

WHOLE_FIGURES = ("phases",)
"""Those of a page of networks that were simulated in one deck each besides."""

LAYOUT_FIGURES = ("layout_traces", "layout", "layout_fit")
"""Those of a page with layouts besides."""

MODELS = (
    ("fitted", "fitted model, weights trained on it (proposed)"),
    ("conventional", "E = ∞, nominal gains, weights trained on that (conventional)"),
    ("conventional_same_weights", "E = ∞, nominal gains, the proposed weights"),
    ("bestfit_ideal", "E = ∞, all else fitted to the fitting set, the proposed weights"),
    ("bestfit_ideal_own_weights", "E = ∞, all else fitted to the fitting set, the conventional weights"),
    ("hindsight_ideal", "E = ∞, all else fitted to the judged traces themselves"),
)
"""The models of the error table, and what they are."""

CHIP_MODELS = (("calibrated", "fitted model, calibrated to the chip that is simulated"), *MODELS)
"""The models of the error table of one chip, and what they are."""

LAYOUT_MODELS = (
    ("fitted", "model fitted again to extracted columns, with each column's wires"),
    ("schematic_fitted", "model fitted to the schematic, with the wires that the design expects"),
    *MODELS[1:],
)
"""The models of the post-layout error table, and what they are."""


def figure_path(folder: Path, name: str) -> Path:
    """Where a picture of the page is kept."""
    return folder / "figures" / f"{name}.png"


def draw_page(folder: Path) -> Report:
    """Write `report.html` anew; nothing else in the folder changes.

    Args:
        folder: of a run that has ended.

    Returns:
        The content of its `report.json`.

    Raises:
        OutputFolderError: the folder is no output of a flow, or its run has not ended.
        CodesignError: a file is damaged or of another version, or the page cannot be written.
    """
    flow, report = claimed_flow(folder), finished_report(folder)
    model = NeuronModel.load(_there(folder / "neuron_model.json"))
    pictures, changes = FIGURES, []
    if report.simulation.method == "whole":
        pictures += WHOLE_FIGURES
    if report.post_layout is not None:
        pictures += LAYOUT_FIGURES
        changes = _changes(model, NeuronModel.load(_there(folder / "layout" / "neuron_model.json")))
    content = {
        "summary": report,
        "flow": flow,
        "models": MODELS if report.comparison.output.rmse_calibrated_mV is None else CHIP_MODELS,
        "layout_models": LAYOUT_MODELS,
        "changes": changes,
        "parameters": model.quantities,
        "checks": _checks(report.extraction),
        "schematics": [
            (cell.name, cell.description, schematic_svg(cell, flow.design.technology)) for cell in cells_of(flow.design)
        ],
        "provenance": provenance_rows(report.provenance.model_dump()),
    }
    images = {name: _picture(figure_path(folder, name)) for name in pictures}
    page = render_page("report.html.j2", images, content, load_traces(_there(folder / TRACES)))
    write_atomically(folder / PAGE, page)
    return report


def finished_report(folder: Path) -> Report:
    """The content of `report.json` of a run that has ended.

    Raises:
        OutputFolderError: there is none.
        ReportError: it is damaged or of another version.
    """
    return Report.load(_there(folder / REPORT))


def _there(path: Path) -> Path:
    if not path.is_file():
        raise OutputFolderError(
            f"{path} is missing: the run has not ended, or was one of another version or kind; run the flow again"
        )
    return path


def _picture(path: Path) -> bytes:
    png = _there(path).read_bytes()
    # A PNG file's first and last bytes.
    if not (png.startswith(b"\x89PNG\r\n") and png.endswith(b"IEND\xaeB`\x82")):
        raise OutputFolderError(f"{path} is truncated or no picture; run the flow again")
    return png


def _changes(before: NeuronModel, after: NeuronModel) -> list[tuple[str, float, float, str]]:
    """Each parameter in the schematic and in the layout."""
    return [
        (name, schematic.value, layout.value, unit)
        for (name, schematic, unit), (_, layout, _) in zip(before.quantities, after.quantities, strict=True)
    ]


def _checks(found: ExtractionContent) -> list[tuple[str, float | None, float | None, float | None, str]]:
    """What the transient fit and direct measurements give, and by how many percent they differ."""
    pairs = (
        ("E_rev, positive", found.e_rev_pos_V, found.e_rev_pos_dc_V, "V"),
        ("E_rev, negative", found.e_rev_neg_V, found.e_rev_neg_dc_V, "V"),
        ("unit current, positive", found.unit_current_pos_A, found.unit_current_pos_dc_A, "A"),
        ("unit current, negative", found.unit_current_neg_A, found.unit_current_neg_dc_A, "A"),
        (
            "capacitance per positive cell",
            found.capacitance_per_unit_pos_F,
            found.capacitance_per_unit_pos_direct_F,
            "F",
        ),
        (
            "capacitance per negative cell",
            found.capacitance_per_unit_neg_F,
            found.capacitance_per_unit_neg_direct_F,
            "F",
        ),
    )
    rows: list[tuple[str, float | None, float | None, float | None, str]] = []
    for name, fit, direct, unit in pairs:
        of_direct = ratio(fit, direct)
        rows.append((name, fit, direct, None if of_direct is None else 100 * (of_direct - 1), unit))
    return rows
