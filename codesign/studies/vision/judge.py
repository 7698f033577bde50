"""The accuracy of a trained network: under the exact equation, or under a discretisation with its error.

A network can learn the discretisation that it is trained with, so it is judged by another. The exact solution
takes the spikes of every neuron one by one; in a convolution every output position has its patch of spikes.
"""

import copy
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codesign.dstd import DSTDConv2d, exact_membrane
from codesign.dstd.bases import Basis
from codesign.dstd.layers import Layer
from codesign.dstd.products import Convolution
from codesign.studies.vision.encoding import spike_times
from codesign.studies.vision.images import Images

COMPARED = 1000
"""Images on which a discretisation is compared with one of twice the steps."""
_BATCH = 250
"""Images at once, which bounds the memory."""
_MEMBRANES = 40_000
"""Membranes at once in the exact solution: they then stay in the processor's cache from spike to spike."""


@dataclass(frozen=True)
class Judgement:
    """The share of images that a network classifies correctly, and how it was measured.

    Attributes:
        accuracy: fraction of the images whose class has the largest membrane.
        method: "exact", or the basis and its steps M.
        images: how many they are.
        changed: of the first `COMPARED` images, the fraction that 2 M steps put into another class; None for the
            exact method.
        largest_difference: of any output membrane of these, in swings, between M and 2 M steps; None likewise.
    """

    accuracy: float
    method: str
    images: int
    changed: float | None = None
    largest_difference: float | None = None

    @property
    def standard_error(self) -> float:
        """Of the accuracy, for so many images drawn at random."""
        return math.sqrt(self.accuracy * (1 - self.accuracy) / self.images)


def judge_exactly(network: nn.Sequential, images: Images) -> Judgement:
    """Judge by the exact equation, in float32."""
    outputs = torch.cat([exact_output(network, times) for times in _batches(images)])
    return Judgement(_accuracy(outputs, images), "exact", len(outputs))


def judge_discretised(network: nn.Sequential, images: Images, basis: Basis, steps: int) -> Judgement:
    """Judge by a discretisation with `steps`, and some of the images with twice as many, in float32."""
    once = _discretised_outputs(network, images, basis, steps)
    twice = _discretised_outputs(network, images.first(COMPARED), basis, 2 * steps)
    compared = once[:COMPARED]
    return Judgement(
        _accuracy(once, images),
        f"{basis}, M = {steps}",
        len(once),
        float((compared.argmax(1) != twice.argmax(1)).double().mean()),
        float((compared - twice).abs().max()),
    )


@torch.no_grad()
def exact_output(network: nn.Sequential, times: Tensor) -> Tensor:
    """The output of a network of DSTD layers under the exact equation.

    Args:
        network: its weights may be of another dtype.
        times: (batch, ...), spike times as the first layer takes them.

    Returns:
        The membranes of the last layer, (batch, out), of the dtype of `times`.
    """
    for module in network:
        if not isinstance(module, Layer):
            times = module(times)
        elif isinstance(module, DSTDConv2d) and (geometry := module.discretisation.convolution) is not None:
            times = _exact_convolution(module, geometry, times)
        else:
            times = _exact_layer(module, times)
    return times


def _exact_convolution(layer: DSTDConv2d, geometry: Convolution, times: Tensor) -> Tensor:
    rows, columns = geometry.padding
    # The padding never spikes.
    padded = F.pad(times, (columns, columns, rows, rows), value=1.0)
    patches = F.unfold(padded, layer.kernel_size, geometry.dilation, 0, geometry.stride)
    v = _exact_layer(layer, patches.transpose(1, 2).flatten(0, 1))
    reach = geometry.dilation[0] * (layer.kernel_size[0] - 1)
    height = (padded.shape[2] - reach - 1) // geometry.stride[0] + 1
    return v.view(len(times), height, -1, layer.out_channels).permute(0, 3, 1, 2)


def _exact_layer(layer: Layer, times: Tensor) -> Tensor:
    weight = layer.weight.flatten(1).to(times.dtype)
    e_pos, e_neg = layer.current.reversal_potentials
    # A group takes as long as the sample in it with the most spikes.
    order = (times < 1).sum(dim=1).argsort()
    groups = torch.split(times[order], max(1, _MEMBRANES // len(weight)))
    v = torch.cat([exact_membrane(weight, group, e_pos, e_neg) for group in groups])
    return v[order.argsort()]


@torch.no_grad()
def _discretised_outputs(network: nn.Sequential, images: Images, basis: Basis, steps: int) -> Tensor:
    finer = copy.deepcopy(network)
    for module in finer:
        if isinstance(module, Layer):
            module.discretisation = module.discretisation._replace(basis=basis, steps=steps)
    return torch.cat([finer(times) for times in _batches(images)])


def _batches(images: Images) -> list[Tensor]:
    return [spike_times(pixels) for pixels in torch.split(images.pixels, _BATCH)]


def _accuracy(outputs: Tensor, images: Images) -> float:
    return float((outputs.argmax(1) == images.labels).double().mean())
