"""One line of a user's cell: what it becomes, and what is refused."""

import pytest

from codesign.circuits.user_element import ElementError, element_with_units
from codesign.pdk.technology import load_technology

DEVICES = load_technology().devices
NMOS, PMOS = "sky130_fd_pr__nfet_01v8", "sky130_fd_pr__pfet_01v8"


@pytest.mark.parametrize(
    ("line", "written"),
    [
        (f"X1 d g s b {NMOS} W=0.42 L = 0.15", f"X1 d g s b {NMOS} w=0.42 l=0.15 m={{units}} mult={{units}}"),
        (f"X1 d g s b {NMOS} m=1 mult=2 nf=2", f"X1 d g s b {NMOS} nf=2 m={{units}} mult={{2*units}}"),
        (f"X1 d g s b {NMOS} m='nf + 1'", f"X1 d g s b {NMOS} m={{(nf+1)*units}} mult={{(nf+1)*units}}"),
        (f"X1 d g s b {NMOS} ad='W/nf * 0.29'", f"X1 d g s b {NMOS} ad='W/nf*0.29' m={{units}} mult={{units}}"),
        ("Rleak a b 300k", "Rleak a b 300k m={units}"),
        ("R1 a b '2 * 1e6' m=3", "R1 a b '2*1e6' m={3*units}"),
        ("c1 a b c=1f", "c1 a b c=1f m={units}"),
        ("L1 a b 1n", "L1 a b 1n m={units}"),
    ],
)
def test_an_element_is_multiplied(line: str, written: str) -> None:
    assert element_with_units(line, "cell", DEVICES) == written


@pytest.mark.parametrize(
    ("line", "about"),
    [
        (f"X1 d g s b {NMOS} w=0.42u l=0.15", "w=0.42u has a unit suffix; the models take plain micrometres, w=0.42"),
        (f"X1 d g s b {NMOS} w='2 * .21um' l=0.15", "plain micrometres"),
        (f"X1 d g s b {NMOS} w===0.42", "'w===0.42' is neither a node nor name=value"),
        (f"X1 d g s b {NMOS} w= l=0.15", "'w=l=0.15' is neither"),
        (f"X1 d g s b {NMOS} w=1 b", "'b' is neither"),
        (f"X1 d g s b {NMOS} w='1", "is neither"),
        (f"X1 d g s b {NMOS} w=1 W=2", "w is given twice"),
        (f"X1 d g s {NMOS}", f"X1 has 3 nodes, but {NMOS} has 4 terminals"),
        ("X1 a b c sky130_fd_pr__cap_mim_m3_1 w=1 l=1", "has 3 nodes, but .* has 2 terminals"),
        ("X1 a b sky130_fd_pr__res_xhigh_po w=1 l=1", "has 2 nodes, but .* has 3 terminals"),
        ("X1 a b CELL", "places cell inside itself"),
        ("X1 a b dev", "'dev', which is no device of the models .* write the devices of a subcircuit in its place"),
        ("X1", "no device of the models"),
        ("R1 a b", "R1 needs two nodes and a value, but has a b"),
        ("C1 a b 1f 2f 3f", "C1 needs two nodes and a value"),
    ],
)
def test_an_element_that_cannot_be_is_refused(line: str, about: str) -> None:
    with pytest.raises(ElementError, match=about) as caught:
        element_with_units(line, "cell", DEVICES)
    assert "\n" not in str(caught.value)
