"""Many chips at once through the exact equation, in PyTorch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from codesign.arrays import Floats, Integers
from codesign.dstd.interval import Coefficients, solve
from codesign.model.deviations import Deviations
from codesign.model.normalised import NormalisedModel

_AT_ONCE = 2_000_000
"""Synapses, times inputs and chips, that are held at once: some 300 MB."""


@dataclass(frozen=True)
class ChipsLayer:
    """What a layer does on many chips, normalised units.

    Attributes:
        start: level at which membranes start, from that of a matched column without cells, shape (chips, neurons).
        final: membrane at the end of the window, from the same level, shape (chips, batch, neurons).
        spike_times: in windows from the start of the firing phase, same shape; infinity: no spike.
    """

    start: Floats
    final: Floats
    spike_times: Floats


def chips_response(
    model: NormalisedModel, weights: Sequence[Integers], deviations: Sequence[Deviations], spike_times: Floats
) -> list[ChipsLayer]:
    """A network's membranes and spikes on many chips; `codesign.model.response.network_response` of each of them.

    Args:
        model: of the matched circuit.
        weights: unit cells of each layer, shape (neurons, inputs).
        deviations: of each layer, with a first axis of chips.
        spike_times: of the network's inputs, shape (batch, inputs), in windows; 1 or more means never.
    """
    chips = len(deviations[0].start)
    largest = max(layer.size for layer in weights) * len(spike_times)
    step = max(1, _AT_ONCE // largest)
    parts = [
        list(_layers(model, weights, [layer[first : first + step] for layer in deviations], spike_times))
        for first in range(0, chips, step)
    ]
    return [
        ChipsLayer(
            start=np.concatenate([part.start for part in layer]),
            final=np.concatenate([part.final for part in layer]),
            spike_times=np.concatenate([part.spike_times for part in layer]),
        )
        for layer in zip(*parts, strict=True)
    ]


def _layers(
    model: NormalisedModel, weights: Sequence[Integers], deviations: Sequence[Deviations], spike_times: Floats
) -> Iterator[ChipsLayer]:
    times = np.broadcast_to(spike_times, (len(deviations[0].start), *spike_times.shape))
    for layer, own in zip(weights, deviations, strict=True):
        start = model.start(layer) + own.start
        final = _final(model, layer, own, start, times)
        fired = _spike_times(model, layer, own, times, final)
        yield ChipsLayer(start, final, fired)
        times = fired


def _final(model: NormalisedModel, weights: Integers, own: Deviations, start: Floats, times: Floats) -> Floats:
    """v(1) of each column, from its start (chips, neurons) and its inputs' spike times (chips, batch, inputs)."""
    delays = np.where(weights >= 0, model.delay_pos, model.delay_neg)
    arriving = np.where(times < 1, times, np.inf)[:, :, None, :] + delays
    onsets, order = torch.as_tensor(arriving).clamp(0, 1).sort(dim=-1)
    loads = model.on_loads(weights)

    def running(rates: Floats, steady: Floats | None = None) -> Tensor:
        """Sums after the start of the window, where `steady` flows, and after each onset."""
        shown = torch.as_tensor(rates).reshape(-1, 1, *weights.shape).expand(order.shape)
        sums = functional.pad(shown.gather(-1, order).cumsum(-1), (1, 0))
        return sums if steady is None else sums + torch.as_tensor(steady).unsqueeze(-1)

    rates, leaks = own.rates(weights, model.synapse_rates(weights)), model.leak_rates(weights)
    a, b, c = (running(rate, leak) for rate, leak in zip(rates, leaks, strict=True))
    if loads is not None:
        capacitance = 1 + running(loads)
        a, b, c = a / capacitance, b / capacitance, c / capacitance
    edges = functional.pad(functional.pad(onsets, (1, 0)), (0, 1), value=1.0)
    v = torch.as_tensor(start).unsqueeze(1).expand(onsets.shape[:-1])
    for event in range(weights.shape[1] + 1):
        duration = edges[..., event + 1] - edges[..., event]
        coefficients = Coefficients(*(rate[..., event] * duration for rate in (a, b, c)))
        v = solve(coefficients).advance(v)
    return v.numpy()


def _spike_times(model: NormalisedModel, weights: Integers, own: Deviations, times: Floats, final: Floats) -> Floats:
    pos, neg = np.maximum(weights, 0), np.maximum(-weights, 0)
    on = (times < 1).astype(np.float64)
    units = (pos.sum(axis=1), neg.sum(axis=1))
    load, leak = model.column_load(*units), model.column_leak(*units)
    arrival = model.threshold_arrival(final - own.start[:, None, :], load, on @ pos.T, on @ neg.T, leak)
    fired = model.spike_time(arrival * np.exp(-own.ramp[:, None, :])) + own.delay[:, None, :]
    return np.where(fired < 1, fired, np.inf)
