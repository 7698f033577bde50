"""Weight files on the command line."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from codesign.weights import IntegerWeights, WeightsError, read_weights

WeightsArgument = Annotated[
    Path,
    typer.Argument(help="Weights: .npz, .safetensors, or a PyTorch state dict (.pt).", show_default=False),
]
UnitWeightOption = Annotated[
    str | None,
    typer.Option(help="Weight of one unit cell, or fit, to quantise float weights; by default integers are expected."),
]


def read_network(weights: Path, max_units: int, unit_weight: str | None) -> IntegerWeights:
    """Read a weight file for synapses of at most `max_units` unit cells, and say what quantising did."""
    unit: float | Literal["fit"] | None
    try:
        unit = "fit" if unit_weight == "fit" else None if unit_weight is None else float(unit_weight)
    except ValueError as error:
        raise WeightsError(f"--unit-weight {unit_weight!r} is neither a number nor fit") from error
    network = read_weights(weights, max_units, unit)
    if network.quantisation:
        typer.echo(network)
    return network
