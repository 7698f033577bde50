"""From a design to its fitted neuron model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.circuits.testbench import Testbench, View, schematic
from codesign.design import Design
from codesign.execution.session import Session, session_or_own
from codesign.extraction.crosscheck import CrossCheck, crosscheck_decks, read_crosscheck
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.figures import fit_figure
from codesign.extraction.fit import Fit, fit_model
from codesign.extraction.gate import data_doubts, fit_doubts, pass_gate
from codesign.extraction.measured import read_measured
from codesign.extraction.observation import observe, records_of_layers, scale_of
from codesign.extraction.records import LayerRecord
from codesign.extraction.testbenches import (
    FITTING_NEURONS,
    fitting_inputs,
    fitting_testbenches,
    unit_cells_deck,
)
from codesign.extraction.threshold import threshold_testbenches
from codesign.extraction.unit_cells import check_unit_cells
from codesign.figure import Figure, figure_png
from codesign.files import write_atomically
from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.model.normalised import NormalisedModel
from codesign.model.quantity import Quantity
from codesign.provenance import tool_version
from codesign.quantity import quantity
from codesign.spice import Waveforms
from codesign.table import Shown, Table

DEFAULT_NETWORKS = 16
"""Networks in a fitting set: enough for intervals of a percent."""

FITTING_SEED = 20412
"""Seed of the fitting networks, so that they are never those of a training seed."""


@dataclass(frozen=True, repr=False)
class FittedModel(Shown):
    """A model fitted to traces, shown as a table of its parameters with 95 % confidence intervals.

    Attributes:
        model: the fitted neuron model.
        fit: the fit of the model.
        records: the fitting set.
    """

    model: NeuronModel
    fit: Fit
    records: list[LayerRecord]

    @property
    def table(self) -> Table:
        """The parameters with their intervals."""
        model = self.model
        rows = [
            (name, quantity(found.value, unit, 5), f"± {quantity(found.interval, unit)}")
            for name, found, unit in model.quantities
        ]
        residual = f"residual {quantity(model.rmse, 'V')} of a swing of {quantity(model.scale.swing, 'V')}"
        caption = [f"forced: {doubt}" for doubt in model.doubts] + [residual]
        return Table(("parameter", "value", "95 % interval"), tuple(rows), "\n".join(caption))

    def plot(self) -> Figure:
        """Data, fit and residual of membranes and spike times."""
        return fit_figure(self.model, self.fit, self.records, None)

    def save(self, folder: str | Path) -> None:
        """Write `neuron_model.json` and `figures/fit.png`.

        Raises:
            CodesignError: a file cannot be written.
        """
        self.model.save(Path(folder) / "neuron_model.json")
        write_atomically(Path(folder) / "figures" / "fit.png", figure_png(self.plot()))


@dataclass(frozen=True, repr=False)
class Extraction(FittedModel):
    """A model fitted to simulations, with the checks of its quality.

    Attributes:
        ideal: the fit of the strongest ideal model (E = infinity) to the same data.
        check: direct DC and capacitance measurements.
    """

    ideal: Fit
    check: CrossCheck

    def plot(self) -> Figure:
        """Data, fit and residual of membranes and spike times, and the DC current of a unit cell."""
        return fit_figure(self.model, self.fit, self.records, self.check)


def nominal_model(design: Design) -> NormalisedModel:
    """The model that a designer would write down before simulating: where the fit starts.

    Its `ideal()` is the conventional mapping: E = infinity, gains I_ref window / (C swing), t = 1 - v.
    """
    levels, synapse = design.levels, design.synapse
    return NormalisedModel(
        e_pos=(design.conditions.supply - levels.reset) / levels.swing,
        e_neg=-levels.reset / levels.swing,
        gain_pos=design.nominal_gain,
        gain_neg=design.nominal_gain,
        v_min=(levels.lowest - levels.reset) / levels.swing,
        v_max=(levels.highest - levels.reset) / levels.swing,
        max_units=design.synapse.max_units,
        shared_ramp=design.neuron.kind == "autozero",
        # A user's cell may have them.
        resistive=(synapse.cell if synapse.kind == "programmable" else synapse).kind != "transistor",
    )


def extract(
    design: Design,
    *,
    networks: int = DEFAULT_NETWORKS,
    session: Session | None = None,
    view: View = schematic,
    force: bool = False,
) -> Extraction:
    """Simulate fitting networks and direct measurements of a design, and fit its neuron model.

    Args:
        design: cells, levels, timing and conditions; its layer sizes do not matter.
        networks: number of random one-layer networks in the fitting set, each of five neurons and one input.
        session: what the simulations run on; by default a session of its own.
        view: schematic or layout of the fitting networks; the direct measurements are of the schematic.
        force: keep a model that the gate on the fit refuses, with its doubts.

    Raises:
        ExtractionFailed: a unit cell is not one, the data do not determine the model, or the gate refuses it.
        SimulationError: a simulation failed.
    """
    with session_or_own(session, design.pdk) as session:
        [cells] = session.run([unit_cells_deck(design)], "extraction: unit cells")
        check_unit_cells(design, cells)
        testbenches = view(fitting_testbenches(design, networks, FITTING_SEED))
        checks = crosscheck_decks(design)
        waveforms = session.run(checks + [testbench.deck() for testbench in testbenches], "extraction")
        check = read_crosscheck(design, waveforms[: len(checks)])
        records = _observed(testbenches, waveforms[len(checks) :])
        nominal = nominal_model(design)
        aimed = view(threshold_testbenches(design, fit_model(records, nominal).model, FITTING_SEED))
        aimed_waveforms = session.run([testbench.deck() for testbench in aimed], "extraction near the threshold")
        records += _observed(aimed, aimed_waveforms)
    fit = fit_model(records, nominal)
    doubts = pass_gate(fit_doubts(fit, nominal), force=force)
    ideal = fit_model(records, nominal, ideal=True)
    model = NeuronModel.from_normalised(
        fit.model,
        scale=scale_of(design),
        offset=fit.offset,
        intervals=fit.intervals,
        capacitance=check.capacitance,
        rmse=fit.rmse,
        firing_rmse=fit.firing_rmse,
        doubts=doubts,
        provenance=Provenance(
            tool=tool_version(),
            design=design.digest,
            pdk=session.simulator.pdk.version,
            ngspice=session.simulator.ngspice.version,
            source=f"{networks} random networks of {fitting_inputs(design)} inputs and {FITTING_NEURONS} neurons, "
            f"{design.conditions.corner}, {design.conditions.temperature:g} C",
        ),
    )
    return Extraction(model, fit, records, ideal, check)


def fit_measured(
    design: Design, path: str | Path, capacitance: float | None = None, *, force: bool = False
) -> FittedModel:
    """Fit the neuron model to measured waveforms.

    Args:
        design: levels, timing and nominal gains of the measured circuit.
        path: CSV file of the measurement, see `read_measured`.
        capacitance: of the membrane without synapses, F: traces alone give only currents per capacitance; by default
            that of the design.
        force: keep a model that the gate refuses, with its doubts.

    Raises:
        ExtractionFailed: the file is faulty, the data do not determine the model or contradict it, or the capacitance
            is impossible.
    """
    path = Path(path)
    capacitance = design.neuron.capacitance if capacitance is None else capacitance
    if not 0 < capacitance < np.inf:
        raise ExtractionFailed(f"a membrane capacitance of {capacitance:g} F is impossible; give a positive number")
    scale = scale_of(design)
    records = read_measured(path, scale)
    nominal = nominal_model(design)
    doubts = pass_gate(data_doubts(records, nominal), force=force)
    fit = fit_model(records, nominal)
    doubts += pass_gate(fit_doubts(fit, nominal), force=force)
    provenance = Provenance(tool=tool_version(), design="", pdk="", ngspice="", source=path.name)
    model = NeuronModel.from_normalised(
        fit.model,
        scale=scale,
        offset=fit.offset,
        intervals=fit.intervals,
        capacitance=Quantity(value=capacitance, interval=0.0),
        rmse=fit.rmse,
        firing_rmse=fit.firing_rmse,
        doubts=doubts,
        provenance=provenance,
    )
    return FittedModel(model, fit, records)


def _observed(testbenches: Sequence[Testbench], waveforms: Sequence[Waveforms]) -> list[LayerRecord]:
    records: list[LayerRecord] = []
    for testbench, one in zip(testbenches, waveforms, strict=True):
        records += records_of_layers(observe(testbench, one))
    if not any(np.isfinite(record.fired).any() for record in records):
        raise ExtractionFailed("no neuron fired in the fitting set; check the ramp and the comparator")
    return records
