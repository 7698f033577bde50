"""Users' unit cells: drawn where a row of unit cells can be made of them, else refused with the device's name."""

from pathlib import Path

import pytest

from codesign.circuits.network import Network
from codesign.design import Design
from codesign.layout.drc import check_gds
from codesign.layout.errors import LayoutError
from codesign.layout.lvs import compare_files
from codesign.layout.network import draw_crossbar_alone
from codesign.layout.output import write_layout
from tests.circuits.designs import design_of
from tests.layout.helpers import TECHNOLOGY

# As xschem writes them: the case user-cells/xschem.spice.
XSCHEM = """.subckt excite out fire_n vb vp
*.iopin out
XM1 mid fire_n vp vp sky130_fd_pr__pfet_01v8 L=0.15 W=0.42 nf=1 ad='W/nf * 0.29' as='W/nf * 0.29' nrd='0.29 / W' mult=1 m=1
XM2 out vb mid vp sky130_fd_pr__pfet_01v8 L=0.18 W=0.42 nf=1 ad='W/nf * 0.29' as='W/nf * 0.29' nrd='0.29 / W' mult=1 m=1
.ends
.subckt inhibit out fire vb vn
XM1 mid fire vn vn sky130_fd_pr__nfet_01v8 L=0.15 W=0.42 nf=1 ad='W/nf * 0.29' as='W/nf * 0.29' nrd='0.29 / W' mult=1 m=1
XM2 out vb mid vn sky130_fd_pr__nfet_01v8 L=0.18 W=0.42 nf=1 ad='W/nf * 0.29' as='W/nf * 0.29' nrd='0.29 / W' mult=1 m=1
.ends
"""  # noqa: E501


def user_network(folder: Path, text: str) -> Network:
    (folder / "cells.spice").write_text(text)
    like = design_of("user", (2, 2))
    synapse = like.synapse.model_copy(update={"file": folder / "cells.spice"})
    design: Design = like.model_copy(update={"synapse": synapse})
    return Network(design, (((3, -2), (-1, 4)),))


def test_cells_of_a_schematic_editor_are_laid_out(tmp_path: Path) -> None:
    files = write_layout(user_network(tmp_path, XSCHEM), tmp_path / "out")
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("vp sky130_fd_pr__pfet_01v8 L=0.18", "vp sky130_fd_pr__pfet_01v8_hvt L=0.18", "cell.m2 is a pfet_01v8_hvt"),
        ("vp sky130_fd_pr__pfet_01v8 L=0.18", "vp sky130_fd_pr__pfet_01v8_lvt L=0.35", "cell.m2 is a pfet_01v8_lvt"),
        ("XM2 out vb mid vn", "XM2 out fire mid vn", "the gate of cell.m2 is on spike, not on bias"),
        ("XM1 mid fire vn vn", "XM1 mid vb vn vn", "the gate of cell.m1 is on bias, not on spike"),
        ("XM2 out vb mid vp", "XM2 out vb other vp", "cell.m2 does not lead from cell.m1 to the membrane"),
        ("XM2 out vb mid vn", "XM2 out vb mid out", "cell.m2 has its bulk on membrane, not on vss"),
        ("L=0.18 W=0.42", "L=0.18 W=0.84", "cell.m1 is 0.42 um wide and cell.m2 0.84 um"),
        ("mult=1 m=1", "mult=2 m=2", "cell.m1 stands 2 times in parallel"),
    ],
)
def test_cells_that_no_row_can_be_made_of_are_refused(old: str, new: str, reason: str, tmp_path: Path) -> None:
    assert old in XSCHEM
    with pytest.raises(LayoutError, match=reason):
        draw_crossbar_alone(user_network(tmp_path, XSCHEM.replace(old, new)), 1, TECHNOLOGY)
