"""All the runs of a recipe, on any executor; each result is stored at once and never computed twice."""

import math
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from codesign.studies.vision.errors import VisionError
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.runs import Job, Result, Run, execute, read_result
from codesign.studies.vision.training import LOG

_REFRESH = 2.0
"""Seconds between two looks at the logs."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep runs on.

    Attributes:
        recipe: the flow file.
        data_folder: of the images.
        out: of checkpoints, logs and results.
        device: of PyTorch, "cpu" or "cuda".
        threads: of each run on the CPU.
    """

    recipe: Recipe
    data_folder: Path
    out: Path
    device: str = "cpu"
    threads: int = 1

    def job(self, run: Run) -> Job:
        """A run with all that it needs."""
        return Job(run, self.recipe, self.data_folder, self.out, self.device, self.threads)


def all_runs(recipe: Recipe) -> list[Run]:
    """The runs of a recipe, the ideal trainings first, since the mapped runs wait for them."""
    potentials = sorted(recipe.reversal_potentials, reverse=True)
    kinds = ("trained", "mapped") if math.inf in potentials else ("trained",)
    return [
        Run(kind, potential, seed)
        for kind in kinds
        for potential in potentials
        for seed in recipe.seeds
        if kind == "trained" or math.isfinite(potential)
    ]


def run_sweep(sweep: Sweep, executor: Executor, console: Console | None = None) -> list[Result]:
    """Execute the runs that have no result yet, with a progress bar of epochs.

    Args:
        sweep: what to run, and where.
        executor: of processes; its workers import PyTorch, so start them with "spawn" or "forkserver".
        console: of the bar; standard error if None.

    Returns:
        The results in the order of `all_runs`.

    Raises:
        CodesignError: of the first run that fails; those not yet started are cancelled.
    """
    recipe, out = sweep.recipe, sweep.out
    data = recipe.load_images(sweep.data_folder)
    runs = all_runs(recipe)
    results = {run: result for run in runs if (result := read_result(run, recipe, data, out)) is not None}
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console or Console(stderr=True),
    )
    task = bar.add_task("", total=recipe.training.epochs * sum(run.kind == "trained" for run in runs))
    futures: dict[Future[Result], Run] = {}
    waiting = [run for run in runs if run not in results]
    try:
        with bar:
            while waiting or futures:
                for run in [run for run in waiting if run.kind == "trained" or _training(run) in results]:
                    waiting.remove(run)
                    futures[executor.submit(execute, sweep.job(run))] = run
                done, _ = wait(futures, _REFRESH, FIRST_COMPLETED)
                for future in done:
                    results[futures.pop(future)] = future.result()
                epochs = sum(_epochs(run, out) for run in runs if run.kind == "trained")
                bar.update(task, completed=epochs, description=f"{len(results)} of {len(runs)} runs")
    except BrokenExecutor as error:
        raise VisionError(
            "a worker process was killed, perhaps for want of memory; run the same command again to go on, "
            "with fewer --workers"
        ) from error
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return [results[run] for run in runs]


def _training(run: Run) -> Run:
    """The run that trains the network of a mapped one."""
    return Run("trained", run.trained_at, run.seed)


def _epochs(run: Run, out: Path) -> int:
    """Epochs of a training that are in its log."""
    log = run.folder(out) / LOG
    return len(log.read_text().splitlines()) - 1 if log.exists() else 0
