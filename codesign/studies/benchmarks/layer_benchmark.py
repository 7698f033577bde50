"""Time and memory of one layer, forward and backward, for every method and size."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from codesign.dstd import DSTDConv2d, membrane
from codesign.dstd.bases import Basis
from codesign.studies.benchmarks import baselines
from codesign.studies.benchmarks.measure import Workload, median_seconds, peak_bytes, saved_bytes

OUTPUTS = 1000
E_POS, E_NEG = 2.0, -1.5
FLOOR = "Linear + ReLU"
DISCRETISATIONS: tuple[tuple[Basis, int], ...] = (
    ("dstd", 4),
    ("dstd", 10),
    ("dstd", 20),
    ("cf4", 6),
    ("cf4", 10),
    ("legendre", 5),
    ("legendre", 10),
)
CONVOLUTIONS: tuple[tuple[Basis, int], ...] = (("dstd", 10), ("cf4", 6), ("legendre", 5))

_EXACT = {
    "exact, event loop": baselines.event_loop,
    "exact, event loop, weights gathered once": baselines.gathered_event_loop,
    "exact, sorted cumulative sums": baselines.sorted_sums,
}
_SOLVERS = {"torchdiffeq dopri5, rtol 1e-3": baselines.dopri5, "torchdiffeq rk4, 10 steps": baselines.rk4}
_EXACT_BYTES_PER_SYNAPSE = 60
"""Peak bytes for each weight and sample of the exact solutions in float32."""


Count = Annotated[int, Field(ge=1, lt=2**63)]


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes:
        device: "cpu" or the name of the accelerator.
        method: a name of a method.
        inputs: inputs of the layer; its outputs are 1000.
        batch: samples.
        steps: M, None where the method has none.
        seconds: median wall time of a forward and backward pass.
        saved_bytes: kept by autograd between the passes, weights not counted.
        peak_bytes: largest allocation during the passes.
    """

    device: str
    method: str
    inputs: Count
    batch: Count
    steps: Count | None
    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    saved_bytes: Count
    peak_bytes: int


def dense_rows(
    device: torch.device, inputs: tuple[int, ...], batches: tuple[int, ...], budget: float, memory_limit: int
) -> Iterator[Row]:
    """Measure every method at every size.

    Args:
        device: where.
        inputs: numbers of inputs.
        batches: numbers of samples.
        budget: seconds for each measurement.
        memory_limit: bytes; the exact methods are left out where they would need more.
    """
    for size in inputs:
        for batch in batches:
            fits = size * batch * OUTPUTS * _EXACT_BYTES_PER_SYNAPSE <= memory_limit
            layers = _layers(exact=fits)
            workloads = _dense_workloads(layers, size, batch, device)
            seconds = median_seconds(workloads, budget)
            for name, (method, steps, _) in layers.items():
                workload = workloads[name]
                yield Row(
                    device_name(device),
                    method,
                    size,
                    batch,
                    steps,
                    seconds[name],
                    saved_bytes(workload),
                    peak_bytes(workload),
                )


def convolution_seconds(device: torch.device, budget: float) -> dict[str, float]:
    """Forward and backward of 64 to 64 channels, 3 x 3, on 32 x 32, batch 16, and of `nn.Conv2d`."""
    plain = nn.Conv2d(64, 64, 3, padding=1, bias=False).to(device)
    layers: dict[str, nn.Conv2d | DSTDConv2d] = {"nn.Conv2d": plain}
    for basis, steps in CONVOLUTIONS:
        layer = DSTDConv2d(64, 64, 3, padding=1, steps=steps, basis=basis, e_pos=E_POS, e_neg=E_NEG)
        layers[f"DSTDConv2d, {basis}, M = {steps}"] = layer.to(device)
    times = torch.rand(16, 64, 32, 32, device=device, requires_grad=True)
    gradient = torch.randn_like(times)
    workloads = {
        name: Workload(lambda layer=layer: cast(Tensor, layer(times)), (layer.weight, times), gradient)
        for name, layer in layers.items()
    }
    return median_seconds(workloads, budget)


def device_name(device: torch.device) -> str:
    """What the table calls the device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _layers(*, exact: bool) -> dict[str, tuple[str, int | None, baselines.Layer]]:
    """Method, steps and function, by a name that is unique."""
    layers: dict[str, tuple[str, int | None, baselines.Layer]] = {FLOOR: (FLOOR, None, baselines.linear_relu)}
    for basis, steps in DISCRETISATIONS:
        layers[f"{basis} {steps}"] = (basis, steps, _discretised(basis, steps))
    plain: dict[str, baselines.Layer] = dict(_EXACT) if exact else {}
    if baselines.TORCHDIFFEQ_INSTALLED:
        plain |= _SOLVERS
    return layers | {name: (name, None, layer) for name, layer in plain.items()}


def _discretised(basis: Basis, steps: int) -> baselines.Layer:
    def layer(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float) -> Tensor:
        return membrane(weight, spike_times, e_pos, e_neg, steps=steps, basis=basis)

    return layer


def _dense_workloads(
    layers: dict[str, tuple[str, int | None, baselines.Layer]], inputs: int, batch: int, device: torch.device
) -> dict[str, Workload]:
    generator = torch.Generator().manual_seed(0)
    # Magnitudes that sum to 4 for each neuron, whatever the number of inputs.
    weight = torch.randn(OUTPUTS, inputs, generator=generator) * (4 / (inputs * math.sqrt(2 / math.pi)))
    weight = weight.to(device).requires_grad_()
    times = torch.rand(batch, inputs, generator=generator).to(device).requires_grad_()
    gradient = torch.randn(batch, OUTPUTS, generator=generator).to(device)

    def forward(layer: baselines.Layer) -> Callable[[], Tensor]:
        return lambda: layer(weight, times, E_POS, E_NEG)

    return {name: Workload(forward(layer), (weight, times), gradient) for name, (_, _, layer) in layers.items()}
