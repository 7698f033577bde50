"""What is fitted and judged: membrane traces and spike times of layers, in normalised units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from codesign.arrays import Floats, Integers
from codesign.extraction.errors import ExtractionFailed

Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True)
class LayerRecord:
    """One layer's run, simulated or measured.

    Attributes:
        weights: unit cells, shape (neurons, inputs).
        spike_times: of the inputs, shape (inputs,), in windows; 1 or more means never.
        times: sample times, shape (samples,), in windows, ending at 1.
        traces: membrane, shape (neurons, samples), in swings from the nominal reset level.
        fired: spike times of the neurons in windows from the start of firing, shape (neurons,); infinity: none.
        wire_load: of each neuron's column, see `NormalisedModel.column_load`, shape (neurons,) or one for all.
    """

    weights: Integers
    spike_times: Floats
    times: Floats
    traces: Floats
    fired: Floats
    wire_load: Floats | float = 0.0


@dataclass(frozen=True)
class Columns:
    """All neurons of many records side by side, missing inputs filled with weight 0.

    Attributes:
        weights: unit cells, shape (columns, inputs).
        spike_times: of each column's inputs, shape (columns, inputs), in windows.
        times: sample times, shape (samples,), in windows.
        traces: membrane, shape (columns, samples), in swings from the nominal reset level.
        fired: spike times in windows from the start of firing, shape (columns,); infinity: none.
        wire_load: of each column, shape (columns,).
    """

    weights: Integers
    spike_times: Floats
    times: Floats
    traces: Floats
    fired: Floats
    wire_load: Floats

    @classmethod
    def of(cls, records: Sequence[LayerRecord]) -> "Columns":
        """Gather records.

        Raises:
            ExtractionFailed: there is none, or they are sampled at different times.
        """
        if not records:
            raise ExtractionFailed("there are no records to fit; simulate or measure at least two networks")
        times = records[0].times
        if any(not np.array_equal(record.times, times) for record in records):
            raise ExtractionFailed("the records are sampled at different times; sample them alike")
        inputs = max(record.weights.shape[1] for record in records)
        return cls(
            weights=np.concatenate([_padded(record.weights, inputs, 0) for record in records]),
            spike_times=np.concatenate(
                [
                    np.tile(_padded(record.spike_times[None], inputs, np.inf), (len(record.weights), 1))
                    for record in records
                ]
            ),
            times=times,
            traces=np.concatenate([record.traces for record in records]),
            fired=np.concatenate([record.fired for record in records]),
            wire_load=np.concatenate([np.broadcast_to(record.wire_load, len(record.weights)) for record in records]),
        )


def _padded(rows: NDArray[Number], width: int, filling: float) -> NDArray[Number]:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=filling)
