"""Chips that differ: one network on many of them in SPICE, against the model of the matched circuit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.comparison.candidate import best_fit_ideal, conventional, fitted
from codesign.comparison.chip_figures import error_figure, ratio_figure
from codesign.comparison.chips import Candidates, chip_errors
from codesign.comparison.classification import classify
from codesign.comparison.simulation import NetworkJob, NetworkRun, simulate_networks
from codesign.design import Design
from codesign.execution.session import Session
from codesign.figure import figure_png
from codesign.files import write_atomically
from codesign.flow.extraction import extract_step
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.report import provenance_of
from codesign.flow.training import train_step
from codesign.flow.validation import held_out
from codesign.report.montecarlo import ChipAccuracy, ChipRow, MonteCarlo, uncalibrated
from codesign.report.page import provenance_rows, write_page
from codesign.spice import SimulationError
from codesign.training.datasets import load_data


def montecarlo_flow(
    flow: FlowFile, session: Session, folder: Path, *, chips: int, inputs: int, force: bool = False
) -> MonteCarlo:
    """Extract and train on the matched circuit, simulate chips 1 to `chips`, and compare, into `folder`.

    Args:
        flow: the flow; its first seed is that of the training, whatever mismatch its conditions name is left out.
        session: what it runs on.
        folder: of the output.
        chips: how many are simulated; a chip whose simulation fails is a row that says so.
        inputs: held-out inputs on each chip and network.
        force: continue with a model that the gate on the fit refuses.

    Returns:
        The content of `montecarlo.json`.

    Raises:
        CodesignError: extraction, training or the matched circuit failed; the results of earlier steps stay.
    """
    flow = flow.model_copy(update={"design": flow.design.at(mismatch=False), "seeds": flow.seeds[:1]})
    claim_folder(folder, flow, chips=chips, chip_inputs=inputs)
    data = load_data(flow.data, flow.design.layer_sizes)
    extraction = extract_step(flow, session, folder, force=force)
    trained = train_step(flow, extraction.model, data, session, folder)
    chosen = held_out(data.test.times, inputs, flow.seeds[0])
    bench = _Bench(
        weights=tuple(trained[kind, flow.seeds[0]].layers for kind in ("fitted", "ideal")),
        times=data.test.times[chosen],
        labels=data.test.labels[chosen],
        candidates=Candidates(fitted(extraction), conventional(flow.design), best_fit_ideal(extraction)),
        session=session,
    )
    matched = bench.row(0, flow.design)
    rows = tuple(bench.row_or_failure(chip, flow.design) for chip in range(1, chips + 1))
    result = _result(flow, session, matched, rows, inputs)
    _report(flow, result, folder)
    return result


@dataclass(frozen=True)
class _Bench:
    """What is the same for all chips: both networks, the inputs, the models."""

    weights: tuple[tuple[Integers, ...], ...]
    times: Floats
    labels: Integers
    candidates: Candidates
    session: Session

    def row(self, chip: int, design: Design) -> ChipRow:
        """Simulate one chip; 0 is the matched circuit."""
        on_chip = design if chip == 0 else design.at(mismatch=True, seed=chip)
        jobs = [NetworkJob(on_chip, layers, self.times) for layers in self.weights]
        what = f"chip {chip}" if chip else "matched circuit"
        proposed, baseline = simulate_networks(jobs, self.session, what=what)
        return self._judged(chip, proposed, baseline)

    def row_or_failure(self, chip: int, design: Design) -> ChipRow:
        """The same; a chip that cannot be simulated is a row without numbers."""
        try:
            return self.row(chip, design)
        except SimulationError as error:
            return ChipRow(chip=chip, failure=str(error))

    def _judged(self, chip: int, proposed: NetworkRun, baseline: NetworkRun) -> ChipRow:
        hidden, output = chip_errors(proposed, baseline, self.candidates)
        classes = classify([proposed], [self.labels], self.candidates.fitted)
        return ChipRow(
            chip=chip,
            hidden=hidden,
            output=output,
            accuracy=classes.spice,
            agreement=classes.agreement,
            energy_per_inference_pJ=float(proposed.energies.mean()) * 1e12,
        )


def _result(flow: FlowFile, session: Session, matched: ChipRow, rows: tuple[ChipRow, ...], inputs: int) -> MonteCarlo:
    done = [row for row in rows if row.failure is None]
    return MonteCarlo(
        n_chips=len(rows),
        n_inputs=inputs,
        failed=len(rows) - len(done),
        swing_mV=flow.design.levels.swing * 1e3,
        uncalibrated=uncalibrated(rows),
        accuracy=ChipAccuracy(
            matched=matched.accuracy,
            spice_chips_mean=_mean([row.accuracy for row in done]),
            agreement=_mean([row.agreement for row in done]),
        ),
        matched=matched,
        chips=rows,
        provenance=provenance_of(flow, session),
    )


def _report(flow: FlowFile, result: MonteCarlo, folder: Path) -> None:
    """Write `montecarlo.json`, `montecarlo.html` and the figures."""
    figures = {"chip_errors": figure_png(error_figure(result)), "chip_ratios": figure_png(ratio_figure(result))}
    write_page(
        folder / "montecarlo.html",
        "montecarlo.html.j2",
        figures,
        {
            "flow": flow,
            "result": result,
            "provenance": list(provenance_rows(result.provenance.model_dump(mode="json"))),
        },
    )
    write_atomically(folder / "montecarlo.json", result.model_dump_json(indent=2, by_alias=True) + "\n")


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
