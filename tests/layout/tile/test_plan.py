"""Which pin a port gets, and what is refused."""

from pathlib import Path

import pytest

from codesign.circuits.network import NetworkError
from codesign.design import DesignError
from codesign.layout.errors import LayoutError
from codesign.layout.tile import TilePlan, TileSettings, plan_tile
from codesign.layout.tile.shuttle import load_shuttle
from tests.layout.networks import network

SHUTTLE = load_shuttle()


def plan(sizes: tuple[int, ...] = (2, 2), name: str = "", size: str = "", **pins: str) -> TilePlan:
    given = {port: pin for port, pin in pins.items()}
    return plan_tile(network(sizes), TileSettings(name=name, size=size, pins=given), SHUTTLE)


def test_ports_take_the_free_pins_of_their_kind_in_order() -> None:
    assert dict(plan().tile.pins) == {
        "input_1": "ui_in[0]",
        "input_2": "ui_in[1]",
        "output_1": "uo_out[0]",
        "output_2": "uo_out[1]",
        "reset_1": "ui_in[2]",
        "fire_1": "ui_in[3]",
        "reset_level": "ua[0]",
        "threshold": "ua[1]",
        "reference": "ua[2]",
    }


def test_what_is_given_is_kept_and_others_go_around_it() -> None:
    pins = dict(plan(input_2="ui_in[0]", threshold="ua[0]", membrane_1_2="ua[3]").tile.pins)
    assert (pins["input_1"], pins["input_2"]) == ("ui_in[1]", "ui_in[0]")
    assert (pins["reset_level"], pins["threshold"], pins["membrane_1_2"]) == ("ua[1]", "ua[0]", "ua[3]")


def test_beyond_eight_inputs_bidirectional_pins_follow() -> None:
    pins = dict(plan((7, 1)).tile.pins)
    assert pins["reset_1"] == "ui_in[7]" and pins["fire_1"] == "uio_in[0]"


def test_unused_outputs_are_low_and_bidirectional_ones_enabled() -> None:
    planned = plan(output_2="uio_out[5]")
    assert planned.high == ("uio_oe[5]",)
    assert {"uo_out[1]", "uio_out[4]", "uio_oe[4]"} <= {*planned.low}
    assert not {"uo_out[0]", "uio_out[5]", "uio_oe[5]"} & {*planned.low}
    assert len(planned.low) == 24 - 3


def test_the_name_and_the_sizes_to_try() -> None:
    assert plan().tile.name == "tt_um_codesign_2_2" and plan().sizes == ("1x2", "2x2", "3x2", "4x2")
    chosen = plan(name="tt_um_mine", size="2x2")
    assert chosen.tile.name == "tt_um_mine" and chosen.sizes == ("2x2",)


BAD = {
    "a name of no tile": ({"name": "my_tile"}, "'my_tile' is no name of a Tiny Tapeout tile"),
    "nothing but the prefix": ({"name": "tt_um_"}, "must start with tt_um_"),
    "a size of no tile": ({"size": "1x1"}, "there is no tile of size '1x1'"),
    "a port of no network": ({"input_3": "ui_in[0]"}, "the network has no port 'input_3'; it has input_1"),
    "a pin of no tile": ({"input_1": "ui_in[8]"}, "the tile has no pin 'ui_in\\[8\\]' for input_1"),
    "a pin taken twice": ({"input_1": "ui_in[4]", "reset_1": "ui_in[4]"}, "taken twice, by input_1 and reset_1"),
    "a pin of the chip taken twice": (
        {"input_1": "uio_in[2]", "output_1": "uio_out[2]"},
        "the pin uio\\[2\\] is taken twice, by input_1 and output_1",
    ),
    "an output at an input": ({"output_1": "ui_in[0]"}, "output_1 is an output and ui_in\\[0\\] an input pin"),
    "a level at a digital pin": ({"threshold": "ui_in[0]"}, "threshold is an analog and ui_in\\[0\\] an input pin"),
    "an analog pin left out": ({"reference": "ua[4]"}, "ua\\[4\\] is used and ua\\[2\\] is not"),
    "an analog pin beyond": (
        {"reference": "ua[6]"},
        "ua\\[6\\] cannot be used; analog pins are ua\\[0\\] to ua",
    ),
    "more inputs than pins": ({"sizes": (17, 1)}, "no free input pin left for input_17"),
    "more outputs than pins": ({"sizes": (1, 17)}, "no free output pin left for output_17"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_refused_in_one_line(case: str) -> None:
    given, message = BAD[case]
    with pytest.raises(LayoutError, match=message) as error:
        plan(**given)
    assert "\n" not in str(error.value)


def test_a_membrane_that_is_not_there() -> None:
    with pytest.raises(NetworkError, match="no membrane_2_1 to observe"):
        plan(membrane_2_1="ua[3]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('nam = "x"', "unknown key nam"),
        ('name = "tt_um_A"', "name: a cell's name has small letters"),
        ('title = "two\\nlines"', "title: write it as one line"),
        ("size = 2", "size: "),
        ("pins = 3", "pins: "),
        ("name = ", "not valid TOML"),
    ],
)
def test_a_bad_tile_file(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "tile.toml"
    file.write_text(text)
    with pytest.raises(DesignError, match=message):
        TileSettings.load(file)


def test_a_tile_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="cannot read"):
        TileSettings.load(tmp_path / "tile.toml")
