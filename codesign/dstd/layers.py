"""Drop-in layers: spike times in, membrane v(1) out."""

from typing import Any, Self

import torch
from torch import Tensor, nn

from codesign.dstd.bases import Basis
from codesign.dstd.checks import check_convolution, check_counts, check_steps
from codesign.dstd.current import SynapseCurrent
from codesign.dstd.initialisation import initialise_
from codesign.dstd.membrane import discretised_membrane
from codesign.dstd.products import Convolution, Discretisation
from codesign.model.normalised import NormalisedModel


class Layer(nn.Module):
    """What the dense and the convolutional layer share: all but the shape of the weight.

    Attributes:
        weight: in 1 / window.
        current: the `SynapseCurrent` that holds E and the curvature.
        discretisation: steps, basis, and the geometry of a convolution.
    """

    def __init__(self, weight_shape: tuple[int, ...], current: SynapseCurrent, discretisation: Discretisation) -> None:
        super().__init__()
        check_steps(discretisation.steps, discretisation.basis)
        self.discretisation = discretisation
        self.current = current
        self.weight = nn.Parameter(torch.empty(weight_shape))
        self.reset_parameters()

    @classmethod
    def from_model(cls, model: NormalisedModel, *sizes: Any, **options: Any) -> Self:
        """A layer with the reversal potentials and curvatures of a fitted circuit.

        Args:
            model: the circuit; `NeuronModel.normalised` gives it.
            sizes: the positional arguments of the layer.
            options: its keyword arguments, other than the reversal potentials and curvatures.
        """
        current = ("e_pos", "e_neg", "kappa_pos", "kappa_neg")
        return cls(*sizes, **{name: getattr(model, name) for name in current}, **options)

    def reset_parameters(self) -> None:
        """Draw the weights anew; see `initialise_`."""
        initialise_(self.weight, *self.current.reversal_potentials)

    def forward(self, spike_times: Tensor) -> Tensor:
        return discretised_membrane(self.weight, spike_times, self.current(), self.discretisation)

    def extra_repr(self) -> str:
        steps, basis, convolution = self.discretisation
        geometry = {} if convolution is None else convolution._asdict()
        return ", ".join([f"steps={steps}, basis={basis!r}", *(f"{name}={value}" for name, value in geometry.items())])


class DSTDLinear(Layer):
    """A dense layer of equation (1): spike times (batch, in_features) to the membrane v(1) (batch,
    out_features).

    There is no bias: a circuit has none, and an input that spikes at 0 is one.

    Args:
        in_features: inputs.
        out_features: neurons.
        steps: the number M of intervals, even for "cf4".
        basis: "dstd" (equation 2), "cf4" or "legendre"; see `membrane`.
        e_pos: reversal potential of the weights >= 0, above 0; math.inf is ideal.
        e_neg: reversal potential of the weights < 0, below 0; -math.inf is ideal.
        kappa_pos: curvature of the current of the weights >= 0.
        kappa_neg: curvature of the current of the weights < 0.
        learn_e: train the reversal potentials too.

    Attributes:
        weight: (out_features, in_features), in 1 / window.
        current: the `SynapseCurrent` that holds E and the curvature.

    Raises:
        DstdError: a number is not what the equation allows.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        steps: int = 10,
        basis: Basis = "dstd",
        e_pos: float,
        e_neg: float,
        kappa_pos: float = 0.0,
        kappa_neg: float = 0.0,
        learn_e: bool = False,
    ) -> None:
        check_counts(in_features=in_features, out_features=out_features)
        current = SynapseCurrent(e_pos, e_neg, kappa_pos, kappa_neg, learn_e=learn_e)
        super().__init__((out_features, in_features), current, Discretisation(steps, basis))
        self.in_features, self.out_features = in_features, out_features

    def extra_repr(self) -> str:
        return f"{self.in_features}, {self.out_features}, {super().extra_repr()}"


class DSTDConv2d(Layer):
    """A convolution of equation (1): spike times (batch, channels, height, width) to the membranes v(1).

    Every output position is a neuron with its own membrane; the padding never spikes.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: height and width of the kernel, or one number for both.
        stride: as in `torch.nn.Conv2d`.
        padding: rows and columns that never spike, added at each edge.
        dilation: as in `torch.nn.Conv2d`.
        groups: as in `torch.nn.Conv2d`.
        steps: as in `DSTDLinear`, and so the arguments after it.
        basis: as in `DSTDLinear`.
        e_pos: reversal potential of the weights >= 0.
        e_neg: reversal potential of the weights < 0.
        kappa_pos: curvature of the current of the weights >= 0.
        kappa_neg: curvature of the current of the weights < 0.
        learn_e: train the reversal potentials too.

    Attributes:
        weight: (out_channels, in_channels / groups, kernel height, kernel width).
        current: the `SynapseCurrent` that holds E and the curvature.

    Raises:
        DstdError: a number is not what the equation or a convolution allows.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        *,
        steps: int = 10,
        basis: Basis = "dstd",
        e_pos: float,
        e_neg: float,
        kappa_pos: float = 0.0,
        kappa_neg: float = 0.0,
        learn_e: bool = False,
    ) -> None:
        convolution = Convolution(_pair(stride), _pair(padding), _pair(dilation), groups)
        height, width = _pair(kernel_size)
        check_counts(in_channels=in_channels, kernel_height=height, kernel_width=width)
        check_convolution(convolution, in_channels, out_channels)
        current = SynapseCurrent(e_pos, e_neg, kappa_pos, kappa_neg, learn_e=learn_e)
        weight_shape = (out_channels, in_channels // groups, height, width)
        super().__init__(weight_shape, current, Discretisation(steps, basis, convolution))
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, (height, width)

    def extra_repr(self) -> str:
        return f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, {super().extra_repr()}"


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value
