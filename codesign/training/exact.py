"""Integer networks under the exact ODE: what the model says that the circuit does."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from codesign.dstd import exact_membrane
from codesign.neuron_model import NormalisedModel
from codesign.training.network import columns, current_onsets, firing_times
from codesign.training.spike_data import FloatArray
from codesign.weights import IntegerArray


class LayerTrace(NamedTuple):
    """The exact membranes and spikes of one layer."""

    membranes: FloatArray
    """Membrane at each instant asked for, shape (instants, samples, neurons)."""
    spike_times: FloatArray
    """Spike times, clipped to [fire_minimum, 1], where 1 never fires; shape (samples, neurons)."""


def exact_traces(
    layers: Sequence[IntegerArray],
    model: NormalisedModel,
    spike_times: FloatArray,
    instants: Sequence[float] = (1.0,),
) -> list[LayerTrace]:
    """Solve a network exactly, spike times chained from layer to layer.

    v(T) is v(1) of the same column with its weights times T and its spike times over T.

    Args:
        layers: signed numbers of unit cells, one array (neurons, inputs) a layer.
        model: the neuron model.
        spike_times: of the inputs, in windows, shape (samples, inputs).
        instants: where in each layer's window to give the membrane, each in (0, 1].

    Returns:
        One trace a layer.
    """
    traces: list[LayerTrace] = []
    times = torch.as_tensor(spike_times)
    with torch.no_grad():
        for units in layers:
            layer = columns(torch.as_tensor(units, dtype=torch.float64), model)
            onsets = current_onsets(times, model)
            final = _membrane(layer.weights, onsets, model)
            times = firing_times(final, times, layer, model)
            membranes = [
                final if instant == 1 else _membrane(instant * layer.weights, onsets / instant, model)
                for instant in instants
            ]
            traces.append(LayerTrace(torch.stack(membranes).numpy(), times.numpy()))
    return traces


def _membrane(weights: Tensor, onsets: Tensor, model: NormalisedModel) -> Tensor:
    return exact_membrane(weights, onsets, model.e_pos, model.e_neg, model.kappa_pos, model.kappa_neg)
