"""The linear maps that DSTD is built from: weights times on-states, for every interval, with their
gradients."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from codesign.dstd.bases import Basis, mixing, on_state, on_state_slope


class Convolution(NamedTuple):
    """Geometry of a two-dimensional convolution, as in `torch.nn.functional.conv2d`."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int


class Discretisation(NamedTuple):
    """How a layer's membrane is computed: `steps` intervals in a `basis`, dense unless there is a convolution."""

    steps: int
    basis: Basis
    convolution: Convolution | None = None


class Products(NamedTuple):
    """Products of weights with the on-states of some spike times, dense or as a convolution.

    A dense layer stacks its intervals into one product, which a small batch needs to be efficient. A
    convolution is large already, and takes them one by one, which bounds its memory.
    """

    spike_times: Tensor
    steps: int
    basis: Basis
    convolution: Convolution | None

    def of(self, weight: Tensor) -> list[Tensor]:
        """The weights times the on-states, for each step, each of the membrane's shape."""
        sums: list[Tensor] = []
        for group in self._groups():
            states = self._states(group)
            if self.convolution is None:
                stacked = F.linear(states, weight)
            else:
                stacked = F.conv2d(states, weight, None, *self.convolution)
            sums += stacked.chunk(len(group))
        return sums

    def on_intervals(self, sums: list[Tensor]) -> list[Tensor]:
        """The sums for each interval, from those for each step."""
        matrix = mixing(self.steps, self.basis)
        return sums if matrix is None else _combine(sums, matrix)

    def on_intervals_backward(self, gradients: list[Tensor]) -> list[Tensor]:
        """Gradients by the sums for each step, from those by the sums for each interval."""
        matrix = mixing(self.steps, self.basis)
        return gradients if matrix is None else _combine(gradients, tuple(zip(*matrix, strict=True)))

    def backward(
        self, gradients: Sequence[Sequence[Tensor]], weights: Sequence[Tensor], wanted: Sequence[bool]
    ) -> tuple[list[Tensor] | None, Tensor | None]:
        """Gradients by each of the weights and by the spike times.

        Args:
            gradients: for each of the weights, the gradients by its sums, as `of` returns them.
            weights: the weights.
            wanted: whether the gradients by the weights and by the spike times are needed; None stands for
                those that are not.
        """
        by_weights = [torch.zeros_like(weight) for weight in weights] if wanted[0] else None
        by_times = torch.zeros_like(self.spike_times) if wanted[1] else None
        for group in self._groups():
            states = self._states(group)
            by_states: Tensor | None = None
            for k, (gradient, weight) in enumerate(zip(gradients, weights, strict=True)):
                stacked = _stack([gradient[m] for m in group])
                to_states, to_weight = self._product_backward(stacked, states, weight, wanted)
                by_states = to_states if by_states is None or to_states is None else by_states.add_(to_states)
                if by_weights is not None and to_weight is not None:
                    by_weights[k].add_(to_weight)
            if by_times is not None and by_states is not None:
                for m, by_state in zip(group, by_states.chunk(len(group)), strict=True):
                    by_times.addcmul_(by_state, on_state_slope(self.spike_times, m, self.steps, self.basis))
        return by_weights, by_times

    def _groups(self) -> list[range]:
        """The intervals that share a product."""
        if self.convolution is None:
            return [range(self.steps)]
        return [range(m, m + 1) for m in range(self.steps)]

    def _states(self, group: range) -> Tensor:
        return _stack([on_state(self.spike_times, m, self.steps, self.basis) for m in group])

    def _product_backward(
        self, gradient: Tensor, states: Tensor, weight: Tensor, wanted: Sequence[bool]
    ) -> tuple[Tensor | None, Tensor | None]:
        weight_wanted, states_wanted = wanted
        if self.convolution is None:
            by_states = gradient @ weight if states_wanted else None
            return by_states, gradient.t() @ states if weight_wanted else None
        stride, padding, dilation, groups = self.convolution
        by_states, by_weight, _ = torch.ops.aten.convolution_backward(
            gradient,
            states,
            weight,
            None,
            stride,
            padding,
            dilation,
            False,
            (0, 0),
            groups,
            (states_wanted, weight_wanted, False),
        )
        return by_states, by_weight


def _combine(tensors: list[Tensor], matrix: tuple[tuple[float, ...], ...]) -> list[Tensor]:
    """Linear combinations of the tensors, one for each row of the matrix."""
    stacked = torch.stack(tensors)
    combined = torch.tensor(matrix, dtype=stacked.dtype, device=stacked.device) @ stacked.flatten(1)
    return list(combined.view(-1, *stacked.shape[1:]))


def _stack(tensors: list[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors)
