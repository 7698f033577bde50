"""From the membrane to spike times, and pooling on spike times."""

from torch import Tensor, nn
from torch.nn import functional as F


def fire(v: Tensor) -> Tensor:
    """Spike time 1 - v of the firing window, limited to [0, 1]; 1 means never.

    The gradient is -1 for 0 < v < 1 and 0 elsewhere, edges included.

    Args:
        v: the membrane v(1), any shape.

    Returns:
        Spike times of the same shape.
    """
    return F.hardtanh(1 - v, 0.0, 1.0)


class Fire(nn.Module):
    """`fire` as a module, the nonlinearity between two layers."""

    def forward(self, v: Tensor) -> Tensor:
        return fire(v)


class EarliestSpikePool2d(nn.Module):
    """The earliest spike of each window: max pooling of the membranes, done on (batch, channels, height,
    width) times.

    Args:
        kernel_size: height and width of the window.
        stride: from one window to the next; the kernel size if None.
        padding: rows and columns of inputs that never spike, added at each edge.
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, spike_times: Tensor) -> Tensor:
        return -F.max_pool2d(-spike_times, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
