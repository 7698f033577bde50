"""Which designs are on the Pareto front, and which of these is chosen."""

from collections.abc import Sequence

import numpy as np

from codesign.arrays import Floats
from codesign.exploration.errors import ExplorationError
from codesign.exploration.objectives import OBJECTIVES
from codesign.report.exploration import TrialRow


def pareto_front(rows: Sequence[TrialRow], objectives: Sequence[str]) -> list[TrialRow]:
    """The feasible trials that no other feasible one beats: as good in every objective, and better in one.

    Raises:
        ExplorationError: no trial is feasible.
    """
    feasible = [row for row in rows if row.failure is None]
    if not feasible:
        reasons = [row.failure for row in rows if row.failure is not None]
        often = max(reasons, key=reasons.count)
        raise ExplorationError(
            f"none of {len(rows)} designs is feasible; the last: {reasons[-1]}"
            + ("" if often == reasons[-1] else f"; {reasons.count(often)} of them: {often}"),
            cure="change the limits or the space, or try more",
        )
    costs = _costs(feasible, objectives)
    return [
        row
        for row, cost in zip(feasible, costs, strict=True)
        if not np.any(np.all(costs <= cost, axis=1) & np.any(costs < cost, axis=1))
    ]


def choose(front: Sequence[TrialRow], objectives: Sequence[str]) -> TrialRow:
    """The trial nearest to the ideal point: the best value of every objective on the front.

    Every objective counts from 0 at its best to 1 at its worst value on the front; of equal trials the first is chosen.
    """
    costs = _costs(front, objectives)
    best, worst = costs.min(axis=0), costs.max(axis=0)
    parts = (costs - best) / np.where(worst > best, worst - best, 1.0)
    return front[int(np.linalg.norm(parts, axis=1).argmin())]


def _costs(rows: Sequence[TrialRow], objectives: Sequence[str]) -> Floats:
    """Shape (trials, objectives), lower is better."""
    signs = np.array([1.0 if OBJECTIVES[name].better == "low" else -1.0 for name in objectives])
    return signs * np.array([[row.results[name] for name in objectives] for row in rows])
