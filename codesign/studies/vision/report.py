"""The output of a sweep: results.json, a table and Figure 5."""

import json
import math
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from matplotlib.figure import Figure

from codesign.files import write_atomically
from codesign.provenance import tool_version
from codesign.studies.benchmarks.report import processor
from codesign.studies.figures.style import write_figure
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.runs import Kind, Result

_LABELS: dict[Kind, str] = {"trained": "trained with E", "mapped": "trained as ideal, then mapped"}
_STYLES: dict[Kind, str] = {"trained": "o-C0", "mapped": "s--C3"}


def write_report(recipe: Recipe, results: list[Result], out: Path, command: str) -> None:
    """Write results.json, results.md and figure5.png.

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
    draw_accuracy(results, f"{recipe.data_set}, {recipe.network}", out / "figure5.png")


def table(results: list[Result]) -> str:
    """The accuracies as Markdown, the mean over the seeds, with wall and processor times of the trainings."""
    grouped = _by_point(results)
    lines = [
        "| abs(E) | trained with E, % | trained as ideal, then mapped, % | training, s | processor time, s |",
        "|---|---|---|---|---|",
    ]
    for potential in sorted({result.run.reversal_potential for result in results}):
        trained, mapped = grouped["trained"].get(potential), grouped["mapped"].get(potential)
        if trained is None:
            continue
        times = (
            mean(result.training_seconds for result in trained),
            mean(result.training_processor_seconds for result in trained),
        )
        other = _percent(mapped) if mapped else ""
        lines.append(f"| {potential:g} | {_percent(trained)} | {other} | {times[0]:.0f} | {times[1]:.0f} |")
    converged = [result.judgement for result in results if result.judgement.largest_difference is not None]
    if converged:
        difference = max(judgement.largest_difference or 0.0 for judgement in converged)
        change = max(abs(judgement.accuracy - (judgement.accuracy_doubled or 0.0)) for judgement in converged)
        lines += [
            "",
            f"Judged by {converged[0].method}. With twice the steps no accuracy changes by more than "
            f"{change * 100:.2f} points and no output membrane by more than {difference:.1e} swings.",
        ]
    return "\n".join(lines) + "\n"


def draw_accuracy(results: list[Result], title: str, path: Path) -> None:
    """Draw accuracy against abs(E): the mean over the seeds, bars from the lowest to the highest.

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
        values = [[100 * result.judgement.accuracy for result in points[potential]] for potential in chosen]
        means = [mean(group) for group in values]
        spread = [
            [middle - min(group) for middle, group in zip(means, values, strict=True)],
            [max(group) - middle for middle, group in zip(means, values, strict=True)],
        ]
        places = [potentials.index(potential) for potential in chosen]
        axes.errorbar(places, means, spread, fmt=_STYLES[kind], capsize=3, label=_LABELS[kind])
    axes.set_xticks(range(len(potentials)), ["∞" if math.isinf(value) else f"{value:g}" for value in potentials])
    axes.set_xlabel("abs(E), swings")
    axes.set_ylabel("test accuracy, %")
    axes.set_title(title)
    axes.grid(alpha=0.3)
    axes.legend()
    write_figure(figure, path)


def _by_point(results: list[Result]) -> dict[Kind, dict[float, list[Result]]]:
    """Results of each kind at each abs(E); the ideal training is the mapped curve's point at infinity."""
    points: dict[Kind, dict[float, list[Result]]] = {"trained": defaultdict(list), "mapped": defaultdict(list)}
    for result in results:
        points[result.run.kind][result.run.reversal_potential].append(result)
    if points["mapped"]:
        points["mapped"][math.inf] = points["trained"][math.inf]
    return points


def _percent(results: list[Result]) -> str:
    return f"{100 * mean(result.judgement.accuracy for result in results):.2f}"


def _text(potential: float) -> float | str:
    return "inf" if math.isinf(potential) else potential
