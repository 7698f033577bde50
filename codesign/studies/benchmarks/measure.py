"""Time and memory of a forward and backward pass."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile


@dataclass(frozen=True)
class Workload:
    """A forward and backward pass of a layer.

    Attributes:
        forward: gives the layer's output, recorded by autograd.
        leaves: the tensors whose gradients are taken; those without one are skipped.
        gradient: gradient by the output.
    """

    forward: Callable[[], Tensor]
    leaves: tuple[Tensor, ...]
    gradient: Tensor

    def run(self) -> None:
        """One forward and one backward pass, to the end."""
        torch.autograd.grad(self.forward(), self.leaves, self.gradient, allow_unused=True)
        if self.gradient.is_cuda:
            torch.cuda.synchronize(self.gradient.device)


def median_seconds(workloads: Mapping[str, Workload], budget: float) -> dict[str, float]:
    """Median time of each workload, measured in turn so that a disturbance affects all.

    On one CPU thread it is the time that the process had the processor, which on an idle machine is the wall
    time and does not count what other programs took in between. Otherwise it is wall time.

    Args:
        workloads: by name.
        budget: seconds for each workload after its warm-up; at least one and at most 30 runs are made.
    """
    on_one_thread = torch.get_num_threads() == 1 and not any(w.gradient.is_cuda for w in workloads.values())
    clock = time.process_time if on_one_thread else time.perf_counter
    times: dict[str, list[float]] = {name: [] for name in workloads}
    for workload in workloads.values():
        workload.run()
    for _ in range(30):
        for name, workload in workloads.items():
            if not times[name] or sum(times[name]) < budget:
                start = clock()
                workload.run()
                times[name].append(clock() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def saved_bytes(workload: Workload) -> int:
    """Bytes that autograd keeps from the forward for the backward pass, leaves' weights not counted.

    A tensor saved twice counts once; the spike times count, as the input of a layer does.
    """
    weight = workload.leaves[0].untyped_storage().data_ptr()
    saved: dict[tuple[int, tuple[int, ...]], Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        if tensor.untyped_storage().data_ptr() != weight:
            saved[tensor.data_ptr(), tuple(tensor.shape)] = tensor.detach()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        workload.forward()
    return sum(tensor.numel() * tensor.element_size() for tensor in saved.values())


def peak_bytes(workload: Workload) -> int:
    """Largest number of bytes allocated at once during a forward and backward pass, beyond those before
    it."""
    if workload.gradient.is_cuda:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        workload.run()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        workload.run()
    live = peak = 0
    for event in cast(Any, recorded.profiler).kineto_results.events():
        if event.name() == "[memory]":
            live += event.nbytes()
            peak = max(peak, live)
    return peak
