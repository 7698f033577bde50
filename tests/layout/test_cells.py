"""The parametric cells keep every rule at any size, and refuse sizes that cannot be drawn."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codesign.layout.cells.capacitor import draw_capacitors
from codesign.layout.cells.resistor import draw_resistor
from codesign.layout.cells.taps import draw_rail, draw_tap, tap_width
from codesign.layout.cells.tracks import Interval, assign_tracks, put_first
from codesign.layout.cells.transistor import Transistor, draw_transistor
from codesign.layout.contacts import via_stack
from codesign.layout.drawing import Drawing, write_gds
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from tests.layout.helpers import TECHNOLOGY, broken_rules


def in_well(drawing: Drawing) -> Drawing:
    """The drawing of a p-channel transistor with an n-well and its tap."""
    diff = Box.around(*(box for layer, box in drawing.shapes if layer == "active"))
    drawing.add("n_well", diff.grown(2000))
    draw_tap(
        drawing,
        "well",
        Box(diff.left, diff.bottom - 1000, diff.left + 1000, diff.bottom - 1000 + tap_width(TECHNOLOGY)),
    )
    return drawing


SIZES = st.builds(
    Transistor,
    channel=st.sampled_from(["n", "p"]),
    low_threshold=st.booleans(),
    width=st.integers(84, 800).map(lambda steps: 5 * steps),
    length=st.integers(70, 900).map(lambda steps: 5 * steps),
    fingers=st.integers(1, 6),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transistor=SIZES)
def test_transistors_of_any_size_are_clean(transistor: Transistor, tmp_path: Path) -> None:
    drawing = draw_transistor(transistor, TECHNOLOGY).drawing
    assert broken_rules(drawing if transistor.channel == "n" else in_well(drawing), tmp_path) == {}


@pytest.mark.parametrize("channel", ["n", "p"])
@pytest.mark.parametrize(
    ("width", "length", "fingers"), [(420, 150, 1), (420, 150, 15), (1000, 4000, 8), (2000, 500, 3)]
)
def test_transistors_of_the_circuits_are_clean(channel, width, length, fingers, tmp_path) -> None:  # type: ignore[no-untyped-def]
    drawing = draw_transistor(Transistor(channel, False, width, length, fingers), TECHNOLOGY).drawing
    assert broken_rules(drawing if channel == "n" else in_well(drawing), tmp_path) == {}


@pytest.mark.parametrize(
    "transistor",
    [
        Transistor("n", False, 415, 150),
        Transistor("n", False, 420, 145),
        Transistor("p", True, 1000, 345),
        Transistor("n", False, 420, 150, 0),
    ],
)
def test_transistors_below_the_rules_are_refused(transistor: Transistor) -> None:
    with pytest.raises(LayoutError, match=r"cannot be drawn: its width must be at least 0\.42 um"):
        draw_transistor(transistor, TECHNOLOGY)


@pytest.mark.parametrize(
    ("width", "length", "columns", "rows"), [(1000, 1000, 1, 1), (22360, 22360, 2, 1), (1000, 20000, 1, 2)]
)
def test_capacitors_are_clean(width: int, length: int, columns: int, rows: int, tmp_path: Path) -> None:
    assert broken_rules(draw_capacitors(width, length, columns, rows, 500, TECHNOLOGY).drawing, tmp_path) == {}


@pytest.mark.parametrize(("width", "length"), [(995, 1000), (1000, 20005)])
def test_capacitors_below_the_rules_are_refused(width: int, length: int) -> None:
    with pytest.raises(LayoutError, match="MIM capacitor"):
        draw_capacitors(width, length, 1, 1, 0, TECHNOLOGY)


@pytest.mark.parametrize("width", [350, 690, 1410, 2850, 5730])
def test_resistors_are_clean(width: int, tmp_path: Path) -> None:
    assert broken_rules(draw_resistor(width, 10 * width, TECHNOLOGY).drawing, tmp_path) == {}


def test_resistors_of_other_widths_are_refused() -> None:
    with pytest.raises(LayoutError, match=r"one of 0\.35, 0\.69, 1\.41, 2\.85, 5\.73 um"):
        draw_resistor(400, 4000, TECHNOLOGY)


@pytest.mark.parametrize("kind", ["substrate", "well"])
def test_rails_are_clean(kind, tmp_path) -> None:  # type: ignore[no-untyped-def]
    rail = Drawing(f"rail_{kind}", TECHNOLOGY)
    draw_rail(rail, kind, Box(0, 0, 5000, tap_width(TECHNOLOGY)), 480)
    if kind == "well":
        rail.add("n_well", Box(-500, -500, 5500, 1000))
    assert broken_rules(rail, tmp_path) == {}


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_via_stacks_are_clean_on_wires(direction, tmp_path) -> None:  # type: ignore[no-untyped-def]
    stack = Drawing("stack", TECHNOLOGY)
    via_stack(stack, 0, 0, "metal_1", "metal_4", direction=direction)
    for layer in ("metal_1", "metal_4"):
        stack.add(layer, Box(-500, -500, 500, 500))
    assert broken_rules(stack, tmp_path) == {}


def test_shapes_off_the_grid_are_refused() -> None:
    with pytest.raises(LayoutError, match="off the 5 nm grid"):
        Drawing("odd", TECHNOLOGY).add("metal_1", Box(0, 0, 502, 500))


def test_equal_drawings_are_equal_files(tmp_path: Path) -> None:
    for name in ("first.gds", "second.gds"):
        write_gds(draw_transistor(Transistor("n", False, 1000, 500, 3), TECHNOLOGY).drawing, tmp_path / name)
    assert (tmp_path / "first.gds").read_bytes() == (tmp_path / "second.gds").read_bytes()


@given(
    spans=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 80)), max_size=30),
    space=st.integers(0, 20),
)
def test_tracks_keep_their_distance_and_are_as_few_as_can_be(spans: list[tuple[int, int]], space: int) -> None:
    intervals = [Interval(f"net{number}", left, left + length) for number, (left, length) in enumerate(spans)]
    tracks = assign_tracks(intervals, space)
    for one in intervals:
        for other in intervals:
            if one.net < other.net and tracks[one.net] == tracks[other.net]:
                assert one.left >= other.right + space or other.left >= one.right + space
    crowd = max((sum(i.left - space < x <= i.right for i in intervals) for x in range(-20, 400)), default=0)
    assert len(set(tracks.values())) == crowd


def test_wanted_tracks_come_first_and_none_is_torn_apart() -> None:
    tracks = {"a": 0, "b": 1, "c": 2, "d": 2, "e": 3}
    assert put_first(tracks, ("d", "missing", "b")) == {"c": 0, "d": 0, "b": 1, "a": 2, "e": 3}
    assert put_first(tracks, ()) == tracks
