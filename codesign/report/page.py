"""`report.html` and its like: self-contained pages."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from codesign.files import write_atomically
from codesign.quantity import percent, quantity
from codesign.report.traces import TraceSet, page_data

VIEWER = ("uPlot.iife.min.js", "uPlot.min.css", "viewer.js", "viewer.css")
"""What draws traces on a page. uPlot 1.6.32 is Leon Sorokin's, under the MIT licence beside it."""


def write_page(path: Path, template: str, figures: Mapping[str, bytes], content: Mapping[str, Any]) -> None:
    """Write a page, and each figure as a PNG file in `figures/` beside it.

    Args:
        path: of the page.
        template: its file in `templates/`.
        figures: PNG files by the names that the template uses.
        content: what else it shows.

    Raises:
        CodesignError: a file cannot be written.
    """
    for name, png in figures.items():
        write_atomically(path.parent / "figures" / f"{name}.png", png)
    write_atomically(path, render_page(template, figures, content))


def render_page(
    template: str, figures: Mapping[str, bytes], content: Mapping[str, Any], traces: Sequence[TraceSet] = ()
) -> str:
    """A page that needs nothing from outside.

    Args:
        template: its file in `templates/`.
        figures: PNG files by the names that the template uses.
        content: what else it shows.
        traces: what can be moved around in, if the template has a place for it.
    """
    environment = Environment(
        loader=PackageLoader("codesign.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(
        images={name: "data:image/png;base64," + base64.b64encode(png).decode() for name, png in figures.items()},
        traces=page_data(traces),
        viewer={name: (files("codesign.report") / "viewer" / name).read_text("utf-8") for name in VIEWER},
        quantity=quantity,
        percent=percent,
        **content,
    )


_PROVENANCE = {
    "codesign": "tool version",
    "ngspice": "ngspice version",
    "pdk": "models",
    "design": "design, SHA-256",
    "flow": "flow, SHA-256",
}
"""Labels of the provenance on the page; other entries keep their names."""


def provenance_rows(provenance: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Label and value of each entry, nested entries one by one.

    Args:
        provenance: the "provenance" object of `report.json`.
        above: name of the entry that it stands in.
    """
    for key, value in provenance.items():
        name = above + _PROVENANCE.get(key, key.replace("_", " "))
        if isinstance(value, Mapping):
            yield from provenance_rows(cast(Mapping[str, Any], value), f"{name}: ")
        else:
            yield name, _readable(value)


def _readable(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_readable(one) for one in cast(list[Any], value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
