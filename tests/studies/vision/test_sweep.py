"""A sweep as a whole, and what of it is not done twice."""

import json
import math
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
import torch

from codesign.errors import CodesignError
from codesign.studies.vision.errors import VisionError
from codesign.studies.vision.judge import Judgement
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.report import table, write_report
from codesign.studies.vision.runs import Job, Result, Run, execute
from codesign.studies.vision.sweep import Sweep, all_runs, run_sweep

RECIPE = Recipe.model_validate(
    {
        "data_set": "fashion-mnist",
        "network": "dense",
        "reversal_potentials": [1.0, math.inf],
        "validation": 60,
        "discretisation": {"basis": "dstd", "steps": 2},
        "training": {"epochs": 2, "batch_size": 30, "learning_rate": 2e-3},
        "judge": {"method": "discretised", "steps": 4},
    }
)


@pytest.fixture
def executor() -> Generator[Executor, None, None]:
    threads = torch.get_num_threads()
    with ThreadPoolExecutor(1) as executor:
        yield executor
    torch.set_num_threads(threads)


def test_runs_of_a_recipe() -> None:
    assert all_runs(RECIPE) == [Run("trained", math.inf, 0), Run("trained", 1.0, 0), Run("mapped", 1.0, 0)]
    assert all_runs(RECIPE.at((2.0, 3.0))) == [Run("trained", 3.0, 0), Run("trained", 2.0, 0)]


def test_sweep_and_its_continuation(
    fashion_folder: Path, tmp_path: Path, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = Sweep(RECIPE, fashion_folder, tmp_path / "out")
    results = run_sweep(sweep, executor)
    assert [result.run for result in results] == all_runs(RECIPE)
    trained = {result.run: result.judgement.accuracy for result in results}
    write_report(RECIPE, results, sweep.out, "codesign figures 5")
    document = json.loads((sweep.out / "results.json").read_text())
    assert [row["reversal_potential"] for row in document["results"]] == ["inf", 1.0, 1.0]
    assert (sweep.out / "figure5.png").read_bytes().startswith(b"\x89PNG")
    assert (sweep.out / "learning.png").read_bytes().startswith(b"\x89PNG")
    assert [row["validation_accuracy"] is None for row in document["results"]] == [False, False, True]
    # One result is lost: only that is done again, from the finished training.
    Run("mapped", 1.0, 0).result_path(sweep.out).unlink()
    executed: list[Job] = []

    def record(job: Job) -> Result:
        executed.append(job)
        return execute(job)

    monkeypatch.setattr(
        "codesign.studies.vision.training._Training.run_epoch", lambda self: pytest.fail("trained again")
    )
    monkeypatch.setattr("codesign.studies.vision.sweep.execute", record)
    again = run_sweep(sweep, executor)
    assert [job.run for job in executed] == [Run("mapped", 1.0, 0)]
    assert {result.run: result.judgement.accuracy for result in again} == trained


def test_results_of_another_recipe_are_refused(fashion_folder: Path, tmp_path: Path, executor: Executor) -> None:
    recipe = RECIPE.at((2.0,))
    run_sweep(Sweep(recipe, fashion_folder, tmp_path), executor)
    other = recipe.model_copy(update={"images": 40})
    with pytest.raises(VisionError, match="result of another flow file or other data; choose another --out"):
        run_sweep(Sweep(other, fashion_folder, tmp_path), executor)
    path = Run("trained", 2.0, 0).result_path(tmp_path)
    text = path.read_text()
    for damaged in ("{", "[]", text[:-9], text.replace('"accuracy": 0.', '"accuracy": 0.9')):
        assert damaged != text
        path.write_text(damaged)
        with pytest.raises(VisionError, match="damaged or no result"):
            run_sweep(Sweep(recipe, fashion_folder, tmp_path), executor)


def test_a_failed_run_raises(
    fashion_folder: Path, tmp_path: Path, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(CodesignError, match="cannot write"):
        run_sweep(Sweep(RECIPE, fashion_folder, tmp_path / "out"), executor)

    def die(job: Job) -> Result:
        raise BrokenProcessPool

    monkeypatch.setattr("codesign.studies.vision.sweep.execute", die)
    with pytest.raises(VisionError, match="a worker process was killed"):
        run_sweep(Sweep(RECIPE, fashion_folder, tmp_path / "other"), executor)


def test_table_of_several_seeds() -> None:
    def result(kind: str, potential: float, seed: int, accuracy: float, difference: float | None) -> Result:
        judgement = Judgement(accuracy, "cf4, M = 8", 10_000, 0.001, difference)
        validation = Judgement(accuracy - 0.01, "cf4, M = 8", 5_000, 0.001, difference) if kind == "trained" else None
        return Result(Run(kind, potential, seed), judgement, validation, 10.0, 9.0, 1.0, 1.0, 1, "cpu")

    results = [
        result("trained", math.inf, 0, 0.9, 2e-4),
        result("trained", 1.0, 0, 0.8, 1e-4),
        result("trained", 1.0, 1, 0.9, 1e-4),
        result("mapped", 1.0, 0, 0.5, 3e-4),
    ]
    lines = table(results).splitlines()
    # By hand: of an accuracy of 0.9 on 10000 images sqrt(0.9 * 0.1 / 10000) = 0.30 %; of two seeds 0.8 and 0.9 five
    # points, and the mean of 0.40 and 0.30 % beside it; of 0.79 and 0.89 on 5000 that of 0.58 and 0.44 %.
    assert lines[2:4] == [
        "| 1 | 84.00 ± 5.03 | 85.00 ± 5.01 | 50.00 ± 0.50 | 2 | 10 | 9 |",
        "| inf | 89.00 ± 0.44 | 90.00 ± 0.30 | 90.00 ± 0.30 | 1 | 10 | 9 |",
    ]
    assert "at most 0.1 % of the first 1000 images" in lines[-1]
    assert "by more than 3.0e-04 swings" in lines[-1]
