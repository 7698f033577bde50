"""What a training step of a flow file's network costs, in steps of the same network of `torch.nn.Conv2d`."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codesign.dstd import DSTDConv2d, DSTDLinear, EarliestSpikePool2d, Fire
from codesign.studies.benchmarks.measure import Workload, median_seconds
from codesign.studies.vision.datasets import IMAGE_SHAPES, TRAINING_IMAGES
from codesign.studies.vision.encoding import spike_times
from codesign.studies.vision.networks import CLASSES
from codesign.studies.vision.recipe import DiscretisationSettings, Recipe
from codesign.table import Shown, Table

ORDINARY = "nn.Conv2d"
_OTHERS = (
    DiscretisationSettings(basis="dstd", steps=1),
    DiscretisationSettings(basis="dstd", steps=2),
    DiscretisationSettings(basis="cf4", steps=2),
    DiscretisationSettings(basis="cf4", steps=4),
)
_REVERSAL_POTENTIAL = 3.0


@dataclass(frozen=True, repr=False)
class StepTimes(Shown):
    """Times of a step, forward and backward.

    Attributes:
        recipe: whose network and batch size they are of.
        seconds: of one step, by basis and M; that of the ordinary network under `ORDINARY`.
        threads: of PyTorch.
    """

    recipe: Recipe
    seconds: dict[str, float]
    threads: int

    @property
    def table(self) -> Table:
        """With the time of a whole training of the flow file, judging left out."""
        recipe = self.recipe
        images = (recipe.images or TRAINING_IMAGES[recipe.data_set] - recipe.validation) * recipe.training.epochs
        rows = tuple(
            (
                name,
                f"{1e3 * seconds:.0f}",
                f"{seconds / self.seconds[ORDINARY]:.1f}",
                f"{seconds / recipe.training.batch_size * images / 60:.0f}",
            )
            for name, seconds in self.seconds.items()
        )
        headings = ("network", f"step of {recipe.training.batch_size}, ms", f"in {ORDINARY}", "training, min")
        return Table(headings, rows, f"{recipe.network} on {recipe.data_set}, {self.threads} thread(s)")


def step_times(recipe: Recipe, budget: float) -> StepTimes:
    """Measure a step of the flow's discretisation and of some others, in turn with that of the ordinary network.

    Args:
        recipe: the flow file.
        budget: seconds for each of them.
    """
    generator = torch.Generator().manual_seed(0)
    shape = IMAGE_SHAPES[recipe.data_set]
    pixels = torch.randint(256, (recipe.training.batch_size, *shape), generator=generator, dtype=torch.uint8)
    times = spike_times(pixels)
    labels = torch.randint(CLASSES, (len(times),), generator=generator)
    networks = {ORDINARY: ordinary_twin(recipe.build(shape, _REVERSAL_POTENTIAL, seed=0))}
    for one in (recipe.discretisation, *_OTHERS):
        changed = recipe.model_copy(update={"discretisation": one})
        networks[f"{one.basis}, M = {one.steps}"] = changed.build(shape, _REVERSAL_POTENTIAL, seed=0)
    workloads = {name: _step(network, times, labels) for name, network in networks.items()}
    return StepTimes(recipe, median_seconds(workloads, budget), torch.get_num_threads())


def ordinary_twin(network: nn.Sequential) -> nn.Sequential:
    """The same network of PyTorch's own layers, without biases, in the memory format that is fastest on a CPU."""
    return nn.Sequential(*map(_ordinary, network)).to(memory_format=torch.channels_last)  # pyright: ignore


def _ordinary(module: nn.Module) -> nn.Module:
    match module:
        case DSTDConv2d():
            stride, padding, dilation, groups = module.discretisation.convolution or (1, 0, 1, 1)
            return nn.Conv2d(
                module.in_channels,
                module.out_channels,
                module.kernel_size,
                stride,
                padding,
                dilation,
                groups,
                bias=False,
            )
        case DSTDLinear():
            return nn.Linear(module.in_features, module.out_features, bias=False)
        case EarliestSpikePool2d():
            return nn.MaxPool2d(module.kernel_size, module.stride, module.padding)
        case Fire():
            return nn.ReLU()
        case _:
            return module


def _step(network: nn.Sequential, times: Tensor, labels: Tensor) -> Workload:
    return Workload(
        lambda: F.cross_entropy(network(times), labels),
        tuple(network.parameters()),
        torch.ones(()),
    )
