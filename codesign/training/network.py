"""Networks of the circuit's neurons, with whole numbers of unit cells as weights.

Several candidates of one architecture are evaluated side by side: a small network costs little more than its
overhead, and of several starting points one can keep the best.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codesign.dstd import membrane
from codesign.model.comparator import decision_slope, decision_time
from codesign.model.deviations import Deviations
from codesign.model.normalised import NormalisedModel

NEVER = 1.0
"""Spike time of a neuron that does not fire within the window."""

HALFWAY = 0.5
"""Where in the window, besides its end, a training evaluates the membrane."""


class LayerState(NamedTuple):
    """What one layer of each candidate did with a batch; all of shape (batch, candidates, neurons)."""

    halfway: Tensor
    """Membrane halfway through the window."""
    final: Tensor
    """Membrane v(1) at the end of the window."""
    spike_times: Tensor
    """Spike times, clipped to [0, 1]."""


class Columns(NamedTuple):
    """The columns of a layer of unit cells, as the membrane sees them."""

    weights: Tensor
    """Normalised weights, positive cells before negative ones, then what leaks from the start of the window through
    either sign, shape (..., neurons, 2 inputs + 2)."""
    load: Tensor
    """Fraction by which the cells increase each column's capacitance, shape (..., neurons)."""
    leak: tuple[Tensor, Tensor]
    """What leaks through either sign on an unloaded column, see `NormalisedModel.column_leak`, same shape."""
    units_pos: Tensor
    """Positive unit cells, shape (..., neurons, inputs)."""
    units_neg: Tensor
    """Negative unit cells, a count, same shape."""


def columns(units: Tensor, model: NormalisedModel, chips: Deviations | None = None) -> Columns:
    """Turn signed numbers of unit cells, shape (..., neurons, inputs), into loaded columns, each on a chip of its own.

    Of a chip's deviations the gains count, and the level at which a membrane starts by what it does to the currents.
    DSTD has one reversal potential for each sign: those of single synapses are left out.
    """
    positive = torch.where(units >= 0, units, 0)
    negative = torch.where(units >= 0, 0, units)
    total_pos, total_neg = positive.sum(-1), -negative.sum(-1)
    load = torch.as_tensor(model.column_load(total_pos, total_neg))
    # Cells that are on load the membrane otherwise. The discretised membrane has one load for the window: half are on.
    half_on = (model.on_load_pos * total_pos + model.on_load_neg * total_neg) / 2
    leak_pos, leak_neg = model.column_leak(total_pos, total_neg)
    gain_pos, gain_neg = model.gain_pos, model.gain_neg
    if chips is not None:
        gain, start = torch.as_tensor(chips.gain).exp(), torch.as_tensor(chips.start).unsqueeze(-1)
        gain_pos = gain_pos * gain * (1 - start / model.e_pos + model.kappa_pos * start**2)
        gain_neg = gain_neg * gain * (1 - start / model.e_neg + model.kappa_neg * start**2)
    switched = (positive * (gain_pos - model.leak_pos), negative * (gain_neg - model.leak_neg))
    weights = torch.cat((*switched, leak_pos.unsqueeze(-1), -leak_neg.unsqueeze(-1)), dim=-1)
    return Columns(weights / (1 + load + half_on).unsqueeze(-1), load, (leak_pos, leak_neg), positive, -negative)


def current_onsets(spike_times: Tensor, model: NormalisedModel) -> Tensor:
    """When the currents of positive, then of negative cells start, not before the window, and when what leaks does.

    Shape (..., 2 inputs + 2), as `Columns.weights`.
    """
    onsets = torch.cat((spike_times + model.delay_pos, spike_times + model.delay_neg), dim=-1).clamp(min=0)
    # A fitted delay may be below 0, but what never spikes never starts.
    onsets = torch.where(torch.cat((spike_times, spike_times), dim=-1) < NEVER, onsets, NEVER)
    return F.pad(onsets, (0, 2))


def firing_times(
    final: Tensor, spike_times: Tensor, layer: Columns, model: NormalisedModel, chips: Deviations | None = None
) -> Tensor:
    """Spike times of a layer, clipped to [0, 1].

    A membrane that has run away (NaN) stays NaN in `final` and does not fire.

    Args:
        final: membrane v(1), shape (batch, ..., neurons).
        spike_times: of the layer's inputs, shape (batch, ..., inputs).
        layer: the layer's columns.
        model: the neuron model.
        chips: deviations of the columns.
    """
    on = (spike_times < NEVER).to(final.dtype).unsqueeze(-2)
    on_pos, on_neg = (on * layer.units_pos).sum(-1), (on * layer.units_neg).sum(-1)
    arrival = torch.as_tensor(model.threshold_arrival(final, layer.load, on_pos, on_neg, layer.leak))
    delay: float | Tensor = model.fire_delay
    if chips is not None:
        arrival = arrival * torch.as_tensor(chips.ramp).neg().exp()
        delay = delay + torch.as_tensor(chips.delay)
    times = delay + cast(Tensor, _Decision.apply(arrival, model))  # pyright: ignore[reportUnknownMemberType]
    return F.hardtanh(times.nan_to_num(NEVER), 0.0, NEVER)


class _Decision(torch.autograd.Function):
    """`decision_time` of a model's comparator, with its gradient."""

    @staticmethod
    def forward(ctx: Any, arrival: Tensor, model: NormalisedModel) -> Tensor:
        ctx.model = model
        with np.errstate(invalid="ignore"):
            decided = torch.as_tensor(decision_time(arrival.numpy(), model.fire_lag, model.fire_hold))
        ctx.save_for_backward(arrival, decided)
        return decided

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        arrival, decided = (saved.numpy() for saved in ctx.saved_tensors)
        model: NormalisedModel = ctx.model
        with np.errstate(invalid="ignore"):
            slope = decision_slope(arrival, decided, model.fire_lag, model.fire_hold)
        return gradients[0] * torch.as_tensor(slope), None


def round_to_units(weights: Tensor, max_units: int) -> Tensor:
    """Whole unit cells in [-max_units, max_units], with the gradient of the identity (straight-through).

    Beyond the range the gradient is zero.
    """
    clipped = weights.clamp(-max_units, max_units)
    # The difference of a number and the nearest whole one is exact in floating point, and so is this sum.
    return clipped + (clipped.round() - clipped).detach()


class CircuitNetwork(nn.Module):
    """Candidates of one architecture whose membranes follow the neuron model by DSTD (basis "cf4").

    The parameters are float shadows of the numbers of unit cells, one float64 tensor a layer, shape
    (candidates, neurons, inputs).
    """

    def __init__(
        self,
        layer_sizes: Sequence[int],
        model: NormalisedModel,
        candidates: int,
        intervals: int,
        generator: torch.Generator,
    ) -> None:
        """Start with mostly positive weights, so that the hidden neurons fire.

        Args:
            layer_sizes: number of inputs, then of neurons in each layer.
            model: the neuron model, fitted or ideal.
            candidates: number of networks side by side.
            intervals: DSTD intervals in the window, even.
            generator: of the initial weights.
        """
        super().__init__()
        self.model = model
        self.intervals = intervals
        self.shadows = nn.ParameterList(
            _initial_units(candidates, neurons, inputs, model, generator) for inputs, neurons in pairwise(layer_sizes)
        )

    def units(self) -> list[Tensor]:
        """Signed numbers of unit cells, one tensor a layer, shape (candidates, neurons, inputs)."""
        return [round_to_units(shadow, self.model.max_units) for shadow in self.shadows]

    @torch.no_grad()
    def clip(self) -> None:
        """Clip the shadows to the range of a synapse, beyond which they would have no gradient."""
        for shadow in self.shadows:
            shadow.clamp_(-self.model.max_units, self.model.max_units)

    def forward(
        self,
        spike_times: Tensor,
        rounded: bool = True,
        chips: Sequence[Deviations] | None = None,
        shown: Sequence[LayerState] | None = None,
    ) -> list[LayerState]:
        """Evaluate all candidates.

        Args:
            spike_times: of the inputs, shape (batch, inputs), float64.
            rounded: whether the weights are whole units; False takes the shadows as they are.
            chips: deviations of each layer, with a first axis of candidates; None: the matched circuit.
            shown: what the circuit itself did, layer by layer: taken as the value, with the model's gradient.

        Returns:
            One state a layer.
        """
        states: list[LayerState] = []
        candidates = self.shadows[0].shape[0]
        times = spike_times.unsqueeze(1).expand(-1, candidates, -1)
        layers = self.units() if rounded else list(self.shadows)
        unknown = [None] * len(layers)
        for units, own, seen in zip(layers, chips or unknown, shown or unknown, strict=True):
            layer = columns(units, self.model, own)
            halfway, final = self._membranes(layer.weights, current_onsets(times, self.model))
            state = LayerState(halfway, final, firing_times(final, times, layer, self.model, own))
            if seen is not None:
                state = LayerState(*(ours + (theirs - ours).detach() for ours, theirs in zip(state, seen, strict=True)))
            states.append(state)
            times = state.spike_times
        return states

    def _membranes(self, weights: Tensor, onsets: Tensor) -> tuple[Tensor, Tensor]:
        """The membranes halfway and at the end, of weights (candidates, neurons, 2 inputs + 2).

        v(T) is v(1) of the same column with its weights times T and its spike times over T. One
        block-diagonal product holds both, and all candidates.
        """
        model = self.model
        blocks = cast(Tensor, torch.block_diag(*(HALFWAY * weights), *weights))  # pyright: ignore[reportUnknownMemberType]
        inputs = torch.cat((onsets / HALFWAY, onsets), dim=1).flatten(1)
        v = membrane(
            blocks,
            inputs,
            model.e_pos,
            model.e_neg,
            model.kappa_pos,
            model.kappa_neg,
            steps=self.intervals,
            basis="cf4",
        )
        both = v.view(len(v), 2, *weights.shape[:2])
        return both[:, 0], both[:, 1]


INITIAL_MEMBRANE = 0.5
"""Mean v(1) that positive weights alone would give at the start."""
NEGATIVE_FRACTION = 0.3
"""Part of the initial weights that are negative."""
SMALLEST_INITIAL_UNITS = 1.5
"""Least mean of a synapse's initial unit cells: with many inputs, synapses are left out, not made smaller."""


def _initial_units(
    candidates: int, neurons: int, inputs: int, model: NormalisedModel, generator: torch.Generator
) -> nn.Parameter:
    def uniform() -> Tensor:
        return torch.rand(candidates, neurons, inputs, generator=generator, dtype=torch.float64)

    # An input is on for half of the window on average.
    mean_units = INITIAL_MEMBRANE / (inputs * 0.5) / model.gain_pos
    kept = mean_units / max(mean_units, SMALLEST_INITIAL_UNITS)
    units = 2 * max(mean_units, SMALLEST_INITIAL_UNITS) * uniform()
    units = torch.where(uniform() < kept, units, 0)
    units = torch.where(uniform() < NEGATIVE_FRACTION, -units / 2, units)
    return nn.Parameter(units.clamp(-model.max_units, model.max_units))
