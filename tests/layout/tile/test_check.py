"""Every check of a tile finds what is planted for it, and nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import klayout.db as db
import pytest
from typer.testing import CliRunner

from codesign.circuits.network import Network
from codesign.cli.main import app
from codesign.layout.errors import LayoutError
from codesign.layout.tile import TileSettings, check_tile, write_tile
from tests.circuits.designs import design_of

NAME = "tt_um_small"
MET4, MET4_PIN, MET4_LABEL, MET5, VIA3, BOUNDARY = (71, 20), (71, 16), (71, 5), (72, 20), (70, 44), (235, 4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    network = Network(design_of("transistor", (1, 1)), (((3,),),))
    write_tile(network, TileSettings(name=NAME), folder)
    return folder


@pytest.fixture
def tile(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "tile")) / f"{NAME}.gds"


def layout(change: Callable[[db.Layout, db.Cell], None]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        read = db.Layout()
        read.read(str(path))
        change(read, read.top_cell())
        read.write(str(path))

    return apply


def add(number: tuple[int, int], box: db.DBox) -> Callable[[Path], None]:
    return layout(lambda read, top: top.shapes(read.layer(*number)).insert(box))  # pyright: ignore


def remove(number: tuple[int, int], at: db.DPoint) -> Callable[[Path], None]:
    def change(read: db.Layout, top: db.Cell) -> None:
        for shape in list(top.shapes(read.layer(*number)).each()):
            if shape.dbbox().contains(at):
                shape.delete()

    return layout(change)


def rename(name: str) -> Callable[[Path], None]:
    return layout(lambda read, top: setattr(top, "name", name))


def rename_part(read: db.Layout, top: db.Cell) -> None:
    next(cell for cell in read.each_cell() if cell.name != top.name).name = "a#b"


def text(suffix: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        file = path.with_name("info.yaml") if suffix == "info.yaml" else path.with_suffix(suffix)
        content = file.read_text()
        assert old in content
        file.write_text(content.replace(old, new, 1))

    return apply


UA4, UO7, UI0 = db.DPoint(74.98, 0.5), db.DPoint(74.98, 225.26), db.DPoint(138.46, 225.26)

PLANTED: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "another top module": (text("info.yaml", f"top_module: {NAME}", "top_module: tt_um_x"), "names", "top module"),
    "a cell name": (layout(rename_part), "names", "'a#b' has one of #/"),
    "a larger boundary": (add(BOUNDARY, db.DBox(0, 0, 170, 225.76)), "boundary", "the boundary is (0,0;170,225.76)"),
    "a shape outside": (add((68, 20), db.DBox(-1, 5, 2, 6)), "boundary", "shapes reach to (-1,0;161,225.76)"),
    "another size": (text("info.yaml", "tiles: 1x2", "tiles: 2x2"), "boundary", "(0,0;334.88,225.76)"),
    "a LEF of another size": (text(".lef", "SIZE 161.000", "SIZE 160.000"), "boundary", "LEF's size is 160 x"),
    "the chip's own metal": (add(MET5, db.DBox(50, 50, 55, 55)), "layers", "shapes on met5 (72/20)"),
    "no pin shape": (remove(MET4_PIN, UI0), "pins", "ui_in[0] has no pin shape"),
    "a pin not drawn": (remove(MET4, db.DPoint(30.82, 225.26)), "pins", "uio_oe[7] is not drawn"),
    "no label": (remove(MET4_LABEL, UI0), "pins", "ui_in[0] has no label"),
    "a pin elsewhere in the LEF": (text(".lef", "138.310 224.760", "138.320 224.760"), "pins", "in the LEF elsewhere"),
    "a pin not in the LEF": (text(".lef", "PIN clk", "PIN clock"), "pins", "clk is in the LEF missing"),
    "a port not in the stub": (text(".v", " uio_oe", " uio_other"), "pins", "stub has no port uio_oe"),
    "another module": (text(".v", f"module {NAME}", "module tt_um_x"), "pins", "stub has no module"),
    "a stripe that is not drawn": (text(".lef", "PIN VGND", "PIN VGROUND"), "power", "VGND has no stripe"),
    "metal at an unused analog pin": (add(MET4, db.DBox(74.6, 0.5, 75.4, 2.0)), "analog pins", "ua[4] is connected"),
    "a via at an unused analog pin": (add(VIA3, db.DBox(74.9, 0.4, 75.1, 0.6)), "analog pins", "ua[4] is connected"),
    "an analog pin too many": (text("info.yaml", "analog_pins: 3", "analog_pins: 4"), "analog pins", "ua[3] is not"),
    "an analog pin without a word": (
        text("info.yaml", "ua[2]: reference", "ua[2]: ''"), "analog pins", "does not describe it"
    ),
    "an output without a word": (text("info.yaml", "uo[0]: output_1", "uo[0]: ''"), "outputs", "uo_out[0] has no desc"),
    "power that is shorted": (add(MET4, db.DBox(0, 100, 161, 101)), "outputs", "VGND and VDPWR are shorted"),
}  # fmt: skip


def test_a_tile_as_it_is_made_keeps_them_all(tile: Path) -> None:
    report = check_tile(tile)
    assert report.clean and report.cell == NAME and len(report.checks) == 7


@pytest.mark.parametrize("case", PLANTED)
def test_what_is_planted_is_found(case: str, tile: Path) -> None:
    plant, check, message = PLANTED[case]
    plant(tile)
    report = check_tile(tile)
    assert any(problem.check == check and message in problem.text for problem in report.problems), report.problems


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda box: db.DBox(box.left, box.bottom, box.left + 1.0, box.top), "1 um wide; stripes have at least 1.2 um"),
        (lambda box: db.DBox(box.left, 20.0, box.right, box.top), "ends 20 um from the edge"),
        (lambda box: db.DBox(-1.0, box.bottom, box.right, box.top), "lies outside the tile"),
        (lambda box: db.DBox(box.left, box.bottom, box.right, 224.77), "VGND abuts uio"),
        (lambda box: db.DBox(box.left + 5, box.bottom, box.right + 5, box.top), "not drawn as a pin"),
    ],
)
def test_stripes(change: Callable[[db.DBox], db.DBox], message: str, tile: Path) -> None:
    lef = tile.with_suffix(".lef")
    before, pin, after = lef.read_text().partition("PIN VGND")
    head, rectangle, tail = after.partition("RECT ")
    corners, _, rest = tail.partition(" ;")
    box = db.DBox(*map(float, corners.split()))
    if "abuts" in message:
        # The stripe moved under some pin at the upper edge.
        box = db.DBox(52.0, box.bottom, 53.6, box.top)
    new = change(box)
    words = " ".join(f"{edge:.3f}" for edge in (new.left, new.bottom, new.right, new.top))
    lef.write_text(before + pin + head + rectangle + words + " ;" + rest)
    problems = [problem.text for problem in check_tile(tile).problems if problem.check == "power"]
    assert any(message in text for text in problems), problems


def test_a_stripe_on_another_layer(tile: Path) -> None:
    lef = tile.with_suffix(".lef")
    before, pin, after = lef.read_text().partition("PIN VDPWR")
    lef.write_text(before + pin + after.replace("LAYER met4", "LAYER met3", 1))
    assert any("VDPWR at x" in problem.text and "is on met3" in problem.text for problem in check_tile(tile).problems)


def test_an_output_that_floats(tile: Path) -> None:
    """Its pin cut off from the wire that ties it."""

    def cut(read: db.Layout, top: db.Cell) -> None:
        for number in ((70, 20), MET4):
            shapes = top.shapes(read.layer(*number))
            around, pin = db.DBox(73.9, 222.0, 76.1, 225.76), db.DBox(74.83, 224.76, 75.13, 225.76)
            hole = db.Region(around.to_itype(read.dbu)) - db.Region(pin.to_itype(read.dbu))
            rest = db.Region(shapes) - hole
            shapes.clear()
            shapes.insert(rest)

    layout(cut)(tile)
    assert any("the output uo_out[7] floats" in problem.text for problem in check_tile(tile).problems)


def test_the_name_of_file_and_cell(tile: Path) -> None:
    other = tile.with_name("tt_um_other.gds")
    for suffix in (".gds", ".lef", ".v"):
        shutil.copy(tile.with_suffix(suffix), other.with_suffix(suffix))
    assert any("call both the same" in problem.text for problem in check_tile(other).problems)


def test_a_cell_that_is_no_tile(tile: Path) -> None:
    rename("small")(tile)
    text(".lef", f"MACRO {NAME}", "MACRO small")(tile)
    problems = [problem.text for problem in check_tile(tile).problems if problem.check == "names"]
    assert any("must start with tt_um_" in one for one in problems)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.with_suffix(".lef").unlink(), "give the LEF"),
        (lambda path: path.with_suffix(".v").unlink(), "other files beside it"),
        (lambda path: path.with_name("info.yaml").unlink(), "other files beside it"),
        (lambda path: path.with_name("info.yaml").write_text("a: [\n"), "is not valid YAML"),
        (lambda path: path.with_name("info.yaml").write_text("- 1\n"), "has no table project"),
        (text(".lef", f"MACRO {NAME}", "MACRO other"), "has no macro"),
        (text("info.yaml", "tiles: 1x2", "tiles: 9x9"), "no tile of size '9x9'"),
    ],
)
def test_what_cannot_be_judged(spoil: Callable[[Path], None], message: str, tile: Path) -> None:
    spoil(tile)
    with pytest.raises(LayoutError, match=message):
        check_tile(tile)
    result = CliRunner().invoke(app, ["tile-check", str(tile)])
    assert result.exit_code == 2 and result.output.startswith("error: ") and result.output.count("\n") == 1


def test_the_command_says_what_is_wrong(tile: Path) -> None:
    assert CliRunner().invoke(app, ["tile-check", str(tile)]).exit_code == 0
    add(MET5, db.DBox(50, 50, 55, 55))(tile)
    result = CliRunner().invoke(app, ["tile-check", str(tile)])
    assert result.exit_code == 1 and result.output.startswith("layers: there are shapes on met5")
