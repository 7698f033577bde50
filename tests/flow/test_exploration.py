"""An exploration from its file to its output, without a simulator; bad files; and a small one in SPICE."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from codesign.cli import main
from codesign.cli import session as cli_session
from codesign.design import Design, DesignError
from codesign.errors import CodesignError
from codesign.execution.session import Session
from codesign.exploration.candidate import Candidate, Task, typical_weights
from codesign.exploration.errors import ExplorationError, Infeasible
from codesign.exploration.evaluation import measurement
from codesign.exploration.figure import pareto_figure
from codesign.exploration.objectives import OBJECTIVES
from codesign.figure import figure_png
from codesign.flow import exploration
from codesign.flow.exploration import CHOSEN, ExplorationFile, explore_flow, flow_toml
from codesign.flow.file import FlowFile
from codesign.report.content import read_content
from codesign.report.exploration import Exploration
from codesign.report.tables import report_tables
from codesign.spice import NgspiceNotFound, ResultCache, Simulator
from codesign.training.datasets import load_data

FLOWS = Path(__file__).parents[2] / "flows"

TEXT = """
flow = "5-5-5.toml"
objectives = ["area", "chip_error"]
trials = 12

[limits]
area = { highest = 90 }

[space]
"synapse.width" = { low = 0.35, high = 1.4, log = true }
"neuron.tail_units" = { low = 4, high = 12 }
"""

SESSION: Any = SimpleNamespace(
    simulator=SimpleNamespace(ngspice=SimpleNamespace(version="0"), pdk=SimpleNamespace(source="", version="0")),
    close=lambda: None,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that explores around `flows/5-5-5.toml`."""
    (tmp_path / "5-5-5.toml").write_text((FLOWS / "5-5-5.toml").read_text())
    path = tmp_path / "explore.toml"
    path.write_text(TEXT)
    return path


def measure(design: Design, names: Sequence[str]) -> Mapping[str, float]:
    """Wide resistors take area and differ less; with the largest tails nothing works."""
    if design.neuron.tail_units > 10:
        raise Infeasible("the neuron does not fire")
    width = design.synapse.model_dump()["width"]
    values = {"area": 100 * width, "chip_error": 1 / width, "accuracy": 80 + 10 * width}
    return {name: values[name] for name in names}


@pytest.fixture
def synthetic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objectives of formulas instead of simulations."""
    monkeypatch.setattr(exploration, "measurement", lambda task: measure)


@pytest.mark.usefixtures("synthetic")
def test_a_whole_exploration(file: Path, tmp_path: Path) -> None:
    explored = ExplorationFile.load(file)
    result = explore_flow(explored, SESSION, tmp_path / "out")
    assert (result.n_trials, len(result.trials)) == (12, 12)
    assert result.n_feasible == sum(row.failure is None for row in result.trials) < 12
    assert read_content(Exploration, tmp_path / "out" / "explore.json") == result
    page = (tmp_path / "out" / "explore.html").read_text()
    assert "area (um2)" in page and "error on a chip that differs (% of the swing)" in page and "data:image" in page
    # The table that documents show.
    [table] = report_tables(result).values()
    assert f"| {result.chosen}, chosen | " in table and "| trial | area, um2 | " in table
    assert table.endswith(f"Of 12 designs {result.n_feasible} were feasible, and {len(result.front)} are on the front.")
    assert result.base == 1 and "1, base" in page
    assert f"{result.chosen}, chosen" in page and "at most 90 um2" in page
    # The chosen flow is the base flow but for the chosen values.
    chosen = FlowFile.load(tmp_path / "out" / CHOSEN)
    width = result.chosen_row.values["synapse.width"]
    assert chosen.design == result.design and chosen.design.synapse.model_dump()["width"] == width
    assert chosen.model_copy(update={"design": explored.flow.design}) == explored.flow
    # The same again does nothing and says the same; more trials go on; another seed is another exploration.
    assert explore_flow(explored, SESSION, tmp_path / "out") == result
    more = explore_flow(ExplorationFile.load(file, trials=14), SESSION, tmp_path / "out")
    assert more.trials[:12] == result.trials and more.n_trials == 14
    file.write_text("seed = 5\n" + TEXT)
    with pytest.raises(CodesignError, match="holds the results of another"):
        explore_flow(ExplorationFile.load(file), SESSION, tmp_path / "out")


@pytest.mark.parametrize("flow", sorted(path.name for path in FLOWS.glob("*.toml") if "[design]" in path.read_text()))
def test_a_flow_is_written_as_it_is_read(flow: str, tmp_path: Path) -> None:
    read = FlowFile.load(FLOWS / flow)
    (tmp_path / "written.toml").write_text(flow_toml(read))
    assert FlowFile.load(tmp_path / "written.toml") == read


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.usefixtures("synthetic")
def test_figures_of_any_number_of_objectives(
    count: int, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["area", "chip_error", "accuracy", "latency", "yield"][:count]

    def more(design: Design, names: Sequence[str]) -> Mapping[str, float]:
        return {name: measure(design, ["area"])["area"] ** k for k, name in enumerate(names, start=1)}

    monkeypatch.setattr(exploration, "measurement", lambda task: more)
    file.write_text(TEXT.replace('["area", "chip_error"]', json.dumps(names)).replace("highest = 90", "highest = 1e9"))
    result = explore_flow(ExplorationFile.load(file, trials=5), SESSION, tmp_path / "out")
    figure = pareto_figure(result)
    drawn = [axes for axes in figure.axes if axes.axison]
    assert len(drawn) == max(1, count * (count - 1) // 2)
    assert drawn[0].get_ylabel().strip("← →") == OBJECTIVES[names[min(1, count - 1)]].axis
    assert figure_png(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('flow = "5-5-5.toml"', "", "missing key flow"),
        ('flow = "5-5-5.toml"', 'flow = "nowhere.toml"', "cannot read .*nowhere.toml"),
        ('"area", "chip_error"', '"area", "beauty"', "'beauty' is no objective; use abs_e_pos, "),
        ('"area", "chip_error"', '"area", "area"', "named twice"),
        ('"area", "chip_error"', "", "objectives: "),
        ("area = {", "beauty = {", "limits: 'beauty' is no objective"),
        ("highest = 90", "highest = 90, lowest = 91", "nothing is at least 91 and at most 90"),
        ("highest = 90", "highest = -1", "area at most -1 is impossible: it is 0 to inf um2"),
        (
            "area = { highest = 90 }",
            "accuracy = { lowest = 101 }",
            "accuracy at least 101 is impossible: it is 0 to 100 %",
        ),
        ("{ highest = 90 }", "{}", "limits.area: give lowest or highest"),
        ("{ highest = 90 }", "{ highest = nan }", "limits.area.highest: .*finite"),
        ("low = 4, high = 12", "low = 12, high = 4", "the range from low = 12 to high = 4 is empty"),
        ("low = 4, high = 12", "low = 4, high = 4", "the range from low = 4 to high = 4 is empty"),
        ("low = 4, high = 12", "low = 4", "give low and high, or choices"),
        ("low = 4, high = 12", "choices = []", "give low and high, or choices"),
        ("low = 4, high = 12", "choices = [4, 4]", "a choice is given twice"),
        ("low = 4, high = 12", "low = 4, high = 12, choices = [4]", "not both"),
        ("low = 0.35, high", "low = 0.0, high", "log = true must lie above 0, low = 0 does not"),
        ("low = 4, high = 12", "low = 4, high = 12, step = 5", "must be multiples of step = 5"),
        ("trials = 12", "trials = 0", "trials: "),
        ("trials = 12", "trails = 12", "unknown key trails"),
        ("[space]", "[space.nothing]", "give low and high|unknown key"),
        ("synapse.width", "synapse.wdith", "synapse.wdith is no value of the design"),
    ],
)
def test_bad_files_are_refused_in_one_line(before: str, after: str, line: str, file: Path) -> None:
    assert before in TEXT
    file.write_text(TEXT.replace(before, after))
    with pytest.raises((DesignError, ExplorationError), match=line) as refused:
        ExplorationFile.load(file)
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("synthetic")
def test_the_command_line(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoSession(Session):
        def __init__(self, process: str, **given: object) -> None:
            self.__dict__.update(vars(SESSION))

        def __exit__(self, *given: object) -> None:
            pass

    monkeypatch.setattr(cli_session, "Session", NoSession)
    arguments = ["explore", str(file), "--out", str(tmp_path / "out"), "--trials", "10"]
    done = CliRunner().invoke(main.app, arguments)
    assert done.exit_code == 0, done.output
    assert "trial 1 of 10: area = 35.00, chip_error = 2.857" in done.output
    assert "not feasible: the neuron does not fire" in done.output
    assert "chosen, trial" in done.output and "chosen.toml" in done.output
    file.write_text(TEXT.replace("highest = 90", "highest = 1"))
    done = CliRunner().invoke(main.app, [*arguments[:3], str(tmp_path / "none"), "--trials", "9"])
    assert isinstance(done.exception, ExplorationError)
    assert str(done.exception).startswith("none of 9 designs is feasible; the last: ")


def task(session: Any, **given: Any) -> Task:
    flow = FlowFile.load(FLOWS / "5-5-5.toml")
    values = {"networks": 8, "chips": 4, "model_chips": 50, "yield_limit": 0.02, "inputs": 1}
    data = load_data(flow.data, flow.design.layer_sizes)
    return Task(session=session, data=data, training=flow.training, seed=1, **(values | given))


class _Failing:
    """A session whose simulator fails."""

    def __init__(self, error: Callable[[], Exception]) -> None:
        self._error = error

    def run(self, decks: object, what: str = "") -> None:
        raise self._error()


def test_what_a_design_cannot_do_is_one_line_and_a_missing_tool_is_an_error() -> None:
    design = FlowFile.load(FLOWS / "5-5-5.toml").design
    failing = measurement(task(_Failing(lambda: ValueError("no number\nof any circuit"))))
    with pytest.raises(Infeasible, match="no number of any circuit"):
        failing(design, ["abs_e_pos", "latency"])
    # What needs no simulation is not disturbed.
    assert failing(design, ["latency"]) == {"latency": pytest.approx(3 * 0.25 + 2 * 0.01)}
    with pytest.raises(NgspiceNotFound):
        measurement(task(_Failing(NgspiceNotFound)))(design, ["cell_sigma"])
    dense = FlowFile.load(FLOWS / "dense.toml").design
    narrow = dense.model_copy(update={"synapse": dense.synapse.model_copy(update={"positive_width": 0.4})})
    with pytest.raises(Infeasible, match=r"width 0\.4 um .* is outside the models"):
        measurement(task(None))(narrow, ["area"])


def test_typical_weights_follow_the_gain() -> None:
    design = FlowFile.load(FLOWS / "5-5-5.toml").design
    first, _ = typical_weights(design)
    assert first.shape == (5, 5) and set(np.abs(first).ravel()) == {6} and abs(first.sum()) == 6
    weak = design.model_copy(update={"bias": design.bias.model_copy(update={"reference_current": 1e-7})})
    assert np.abs(typical_weights(weak)[0]).max() == weak.synapse.max_units


@pytest.mark.spice
def test_cells_in_dc(simulator: Simulator, cache: ResultCache) -> None:
    with Session(simulator=simulator, cache=cache, progress=False) as session:
        design = FlowFile.load(FLOWS / "5-5-5.toml").design
        candidate = Candidate(design, task(session))
        found = measurement(candidate.task)(design, ["abs_e_pos", "abs_e_neg", "cell_sigma"])
    # A resistor's current vanishes at the rail: (1.8 - 0.9) V and 0.9 V of a swing of 0.6 V.
    assert found["abs_e_pos"] == pytest.approx(1.5, rel=0.02) and found["abs_e_neg"] == pytest.approx(1.5, rel=0.02)
    # 4.64 % over the root of the area in um2, by the PDK's formula; 96 cells tell a sigma to 7 %.
    assert found["cell_sigma"] == pytest.approx(4.64 / np.sqrt(0.35 * 98.5), rel=0.25)
