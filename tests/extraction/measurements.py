"""Synthetic records as the CSV file that a lab would write: volts and seconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from codesign.extraction.observation import scale_of
from codesign.extraction.records import LayerRecord
from codesign.model.scale import Scale
from tests.extraction.synthetic import DESIGN

SCALE = scale_of(DESIGN)
HEADER = "trace,time,membrane,spike_times,weights,fired"
CHIP_HEADER = f"{HEADER},input,layer,neuron"


@dataclass(frozen=True)
class Factors:
    """What the columns are multiplied by, as if the lab had used other units or signs."""

    time: float = 1.0
    spike_times: float = 1.0
    fired: float = 1.0
    weights: int = 1


def measurement(records: list[LayerRecord], factors: Factors = Factors(), late: float = 0.0) -> str:
    """The text of the file; neurons fire `late` seconds too late."""
    lines = [HEADER]
    for number, record in enumerate(records):
        for neuron, trace in enumerate(record.traces):
            fired = (record.fired[neuron] * SCALE.window + late) * factors.fired
            # Only the first row of a trace needs the rest.
            rest = [
                _words(record.spike_times * SCALE.window * factors.spike_times),
                _words(record.weights[neuron] * factors.weights),
                repr(float(fired)) if np.isfinite(fired) else "",
            ]
            for time, volt in zip(record.times * SCALE.window * factors.time, SCALE.voltage(trace), strict=True):
                lines.append(",".join([f"{number}-{neuron}", repr(float(time)), repr(float(volt)), *rest]))
                rest = ["", "", ""]
    return "\n".join(lines) + "\n"


def chip_measurement(
    inferences: Sequence[Sequence[LayerRecord]], scale: Scale = SCALE, *, membranes: bool = True
) -> str:
    """The text of the file of a whole chip, with or without its membranes."""
    lines = [CHIP_HEADER]
    for sample, records in enumerate(inferences):
        for layer, record in enumerate(records, start=1):
            for neuron, trace in enumerate(record.traces):
                fired = record.fired[neuron] * scale.window
                rest = [
                    _words(record.spike_times * scale.window),
                    _words(record.weights[neuron]),
                    repr(float(fired)) if np.isfinite(fired) else "",
                    *(f"input{sample}", str(layer), str(neuron + 1)),
                ]
                samples = zip(record.times * scale.window, scale.voltage(trace), strict=True)
                rows = [(repr(float(time)), repr(float(volt))) for time, volt in samples] if membranes else [("", "")]
                for cells in rows:
                    lines.append(",".join([f"{sample}-{layer}-{neuron}", *cells, *rest]))
                    rest = [""] * len(rest)
    return "\n".join(lines) + "\n"


def _words(values: np.ndarray[Any, Any]) -> str:
    return " ".join(str(value) for value in values)


MICROSECONDS = 1e6


def _noise(made: list[LayerRecord]) -> list[LayerRecord]:
    """The membranes replaced by noise around the middle of the range."""
    random = np.random.default_rng(1)
    return [replace(one, traces=random.uniform(-0.5, 0.9, one.traces.shape)) for one in made]


CONTRADICTIONS: dict[str, tuple[Callable[[list[LayerRecord]], str], str]] = {
    "all times in microseconds": (
        lambda made: measurement(made, Factors(MICROSECONDS, MICROSECONDS, MICROSECONDS)),
        "in seconds",
    ),
    "only the time column in microseconds": (
        lambda made: measurement(made, Factors(time=MICROSECONDS)),
        "in seconds",
    ),
    "fired one window late": (lambda made: measurement(made, late=1e-6), "outside the firing phase"),
    "weights negated": (lambda made: measurement(made, Factors(weights=-1)), "check the signs"),
    "all weights zero": (lambda made: measurement(made, Factors(weights=0)), "every weight of the data is 0"),
    "membrane of noise": (lambda made: measurement(_noise(made)), ""),
    "weights a hundred times too large": (
        lambda made: measurement(made, Factors(weights=100)),
        "beyond synapse.max_units = 15",
    ),
    "only the spike times in microseconds": (
        lambda made: measurement(made, Factors(spike_times=MICROSECONDS)),
        "no input spikes within the window",
    ),
}
"""Measurements that contradict the model, as writers of the file, and what the refusal says."""
