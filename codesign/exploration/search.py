"""The search for good designs: trials chosen by Optuna, kept in a file, gone on with after an interruption."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import optuna
from optuna.exceptions import StorageInternalError
from optuna.samplers import TPESampler
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from codesign.design import Design, DesignError
from codesign.exploration.errors import ExplorationError, Infeasible
from codesign.exploration.objectives import OBJECTIVES
from codesign.exploration.settings import ExplorationSettings, Value
from codesign.exploration.space import Space
from codesign.report.exploration import TrialRow

STUDY = "trials.db"
"""The SQLite file that keeps the trials."""

RANDOM_TRIALS = 8
"""Trials that are drawn at random before the sampler learns from them."""

_VALUES, _RESULTS, _FAILURE = "values", "results", "failure"
"""What is kept with each trial."""

Measure = Callable[[Design, Sequence[str]], Mapping[str, float]]
"""Works out the objectives of a design by their names, or raises Infeasible."""


def search(
    space: Space,
    settings: ExplorationSettings,
    measure: Measure,
    folder: Path,
    told: Callable[[TrialRow], None] | None = None,
) -> list[TrialRow]:
    """Try designs until there are as many trials as are asked for.

    The first one is the base design, if it lies in the space. What the search does next depends on the seed and the
    trials before only, so that an interruption changes nothing; a trial that was in flight then is tried anew.

    Args:
        space: of designs.
        settings: objectives, limits, number of trials, seed.
        measure: works out a design's objectives.
        folder: where the trials are kept.
        told: called with every new trial.

    Returns:
        All trials, in their order.

    Raises:
        ExplorationError: the kept trials cannot be read or written.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = _study(settings, folder)
        for lost in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(lost.number, state=TrialState.FAIL)
        while (count := len(_done(study))) < settings.trials:
            row = _try(study, space, settings, measure, count)
            if told is not None:
                told(row)
        return [_row(trial, number) for number, trial in enumerate(_done(study), start=1)]
    except (SQLAlchemyError, StorageInternalError) as error:
        raise ExplorationError(
            f"cannot use {folder / STUDY}: {str(error).splitlines()[0]}", cure="check the disk, or choose another --out"
        ) from error


def _study(settings: ExplorationSettings, folder: Path) -> optuna.Study:
    url = URL.create("sqlite", database=str(folder / STUDY)).render_as_string()
    lower, higher = StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE
    directions = [lower if OBJECTIVES[name].better == "low" else higher for name in settings.objectives]
    return optuna.create_study(
        storage=RDBStorage(url), study_name="exploration", directions=directions, load_if_exists=True
    )


def _done(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED))


def _try(study: optuna.Study, space: Space, settings: ExplorationSettings, measure: Measure, count: int) -> TrialRow:
    # A sampler for each trial: its random numbers are then the same after an interruption.
    random = np.random.default_rng([settings.seed, count])
    study.sampler = TPESampler(n_startup_trials=RANDOM_TRIALS, seed=int(random.integers(2**31)))
    base = space.base_values()
    if count == 0 and base is not None and not study.get_trials(states=(TrialState.WAITING,)):
        study.enqueue_trial(base)
    trial = study.ask()
    values = _suggested(trial, space)
    results: dict[str, float] = {}
    failure = None
    try:
        results = dict(measure(space.design(values), settings.measured))
    except (DesignError, Infeasible) as error:
        failure = str(error)
    broken = {name: limit.broken_by(results[name]) for name, limit in settings.limits.items() if name in results}
    for name, distance in broken.items():
        trial.set_constraint(name, distance)
    if beyond := [name for name, distance in broken.items() if distance > 0]:
        failure = ", ".join(f"{name} = {results[name]:.4g}, not {settings.limits[name]}" for name in beyond)
    trial.set_user_attr(_VALUES, values)
    trial.set_user_attr(_RESULTS, results)
    trial.set_user_attr(_FAILURE, failure)
    if results:
        told = study.tell(trial, [results[name] for name in settings.objectives])
    else:
        told = study.tell(trial, state=TrialState.PRUNED)
    return _row(told, count + 1)


def _suggested(trial: optuna.Trial, space: Space) -> dict[str, Value]:
    """A value of every key that the design has."""
    values: dict[str, Value] = {}
    for key, parameter in space.parameters.items():
        low, high = parameter.low, parameter.high
        if not space.has(key, values):
            continue
        if low is None or high is None:
            values[key] = cast(Value, trial.suggest_categorical(key, space.choices(key)))
        elif space.whole_numbers(key):
            values[key] = int(parameter.on_step(trial.suggest_int(key, int(low), int(high), log=parameter.log)))
        else:
            values[key] = parameter.on_step(trial.suggest_float(key, low, high, log=parameter.log))
    return values


def _row(trial: FrozenTrial, number: int) -> TrialRow:
    return TrialRow(
        number=number,
        values=trial.user_attrs[_VALUES],
        results=trial.user_attrs[_RESULTS],
        failure=trial.user_attrs[_FAILURE],
    )
