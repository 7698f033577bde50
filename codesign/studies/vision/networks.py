"""Networks of spike times in and membranes out, one output neuron a class."""

from typing import Literal

import torch
from torch import nn

from codesign.dstd import DSTDConv2d, DSTDLinear, EarliestSpikePool2d, Fire, initialise_deep_
from codesign.dstd.bases import Basis

NetworkName = Literal["dense", "convolutional", "convolutional-8"]

CLASSES = 10
CHANNELS = (64, 64, 128, 128, 256, 256)
"""Of the convolutions of "convolutional-8" unless others are given."""


def build_network(
    name: NetworkName,
    image_shape: tuple[int, int, int],
    *,
    reversal_potential: float,
    steps: int,
    basis: Basis,
    seed: int,
    channels: tuple[int, ...] = CHANNELS,
    stride: int = 1,
) -> nn.Sequential:
    """A network with initial weights, E_pos = -E_neg = `reversal_potential`.

    - "dense": 400 neurons and the output.
    - "convolutional": 16 channels 5x5 of stride 2, 48 channels 3x3, the earliest spike of 2x2, 128 neurons and the
      output.
    - "convolutional-8": six convolutions 3x3, the earliest spike of 2x2 after every two, then as many neurons as the
      last has channels, and the output.

    Args:
        name: which of them.
        image_shape: channels, height and width of the input.
        reversal_potential: abs(E), math.inf for ideal synapses.
        steps: M of every layer.
        basis: of every layer.
        seed: of the initial weights.
        channels: of the six convolutions of "convolutional-8".
        stride: of the first of them.

    Returns:
        A module from spike times (batch, channels, height, width) to membranes (batch, 10).

    Raises:
        DstdError: `reversal_potential` or `steps` is not what the equation allows.
    """
    layers = _Layers(image_shape, reversal_potential, steps, basis)
    with torch.random.fork_rng(devices=[]):  # pyright: ignore[reportUnknownMemberType]
        torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]
        match name:
            case "dense":
                layers.flatten()
                layers.dense(400)
            case "convolutional":
                layers.convolution(16, kernel=5, stride=2)
                layers.convolution(48, kernel=3)
                layers.pool()
                layers.flatten()
                layers.dense(128)
            case "convolutional-8":
                for index, count in enumerate(channels):
                    layers.convolution(count, kernel=3, stride=1 if index else stride)
                    if index % 2:
                        layers.pool()
                layers.flatten()
                layers.dense(channels[-1])
        layers.output(CLASSES)
        if name == "convolutional-8":
            layers.initialise_for_depth()
    return nn.Sequential(*layers.modules)


class _Layers:
    """Layers one after the other, and the shape that the next one gets."""

    def __init__(self, image_shape: tuple[int, int, int], reversal_potential: float, steps: int, basis: Basis) -> None:
        self.channels, self.height, self.width = image_shape
        self.reversal_potential, self.steps = reversal_potential, steps
        self.basis: Basis = basis
        self.modules: list[nn.Module] = []

    def convolution(self, channels: int, *, kernel: int, stride: int = 1) -> None:
        convolution = DSTDConv2d(
            self.channels,
            channels,
            kernel,
            stride,
            padding=kernel // 2,
            steps=self.steps,
            basis=self.basis,
            e_pos=self.reversal_potential,
            e_neg=-self.reversal_potential,
        )
        self.modules += [convolution, Fire()]
        self.channels, self.height, self.width = channels, -(-self.height // stride), -(-self.width // stride)

    def pool(self) -> None:
        self.modules.append(EarliestSpikePool2d(2))
        self.height, self.width = self.height // 2, self.width // 2

    def initialise_for_depth(self) -> None:
        for module in self.modules:
            if isinstance(module, DSTDConv2d | DSTDLinear):
                initialise_deep_(module.weight, self.reversal_potential, -self.reversal_potential)

    def flatten(self) -> None:
        self.modules.append(nn.Flatten())
        self.channels, self.height, self.width = self.channels * self.height * self.width, 1, 1

    def dense(self, neurons: int) -> None:
        self.output(neurons)
        self.modules.append(Fire())

    def output(self, neurons: int) -> None:
        self.modules.append(
            DSTDLinear(
                self.channels,
                neurons,
                steps=self.steps,
                basis=self.basis,
                e_pos=self.reversal_potential,
                e_neg=-self.reversal_potential,
            )
        )
        self.channels = neurons
