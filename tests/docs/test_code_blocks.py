"""Every code block of README and docs runs, or is read by what it is written for; a new block is taken in by itself.

What takes minutes is only read: a command by the command line's own parser, its files have to exist, its flow file has
to load.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import numpy as np
import pytest
import torch

from codesign import fit_measured
from codesign.circuits.user_cell import read_user_subcircuit
from codesign.cli.main import main
from codesign.design import UserSynapse
from codesign.extraction.measured import read_measured
from codesign.flow import run as flow_run
from codesign.flow.exploration import ExplorationFile
from codesign.flow.file import FlowFile
from codesign.studies.vision.recipe import Recipe
from codesign.weights import read_weights
from tests.docs.blocks import BLOCKS, PROGRAMS, ROOT, Block, of_language
from tests.docs.shell import accepted, commands
from tests.extraction.measurements import SCALE, chip_measurement, measurement
from tests.extraction.synthetic import DESIGN, records
from tests.extraction.test_calibration import shown
from tests.variation.example import VARIATION

LANGUAGES = {
    "python", "sh", "toml", "spice", "csv",
    # Timelines and what a program printed; sessions within ngspice and magic; equations. Nothing runs them.
    "text", "console", "math",
}  # fmt: skip

ELSEWHERE = {"docs/how-to/python.md": "tests/test_front_door.py"}
"""Pages whose programs another test runs, one by one."""

QUICK = {
    "docs/dstd/training-with-your-circuit.md": ("range(200)", "range(30)"),
    "docs/how-to/calibrating.md": ("inputs=20", "inputs=2"),
    "docs/how-to/conditions.md": ("range(1, 51)", "range(1, 3)"),
    "docs/how-to/cluster.md": ("fitting_testbenches(design, 4,", "fitting_testbenches(design, 1,"),
    "docs/how-to/executor.md": ("fitting_testbenches(design, 4,", "fitting_testbenches(design, 1,"),
    "docs/how-to/measured-waveforms.md": ("fitting_testbenches(design, 16,", "fitting_testbenches(design, 1,"),
    "docs/how-to/own-data.md": ("TrainingSettings()", "TrainingSettings(epochs=2)"),
    "docs/layout/index.md": ("(32, 64)", "(3, 4)"),
}
"""What the tests do less of."""

MINUTES = {
    "run": "extracts, trains, simulates: tests/flow",
    "extract": "simulates: tests/test_front_door.py, tests/flow",
    "train": "trains: tests/flow, tests/training",
    "montecarlo": "simulates chips: tests/flow",
    "calibrate": "simulates a chip: the program of the same page",
    "conditions": "extracts and simulates 45 times: tests/flow",
    "explore": "extracts for each design: tests/flow",
    "validate": "simulates: tests/test_front_door.py",
    "bench dstd": "measures times: tests/studies/benchmarks",
    "bench step": "measures times: tests/studies/vision",
    "figures 2": "tests/studies/figures",
    "figures 5": "needs data sets that nobody ships: tests/studies/vision",
    "pex": "tests/layout/test_pex.py; with --cross-check it needs klayout-pex",
    "tile": "draws for half a minute: tests/layout/tile",
    "tile-check": "needs a tile: tests/layout/tile",
    "tile-waveforms": "needs a tile: tests/layout/tile",
    "pdk install": "downloads: tests/pdk",
    "signoff": "downloads: tests/layout/test_signoff.py",
}
"""Commands that are only read, why, and what tests them."""

OTHERS = {"apt-get", "jupyter", "klayout", "magic", "netgen", "pip", "pre-commit", "pytest"}
"""Programs that are not this project's, or run this very test: their lines are only read by bash."""

TRAINED = [f"out/5-5-5/networks/{kind}-seed-1.safetensors" for kind in ("fitted", "ideal")]

TILE = ["tile/tt_um_codesign_5_5_5.gds", "tile/tile.json"]

CHIP = "out/chip-7/chip_model.json"

OURS = {"codesign", "make", "ngspice", "python"}

WRITTEN = {"out", "markers", "cross_check"}
"""Parameters of the command line that name what is written."""


def test_every_block_is_of_a_known_language() -> None:
    assert {str(block): block.language for block in BLOCKS if block.language not in LANGUAGES} == {}
    assert len(of_language("sh")) > 30 and len(of_language("python")) > 10


def test_what_is_listed_here_is_still_there() -> None:
    pages = {block.page for block in BLOCKS}
    assert ELSEWHERE.keys() | QUICK.keys() <= pages
    for page, (whole, _) in QUICK.items():
        assert any(whole in block.text for block in BLOCKS if block.page == page)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the repository that pages name, and those that a reader has or has made before."""
    folder = tmp_path_factory.mktemp("given")
    for name in ("flows", "netlists"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Makefile", "tests"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "flows" / "user_cell.spice", folder)
    (folder / "FOLDER").mkdir()
    for name in (
        "weights.npz",
        "tile.npz",
        "layout/network_5_5_5.gds",
        "layout/network_5_5_5.spice",
        *TILE,
        CHIP,
        *TRAINED,
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "netlists" / "5-5-5.npz", folder / name)
    (folder / "out" / "explore").mkdir()
    shutil.copy(ROOT / "flows" / "5-5-5.toml", folder / "out" / "explore" / "chosen.toml")
    random = np.random.default_rng(1)
    state = {f"{number}.weight": torch.tensor(random.normal(0, 0.4, (5, 5))) for number in (0, 2)}
    torch.save(state, folder / "model.pt")
    features, states = random.normal(size=(90, 4)), np.repeat(["idle", "run", "stop"], 30)
    rows = [f"{','.join(map(str, row))},{state}" for row, state in zip(features, states, strict=True)]
    (folder / "sensors.csv").write_text("\n".join(["a,b,c,d,state", *rows]) + "\n")
    (folder / "waveforms.csv").write_text(measurement(records(8, seed=1)))
    model = fit_measured(DESIGN, folder / "waveforms.csv").model
    reference = read_weights(folder / "weights.npz", 15)
    VARIATION.save(folder / "out/extraction/variation_model.json")
    (folder / "chip.csv").write_text(
        chip_measurement(shown(list(reference.layers), None, random.uniform(0, 1, (8, 5)), model))
    )
    for place in ("neuron_model.json", "model.json", "out/extraction/neuron_model.json"):
        model.save(folder / place)
    for block in of_language("toml"):
        if name := tomllib.loads(block.text).get("design", {}).get("name"):
            (folder / f"{name}.toml").write_text(block.text)
    return folder


@pytest.fixture
def checkout(given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of the test's own."""
    folder = tmp_path / "checkout"
    shutil.copytree(given, folder, symlinks=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(folder)
    return folder


def test_a_command_that_the_command_line_does_not_know_is_refused() -> None:
    for wrong in ("run", "extrakt flow.toml --out out", "run flow.toml --out out --cornr ss", "pdk remove"):
        with pytest.raises(Exception, match=r"(?i)missing|no such"):
            accepted(wrong.split())


@pytest.mark.spice
@pytest.mark.slow
@pytest.mark.parametrize("page", PROGRAMS)
def test_programs_and_commands(
    page: str, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # What it calls is too long; tests/flow has the same call.
    monkeypatch.setattr(flow_run, "run_flow", create_autospec(flow_run.run_flow))
    # The arrays that one page leaves to the reader.
    names: dict[str, Any] = {"__name__": "__main__", "features": np.ones((3, 4)), "labels": np.arange(3)}
    for block in PROGRAMS[page]:
        text = block.text.replace(*QUICK.get(page, ("", "")))
        if block.language == "python":
            if page not in ELSEWHERE:
                exec(compile(text, str(block), "exec"), names)
            continue
        for folder, program, arguments in commands(text, Path.cwd(), checkout, OTHERS | OURS):
            monkeypatch.chdir(folder)
            carry_out(program, arguments, monkeypatch)
    printed = capsys.readouterr().out
    if page == "docs/dstd/training-with-your-circuit.md":
        discretised, exact = (float(one) for one in re.findall(r"tensor\(([\d.]+)\)", printed))
        assert discretised > 0.8
        assert abs(discretised - exact) < 0.02
    if page == "docs/how-to/measured-waveforms.md":
        assert len(read_measured(Path("waveforms.csv"), SCALE)) == 5


def carry_out(program: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run what a line of shell starts, if it is quick; otherwise hold that it could run."""
    match program, arguments:
        case "codesign", _:
            carry_out_codesign(arguments, monkeypatch)
        case "ngspice", _:
            subprocess.run([program, *arguments], check=True, capture_output=True, timeout=300)
        case "make", [target]:
            assert re.search(f"^{target}:", Path("Makefile").read_text(), re.MULTILINE)
        case "python", ["-m", module]:
            assert find_spec(module) is not None
        case "python", ["-c", text]:
            exec(text, {})
        case _:
            assert program in OTHERS
            assert all(Path(one).exists() for one in arguments if one.startswith("tests/"))


def carry_out_codesign(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold that the command line takes some arguments and that their files are there, and run what is quick."""
    name, values = accepted(arguments)
    files = {key: value for key, value in values.items() if isinstance(value, Path) and key not in WRITTEN}
    assert [str(file) for file in files.values() if not file.exists()] == []
    if name == "figures 5":
        Recipe.load(files["flow"])
    elif "exploration" in files:
        ExplorationFile.load(files["exploration"])
    elif "flow" in files:
        conditions = {key: values.get(key) for key in ("corner", "temperature")}
        FlowFile.load(files["flow"], **{key: value for key, value in conditions.items() if value is not None})
    if name in MINUTES and not values.get("measured"):
        return
    monkeypatch.setattr(sys, "argv", ["codesign", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code, arguments


@pytest.mark.parametrize("block", of_language("toml"), ids=str)
def test_toml_is_a_flow_file_or_changes_one(block: Block, checkout: Path) -> None:
    if "[space]" in block.text:
        Path("flows/exploration.toml").write_text(block.text)
        assert ExplorationFile.load("flows/exploration.toml").settings.space
        return
    reference, change = (
        {part.split("\n", 1)[0].split("#")[0].strip(): part for part in re.split(r"^(?=\[)", text, flags=re.MULTILINE)}
        for text in (Path("flows/5-5-5.toml").read_text(), block.text)
    )
    Path("changed.toml").write_text("\n".join((reference | change).values()))
    flow = FlowFile.load("changed.toml")
    # It says something of its own, and all that it says is taken.
    assert flow != FlowFile.load("flows/5-5-5.toml")


@pytest.mark.parametrize("block", of_language("spice"), ids=str)
def test_spice_is_a_cell_that_is_read(block: Block, checkout: Path) -> None:
    synapse = FlowFile.load("flows/user-cell.toml").design.synapse
    assert isinstance(synapse, UserSynapse)
    Path("cell.spice").write_text(block.text)
    assert read_user_subcircuit(Path("cell.spice"), synapse.positive).elements


@pytest.mark.parametrize("block", of_language("csv"), ids=str)
def test_csv_is_the_start_of_a_measurement(block: Block, checkout: Path) -> None:
    Path("waveforms.csv").write_text(f"{block.text}n0,5e-7,0.8,,,\nn0,1e-6,0.8,,,\n")
    [record] = read_measured(Path("waveforms.csv"), SCALE)
    assert record.weights.shape == (1, 3)
