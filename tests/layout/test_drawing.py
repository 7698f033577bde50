"""Drawings: what a GDS file could not hold is refused."""

from pathlib import Path

import pytest

from codesign.layout.drawing import Drawing, write_gds
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from tests.layout.helpers import TECHNOLOGY


def wire(length: int) -> Drawing:
    drawing = Drawing("wire", TECHNOLOGY)
    drawing.add("metal_1", Box(0, 0, length, 200))
    return drawing


def test_two_drawings_of_one_name_that_differ_are_refused(tmp_path: Path) -> None:
    top = Drawing("top", TECHNOLOGY)
    top.place(wire(1000), 0, 0)
    top.place(wire(2000), 0, 1000)
    with pytest.raises(LayoutError, match="top places two different drawings called wire"):
        write_gds(top, tmp_path / "top.gds")
    assert not (tmp_path / "top.gds").exists()


def test_two_equal_drawings_are_one_cell(tmp_path: Path) -> None:
    top = Drawing("top", TECHNOLOGY)
    top.place(wire(1000), 0, 0)
    top.place(wire(1000), 0, 1000)
    write_gds(top, tmp_path / "top.gds")
    assert [drawing.name for drawing in top.every_drawing()] == ["wire", "top"]
