"""Only the model bins of a deck's transistors are kept, and never too few."""

import pytest

from codesign.pdk import PdkError
from codesign.pdk.bins import keep_bins

MODELS = """\
.param x = 1
.subckt sky130_fd_pr__nfet_01v8 d g s b
.param l = 1
Mm d g s b nmodel w={w} l={l}
.model nmodel.0 nmos level=54
+ lmin=1.5e-07 lmax=5e-07 wmin=4.2e-07 wmax=1e-06
+ vth0=0.4
.model nmodel.1 nmos level=54
+ lmin=1.5e-07 lmax=5e-07 wmin=1e-06 wmax=5e-06
+ vth0=0.5
.ends sky130_fd_pr__nfet_01v8
.subckt sky130_fd_pr__cap_mim_m3_1 c0 c1
C1 c0 c1 1e-12
.ends
"""
NFET = "sky130_fd_pr__nfet_01v8"


def kept_bins(*sizes: tuple[str, float, float]) -> list[str]:
    models = keep_bins(MODELS, frozenset(sizes), 1e-6)
    assert [
        line for line in models.splitlines() if "vth0" not in line and "model" not in line and "lmin" not in line
    ] == [
        ".param x = 1",
        ".subckt sky130_fd_pr__nfet_01v8 d g s b",
        ".param l = 1",
        ".ends sky130_fd_pr__nfet_01v8",
        ".subckt sky130_fd_pr__cap_mim_m3_1 c0 c1",
        "C1 c0 c1 1e-12",
        ".ends",
    ]
    return [line for line in models.splitlines() if "vth0" in line]


def test_the_bin_of_each_size_is_kept() -> None:
    assert kept_bins((NFET, 0.42, 0.15)) == ["+ vth0=0.4"]
    assert kept_bins((NFET, 2.0, 0.15)) == ["+ vth0=0.5"]
    assert kept_bins((NFET, 0.42, 0.15), (NFET, 5.0, 0.5)) == ["+ vth0=0.4", "+ vth0=0.5"]


def test_a_size_on_the_edge_keeps_the_bins_on_both_sides() -> None:
    assert kept_bins((NFET, 1.0, 0.15)) == ["+ vth0=0.4", "+ vth0=0.5"]


@pytest.mark.parametrize(("width", "length"), [(9.0, 0.15), (0.2, 0.15), (0.42, 0.6), (0.0, -1.0)])
def test_a_size_in_no_bin_is_refused_with_the_limits(width: float, length: float) -> None:
    about = f"{NFET} holds for a width of {width:g} and .*from 0.42 to 5 and from 0.15 to 0.5 in units of 1e-06 m"
    with pytest.raises(PdkError, match=about):
        kept_bins((NFET, 1.0, 0.15), (NFET, width, length))


def test_unknown_sizes_keep_all_bins() -> None:
    assert len(kept_bins()) == 2
    assert len(kept_bins(("sky130_fd_pr__pfet_01v8", 0.42, 0.15))) == 2
