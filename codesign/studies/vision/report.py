"""The output of a sweep: results.json, a table, Figure 5 and the learning curves."""

import csv
import json
import math
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from matplotlib.figure import Figure

from codesign.files import write_atomically
from codesign.provenance import tool_version
from codesign.studies.benchmarks.report import processor
from codesign.studies.figures.style import write_figure
from codesign.studies.vision.judge import COMPARED, Judgement
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.runs import Kind, Result
from codesign.studies.vision.training import LOG

_LABELS: dict[Kind, str] = {"trained": "trained with E", "mapped": "trained as ideal, then mapped"}
_STYLES: dict[Kind, str] = {"trained": "o-C0", "mapped": "s--C3"}


def write_report(recipe: Recipe, results: list[Result], out: Path, command: str) -> None:
    """Write results.json, results.md, figure5.png and learning.png.

    Raises:
        CodesignError: the folder cannot be written.
    """
    document: dict[str, Any] = {
        "command": command,
        "codesign": tool_version(),
        "torch": torch.__version__,
        "processor": processor(),
        "recipe": json.loads(recipe.model_dump_json())
        | {"reversal_potentials": [_text(value) for value in recipe.reversal_potentials]},
        "results": [result.as_dict() for result in results],
    }
    write_atomically(out / "results.json", json.dumps(document, indent=1))
    write_atomically(out / "results.md", table(results))
    title = f"{recipe.data_set}, {recipe.network}"
    draw_accuracy(results, title, out / "figure5.png")
    draw_learning(results, title, out)


def table(results: list[Result]) -> str:
    """The accuracies as Markdown, the mean over the seeds and its standard error, with times of the trainings."""
    grouped = _by_point(results)
    headings = (
        *("abs(E)", "validation, %", "trained with E, %", "trained as ideal, then mapped, %", "seeds"),
        *("training, s", "processor time, s"),
    )
    rows: list[tuple[str, ...]] = []
    for potential in sorted({result.run.reversal_potential for result in results}):
        trained, mapped = grouped["trained"].get(potential), grouped["mapped"].get(potential)
        if trained is None:
            continue
        rows.append(
            (
                f"{potential:g}",
                _percent([result.validation for result in trained if result.validation]),
                _percent([result.judgement for result in trained]),
                _percent([result.judgement for result in mapped or ()]),
                str(len(trained)),
                f"{mean(result.training_seconds for result in trained):.0f}",
                f"{mean(result.training_processor_seconds for result in trained):.0f}",
            )
        )
    text = "".join(f"| {' | '.join(row)} |\n" for row in (headings, ("---",) * len(headings), *rows))
    compared = [result.judgement for result in results if result.judgement.largest_difference is not None]
    if compared:
        changed = max(judgement.changed or 0.0 for judgement in compared)
        difference = max(judgement.largest_difference or 0.0 for judgement in compared)
        text += (
            f"\nJudged by {compared[0].method}. Twice the steps put at most {100 * changed:.1f} % of the first "
            f"{min(COMPARED, compared[0].images)} images into another class and move no output membrane by more than "
            f"{difference:.1e} swings.\n"
        )
    return text


def draw_accuracy(results: list[Result], title: str, path: Path) -> None:
    """Draw accuracy against abs(E): the mean over the seeds, with its standard error.

    Raises:
        CodesignError: the file cannot be written.
    """
    potentials = sorted({result.run.reversal_potential for result in results})
    figure = Figure(figsize=(5, 3.8), layout="constrained")
    axes = figure.subplots(1, 1, squeeze=False)[0, 0]
    for kind, points in _by_point(results).items():
        if not points:
            continue
        chosen = [potential for potential in potentials if potential in points]
        means, errors = zip(
            *(_mean_and_error([result.judgement for result in points[one]]) for one in chosen), strict=True
        )
        places = [potentials.index(potential) for potential in chosen]
        axes.errorbar(places, means, errors, fmt=_STYLES[kind], capsize=3, label=_LABELS[kind])
    axes.set_xticks(range(len(potentials)), ["∞" if math.isinf(value) else f"{value:g}" for value in potentials])
    axes.set_xlabel("abs(E), swings")
    axes.set_ylabel("test accuracy, %")
    axes.set_title(title)
    axes.grid(alpha=0.3)
    axes.legend()
    write_figure(figure, path)


def draw_learning(results: list[Result], title: str, out: Path) -> None:
    """Draw loss and accuracy of every training against the epochs, from the logs in `out`, into learning.png.

    Raises:
        CodesignError: the file cannot be written.
    """
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    trainings = [result.run for result in results if result.run.kind == "trained"]
    for number, potential in enumerate(dict.fromkeys(run.reversal_potential for run in trainings)):
        label = "∞" if math.isinf(potential) else f"{potential:g}"
        for run in trainings:
            if run.reversal_potential != potential:
                continue
            with (run.folder(out) / LOG).open(newline="") as file:
                log = [{name: float(value) for name, value in epoch.items()} for epoch in csv.DictReader(file)]
            accuracy = "validation_accuracy" if "validation_accuracy" in log[0] else "training_accuracy"
            epochs = [epoch["epoch"] for epoch in log]
            left.plot(epochs, [epoch["loss"] for epoch in log], f".-C{number}", label=label)
            right.plot(epochs, [100 * epoch[accuracy] for epoch in log], f".-C{number}")
            right.set_ylabel(f"{accuracy.replace('_', ' ')}, %")
            label = None
    left.set_ylabel("loss")
    left.legend(title="abs(E)")
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
    left.set_title(title)
    write_figure(figure, out / "learning.png")


def _by_point(results: list[Result]) -> dict[Kind, dict[float, list[Result]]]:
    """Results of each kind at each abs(E); the ideal training is the mapped curve's point at infinity."""
    points: dict[Kind, dict[float, list[Result]]] = {"trained": defaultdict(list), "mapped": defaultdict(list)}
    for result in results:
        points[result.run.kind][result.run.reversal_potential].append(result)
    if points["mapped"]:
        points["mapped"][math.inf] = points["trained"][math.inf]
    return points


def _mean_and_error(judgements: list[Judgement]) -> tuple[float, float]:
    """Mean accuracy over the seeds and its standard error, %.

    The error is that of the draw of the images, which all seeds share, and that of the seeds where there are several.
    """
    accuracies = [judgement.accuracy for judgement in judgements]
    images = mean(judgement.standard_error for judgement in judgements)
    seeds = stdev(accuracies) / math.sqrt(len(accuracies)) if len(accuracies) > 1 else 0.0
    return 100 * mean(accuracies), 100 * math.hypot(images, seeds)


def _percent(judgements: list[Judgement]) -> str:
    if not judgements:
        return ""
    middle, error = _mean_and_error(judgements)
    return f"{middle:.2f} ± {error:.2f}"


def _text(potential: float) -> float | str:
    return "inf" if math.isinf(potential) else potential
