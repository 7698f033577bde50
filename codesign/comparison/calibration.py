"""From a chip, simulated or measured, to its model, judged on inputs that the calibration has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from codesign.arrays import Synapses
from codesign.circuits.network import check_synapses
from codesign.comparison.calibration_figure import calibration_figure
from codesign.comparison.held_out import held_out_errors
from codesign.comparison.network_run import NetworkJob
from codesign.comparison.simulation import simulate_networks
from codesign.comparison.validation import checked_times
from codesign.design import Design
from codesign.execution.session import Session, session_or_own
from codesign.extraction.calibration import FEWEST_INPUTS, calibrated_deviations
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.measured_chip import read_measured_chip
from codesign.extraction.records import LayerRecord
from codesign.figure import Figure, figure_png
from codesign.files import write_atomically
from codesign.model.deviations import Deviations
from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.provenance import tool_version
from codesign.report.calibration import CalibrationCurve, CalibrationPoint
from codesign.table import Shown, Table
from codesign.variation.chip_model import WAYS, ChipLayer, ChipModel, HeldOutErrors, LayerError, Seen
from codesign.variation.variation_model import VariationModel

INPUTS = 40
"""Inputs that a simulated chip is calibrated with."""

HELD_OUT_INPUTS = 10
"""Other inputs that a simulated chip is judged on."""

COUNTS = (1, 2, 3, 5, 10, 20, 40)
"""Of inputs, along the curve."""


@dataclass(frozen=True, repr=False)
class Calibration(Shown):
    """The model of a chip, and how many inputs it needs, shown as a table of held-out errors.

    Attributes:
        chip: the model of the chip.
        curve: held-out errors over the number of inputs.
    """

    chip: ChipModel
    curve: CalibrationCurve

    @property
    def table(self) -> Table:
        """Errors on held-out inputs: not calibrated, and for each way and number of inputs."""
        rows = [("not calibrated", "0", *_cells(self.curve.uncalibrated))]
        rows += [
            (point.seen.replace("_", " "), str(point.inputs), *_cells(point.errors))
            for point in self.curve.points
            if point.errors is not None
        ]
        failures = [
            f"not by {point.seen.replace('_', ' ')} of {point.inputs} inputs: {point.failure}"
            for point in self.curve.points
            if point.failure is not None
        ]
        caption = "\n".join([*failures, f"rms errors on {self.curve.n_held_out} other inputs"])
        headings = ("calibrated by", "inputs", "hidden, mV", "output, mV", "hidden spikes, ns", "output spikes, ns")
        return Table(headings, tuple(rows), caption)

    def plot(self) -> Figure:
        """Held-out errors over the number of inputs."""
        return calibration_figure(self.curve)

    def save(self, folder: str | Path) -> None:
        """Write `chip_model.json`, `calibration.json` and `figures/calibration.png`.

        Raises:
            CodesignError: a file cannot be written.
        """
        folder = Path(folder)
        self.chip.save(folder / "chip_model.json")
        write_atomically(folder / "calibration.json", self.curve.model_dump_json(indent=2, by_alias=True) + "\n")
        write_atomically(folder / "figures" / "calibration.png", figure_png(self.plot()))


def calibrate(
    design: Design,
    weights: Synapses,
    model: NeuronModel,
    variation: VariationModel,
    *,
    chip: int,
    spike_times: ArrayLike | None = None,
    inputs: int = INPUTS,
    seen: Seen = "membranes",
    session: Session | None = None,
) -> Calibration:
    """Simulate a chip, and calibrate a model to it.

    Args:
        design: of the network; its layer sizes are replaced by those of the weights, its mismatch by that of the chip.
        weights: the network.
        model: of the matched circuit.
        variation: how chips differ.
        chip: its number, from 1.
        spike_times: of all inputs, shape (samples, inputs), in windows; 1 or more means never. The first ones
            calibrate, the others judge. By default `inputs` and `HELD_OUT_INPUTS` random ones.
        inputs: how many calibrate.
        seen: what of the chip is used.
        session: what the simulations run on; by default a session of its own.

    Raises:
        ComparisonError: spike times of another shape.
        ExtractionFailed: what was seen does not determine the chip.
        NetworkError: weights that are no network, or that the design's synapses cannot hold.
        SimulationError: a simulation failed.
    """
    check_synapses(weights)
    on_chip = design.of_sizes(weights.layer_sizes).at(mismatch=True, seed=chip)
    wanted = weights.layer_sizes[0]
    random = np.random.default_rng(chip).uniform(0, 1, (inputs + HELD_OUT_INPUTS, wanted))
    times = random if spike_times is None else checked_times(spike_times, wanted)
    _check_counts(inputs, len(times), seen)
    with session_or_own(session, design.pdk) as session:
        [run] = simulate_networks([NetworkJob(on_chip, weights.layers, times)], session, what=f"chip {chip}")
        made_by = (session.simulator.pdk.version, session.simulator.ngspice.version)
    provenance = Provenance(
        tool=tool_version(), design=on_chip.digest, pdk=made_by[0], ngspice=made_by[1], source=f"chip {chip} in SPICE"
    )
    return _calibration(model, variation, run.records, inputs, seen, chip, provenance)


def calibrate_measured(
    design: Design,
    weights: Synapses,
    model: NeuronModel,
    variation: VariationModel,
    path: str | Path,
    *,
    inputs: int | None = None,
    seen: Seen | None = None,
) -> Calibration:
    """Calibrate a model to a measured chip.

    Args:
        design: levels and timing of the measured circuit.
        weights: the network on it.
        model: of the matched circuit.
        variation: how chips differ.
        path: CSV file of the measurement, see `codesign.extraction.measured_chip.read_measured_chip`.
        inputs: how many of the file's inputs calibrate, in its order; the others judge. By default three of four.
        seen: what of the file is used; by default all that is in it.

    Raises:
        ExtractionFailed: the file is faulty, or what was seen does not determine the chip.
        NetworkError: weights that are no network.
    """
    check_synapses(weights)
    path = Path(path)
    records = read_measured_chip(path, model.scale, weights.layers)
    membranes = any(np.isfinite(layer.traces).any() for layers in records for layer in layers)
    if seen == "membranes" and not membranes:
        raise ExtractionFailed(f"{path} holds no membranes; calibrate by spike times only")
    way: Seen = seen or ("membranes" if membranes else "spike_times")
    count = max(1, 3 * len(records) // 4) if inputs is None else inputs
    _check_counts(count, len(records), way)
    provenance = Provenance(tool=tool_version(), design=design.digest, pdk="", ngspice="", source=path.name)
    return _calibration(model, variation, records, count, way, None, provenance, WAYS if membranes else (way,))


def _check_counts(inputs: int, samples: int, seen: Seen) -> None:
    if not 0 < inputs < samples:
        raise ExtractionFailed(
            f"of {samples} inputs {inputs} cannot calibrate and others judge; calibrate with 1 to {samples - 1}"
        )
    if inputs < FEWEST_INPUTS[seen]:
        raise ExtractionFailed(
            f"{inputs} inputs do not determine a chip by its {seen.replace('_', ' ')}; give at least "
            f"{FEWEST_INPUTS[seen]}"
        )


def _calibration(
    model: NeuronModel,
    variation: VariationModel,
    records: Sequence[Sequence[LayerRecord]],
    inputs: int,
    seen: Seen,
    chip: int | None,
    provenance: Provenance,
    ways: Sequence[Seen] = WAYS,
) -> Calibration:
    shown, others = records[:inputs], records[inputs:]

    def judged(deviations: Sequence[Deviations] | None) -> HeldOutErrors:
        return held_out_errors(model, others, deviations)

    known = calibrated_deviations(model, variation, shown, seen)
    own = CalibrationPoint(seen=seen, inputs=inputs, errors=judged(known))

    def point(way: Seen, count: int) -> CalibrationPoint:
        if (way, count) == (seen, inputs):
            return own
        try:
            errors = judged(calibrated_deviations(model, variation, shown[:count], way))
        except ExtractionFailed as error:
            return CalibrationPoint(seen=way, inputs=count, failure=str(error))
        return CalibrationPoint(seen=way, inputs=count, errors=errors)

    counts = sorted({*(count for count in COUNTS if count < inputs), inputs})
    points = [point(way, count) for way in ways for count in counts if count >= FEWEST_INPUTS[way]]
    assert own.errors is not None
    layers = [ChipLayer.of(record.weights, layer) for record, layer in zip(records[0], known, strict=True)]
    return Calibration(
        chip=ChipModel.model_validate(
            {
                "neuron_model": model.digest,
                "variation_model": variation.digest,
                "chip": chip,
                "seen": seen,
                "inputs": inputs,
                "held_out_inputs": len(others),
                "held_out": own.errors,
                "layers": layers,
                "provenance": provenance,
            }
        ),
        curve=CalibrationCurve(
            chip=chip, n_inputs=inputs, n_held_out=len(others), uncalibrated=judged(None), points=tuple(points)
        ),
    )


def _cells(errors: HeldOutErrors) -> tuple[str, ...]:
    layers = (errors.hidden, errors.output)
    return (*(_shown(layer, "membrane_mV") for layer in layers), *(_shown(layer, "spike_time_ns") for layer in layers))


def _shown(layer: LayerError | None, quantity: str) -> str:
    value = None if layer is None else getattr(layer, quantity)
    return "-" if value is None else f"{value:.3f}"
