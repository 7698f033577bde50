"""A model library of a few lines, in the form of the real one."""

from pathlib import Path

TINY_LIBRARY = """\
* Typical corner
.lib tt
.param MC_MM_SWITCH=0
.include continuous/models.spice
.endl tt
.lib tt_mm
.param MC_MM_SWITCH=1
.include continuous/models.spice
.endl tt_mm
"""

TINY_MODELS = """\
.option scale=1.0u
.param
* a comment between continuation lines
+ threshold = {0.4+corner_shift} ; in volts
+ mobility = 1
.param corner_shift = 0.1
.param unused = 3
.func doubled(x) {2*x}
.model sky130_fd_pr__res_generic_m1 r rsh={unused}
.subckt sky130_fd_pr__nfet_01v8 d g s b mult=1
.param local = {doubled(threshold)*MC_MM_SWITCH}
Xbase d g s b sky130_fd_pr__nfet_base local={local}
.ends sky130_fd_pr__nfet_01v8
.subckt sky130_fd_pr__nfet_base d g s b
R1 d s 1000
.ends
.subckt sky130_fd_pr__pfet_01v8 d g s b
R1 d s 2000
.ends
"""


def write_tiny_library(folder: Path) -> Path:
    """Write the tiny library as `folder/sky130.lib.spice` with its `continuous/`; return `folder`."""
    (folder / "continuous").mkdir(parents=True)
    (folder / "sky130.lib.spice").write_text(TINY_LIBRARY)
    (folder / "continuous" / "models.spice").write_text(TINY_MODELS)
    return folder
