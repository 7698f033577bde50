"""Classes of model and circuit, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from codesign.comparison.classification import classify
from codesign.model.response import network_response
from tests.comparison.runs import MODEL, TIMES, WEIGHTS, candidate, run_with


def test_accuracies_and_agreement_by_hand() -> None:
    run = run_with((0.0, 0.0), samples=4)
    chosen = network_response(MODEL, WEIGHTS, run.job.spike_times, TIMES)[-1].final.argmax(axis=1)
    # The circuit chooses otherwise on the first sample only, the truth on the first and the second.
    run.records[0][-1] = replace(run.records[0][-1], traces=run.records[0][-1].traces[::-1])
    truth = chosen.copy()
    truth[:2] = 1 - truth[:2]
    found = classify([run], [truth], candidate())
    assert found.model == pytest.approx(2 / 4)
    assert found.spice == pytest.approx(3 / 4)
    assert found.agreement == pytest.approx(3 / 4)
    assert found.inputs == 4


def test_runs_count_by_their_inputs() -> None:
    runs = [run_with((0.0, 0.0), samples=3), run_with((0.0, 0.0), samples=1)]
    chosen = [network_response(MODEL, WEIGHTS, run.job.spike_times, TIMES)[-1].final.argmax(axis=1) for run in runs]
    found = classify(runs, [chosen[0], 1 - chosen[1]], candidate())
    assert (found.model, found.spice, found.agreement, found.inputs) == (0.75, 0.75, 1.0, 4)
    assert np.isfinite(found.model)
