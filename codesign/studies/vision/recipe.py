"""The flow file of Figure 5: which networks are trained on which images, and how."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from torch import nn

from codesign.design import first_problem, read_toml
from codesign.dstd.bases import Basis
from codesign.studies.vision.datasets import DataSet, load_images
from codesign.studies.vision.errors import VisionError
from codesign.studies.vision.images import ImageData
from codesign.studies.vision.networks import CHANNELS, NetworkName, build_network


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DiscretisationSettings(_Table):
    """A basis with its steps: the `[discretisation]` table, with which networks are trained."""

    basis: Basis = "cf4"
    """"dstd", "cf4" or "legendre"; see `codesign.dstd`."""
    steps: int = Field(default=4, ge=1, le=1000)
    """M, even for "cf4"."""

    @model_validator(mode="after")
    def _pairs(self) -> "DiscretisationSettings":
        if self.basis == "cf4" and self.steps % 2:
            raise ValueError(f"basis cf4 pairs its intervals: steps must be even, got {self.steps}")
        return self


class TrainingSettings(_Table):
    """The `[training]` table: AdamW under one cycle of the learning rate."""

    epochs: int = Field(ge=1, le=10_000)
    """Passes over the training images."""
    batch_size: int = Field(default=100, ge=1)
    """Images a step."""
    learning_rate: float = Field(gt=0, le=1)
    """Largest learning rate of the cycle."""
    learning_rate_of: Literal["weight", "membrane"] = "weight"
    """What a step moves by up to about the learning rate: each weight, or each membrane, for which the learning rate of
    the weights is divided by the inputs of their layer. A deep network needs the latter."""
    warm_up: float = Field(default=0.2, ge=0, le=0.9)
    """Part of the training in which the learning rate rises; then it falls along a cosine to 0."""
    weight_decay: float = Field(default=0.01, ge=0, le=10)
    """Decoupled weight decay of AdamW."""
    logit_scale: float = Field(default=10.0, gt=0, le=1000)
    """Factor of the output membranes in the cross-entropy."""
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    """Part of the target that is spread over all classes."""
    shift: int = Field(default=0, ge=0, le=16)
    """Largest random shift of a training image each way, pixels."""
    flip: bool = False
    """Mirror training images at random."""
    mixed_precision: bool = False
    """On a CUDA device, products in TF32 (10 bits of mantissa, sums in float32); all else stays float32."""


class JudgeSettings(_Table):
    """The `[judge]` table: how accuracies are measured."""

    method: Literal["exact", "discretised"] = "exact"
    """The exact equation, or a discretisation with `steps`, compared with twice as many on some of the images."""
    basis: Basis = "cf4"
    """Of the discretised method."""
    steps: int = Field(default=20, ge=2, le=1000, multiple_of=2)
    """M of the discretised method."""


class Recipe(_Table):
    """A flow file of Figure 5, as data.

    Raises:
        VisionError: from `load`, when a value is missing, unknown or impossible.
    """

    data_set: DataSet
    """"fashion-mnist" or "cifar-10"."""
    network: NetworkName
    """"dense", "convolutional" or "convolutional-8"; see `build_network`."""
    channels: Annotated[tuple[Annotated[int, Field(ge=1, le=4096)], ...], Field(min_length=6, max_length=6)] = CHANNELS
    """Of the six convolutions of "convolutional-8"; its dense layer has as many neurons as the last."""
    stride: int = Field(default=1, ge=1, le=4)
    """Of the first convolution of "convolutional-8": 2 makes a training four times as fast."""
    reversal_potentials: Annotated[tuple[float, ...], Field(min_length=1)] = (1.0, 2.0, 3.0, 10.0, math.inf)
    """abs(E), inf for ideal synapses; networks trained at inf are judged at all the others too."""
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(min_length=1)] = (0,)
    """Seeds of initial weights, order and augmentation."""
    images: int | None = Field(default=None, ge=1)
    """Use only so many of the training images, and of the test images, for a trial; by default all."""
    validation: int = Field(default=0, ge=0)
    """Training images, the last ones, on which no weight is trained: settings are chosen by the accuracy on them."""
    discretisation: DiscretisationSettings = DiscretisationSettings()
    training: TrainingSettings
    judge: JudgeSettings = JudgeSettings()

    @field_validator("reversal_potentials", mode="after")
    @classmethod
    def _above_zero(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        for value in values:
            if not value > 0:
                raise ValueError(f"abs(E) must be above 0 (inf for an ideal synapse), got {value:g}")
        return values

    @field_validator("reversal_potentials", "seeds")
    @classmethod
    def _distinct(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(values)) < len(values):
            raise ValueError("a value is given twice; give each once")
        return values

    @model_validator(mode="after")
    def _fits_the_network(self) -> "Recipe":
        if self.network != "convolutional-8" and (self.channels != CHANNELS or self.stride != 1):
            raise ValueError(f"channels and stride are those of convolutional-8; leave them out for {self.network}")
        return self

    @property
    def identity(self) -> str:
        """JSON of all that a run's numbers depend on, other than its reversal potential and seed."""
        return self.model_dump_json(exclude={"reversal_potentials", "seeds"})

    def build(self, image_shape: tuple[int, int, int], reversal_potential: float, seed: int) -> nn.Sequential:
        """The network with initial weights; see `build_network`."""
        return build_network(
            self.network,
            image_shape,
            reversal_potential=reversal_potential,
            steps=self.discretisation.steps,
            basis=self.discretisation.basis,
            seed=seed,
            channels=self.channels,
            stride=self.stride,
        )

    def load_images(self, folder: Path) -> ImageData:
        """Its images; see `load_images`."""
        return load_images(self.data_set, folder, self.images, self.validation)

    def at(self, reversal_potentials: tuple[float, ...]) -> "Recipe":
        """The same with other reversal potentials.

        Raises:
            VisionError: one of them is not above 0, or is given twice.
        """
        return _checked(self.model_dump() | {"reversal_potentials": reversal_potentials}, "--reversal-potential")

    @classmethod
    def load(cls, path: Path) -> "Recipe":
        """Read a flow file.

        Raises:
            DesignError: the file cannot be read or is no TOML.
            VisionError: a value is missing, unknown or impossible.
        """
        return _checked(read_toml(path), str(path))


def _checked(values: dict[str, Any], source: str) -> Recipe:
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise VisionError(f"{source}: {first_problem(error)}") from error
