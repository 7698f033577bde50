"""Weight files on the command line."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from codesign.circuits.bit_file import read_bit_file
from codesign.design import Design
from codesign.weights import IntegerWeights, WeightsError, read_weights

WeightsArgument = Annotated[
    Path,
    typer.Argument(
        help="Weights: .npz, .safetensors, a PyTorch state dict (.pt), or a bit file (.csv).", show_default=False
    ),
]
UnitWeightOption = Annotated[
    str | None,
    typer.Option(help="Weight of one unit cell, or fit, to quantise float weights; by default integers are expected."),
]


def read_network(weights: Path, design: Design, unit_weight: str | None) -> IntegerWeights:
    """Read a weight file or a bit file for the synapses of a design, and say what quantising did."""
    if weights.suffix.lower() == ".csv":
        layers = read_bit_file(weights, design)
        return IntegerWeights(layers, tuple(f"layer_{number}" for number in range(1, len(layers) + 1)), ())
    unit: float | Literal["fit"] | None
    try:
        unit = "fit" if unit_weight == "fit" else None if unit_weight is None else float(unit_weight)
    except ValueError as error:
        raise WeightsError(f"--unit-weight {unit_weight!r} is neither a number nor fit") from error
    network = read_weights(weights, design.synapse.max_units, unit)
    if network.quantisation:
        typer.echo(network)
    return network


def parse_spike_times(text: str) -> list[float]:
    """Spike times from the command line."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise WeightsError(f"--spike-times {text!r} is not a list of numbers separated by commas") from error
