"""Tiles: clean, matching, with all files, and nothing where they cannot be."""

from pathlib import Path

import klayout.db as db
import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from codesign.circuits.network import Network
from codesign.cli.main import app
from codesign.layout.drc import check_gds
from codesign.layout.errors import LayoutError
from codesign.layout.lvs import compare_files
from codesign.layout.tile import TileFiles, TileSettings, check_tile, write_tile
from codesign.layout.tile.record import TileRecord
from tests.circuits.designs import design_of
from tests.layout.networks import network

ROOT = Path(__file__).parents[3]
FLOWS = ROOT / "flows"


def files_of(kind: str, sizes: tuple[int, ...], folder: Path, **settings: object) -> TileFiles:
    drawn = Network(design_of(kind, sizes), network(sizes).weights)
    return write_tile(drawn, TileSettings.model_validate(settings), folder)


def faults(files: TileFiles) -> tuple[object, ...]:
    report = check_gds(files.gds)
    return (
        *report.violations,
        report.count,
        *compare_files(files.gds, files.spice).messages,
        *check_tile(files.gds).problems,
    )


@pytest.mark.parametrize(
    ("kind", "sizes", "settings"),
    [
        ("transistor", (1, 1), {"pins": {"membrane_1_1": "ua[3]"}}),
        ("autozero", (2, 1), {"size": "2x2", "pins": {"output_1": "uio_out[2]", "reference": "ua[0]"}}),
    ],
)
def test_a_tile_is_clean_and_matches(
    kind: str, sizes: tuple[int, ...], settings: dict[str, object], tmp_path: Path
) -> None:
    assert faults(files_of(kind, sizes, tmp_path, **settings)) == (0,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("transistor", {"size": "1x2"}),
        ("autozero", {"size": "2x2", "pins": {"membrane_2_1": "ua[3]"}}),
        (
            "transistor",
            {"size": "4x2", "pins": {"membrane_1_1": "ua[4]", "membrane_2_5": "ua[3]"}},
        ),
    ],
)
def test_5_5_5_in_tiles_of_several_sizes(kind: str, settings: dict[str, object], tmp_path: Path) -> None:
    assert faults(files_of(kind, (5, 5, 5), tmp_path, **settings)) == (0,)


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tile made by the command."""
    folder = tmp_path_factory.mktemp("tile")
    np.savez(folder / "weights.npz", layer_1=np.array([[3, -2]]))
    (folder / "tile.toml").write_text('name = "tt_um_tiny"\nauthor = "A: B"\npins = {membrane_1_1 = "ua[3]"}\n')
    out = folder / "out"
    code, output = run(
        *("tile", folder / "weights.npz", "--flow", FLOWS / "dense.toml", "--settings", folder / "tile.toml"),
        *("--out", out),
    )
    assert code == 0, output
    assert "0 problems" in output and "design rules: 0 violations" in output and "LVS: match" in output
    return out


def test_all_files_are_there(made: Path) -> None:
    names = {f"tt_um_tiny.{suffix}" for suffix in ("gds", "lef", "v", "spice", "png", "lyrdb")}
    assert {path.name for path in made.iterdir()} == {*names, "info.yaml", "README.md", "tile.json"}


def test_the_description_says_what_is_drawn(made: Path) -> None:
    content = yaml.safe_load((made / "info.yaml").read_text())
    project, pinout = content["project"], content["pinout"]
    assert (project["top_module"], project["tiles"], project["analog_pins"]) == ("tt_um_tiny", "1x2", 4)
    assert project["author"] == "A: B" and project["source_files"] == ["tt_um_tiny.v"]
    assert len(pinout) == 32 and pinout["ui[1]"] == "input_2" and pinout["ua[3]"] == "membrane_1_1"
    assert pinout["uo[0]"] == "output_1" and pinout["uo[1]"] == pinout["ua[4]"] == ""
    page = (made / "README.md").read_text()
    assert "| ua[0] | analog | reset_level | 800 mV" in page and "| uo_out[7] | output | | tied to VGND |" in page


def test_the_layout_has_one_top_cell_of_the_tile_s_size(made: Path) -> None:
    layout = db.Layout()
    layout.read(str(made / "tt_um_tiny.gds"))
    assert layout.top_cell().name == "tt_um_tiny"
    assert str(layout.top_cell().dbbox()) == "(0,0;161,225.76)"


def test_the_record_gives_the_same_tile_again(made: Path, tmp_path: Path) -> None:
    record = TileRecord.load(made / "tile.json")
    again = write_tile(Network(record.design, record.weights), record.settings, tmp_path)
    for suffix in ("gds", "lef", "v", "spice", "png"):
        assert again.gds.with_suffix(f".{suffix}").read_bytes() == (made / f"tt_um_tiny.{suffix}").read_bytes()


def test_the_waveforms_of_an_inference(made: Path) -> None:
    """A microsecond window, 200 ns of reset, 10 ns of guard: by hand."""
    code, output = run("tile-waveforms", made / "tile.json", "--spike-times", "0.25,1")
    assert code == 0
    assert output.splitlines() == [
        "time_ns,ui_in[0],ui_in[1],ui_in[2],ui_in[3]",
        "0.000,0,0,1,0",
        "210.000,0,0,0,0",
        "470.000,1,0,0,0",
        "1220.000,0,0,0,0",
        "1230.000,0,0,0,1",
        "2230.000,0,0,0,0",
    ]


@pytest.mark.parametrize(
    ("times", "message"),
    [("0.1", "1 spike times for 2 inputs"), ("-1,0", "0 or more"), ("a,b", "not a list of numbers")],
)
def test_bad_spike_times(times: str, message: str, made: Path) -> None:
    code, output = run("tile-waveforms", made / "tile.json", f"--spike-times={times}")
    assert code == 2 and output.startswith("error: ") and message in output


def test_no_record(tmp_path: Path) -> None:
    code, output = run("tile-waveforms", tmp_path / "tile.json", "--spike-times", "0")
    assert code == 2 and "cannot read" in output
    (tmp_path / "tile.json").write_text("{}")
    code, output = run("tile-waveforms", tmp_path / "tile.json", "--spike-times", "0")
    assert code == 2 and "is no tile of this version" in output


def test_a_network_that_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"the network, .* um, finds no room in a tile of 1x2 .*take a larger tile"):
        files_of("autozero", (2, 2, 2), tmp_path / "out", size="1x2")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('name = "mine"', "no name of a Tiny Tapeout tile"),
        ('pins = {input_1 = "ui_in[0]", fire_1 = "ui_in[0]"}', "taken twice"),
        ('pins = {membrane_3_1 = "ua[3]"}', "no membrane_3_1"),
        ("colour = 3", "unknown key colour"),
    ],
)
def test_bad_settings_write_nothing(settings: str, message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", layer_1=np.array([[3, -2]]))
    (tmp_path / "tile.toml").write_text(settings)
    code, output = run(
        *("tile", tmp_path / "weights.npz", "--flow", FLOWS / "dense.toml", "--settings", tmp_path / "tile.toml"),
        *("--out", tmp_path / "out"),
    )
    assert code == 2 and output.startswith("error: ") and message in output and output.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_weights_of_no_run_need_a_flow(tmp_path: Path) -> None:
    code, output = run("tile", ROOT / "netlists" / "5-5-5.npz", "--out", tmp_path / "out")
    assert code == 2 and "is not of a codesign run" in output and not (tmp_path / "out").exists()
    code, output = run("tile", tmp_path, "--flow", FLOWS / "dense.toml", "--out", tmp_path / "out")
    assert code == 2 and "is a folder; with --flow, give a weight file" in output
