"""The step of a flow that calibrates a model to one chip, simulated or measured."""

import hashlib
from pathlib import Path

import numpy as np

from codesign.comparison.calibration import HELD_OUT_INPUTS, INPUTS, Calibration, calibrate, calibrate_measured
from codesign.execution.session import Session
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.validation import held_out
from codesign.flow.weights import with_layer_sizes
from codesign.model.neuron_model import NeuronModel
from codesign.training.datasets import load_data
from codesign.variation.chip_model import Seen
from codesign.variation.variation_model import VariationModel
from codesign.weights import IntegerWeights


def calibrate_step(
    flow: FlowFile,
    weights: IntegerWeights,
    model: NeuronModel,
    variation: VariationModel,
    session: Session,
    folder: Path,
    *,
    chip: int,
    inputs: int = INPUTS,
    seen: Seen = "membranes",
) -> Calibration:
    """Simulate a chip, calibrate a model to it on training samples, and judge it on test samples, into `folder`.

    Args:
        flow: design and data; its layer sizes are replaced by those of the weights.
        weights: the network.
        model: of the matched circuit.
        variation: how chips differ.
        session: what the simulations run on.
        folder: of `chip_model.json`, `calibration.json` and the figure.
        chip: its number, from 1.
        inputs: how many samples calibrate.
        seen: what of the chip is used.
    """
    flow = with_layer_sizes(flow, weights)
    data = load_data(flow.data, weights.layer_sizes)
    _claim(folder, flow, weights, model, variation, seen, chip=chip, inputs=inputs)
    seed = flow.seeds[0]
    known = data.train.times[held_out(data.train.times, inputs, seed)]
    others = data.test.times[held_out(data.test.times, HELD_OUT_INPUTS, seed)]
    calibration = calibrate(
        flow.design,
        weights,
        model,
        variation,
        chip=chip,
        spike_times=np.concatenate([known, others]),
        inputs=len(known),
        seen=seen,
        session=session,
    )
    calibration.save(folder)
    return calibration


def calibrate_measured_step(
    flow: FlowFile,
    weights: IntegerWeights,
    model: NeuronModel,
    variation: VariationModel,
    measurement: Path,
    folder: Path,
    *,
    inputs: int | None = None,
    seen: Seen | None = None,
) -> Calibration:
    """The same for a measured chip, see `codesign.comparison.calibration.calibrate_measured`."""
    flow = with_layer_sizes(flow, weights)
    calibration = calibrate_measured(flow.design, weights, model, variation, measurement, inputs=inputs, seen=seen)
    digest = hashlib.sha256(measurement.read_bytes()).hexdigest()
    _claim(folder, flow, weights, model, variation, calibration.chip.seen, measurement=digest, inputs=inputs or 0)
    calibration.save(folder)
    return calibration


def _claim(
    folder: Path,
    flow: FlowFile,
    weights: IntegerWeights,
    model: NeuronModel,
    variation: VariationModel,
    seen: Seen,
    **of_chip: str | float,
) -> None:
    claim_folder(
        folder,
        flow,
        weights=weights.digest,
        neuron_model=model.digest,
        variation_model=variation.digest,
        seen=seen,
        **of_chip,
    )
