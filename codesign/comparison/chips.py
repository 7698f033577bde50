"""The model of the matched circuit against one chip."""

from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats
from codesign.comparison.candidate import Candidate
from codesign.comparison.errors import circuit_traces, respond
from codesign.comparison.simulation import NetworkRun
from codesign.report.montecarlo import LayerOfChip


@dataclass(frozen=True)
class Candidates:
    """The models that are compared with chips, all of the matched circuit."""

    fitted: Candidate
    conventional: Candidate
    bestfit_ideal: Candidate


def chip_errors(proposed: NetworkRun, conventional: NetworkRun, candidates: Candidates) -> list[LayerOfChip | None]:
    """The errors of all hidden layers, None without any, and of the output layer.

    Args:
        proposed: the network trained on the fitted model, simulated on the chip.
        conventional: the network trained conventionally, on the same chip.
        candidates: the models.
    """
    layers = range(len(proposed.job.weights))
    return [_errors(proposed, conventional, candidates, group) for group in (layers[:-1], layers[-1:])]


def deviation_from_own_level(run: NetworkRun, candidate: Candidate) -> list[Floats]:
    """Model minus circuit, each membrane counted from its own level at the start of the accumulation.

    Returns:
        Of each layer, shape (samples, neurons, instants), in swings.
    """
    responses = respond(run, candidate)
    circuit = [circuit_traces(run.records, layer) for layer in range(len(responses))]
    return [response.traces - (traces - traces[:, :, :1]) for response, traces in zip(responses, circuit, strict=True)]


def _errors(
    proposed: NetworkRun, conventional: NetworkRun, candidates: Candidates, layers: range
) -> LayerOfChip | None:
    if not layers:
        return None
    millivolts = proposed.job.design.levels.swing * 1e3

    def rms(deviations: list[Floats]) -> float:
        return (
            float(np.sqrt(np.mean(np.concatenate([deviations[layer].ravel() for layer in layers]) ** 2))) * millivolts
        )

    responses = respond(proposed, candidates.fitted)
    traces = [circuit_traces(proposed.records, layer) for layer in range(len(responses))]
    offset = candidates.fitted.offset
    from_nominal = [response.traces + offset - trace for response, trace in zip(responses, traces, strict=True)]
    starts = np.concatenate([traces[layer][0, :, 0] for layer in layers])
    return LayerOfChip(
        rmse_mV=rms(deviation_from_own_level(proposed, candidates.fitted)),
        rmse_conventional_mV=rms(deviation_from_own_level(conventional, candidates.conventional)),
        rmse_bestfit_ideal_mV=rms(deviation_from_own_level(proposed, candidates.bestfit_ideal)),
        rmse_from_nominal_level_mV=rms(from_nominal),
        offset_sigma_mV=float(starts.std()) * millivolts,
    )
