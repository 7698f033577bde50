"""Exploring designs: a base flow, a space around its design, and the chosen design as a flow file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import tomli_w
from pydantic import ValidationError

from codesign.design import DesignError, first_problem, read_toml
from codesign.execution.session import Session
from codesign.exploration.candidate import Task
from codesign.exploration.evaluation import measurement
from codesign.exploration.figure import pareto_figure
from codesign.exploration.front import choose, pareto_front
from codesign.exploration.objectives import OBJECTIVES
from codesign.exploration.search import search
from codesign.exploration.settings import ExplorationSettings, Limit
from codesign.exploration.space import Space
from codesign.figure import figure_png
from codesign.files import beside, write_atomically
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.report import provenance_of
from codesign.report.exploration import Exploration, MeasuredBy, TrialRow
from codesign.report.page import provenance_rows, write_page
from codesign.training.datasets import load_data

CHOSEN = "chosen.toml"
"""The flow file of the chosen design."""


@dataclass(frozen=True)
class ExplorationFile:
    """A file that says what to explore.

    Attributes:
        path: of the file itself.
        base: path of the base flow.
        flow: the base flow.
        space: designs around its design.
        settings: all else.
    """

    path: Path
    base: Path
    flow: FlowFile
    space: Space
    settings: ExplorationSettings

    @classmethod
    def load(cls, path: str | Path, trials: int | None = None) -> Self:
        """Read a file; its `flow` is relative to it.

        Args:
            path: the TOML file.
            trials: in place of the file's number of trials.

        Raises:
            DesignError: it or its flow cannot be read, or a value is missing, unknown or impossible.
            ExplorationError: the space does not fit the base design.
        """
        path = Path(path)
        values = read_toml(path)
        name = values.pop("flow", None)
        if not isinstance(name, str):
            raise DesignError(f'{path}: missing key flow; name the base flow, as in flow = "5-5-5.toml"')
        try:
            settings = ExplorationSettings.model_validate(values if trials is None else values | {"trials": trials})
        except ValidationError as error:
            raise DesignError(f"{path}: {first_problem(error)}") from error
        base = beside(path, name)
        flow = FlowFile.load(base, mismatch=False)
        return cls(path, base, flow, Space.of(flow.design, settings.space), settings)


def explore_flow(
    file: ExplorationFile, session: Session, folder: Path, told: Callable[[TrialRow], None] | None = None
) -> Exploration:
    """Try designs, and write `explore.json`, `explore.html` with its figure, and `chosen.toml` into `folder`.

    An interrupted exploration goes on where it was; one that is done goes on if more trials are asked for.

    Args:
        file: what to explore.
        session: what it runs on.
        folder: of the output.
        told: called with every new trial.

    Returns:
        The content of `explore.json`.

    Raises:
        ExplorationError: no design is feasible.
        CodesignError: the folder, the data or a tool cannot be used.
    """
    flow, settings = file.flow, file.settings
    claim_folder(folder, flow, exploration=settings.digest)
    effort = settings.effort
    task = Task(
        session=session,
        data=load_data(flow.data, flow.design.layer_sizes),
        training=flow.training.model_copy(update=effort.model_dump(include={"epochs", "candidates"})),
        seed=flow.seeds[0],
        **effort.model_dump(exclude={"epochs", "candidates"}),
    )
    rows = search(file.space, settings, measurement(task), folder, told)
    front = pareto_front(rows, settings.objectives)
    chosen = choose(front, settings.objectives)
    result = Exploration(
        n_trials=len(rows),
        n_feasible=sum(row.failure is None for row in rows),
        objectives=tuple(_measured_by(name, settings) for name in settings.objectives),
        limited=tuple(_measured_by(name, settings) for name in settings.measured[len(settings.objectives) :]),
        seed=settings.seed,
        trials=tuple(rows),
        base=next((row.number for row in rows if row.values == file.space.base_values()), None),
        front=tuple(row.number for row in front),
        chosen=chosen.number,
        design=file.space.design(chosen.values),
        provenance=provenance_of(flow, session),
    )
    _report(file, result, folder)
    return result


def flow_toml(flow: FlowFile) -> str:
    """A flow as the text of a file that `FlowFile.load` reads back equal; files that it names are absolute."""
    values: dict[str, Any] = flow.model_dump(mode="json", exclude_none=True)
    return tomli_w.dumps(values)


def _measured_by(name: str, settings: ExplorationSettings) -> MeasuredBy:
    objective, limit = OBJECTIVES[name], settings.limits.get(name)
    lowest, highest = (None, None) if limit is None else (limit.lowest, limit.highest)
    return MeasuredBy(
        name=name, label=objective.label, unit=objective.unit, better=objective.better, lowest=lowest, highest=highest
    )


def _report(file: ExplorationFile, result: Exploration, folder: Path) -> None:
    write_page(
        folder / "explore.html",
        "explore.html.j2",
        {"pareto": figure_png(pareto_figure(result))},
        {
            "flow": file.flow,
            "result": result,
            "limits": {
                one.label: str(Limit(lowest=one.lowest, highest=one.highest)) + f" {one.unit}"
                for one in (*result.objectives, *result.limited)
                if not one.lowest == one.highest is None
            },
            "provenance": list(provenance_rows(result.provenance.model_dump(mode="json"))),
        },
    )
    chosen = file.flow.model_copy(update={"design": result.design})
    note = f"# Trial {result.chosen} of {result.n_trials} of an exploration with {file.path.name}.\n\n"
    write_atomically(folder / CHOSEN, note + flow_toml(chosen))
    write_atomically(folder / "explore.json", result.model_dump_json(indent=2, by_alias=True) + "\n")
