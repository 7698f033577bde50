"""Whole networks: clean, matching, within the tile, reproducible, with all files of a hand-off."""

from pathlib import Path
from xml.etree import ElementTree

import klayout.db as db
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from codesign.circuits.network import Network
from codesign.cli.layout import app
from codesign.layout.drc import check_gds
from codesign.layout.lvs import compare_files
from codesign.layout.output import LayoutFiles, write_layout
from tests.circuits.designs import design_of
from tests.layout.networks import network

TILE_UM = (160.0, 225.0)
TILE_2X2_UM = (334.88, 225.76)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> LayoutFiles:
    return write_layout(network((5, 5, 5)), tmp_path_factory.mktemp("layout"))


def test_the_network_keeps_every_rule(files: LayoutFiles) -> None:
    report = check_gds(files.gds)
    assert report.violations == ()
    assert report.count == 0


def test_the_network_matches_its_netlist(files: LayoutFiles) -> None:
    assert compare_files(files.gds, files.spice).messages == ()


def test_the_network_fits_the_tile_and_keeps_off_met5(files: LayoutFiles) -> None:
    layout = db.Layout()
    layout.read(str(files.gds))
    box = layout.top_cell().dbbox()
    assert box.width() <= TILE_UM[0] and box.height() <= TILE_UM[1]
    assert layout.find_layer(72, 20) is None


def test_power_comes_as_met4_stripes_over_the_whole_height(files: LayoutFiles) -> None:
    layout = db.Layout()
    layout.read(str(files.gds))
    top = layout.top_cell()
    pins = db.Region(top.shapes(layout.layer(71, 16)))
    widths = [pin.bbox().width() * layout.dbu for pin in pins.each()]
    heights = [pin.bbox().height() * layout.dbu for pin in pins.each()]
    assert len(widths) == 2 and min(widths) >= 1.2
    assert min(heights) >= 0.99 * top.dbbox().height()


def test_equal_networks_are_equal_files(files: LayoutFiles, tmp_path: Path) -> None:
    again = write_layout(network((5, 5, 5)), tmp_path)
    for kind in ("gds", "spice", "lef", "png", "svg", "area_csv"):
        assert getattr(again, kind).read_bytes() == getattr(files, kind).read_bytes()


def test_every_port_is_a_pin_of_the_lef(files: LayoutFiles) -> None:
    lef = files.lef.read_text()
    ports = network((5, 5, 5)).ports
    assert sorted(line.split()[1] for line in lef.splitlines() if line.startswith("  PIN ")) == sorted(ports)
    assert "USE POWER" in lef and "USE GROUND" in lef


def test_the_area_table_adds_up(files: LayoutFiles) -> None:
    cells = {cell.cell: cell for cell in files.areas.cells}
    assert cells["neuron"].count == 10
    weights = [units for layer in network((5, 5, 5)).weights for column in layer for units in column]
    assert cells["unit_p_w420_l150_l150"].count == sum(units for units in weights if units > 0)
    assert cells["unit_n_w420_l150_l150"].count == -sum(units for units in weights if units < 0)
    assert 0 < files.areas.utilisation < 1
    header, *rows = files.area_csv.read_text().splitlines()
    assert header == "cell,count,width_um,height_um,area_um2" and len(rows) == len(cells)


def test_the_svg_is_well_formed_and_has_a_legend(files: LayoutFiles) -> None:
    root = ElementTree.parse(files.svg).getroot()
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"poly", "met1", "met4"} <= texts


@pytest.mark.parametrize(
    ("sizes", "low", "high"),
    [((1, 1), 1, 1), ((2, 1, 3), -3, 3), ((3, 2), 15, 15), ((2, 3), -15, -15), ((2, 2), 0, 0)],
)
def test_other_networks_are_clean_and_match(sizes: tuple[int, ...], low: int, high: int, tmp_path: Path) -> None:
    files = write_layout(network(sizes, low, high), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


@pytest.mark.slow
def test_16_16_10_is_clean_and_matches(tmp_path: Path) -> None:
    files = write_layout(network((16, 16, 10)), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


ROOT = typer.Typer()
ROOT.add_typer(app, name="room")
FLOWS = Path(__file__).parents[2] / "flows"
DENSE = FLOWS / "dense.toml"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(ROOT, ["room", *arguments])
    return result.exit_code, result.output


def test_the_layout_command_draws_a_weight_file(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", layer_1=np.array([[3, -2]]), layer_2=np.array([[4]]))
    out = tmp_path / "out"
    code, output = run("layout", str(DENSE), str(tmp_path / "weights.npz"), "--out", str(out))
    assert code == 0, output
    assert "unit_p_w420" in output
    code, output = run("lvs", str(out / "network_2_1_1.gds"), str(out / "network_2_1_1.spice"))
    assert code == 0 and "layout and schematic match" in output
    assert run("drc", str(out / "network_2_1_1.gds"))[0] == 0
    text = (out / "network_2_1_1.spice").read_text()
    (out / "changed.spice").write_text(text.replace(" m=3", " m=2"))
    code, output = run("lvs", str(out / "network_2_1_1.gds"), str(out / "changed.spice"))
    assert code == 1 and "layout and schematic differ" in output


def test_the_crossbar_of_a_layer_by_itself(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", layer_1=np.array([[3, -2]]), layer_2=np.array([[4], [-1]]))
    out = tmp_path / "out"
    arguments = ("layout", str(DENSE), str(tmp_path / "weights.npz"), "--out", str(out), "--crossbar")
    code, output = run(*arguments, "2")
    assert code == 0, output
    files = str(out / "crossbar_2.gds"), str(out / "crossbar_2.spice")
    assert run("drc", files[0])[0] == 0
    code, output = run("lvs", *files)
    assert code == 0 and output.startswith("crossbar_2: 8 pfet_01v8, 2 nfet_01v8"), output
    code, output = run(*arguments, "3")
    assert code == 2 and output.startswith("error: the network has no crossbar_3")


def test_a_crossbar_needs_no_label_of_a_port_that_it_does_not_use(tmp_path: Path) -> None:
    """Cells of resistors have no biases: nothing is drawn for those ports."""
    out = tmp_path / "out"
    np.savez(tmp_path / "weights.npz", layer_1=np.array([[3, -2]]), layer_2=np.array([[4], [-1]]))
    reference = str(FLOWS / "5-5-5.toml")
    code, output = run("layout", reference, str(tmp_path / "weights.npz"), "--out", str(out), "--crossbar", "2")
    assert code == 0, output
    netlist = (out / "crossbar_2.spice").read_text()
    assert "bias_positive" in netlist
    files = str(out / "crossbar_2.gds"), str(out / "crossbar_2.spice")
    code, output = run("lvs", *files)
    assert code == 0, output
    assert run("pex", *files, "--out", str(tmp_path / "extracted.spice"))[0] == 0


def test_weights_out_of_range_write_nothing(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", layer_1=np.array([[16]]))
    code, output = run("layout", str(DENSE), str(tmp_path / "weights.npz"), "--out", str(tmp_path / "out"))
    assert code == 2 and output.startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_lvs_without_a_netlist_cannot_judge(tmp_path: Path, files: LayoutFiles) -> None:
    code, output = run("lvs", str(files.gds), str(tmp_path / "none.spice"))
    assert code == 2 and "cannot read" in output


@pytest.mark.parametrize(
    ("sizes", "low", "high"), [((2, 2, 1), -2, 2), ((1, 3, 2), 15, 15), ((3, 1), -15, -15), ((1, 1), 0, 0)]
)
def test_auto_zeroed_networks_are_clean_and_match(sizes: tuple[int, ...], low: int, high: int, tmp_path: Path) -> None:
    files = write_layout(Network(design_of("autozero", sizes), network(sizes, low, high).weights), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


@pytest.mark.parametrize("sizes", [(2, 6, 2), (3, 8)])
def test_auto_zeroed_networks_of_any_shape_are_clean_and_match(sizes: tuple[int, ...], tmp_path: Path) -> None:
    """Crossbars of different numbers of inputs in one layout; columns of one sign beside each other."""
    files = write_layout(Network(design_of("autozero", sizes), network(sizes, -3, 3).weights), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


def test_columns_of_one_sign_stand_clear_of_each_other(tmp_path: Path) -> None:
    weights = (((2, 1), (-1, -3), (-2, -1), (1, 1), (0, 0), (0, 0)),)
    files = write_layout(Network(design_of("autozero", (2, 6)), weights), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


@pytest.mark.slow
def test_the_auto_zeroed_16_16_10_is_clean_and_matches(tmp_path: Path) -> None:
    sizes = (16, 16, 10)
    files = write_layout(Network(design_of("autozero", sizes), network(sizes, -3, 3).weights), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()


@pytest.mark.slow
def test_the_auto_zeroed_5_5_5_network_fits_a_tile_when_turned(tmp_path: Path) -> None:
    # As many unit cells as a trained network has: 316 in flows/5-5-5.toml, seed 1.
    random = network((5, 5, 5), -12, 12).weights
    assert sum(abs(units) for layer in random for column in layer for units in column) > 290
    files = write_layout(Network(design_of("autozero", (5, 5, 5)), random), tmp_path)
    assert check_gds(files.gds).count == 0
    assert compare_files(files.gds, files.spice).messages == ()
    layout = db.Layout()
    layout.read(str(files.gds))
    box = layout.top_cell().dbbox()
    assert box.width() <= TILE_2X2_UM[1] and box.height() <= TILE_2X2_UM[0]
