"""Sizes and pins of a shuttle's tiles, against numbers copied by hand from the shuttle's own templates."""

import pytest

from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.tile.shuttle import load_shuttle

SHUTTLE = load_shuttle()

# Centres in nm, from tt_analog_2x2.def.
PLACED = {
    "clk": (143980, 225260),
    "ena": (146740, 225260),
    "rst_n": (141220, 225260),
    "ua[0]": (152260, 500),
    "ua[7]": (17020, 500),
    "ui_in[0]": (138460, 225260),
    "ui_in[7]": (119140, 225260),
    "uio_in[0]": (116380, 225260),
    "uio_in[7]": (97060, 225260),
    "uio_oe[0]": (50140, 225260),
    "uio_oe[7]": (30820, 225260),
    "uio_out[0]": (72220, 225260),
    "uio_out[7]": (52900, 225260),
    "uo_out[0]": (94300, 225260),
    "uo_out[7]": (74980, 225260),
}


@pytest.mark.parametrize("pin", PLACED)
def test_pins_are_where_the_template_has_them(pin: str) -> None:
    width = 900 if pin.startswith("ua") else 300
    assert SHUTTLE.pins[pin].box == Box.centred(*PLACED[pin], width, 1000)


def test_there_are_as_many_pins_as_in_the_template() -> None:
    directions = [pin.direction for pin in SHUTTLE.pins.values()]
    assert {kind: directions.count(kind) for kind in directions} == {"analog": 8, "output": 24, "input": 19}


def test_all_pins_lie_on_one_set_of_tracks() -> None:
    assert {pin.box.x % round(SHUTTLE.track * 1000) for pin in SHUTTLE.pins.values()} == {460}


def test_sizes() -> None:
    widths = [SHUTTLE.outline(size).width for size in ("1x2", "2x2", "3x2", "4x2")]
    assert widths == [161000, 334880, 508760, 682640]
    assert {SHUTTLE.outline(size).top for size in SHUTTLE.widths} == {225760}
    with pytest.raises(LayoutError, match="no tile of size '1x1'; use one of 1x2, 2x2, 3x2, 4x2"):
        SHUTTLE.outline("1x1")


def test_a_pin_of_the_chip_has_one_name_in_the_list_of_pins() -> None:
    shown = [SHUTTLE.shown(pin) for pin in ("ui_in[3]", "uo_out[2]", "uio_in[1]", "uio_out[1]", "ua[4]", "clk")]
    assert shown == ["ui[3]", "uo[2]", "uio[1]", "uio[1]", "ua[4]", "clk"]


def test_an_unknown_shuttle_is_refused() -> None:
    with pytest.raises(LayoutError, match="no tiles of other are known"):
        load_shuttle(name="other")
