"""Layouts and netlists of other tools: the verdict is that of the circuit, whatever way it is written."""

import re
from collections.abc import Callable
from pathlib import Path

import klayout.db as db
import pytest
from typer.testing import CliRunner

from codesign.cli.main import app
from codesign.layout.drc import check_gds
from codesign.layout.errors import LayoutError
from codesign.layout.gds import read_gds
from codesign.layout.lvs import compare_files
from codesign.layout.lvs.extract import extract_layout
from codesign.layout.netlist import flatten, parse_spice
from codesign.layout.pex import extract_files
from codesign.layout.technology import load_technology
from tests.layout.helpers import PREFIX

FILES = Path(__file__).parent / "foreign"
HIER, PLAIN = FILES / "hier.gds", FILES / "hier.spice"
LI1, LI1_LABEL, NWELL, NWELL_LABEL = (67, 20), (67, 5), (64, 20), (64, 5)
NSDM, PSDM = (93, 44), (94, 20)

ONE = ".subckt top src drn gte sub\nX1 drn gte src sub sky130_fd_pr__nfet_01v8 {}\n.ends\n"


def edited(path: Path, folder: Path, change: Callable[[db.Layout], None]) -> Path:
    layout = db.Layout()
    layout.read(str(path))
    change(layout)
    layout.write(str(folder / path.name))
    return folder / path.name


def write(text: str, folder: Path) -> Path:
    path = folder / "circuit.spice"
    path.write_text(text, encoding="utf-8")
    return path


def label(text: str, x: float, y: float, layer: tuple[int, int] = LI1_LABEL, cell: str = "top") -> Callable[..., None]:
    def change(layout: db.Layout) -> None:
        layout.cell(cell).shapes(layout.layer(*layer)).insert(db.DText(text, db.DTrans(db.DVector(x, y))))

    return change


@pytest.mark.parametrize(
    ("gds", "spice"),
    [
        ("hier", "hier"),
        ("hier", "hier_named"),
        ("hier", "u_suffix"),
        ("hier", "cdl"),
        ("well_label", "hier"),
        ("markers", "hier"),
    ],
)
def test_the_cases_match(gds: str, spice: str) -> None:
    report = compare_files(FILES / f"{gds}.gds", FILES / f"{spice}.spice")
    assert report.match, report.messages
    assert report.devices == {"nfet_01v8": 1}


@pytest.mark.parametrize("old_new", [("w=0.42", "w=0.84"), ("l=0.15", "l=0.18"), ("drn gte", "gte drn")])
def test_a_wrong_netlist_does_not_match(old_new: tuple[str, str], tmp_path: Path) -> None:
    text = ONE.format("w=0.42 l=0.15")
    assert compare_files(HIER, write(text, tmp_path)).match
    assert not compare_files(HIER, write(text.replace(*old_new), tmp_path)).match


@pytest.mark.parametrize(
    "change",
    [
        label("drn", 0.2, 0.2, cell="dev"),
        label("sub", 0.5, 0.76, cell="dev"),
        label("alias", 0.21, 0.22),
        label("src", 0.21, 0.22, (67, 16)),
        label("note", 5.0, 5.0, (127, 5)),
    ],
    ids=["a child's port", "another child's port", "second name", "pin text", "text on a layer of its own"],
)
def test_labels_that_do_not_matter(change: Callable[[db.Layout], None], tmp_path: Path) -> None:
    report = compare_files(edited(HIER, tmp_path, change), PLAIN)
    assert report.match, report.messages


def test_labels_on_the_drawn_layer_name_the_net(tmp_path: Path) -> None:
    def move(layout: db.Layout) -> None:
        layout.move_layer(layout.layer(*LI1_LABEL), layout.layer(67, 99))
        shapes = layout.cell("top").shapes(layout.layer(67, 99))
        for shape in list(shapes.each()):
            layout.cell("top").shapes(layout.layer(*LI1)).insert(shape.dtext)
        layout.clear_layer(layout.layer(67, 99))

    assert compare_files(edited(HIER, tmp_path, move), PLAIN).match


def test_two_ports_on_one_net_are_a_short(tmp_path: Path) -> None:
    report = compare_files(edited(HIER, tmp_path, label("drn", 0.21, 0.22)), PLAIN)
    assert not report.match
    assert any("are shorted" in message for message in report.messages)


def test_gates_of_a_transistor_without_a_role_are_refused(tmp_path: Path) -> None:
    def change(layout: db.Layout) -> None:
        layout.cell("dev").shapes(layout.layer(78, 44)).insert(db.DBox(-1, -1, 2, 2))

    with pytest.raises(LayoutError, match="has gates under hvtp; the technology has no role"):
        compare_files(edited(HIER, tmp_path, change), PLAIN)


def p_channel(layout: db.Layout) -> None:
    """Turn the cell into a PMOS transistor in an n-well without a tap."""
    cell = layout.cell("dev")
    layout.swap_layers(layout.layer(*NSDM), layout.layer(*PSDM))
    tap = [(65, 44), (66, 44), LI1, NSDM]
    for layer in tap:
        shapes = cell.shapes(layout.layer(*layer))
        for shape in [shape for shape in shapes.each(db.Shapes.SBoxes) if shape.dbox.right <= -0.3]:
            shape.delete()
    cell.shapes(layout.layer(*NWELL)).insert(db.DBox(-0.3, -0.3, 1.3, 1.0))


def test_a_label_on_an_n_well_names_it(tmp_path: Path) -> None:
    def change(layout: db.Layout) -> None:
        p_channel(layout)
        label("sub", -0.2, 0.8, NWELL_LABEL)(layout)

    spice = write(ONE.format("w=0.42 l=0.15").replace("nfet", "pfet"), tmp_path)
    assert compare_files(edited(HIER, tmp_path, change), spice).match
    without = compare_files(edited(HIER, tmp_path, p_channel), spice)
    assert any("port sub has no label" in message for message in without.messages)


@pytest.mark.parametrize(
    "sizes",
    [
        "w=0.42 l=0.15 m=1",
        "W = 0.42 L = 150n",
        "w=.42 l=.15",
        "w=0.42u l=0.15u",
        "w=4.2e-7 l=1.5E-7",
        "w=420000u l=150000u",
        "w='0.21*2' l={0.3 / 2}",
        "w=0.42 l=0.15 ad='int((nf+1)/2) * w/nf * 0.29' nf=1 sa=0 $ drawn",
        "\n+ w=0.42\n* in between\n+ l=0.15 ; drawn",
    ],
)
def test_ways_to_write_a_size(sizes: str, tmp_path: Path) -> None:
    report = compare_files(HIER, write(ONE.format(sizes), tmp_path))
    assert report.match, report.messages


@pytest.mark.parametrize(
    ("text", "devices"),
    [
        (".subckt top a b\n.ends\n", []),
        (".subckt TOP a b\nM1 A B a a pfet_01v8 w=1 l=2 m=3\n.ENDS\n.end\nrest\n", [("m1", "pfet_01v8", 1, 2, 3)]),
        (".subckt top a\nMp a a a a sky130_fd_pr__pfet_01v8 w=1 l=2\n.ends\n", [("mp", "pfet_01v8", 1, 2, 1)]),
        (
            ".subckt nfet_01v8 a params: w=1 l=1\nM1 a a a a nfet_01v8 w='2*w' l=l\n.ends\n"
            ".subckt top a\nX1 a / nfet_01v8 w=3 m=2\nX2 a nfet_01v8 l=5\n.ends\n",
            [("1.m1", "nfet_01v8", 6, 1, 2), ("2.m1", "nfet_01v8", 2, 5, 1)],
        ),
    ],
    ids=["no devices", "M line", "M line of the whole name", "subcircuits called as a device"],
)
def test_what_a_netlist_says(text: str, devices: list[tuple[str, str, float, float, int]]) -> None:
    flat = flatten(parse_spice(text, "text"), "top", "text", PREFIX)
    assert [(one.name, one.model, one.width, one.length, one.count) for one in flat.devices] == devices


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".subckt top a\nX1 a top\n.ends\n", "contains itself"),
        (".subckt top a a\n.ends\n", "names a port twice"),
        (".subckt top a\n.ends\n.subckt TOP a\n.ends\n", "defined twice"),
        (".subckt top a\nX1 a a a a sky130_fd_pr__nfet_01v8 w=1 l=0\n.ends\n", "must be over 0"),
        (".subckt top a\nX1 a a a a sky130_fd_pr__nfet_01v8 w=1 l=1 m=1.5\n.ends\n", "must be a whole number"),
        (".subckt top a\nX1 a a a a sky130_fd_pr__nfet_01v8 w=1 l=1mil\n.ends\n", "neither a number nor"),
        (".subckt top a\nX1 a a a a sky130_fd_pr__nfet_01v8 w=1 l=1e999\n.ends\n", "neither a number nor"),
        (".subckt top a\nX1 a a a a sky130_fd_pr__nfet_01v8 w=1 l=1 m=1e9\n.ends\n", "has over 1000000 devices"),
        (".subckt top a\nM1 a a a a nfet\n.ends\n", "has no W"),
        (".subckt top a\nR1 a a 1k\n.ends\n", "line 2: 'R1 a a 1k' is not understood"),
    ],
)
def test_netlists_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(LayoutError, match=re.escape(message)):
        flatten(parse_spice(text, "text"), "top", "text", PREFIX)


def test_drc_lists_the_layers_that_it_did_not_judge(tmp_path: Path) -> None:
    assert check_gds(FILES / "markers.gds").not_judged == ("areaid 81/4", "text 83/44", "outline 236/0")
    result = CliRunner().invoke(app, ["drc", str(FILES / "markers.gds"), "--markers", str(tmp_path / "out.lyrdb")])
    assert "not judged, as they make nothing: areaid 81/4, text 83/44, outline 236/0\n" in result.output
    assert "not judged, as they make nothing: areaid 81/4" in (tmp_path / "out.lyrdb").read_text()
    assert check_gds(HIER).not_judged == ()


def test_markers_change_no_verdict() -> None:
    assert check_gds(FILES / "markers.gds").violations == check_gds(HIER).violations


def test_pex_lands_on_the_substrate_of_the_netlist() -> None:
    report = extract_files(HIER, PLAIN)
    nets = {net for pair in report.capacitances for net in pair}
    assert nets == {"src", "drn", "gte", "sub"}
    assert "vss" not in report.netlist


def test_the_extraction_leaves_the_layout_as_it_was() -> None:
    gds = read_gds(HIER, load_technology())
    before = db.Layout()
    before.read(str(HIER))
    extract_layout(gds, load_technology())
    assert db.LayoutDiff().compare(gds.layout, before)
