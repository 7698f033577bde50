"""A flow file: a design and what to do with it, as data."""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from codesign.comparison.network_run import Method
from codesign.design import Design, DesignError, first_problem, read_toml
from codesign.files import beside
from codesign.training.datasets import DataSettings
from codesign.training.settings import TrainingSettings


class ExtractionSettings(BaseModel):
    """The `[extraction]` table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    networks: int = Field(default=16, ge=8, le=1000)
    """Random one-layer networks in the fitting set, each of five neurons and one input. In fewer than 8, too few
    neurons fire to fit the firing."""
    chips: int = Field(default=20, ge=4, le=1000)
    """Chips that the variation model is estimated from."""


class ValidationSettings(BaseModel):
    """The `[validation]` table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inputs: int = Field(default=34, ge=1)
    """Test inputs simulated for each seed on the network trained on the fitted model."""
    conventional_inputs: int = Field(default=20, ge=1)
    """Test inputs simulated for each seed on the conventionally trained network."""
    layout_inputs: int = Field(default=20, ge=1)
    """Test inputs simulated for each seed on the layout of either network (`codesign run --post-layout`)."""


class ConditionSettings(BaseModel):
    """The `[conditions]` table: where `codesign conditions` puts the network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corners: tuple[str, ...] = ()
    """Process corners; none given: all of the process."""
    temperatures: Annotated[tuple[float, ...], Field(min_length=1)] = (-40.0, 27.0, 85.0)
    """Celsius."""
    supplies: tuple[float, ...] = ()
    """V; none given: the design's, 0.1 V less, and 0.1 V more."""
    inputs: int = Field(default=3, ge=1)
    """Test inputs simulated at each condition, on each of the two networks."""


LARGEST_WHOLE = 1000
"""Synapses up to which `method = "auto"` takes one deck for a network: larger ones cost less column by column."""


class SimulationSettings(BaseModel):
    """The `[simulation]` table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method | Literal["auto"] = "auto"
    """Whether trained networks are simulated in one deck each or in one deck for each column; auto: whole up to 1000
    synapses, and programmable weights."""


class FlowFile(BaseModel):
    """Everything that `codesign run` needs to know.

    Raises:
        DesignError: from `load`, when the file cannot be read or a value is missing, unknown or impossible.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    design: Design
    extraction: ExtractionSettings = ExtractionSettings()
    data: DataSettings = DataSettings()
    training: TrainingSettings = TrainingSettings()
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(min_length=1)] = (1, 2, 3)
    """Seeds of the trainings."""
    simulation: SimulationSettings = SimulationSettings()
    validation: ValidationSettings = ValidationSettings()
    conditions: ConditionSettings = ConditionSettings()

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed is given twice; give each once")
        return seeds

    @property
    def method(self) -> Method:
        """How the flow's networks are simulated."""
        if self.simulation.method != "auto":
            return self.simulation.method
        synapses = sum(inputs * neurons for inputs, neurons in pairwise(self.design.layer_sizes))
        large = synapses > LARGEST_WHOLE and self.design.synapse.kind != "programmable"
        return "columns" if large else "whole"

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @classmethod
    def load(cls, path: str | Path, **conditions: Any) -> "FlowFile":
        """Read a flow file; file names in it are relative to it.

        Args:
            path: the TOML file.
            conditions: operating conditions that replace those of the file, for example `corner="ss"`.
        """
        path = Path(path)
        values = read_toml(path)
        if not isinstance(values.get("design"), dict):
            raise DesignError(f"{path}: missing key design; add a [design] table")
        design = Design.parse(values["design"], path)
        if conditions:
            design = design.at(**conditions)
        try:
            flow = cls.model_validate(values | {"design": design})
        except ValidationError as error:
            raise DesignError(f"{path}: {first_problem(error)}") from error
        if flow.data.file is None:
            return flow
        file = beside(path, flow.data.file)
        return flow.model_copy(update={"data": flow.data.model_copy(update={"file": file})})
