"""`report.html` and its like: self-contained pages."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from codesign.files import write_atomically
from codesign.quantity import percent, quantity
from codesign.report.content import Report

TEMPLATE = "report.html.j2"


def write_report(path: Path, report: Report, figures: Mapping[str, bytes], details: Mapping[str, Any]) -> None:
    """Write the page, and each figure as a PNG file in `figures/` beside it.

    Args:
        path: of the page.
        report: the content of `report.json`.
        figures: PNG files by the names that the template uses.
        details: what else the template shows: the neuron model and where everything came from.

    Raises:
        CodesignError: a file cannot be written.
    """
    write_page(path, TEMPLATE, figures, {"summary": report, **details})


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
    images: dict[str, str] = {}
    for name, png in figures.items():
        write_atomically(path.parent / "figures" / f"{name}.png", png)
        images[name] = "data:image/png;base64," + base64.b64encode(png).decode()
    environment = Environment(
        loader=PackageLoader("codesign.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    write_atomically(
        path, environment.get_template(template).render(images=images, quantity=quantity, percent=percent, **content)
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
