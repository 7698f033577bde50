"""Reading a GDS file with every doubt settled before anything is judged on it."""

from dataclasses import dataclass
from pathlib import Path

import klayout.db as db

from codesign.layout.errors import LayoutError
from codesign.layout.technology import Technology

_GDS_HEADER = b"\x00\x06\x00\x02"

# A few bytes can promise arrays of arrays without end.
_MOST_SHAPES = 20_000_000
_FINEST_UNIT_UM = 1e-5


@dataclass(frozen=True)
class GdsFile:
    """A GDS file that was read whole.

    Attributes:
        path: where it was read.
        layout: the KLayout database (kept alive for `top`).
        top: its only top cell.
    """

    path: Path
    layout: db.Layout
    top: db.Cell


def read_gds(path: Path, technology: Technology) -> GdsFile:
    """Read `path` and check that it is one whole design in known layers.

    Raises:
        LayoutError: the file is absent, is not GDS, is truncated, holds no or several top cells, or has shapes on a
            layer that the technology does not name, more than can be judged, or a unit that does not divide the grid.
    """
    try:
        with path.open("rb") as file:
            header = file.read(len(_GDS_HEADER))
    except OSError as error:
        raise LayoutError(f"cannot read {path}: {error.strerror or error}; give a GDS file") from error
    if header != _GDS_HEADER:
        raise LayoutError(
            f"{path} is not a GDS file: its first bytes are {header.hex() or 'missing'}; give a .gds file"
        )
    layout = db.Layout()
    options = db.LoadLayoutOptions()
    # What matters of a warning is judged below.
    options.warn_level = 0
    try:
        layout.read(str(path), options)
    except (RuntimeError, UnicodeDecodeError) as error:
        # The message may quote the file.
        reason = "".join(letter if letter.isprintable() else "?" for letter in " ".join(str(error).split()))
        raise LayoutError(f"{path} is a damaged or truncated GDS file: {reason}; write it again") from error
    if not _names_are_text(layout):
        raise LayoutError(f"{path} has names of cells or labels that are no text; write it again")
    tops = [cell.name for cell in layout.top_cells()]
    if len(tops) != 1:
        found = ", ".join(sorted(tops)[:5]) or "none"
        raise LayoutError(f"{path} must hold exactly one top cell, it holds {len(tops)} ({found}); export one cell")
    unknown = _unknown_layers(layout, technology)
    if unknown:
        raise LayoutError(f"{path} has shapes on unknown layers {', '.join(unknown)}; use the layers of layers.toml")
    units = technology.grid_um / layout.dbu if layout.dbu >= _FINEST_UNIT_UM else 0.0
    if units < 1 - 1e-6 or abs(units - round(units)) > 1e-6 * units:
        raise LayoutError(
            f"{path} has a unit of {layout.dbu:g} um, which does not divide the grid of {technology.grid_um:g} um; "
            f"write it with {technology.database_unit_um:g} um"
        )
    if _flat_shapes(layout) > _MOST_SHAPES:
        raise LayoutError(f"{path} has over {_MOST_SHAPES} shapes; give a smaller part of the design")
    return GdsFile(path, layout, layout.top_cell())


def _names_are_text(layout: db.Layout) -> bool:
    """Whether all cells, and the labels of top cells, have names that can be read and printed."""
    try:
        return all(cell.name.isprintable() for cell in layout.each_cell()) and all(
            shape.text_string.isprintable()
            for cell in layout.top_cells()
            for layer in layout.layer_indexes()
            for shape in cell.shapes(layer).each(db.Shapes.STexts)
        )
    except (RuntimeError, UnicodeDecodeError):
        return False


def _flat_shapes(layout: db.Layout) -> int:
    """The number of shapes and instances in the top cell, all arrays counted out."""
    counts: dict[int, int] = {}
    for index in layout.each_cell_bottom_up():
        cell = layout.cell(index)
        own = sum(cell.shapes(layer).size() for layer in layout.layer_indexes())
        counts[index] = own + sum(
            (1 + counts[instance.cell_index]) * max(instance.na, 1) * max(instance.nb, 1)
            for instance in cell.each_inst()
        )
    return counts[layout.top_cell().cell_index()]


def passed_over(layout: db.Layout, technology: Technology) -> tuple[str, ...]:
    """The layers with shapes or labels that make nothing and are not judged: "areaid 81/4"."""
    known = technology.known_layers()
    found: list[tuple[int, int]] = []
    for index in layout.layer_indexes():
        info = layout.get_info(index)
        number = (info.layer, info.datatype)
        if number not in known and any(not cell.shapes(index).is_empty() for cell in layout.each_cell()):
            found.append(number)
    return tuple(f"{technology.marker(*number) or 'labels'} {number[0]}/{number[1]}" for number in sorted(found))


def _unknown_layers(layout: db.Layout, technology: Technology) -> list[str]:
    known = technology.known_layers()
    unknown: list[str] = []
    for index in layout.layer_indexes():
        info = layout.get_info(index)
        if (info.layer, info.datatype) in known or technology.marker(info.layer, info.datatype):
            continue
        # A label alone makes nothing, whatever its layer.
        if any(not shape.is_text() for cell in layout.each_cell() for shape in cell.shapes(index).each()):
            unknown.append(f"{info.layer}/{info.datatype}")
    return sorted(unknown)


def first_off_grid(gds: GdsFile, technology: Technology) -> str | None:
    """Where the first shape off the manufacturing grid lies ("layer at x, y um"), or None."""
    grid = round(technology.grid_um / gds.layout.dbu)
    for name, (layer, datatype) in technology.drawing.items():
        region = db.Region(gds.top.begin_shapes_rec(gds.layout.layer(layer, datatype)))
        for pair in region.grid_check(grid, grid).each():
            centre = pair.bbox().center()
            return f"{technology.names[name]} at {centre.x * gds.layout.dbu:.3f}, {centre.y * gds.layout.dbu:.3f} um"
    return None
