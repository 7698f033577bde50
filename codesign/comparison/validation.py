"""Model against circuit on given weights."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from codesign.arrays import Floats, Integers, Synapses
from codesign.circuits.network import check_synapses
from codesign.comparison.candidate import conventional, fitted
from codesign.comparison.errors import circuit_traces, respond
from codesign.comparison.figures import trace_panels
from codesign.comparison.network_run import NetworkJob, NetworkRun
from codesign.comparison.simulation import ComparisonError, simulate_networks
from codesign.comparison.summary import SeedComparison, comparison_doubts, comparison_summary
from codesign.design import Design
from codesign.execution.session import Session, session_or_own
from codesign.extraction.extract import Extraction, extract
from codesign.extraction.observation import scale_of
from codesign.figure import Figure
from codesign.model.normalised import NormalisedModel
from codesign.model.response import network_response
from codesign.quantity import quantity
from codesign.report.content import Comparison, LayerErrors
from codesign.table import Shown, Table
from codesign.variation.chip_model import ChipModel, ChipModelError

_MODELS = (
    ("calibrated", "model calibrated to the chip"),
    ("fitted", "fitted model"),
    ("conventional", "conventional mapping"),
    ("bestfit_ideal", "best-fit ideal"),
    ("hindsight_ideal", "best-fit ideal in hindsight"),
)


@dataclass(frozen=True, repr=False)
class Validation(Shown):
    """The fitted model and the ideal ones compared with SPICE, shown as a table of their errors.

    Attributes:
        extraction: the fitted model.
        run: the network in SPICE.
        labels: classes of the simulated samples, shape (samples,).
        accuracy: of the fitted model on all samples, simulated or not.
        seed: of the choice of the samples.
        chip: the model of the chip that was simulated; None: the matched circuit was.
    """

    extraction: Extraction
    run: NetworkRun
    labels: Integers
    accuracy: float
    seed: int
    chip: ChipModel | None = None

    @property
    def compared(self) -> SeedComparison:
        """The same in the form of a flow's seed; the conventional mapping stands on the same weights."""
        return SeedComparison(self.seed, self.run, self.run, self.labels, self.accuracy, self.accuracy, self.chip)

    @cached_property
    def errors(self) -> Comparison[LayerErrors]:
        """Root mean square errors of each model, hidden and output, and their ratios, as in `report.json`."""
        return comparison_summary(self.run.job.design, self.extraction, [self.compared])

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the fitted model does not describe the circuit; empty if it does."""
        return (*self.extraction.model.doubts, *comparison_doubts(self.errors))

    @property
    def times(self) -> Floats:
        """Of the traces, s from the start of each layer's accumulation window, shape (instants,)."""
        return self.run.records[0][0].times * scale_of(self.run.job.design).window

    @property
    def circuit(self) -> tuple[Floats, ...]:
        """Membranes of each layer in SPICE, V, shape (samples, neurons, instants)."""
        scale, layers = scale_of(self.run.job.design), range(len(self.run.job.weights))
        return tuple(scale.voltage(circuit_traces(self.run.records, layer)) for layer in layers)

    @property
    def model(self) -> tuple[Floats, ...]:
        """The same of the fitted model, which uses no spike time of SPICE."""
        scale, candidate = scale_of(self.run.job.design), fitted(self.extraction)
        return tuple(scale.voltage(layer.traces + candidate.offset) for layer in respond(self.run, candidate))

    @property
    def table(self) -> Table:
        """The error of each model, and in errors of the fitted one."""
        layers = (self.errors.hidden, self.errors.output)
        rows: list[tuple[str, ...]] = []
        for name, label in _MODELS if self.chip is not None else _MODELS[1:]:
            errors = [quantity(getattr(layer, f"rmse_{name}_mV"), "mV") for layer in layers]
            ratios = [quantity(getattr(layer, f"ratio_{name}", 1.0)) for layer in layers]
            rows.append((label, *errors, *ratios))
        caption = [f"The model does not describe the circuit: {doubt}" for doubt in self.doubts]
        if self.chip is not None:
            caption.append(f"chip {self.chip.chip}; membranes count from their own level at the start")
        caption.append(f"{len(self.run.records)} inputs, swing {quantity(self.errors.swing_mV, 'mV')}")
        headings = ("rms error", "hidden", "output", "ratio, hidden", "ratio, output")
        return Table(headings, tuple(rows), "\n".join(caption))

    def plot(self, sample: int = 0) -> Figure:
        """Membranes of the first hidden and of the output layer, SPICE against the conventional and the fitted model.

        Args:
            sample: which of the simulated samples.
        """
        return trace_panels(
            [
                ("conventional", self.run, conventional(self.run.job.design)),
                ("fitted", self.run, fitted(self.extraction)),
            ],
            sample,
        )


def validate(
    design: Design,
    weights: Synapses,
    spike_times: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    *,
    inputs: int = 34,
    seed: int = 1,
    extraction: Extraction | None = None,
    chip: ChipModel | None = None,
    session: Session | None = None,
) -> Validation:
    """Compare the fitted model and the ideal ones with SPICE on given weights.

    Args:
        design: cells, levels, timing and conditions; its layer sizes are replaced by those of the weights.
        weights: the network.
        spike_times: of the inputs, shape (samples, inputs), in windows; 1 or more means never. Random by default.
        labels: class of each sample, shape (samples,); by default what the fitted model says.
        inputs: how many of the samples are simulated, drawn without replacement.
        seed: of the random spike times and of this draw.
        extraction: the fitted model of the design; by default it is extracted here, and kept even where the gate on
            the fit refuses it: the result says so.
        chip: the model of a chip, which is simulated instead of the matched circuit.
        session: what the simulations run on; by default a session of its own.

    Raises:
        ChipModelError: the chip was measured, or has another network or neuron model.
        ComparisonError: spike times or labels of another shape.
        ExtractionFailed: the simulations do not determine the model.
        NetworkError: weights that are no network, or that the design's synapses cannot hold.
        SimulationError: a simulation failed.
    """
    check_synapses(weights)
    design = design.of_sizes(weights.layer_sizes)
    given = None if spike_times is None else checked_times(spike_times, weights.layer_sizes[0])
    with session_or_own(session, design.pdk) as session:
        found = extract(design, session=session, force=True) if extraction is None else extraction
        random = np.random.default_rng(seed)
        times = random.uniform(0, 1, (inputs, weights.layer_sizes[0])) if given is None else given
        on_chip = design if chip is None else _on_chip(design, weights, found, chip)
        classes = _classes(found.fit.model, weights.layers, times)
        truth = classes if labels is None else np.asarray(labels).astype(np.int64)
        if truth.shape != classes.shape:
            raise ComparisonError(f"{truth.size} labels for {len(times)} samples; give each sample one")
        chosen = np.sort(random.permutation(len(times))[:inputs])
        [run] = simulate_networks([NetworkJob(on_chip, weights.layers, times[chosen])], session)
    return Validation(found, run, truth[chosen], float(np.mean(np.equal(classes, truth))), seed, chip)


def _on_chip(design: Design, weights: Synapses, found: Extraction, chip: ChipModel) -> Design:
    """The design with the devices of a chip."""
    chip.check(found.model, weights.layers)
    if chip.chip is None:
        raise ChipModelError("the chip model is of a measured chip, which cannot be simulated")
    return design.at(mismatch=True, seed=chip.chip)


def checked_times(spike_times: ArrayLike, inputs: int) -> Floats:
    """Spike times of samples, shape (samples, `inputs`), as an array.

    Raises:
        ComparisonError: they are of another shape, or negative.
    """
    times = np.asarray(spike_times, dtype=np.float64)
    if times.ndim != 2 or times.shape[1] != inputs or not len(times) or not np.all(times >= 0):
        raise ComparisonError(
            f"spike_times of shape {times.shape}: the network wants numbers of 0 or more of shape (samples, {inputs})"
        )
    return times


def _classes(model: NormalisedModel, layers: tuple[Integers, ...], times: Floats) -> Integers:
    return network_response(model, layers, times, np.empty(0))[-1].final.argmax(axis=1)
