"""Flow files: defaults, conditions from the command line, relative data files, and every bad value."""

import re
from pathlib import Path

import pytest

import codesign
from codesign.design import DesignError
from codesign.flow.file import FlowFile

FLOWS = Path(codesign.__file__).parents[1] / "flows"

DESIGN = '[design]\nname = "x"\n'


def load(folder: Path, text: str, **conditions: object) -> FlowFile:
    path = folder / "flow.toml"
    path.write_text(text)
    return FlowFile.load(path, **conditions)


CIRCUIT_FLOWS = [path for path in sorted(FLOWS.glob("*.toml")) if "[design]" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", CIRCUIT_FLOWS, ids=lambda path: path.stem)
def test_every_flow_of_the_repository_is_valid(path: Path) -> None:
    flow = FlowFile.load(path)
    assert flow.seeds
    sizes = re.search(r"\d+(-\d+)+", path.stem)
    assert flow.design.layer_sizes == tuple(int(size) for size in (sizes[0] if sizes else "5-5-5").split("-"))


def test_a_design_is_enough(tmp_path: Path) -> None:
    flow = load(tmp_path, DESIGN)
    assert flow == FlowFile(design=flow.design)
    assert flow.digest == load(tmp_path, DESIGN + "[training]\n").digest
    assert flow.digest != load(tmp_path, "seeds = [4]\n" + DESIGN).digest


def test_conditions_replace_those_of_the_file(tmp_path: Path) -> None:
    flow = load(tmp_path, DESIGN, corner="ss", temperature=85.0)
    assert (flow.design.conditions.corner, flow.design.conditions.temperature) == ("ss", 85.0)
    assert flow.digest != load(tmp_path, DESIGN).digest


def test_a_data_file_is_relative_to_the_flow(tmp_path: Path) -> None:
    flow = load(tmp_path, DESIGN + '[data]\nfile = "mine/data.csv"\n')
    assert flow.data.file == (tmp_path / "mine" / "data.csv").resolve()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("", "missing key design"),
        ("design = 5\n", "design"),
        ("seeds = [1", "not valid TOML"),
        (DESIGN + "[validate]\n", "unknown key validate"),
        (DESIGN + "[extraction]\nnetworks = 7\n", "extraction.networks: Input should be greater than or equal to 8"),
        (DESIGN + "[validation]\ninputs = 0\n", "validation.inputs"),
        (DESIGN + "[training]\nepoch = 3\n", "unknown key training.epoch"),
        ("seeds = []\n" + DESIGN, "seeds"),
        ("seeds = [-1]\n" + DESIGN, "seeds.0"),
        ("seeds = [1, 1]\n" + DESIGN, "seeds"),
        (DESIGN + "[design.timing]\nwindow = 0\n", "timing.window"),
        (DESIGN + '[data]\nfile = ["a"]\n', "data.file"),
    ],
)
def test_a_bad_flow_gives_one_line(tmp_path: Path, text: str, about: str) -> None:
    with pytest.raises(DesignError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert str(tmp_path / "flow.toml") in message and about in message
    assert "\n" not in message
