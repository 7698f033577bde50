"""Whether model and circuit choose the same class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Integers
from codesign.comparison.candidate import Candidate
from codesign.comparison.errors import circuit_traces, respond
from codesign.comparison.network_run import NetworkRun


@dataclass(frozen=True)
class Classification:
    """Accuracies over the simulated inputs of all runs.

    Attributes:
        model: accuracy of the model.
        spice: accuracy of the circuit.
        agreement: fraction of inputs on which both choose the same class.
        inputs: number of inputs.
    """

    model: float
    spice: float
    agreement: float
    inputs: int


def classify(runs: Sequence[NetworkRun], labels: Sequence[Integers], candidate: Candidate) -> Classification:
    """Compare classes: that of the largest output membrane at the end of the window, the first to fire.

    Args:
        runs: simulated networks.
        labels: true classes of each run's samples, shape (samples,).
        candidate: the model.
    """
    truth = np.concatenate(labels)
    model = np.concatenate([respond(run, candidate)[-1].final.argmax(axis=1) for run in runs])
    spice = np.concatenate([circuit_traces(run.records, -1)[:, :, -1].argmax(axis=1) for run in runs])
    return Classification(_agreement(model, truth), _agreement(spice, truth), _agreement(model, spice), len(truth))


def _agreement(first: Integers, second: Integers) -> float:
    return float(np.mean(np.equal(first, second)))
