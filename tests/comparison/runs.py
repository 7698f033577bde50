"""Runs whose circuit differs from a model by a known error."""

import numpy as np

from codesign.comparison.candidate import Candidate
from codesign.comparison.network_run import NetworkJob, NetworkRun, WholeRun
from codesign.design import Design
from codesign.extraction.records import LayerRecord
from codesign.model.normalised import NormalisedModel
from codesign.model.response import network_response
from codesign.spice import Waveforms

MODEL = NormalisedModel(e_pos=3.0, e_neg=-2.0, gain_pos=0.15, gain_neg=0.15, v_min=-1.0, v_max=1.5)

WEIGHTS = (np.array([[5, -2], [3, 6], [-1, 8]]), np.array([[4, 2, -3], [-2, 7, 3]]))

DESIGN = Design(name="x", layer_sizes=(2, 3, 2))

TIMES = np.linspace(0, 1, 5)


def run_with(errors: tuple[float, float], samples: int = 4, offset: float = 0.0) -> NetworkRun:
    """A run whose circuit lies `errors` (hidden, output, in swings) below MODEL, which starts at `offset`."""
    spikes = np.random.default_rng(0).uniform(0, 1, (samples, 2))
    responses = network_response(MODEL, WEIGHTS, spikes, TIMES)
    records = [
        [
            LayerRecord(
                weights=weights,
                spike_times=spikes[sample],
                times=TIMES,
                traces=response.traces[sample] + offset - error,
                fired=response.spike_times[sample],
            )
            for weights, response, error in zip(WEIGHTS, responses, errors, strict=True)
        ]
        for sample in range(samples)
    ]
    job = NetworkJob(DESIGN, WEIGHTS, spikes)
    whole = WholeRun(np.full(samples, 2e-12), job.testbenches()[0], Waveforms(np.zeros(1), {}))
    return NetworkRun(job, records, whole)


def candidate(offset: float = 0.0) -> Candidate:
    return Candidate(MODEL, offset)
