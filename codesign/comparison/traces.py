"""The membranes that a report keeps: of networks beside their models, and of a fitting set beside the fit."""

import numpy as np

from codesign.comparison.candidate import Candidate
from codesign.comparison.errors import circuit_traces, deviation
from codesign.comparison.network_run import NetworkRun
from codesign.extraction.extract import Extraction
from codesign.extraction.observation import scale_of
from codesign.report.traces import TraceSet


def network_traces(title: str, name: str, run: NetworkRun, candidate: Candidate) -> TraceSet:
    """Every input and layer of a run, and what a model is off.

    Args:
        title: what network and model these are.
        name: of the run among those of this title.
        run: the network in SPICE.
        candidate: the model.
    """
    scale = scale_of(run.job.design)
    circuit = tuple(scale.voltage(circuit_traces(run.records, layer)) for layer in range(len(run.job.weights)))
    errors = tuple(layer * scale.swing for layer in deviation(run, candidate).layers)
    return TraceSet(title, name, run.records[0][0].times * scale.window, circuit, errors, np.empty((3, 0)))


def fitting_traces(title: str, extraction: Extraction) -> TraceSet:
    """The fitting set: each network as an input, its neurons side by side, and their spike times."""
    scale, fit, records = extraction.model.scale, extraction.fit, extraction.records
    ends = np.cumsum([len(record.traces) for record in records])
    shape = (len(records), int(np.diff(ends, prepend=0).max()), len(records[0].times))
    circuit, errors = np.full(shape, np.nan), np.full(shape, np.nan)
    for number, (record, residuals) in enumerate(zip(records, np.split(fit.residuals, ends[:-1]), strict=True)):
        circuit[number, : len(record.traces)] = scale.voltage(record.traces)
        errors[number, : len(record.traces)] = residuals * scale.swing
    spikes = np.array(
        [
            scale.voltage(fit.firing_membranes),
            fit.firing_times * scale.window,
            -fit.firing_residuals * scale.window,
        ]
    )
    return TraceSet(title, "all networks", records[0].times * scale.window, (circuit,), (errors,), spikes)
