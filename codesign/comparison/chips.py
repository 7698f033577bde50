"""Models against one chip: those of the matched circuit, and those that are calibrated to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from codesign.comparison.candidate import Candidate
from codesign.comparison.errors import circuit_traces, deviation, rms
from codesign.comparison.network_run import NetworkRun
from codesign.report.montecarlo import LayerOfChip
from codesign.variation.chip_model import Seen


@dataclass(frozen=True)
class Candidates:
    """The models that are compared with chips, all of the matched circuit."""

    fitted: Candidate
    conventional: Candidate
    bestfit_ideal: Candidate


def chip_errors(
    proposed: NetworkRun,
    conventional: NetworkRun,
    candidates: Candidates,
    calibrated: Mapping[Seen, Candidate] | None = None,
) -> list[LayerOfChip | None]:
    """The errors of all hidden layers, None without any, and of the output layer.

    Args:
        proposed: the network trained on the fitted model, simulated on the chip.
        conventional: the network trained conventionally, on the same chip.
        candidates: the models.
        calibrated: models that are calibrated to this chip, by what was seen of it.
    """
    layers = range(len(proposed.job.weights))
    known = calibrated or {}
    return [_errors(proposed, conventional, candidates, known, group) for group in (layers[:-1], layers[-1:])]


def _errors(
    proposed: NetworkRun,
    conventional: NetworkRun,
    candidates: Candidates,
    calibrated: Mapping[Seen, Candidate],
    layers: range,
) -> LayerOfChip | None:
    if not layers:
        return None
    millivolts = proposed.job.design.levels.swing * 1e3

    def error(run: NetworkRun, candidate: Candidate, *, own_level: bool = True) -> float:
        found = deviation(run, candidate)
        compared = found.from_own_level() if own_level else found
        return rms([compared.layers[layer] for layer in layers]) * millivolts

    starts = np.concatenate([circuit_traces(proposed.records, layer)[0, :, 0] for layer in layers])
    return LayerOfChip(
        rmse_mV=error(proposed, candidates.fitted),
        rmse_conventional_mV=error(conventional, candidates.conventional),
        rmse_bestfit_ideal_mV=error(proposed, candidates.bestfit_ideal),
        rmse_from_nominal_level_mV=error(proposed, candidates.fitted, own_level=False),
        offset_sigma_mV=float(starts.std()) * millivolts,
        **{f"rmse_calibrated_{seen}_mV": error(proposed, candidate) for seen, candidate in calibrated.items()},
    )
