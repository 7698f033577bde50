"""`codesign bench spice`: both ways, in ngspice, and its files."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from codesign.cli.main import app
from codesign.comparison.benchmark import ROWS, BenchmarkRow, random_job
from codesign.flow.file import FlowFile

FLOW = Path(__file__).parents[2] / "flows" / "5-5-5.toml"


@pytest.mark.spice
@pytest.mark.slow
def test_rows_of_a_small_network(tmp_path: Path) -> None:
    arguments = ["bench", "spice", "--flow", str(FLOW), "--size", "3-2", "--size", "2-2", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    rows = ROWS.validate_json((tmp_path / "bench_spice.json").read_bytes())
    assert [row.bar for row in rows] == [0.05, 0.3, 0.05, 0.3, 1.3]
    assert all(row.value > 0 for row in rows) and all(row.met for row in rows[:4])
    assert rows[-1].name == "3-2: processor time of a synapse by columns in that of 2-2"
    assert rows[0].value < rows[1].value
    assert set(json.loads((tmp_path / "bench_spice.json").read_text())[0]) == {"name", "value", "bar", "met"}


@pytest.mark.parametrize("size", ["5", "5-x", "5-0", "2000-2"])
def test_what_is_no_size_is_refused(size: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", "spice", "--flow", str(FLOW), "--size", size, "--out", str(tmp_path)])
    assert result.exit_code == 2 and "are no layer sizes" in " ".join(result.output.split())


def test_a_bar_is_met_up_to_itself() -> None:
    assert BenchmarkRow.at_most(0.3, "x", 0.3).met and not BenchmarkRow.at_most(0.3, "x", 0.31).met


def test_capacitors_follow_the_number_of_inputs() -> None:
    design = FlowFile.load(FLOW).design
    wide, same = (random_job(design, sizes, 1).design.neuron for sizes in ((20, 4), (5, 4)))
    assert wide.capacitance == pytest.approx(4 * same.capacitance)
    assert same == design.neuron
