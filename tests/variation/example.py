"""A variation model, and the neuron model in SI units that it belongs to."""

import numpy as np

from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.model.quantity import Quantity
from codesign.model.scale import Scale
from codesign.variation.variation_model import CELL, LAYER, NEURON, Spread, VariationModel
from tests.models import FITTED

SCALE = Scale(reset_level=0.8, swing=0.5, window=1e-6)

PROVENANCE = Provenance(tool="", design="", pdk="", ngspice="", source="")

MODEL = NeuronModel.from_normalised(
    FITTED,
    scale=SCALE,
    offset=0.01,
    intervals={},
    capacitance=Quantity(value=1e-12, interval=0),
    rmse=4e-4,
    firing_rmse=4e-4,
    provenance=PROVENANCE,
)


def spread(names: tuple[str, ...], sigma: tuple[float, ...]) -> Spread:
    """Independent quantities, estimated from 50 numbers."""
    return Spread.of(names, np.diag(np.square(sigma)), 50)


VARIATION = VariationModel(
    cell_pos=Spread.of(CELL, np.array([[4e-2, -1e-2, 0], [-1e-2, 1e-2, 0], [0, 0, 1e-4]]), 400),
    cell_neg=spread(CELL, (0.3, 0.1, 0.01)),
    cells=spread(tuple(f"{name}_{sign}" for sign in ("pos", "neg") for name in CELL), (0.05, 0, 0, 0.04, 0, 0)),
    neuron=spread(NEURON, (0.01, 0.004, 4e-9)),
    layer=spread(LAYER, (0.002, 3e-9, 0.02)),
    chips=20,
    provenance=PROVENANCE,
)
