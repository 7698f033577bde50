"""Corners, temperatures and supplies: one network at all of them, each with a model extracted there."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from codesign.arrays import Floats, Integers
from codesign.comparison.candidate import Candidate, best_fit_ideal, conventional, fitted
from codesign.comparison.classification import classify
from codesign.comparison.condition_figure import condition_figure
from codesign.comparison.errors import deviation, hidden_rmse, output_rmse
from codesign.comparison.network_run import NetworkJob, NetworkRun
from codesign.comparison.simulation import simulate_networks
from codesign.design import Conditions, Design, DesignError
from codesign.errors import CodesignError
from codesign.execution.session import Session
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.extract import Extraction, extract
from codesign.figure import figure_png
from codesign.files import write_atomically
from codesign.flow.extraction import extract_step
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.report import provenance_of
from codesign.flow.training import train_step
from codesign.flow.validation import held_out
from codesign.model.neuron_model import NeuronModel
from codesign.model.normalised import NormalisedModel
from codesign.model.trim import Trim, find_trim, trimmed
from codesign.report.conditions import ConditionRow, ConditionTable, LayerOfCondition, TrimmedAccuracy
from codesign.report.content import read_content
from codesign.report.page import provenance_rows, write_page
from codesign.spice import SimulationError
from codesign.training.datasets import load_data
from codesign.training.objective import judge
from codesign.training.spike_data import SpikeData

TESTER_INPUTS = 40
"""Training inputs by whose output spikes a tester finds a trim."""


def conditions_flow(flow: FlowFile, session: Session, folder: Path, *, force: bool = False) -> ConditionTable:
    """Train at the flow's own conditions, then extract and simulate at each of its table of conditions, into `folder`.

    The networks stay those of the flow's own conditions: a made chip keeps its weights. Results of simulations are
    kept in the cache, so that an interrupted table goes on where it was.

    Args:
        flow: the flow; its first seed is that of the training, whatever mismatch its conditions name is left out.
        session: what it runs on.
        folder: of the output.
        force: continue with models that the gate on the fit refuses.

    Returns:
        The content of `conditions.json`; a condition that fails is a row that says why.

    Raises:
        CodesignError: extraction or training at the flow's own conditions failed, or no condition succeeded.
    """
    flow = flow.model_copy(update={"design": flow.design.at(mismatch=False), "seeds": flow.seeds[:1]})
    claim_folder(folder, flow)
    data = load_data(flow.data, flow.design.layer_sizes)
    model = extract_step(flow, session, folder, force=force).model
    trained = train_step(flow, model, data, session, folder)
    proposed, baseline = (trained[kind, flow.seeds[0]] for kind in ("fitted", "ideal"))
    chosen = held_out(data.test.times, flow.conditions.inputs, flow.seeds[0])
    bench = _Bench(
        flow=flow,
        nominal=model.normalised(),
        weights=(proposed.layers, baseline.layers),
        times=data.test.times[chosen],
        labels=data.test.labels[chosen],
        data=data,
        session=session,
        force=force,
    )
    rows = tuple(bench.row_or_failure(conditions) for conditions in all_conditions(flow))
    failed = [row for row in rows if row.failure is not None]
    if len(failed) == len(rows):
        raise CodesignError(f"no condition could be simulated; the first: {failed[0].failure}")
    table = ConditionTable(
        n_conditions=len(rows),
        n_inputs=len(chosen),
        failed=len(failed),
        nominal_accuracy=proposed.record.test_accuracy,
        rows=rows,
        provenance=provenance_of(flow, session),
    )
    _report(flow, table, folder)
    return table


def all_conditions(flow: FlowFile) -> list[Conditions]:
    """The conditions of a flow's table: every corner at every temperature and supply."""
    settings, design = flow.conditions, flow.design
    corners = settings.corners or design.technology.corners
    supplies = settings.supplies or tuple(
        round(design.conditions.supply + step, 6) for step in (-SUPPLY_STEP, 0.0, SUPPLY_STEP)
    )
    return [
        design.conditions.model_copy(update={"corner": corner, "temperature": temperature, "supply": supply})
        for corner, supply, temperature in product(corners, supplies, settings.temperatures)
    ]


SUPPLY_STEP = 0.1
"""How far the supplies of a table lie apart where the flow names none, V."""


def fitted_models(path: str | Path) -> list[tuple[Conditions, NeuronModel]]:
    """The conditions of a `conditions.json` that did not fail, each with the model extracted there.

    Raises:
        ReportError: the file cannot be read or is none.
    """
    rows = read_content(ConditionTable, path).rows
    return [(row.conditions, row.model) for row in rows if row.model is not None]


@dataclass(frozen=True)
class _Bench:
    """What is the same at all conditions."""

    flow: FlowFile
    nominal: NormalisedModel
    weights: tuple[tuple[Integers, ...], ...]
    times: Floats
    labels: Integers
    data: SpikeData
    session: Session
    force: bool

    def row_or_failure(self, conditions: Conditions) -> ConditionRow:
        """One condition; one that cannot be designed for, extracted or simulated is a row without numbers."""
        try:
            given = conditions.model_dump(include={"corner", "temperature", "supply"})
            return self._row(conditions, self.flow.design.at(**given))
        except (DesignError, SimulationError, ExtractionFailed) as error:
            return ConditionRow(conditions=conditions, failure=str(error))

    def _row(self, conditions: Conditions, design: Design) -> ConditionRow:
        networks = self.flow.extraction.networks
        extraction = extract(design, networks=networks, session=self.session, force=self.force)
        jobs = [NetworkJob(design, layers, self.times) for layers in self.weights]
        name, method = ConditionRow(conditions=conditions).name, self.flow.method
        proposed, baseline = simulate_networks(jobs, self.session, what=name, method=method)
        hidden, output = _errors(design, extraction, proposed, baseline)
        classes = classify([proposed], [self.labels], fitted(extraction))
        return ConditionRow(
            conditions=conditions,
            model=extraction.model,
            hidden=hidden,
            output=output,
            accuracy=classes.spice,
            agreement=classes.agreement,
            model_accuracy=self._accuracy(extraction.model.normalised()),
            window=self._trimmed(extraction.model, "window"),
            reference=self._trimmed(extraction.model, "reference"),
            energy_per_inference_pJ=proposed.energy_pJ,
        )

    def _accuracy(self, model: NormalisedModel) -> float:
        return judge(self.weights[0], model, self.data.test).accuracy

    def _trimmed(self, model: NeuronModel, trim: Trim) -> TrimmedAccuracy:
        biased = self.flow.design.synapse.biased
        inputs = self.data.train.times[:TESTER_INPUTS]
        factor = find_trim(model, trim, self.nominal, self.weights[0], inputs, biased=biased)
        return TrimmedAccuracy(factor=factor, accuracy=self._accuracy(trimmed(model, trim, factor, biased=biased)))


def _errors(
    design: Design, extraction: Extraction, proposed: NetworkRun, baseline: NetworkRun
) -> tuple[LayerOfCondition | None, LayerOfCondition]:
    candidates: Sequence[tuple[str, NetworkRun, Candidate]] = (
        ("rmse_mV", proposed, fitted(extraction)),
        ("rmse_conventional_mV", baseline, conventional(design)),
        ("rmse_bestfit_ideal_mV", proposed, best_fit_ideal(extraction)),
    )
    found = {name: [deviation(run, candidate)] for name, run, candidate in candidates}
    millivolts = design.levels.swing * 1e3
    hidden, output = (
        LayerOfCondition.model_validate({name: rmse(one) * millivolts for name, one in found.items()})
        for rmse in (hidden_rmse, output_rmse)
    )
    return (hidden if len(proposed.job.weights) > 1 else None), output


def _report(flow: FlowFile, table: ConditionTable, folder: Path) -> None:
    """Write `conditions.json`, `conditions.html` and the figure."""
    write_page(
        folder / "conditions.html",
        "conditions.html.j2",
        {"condition_ratios": figure_png(condition_figure(table))},
        {
            "flow": flow,
            "table": table,
            "provenance": list(provenance_rows(table.provenance.model_dump(mode="json"))),
        },
    )
    write_atomically(folder / "conditions.json", table.model_dump_json(indent=2, by_alias=True) + "\n")
