"""The step of a flow that simulates a network on chips, and calibrates a model to each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codesign.arrays import Floats, Integers
from codesign.comparison.candidate import Candidate, calibrated, fitted
from codesign.comparison.chips import Candidates, chip_errors
from codesign.comparison.classification import classify
from codesign.comparison.network_run import Method, NetworkJob, NetworkRun
from codesign.comparison.simulation import simulate_networks
from codesign.design import Design
from codesign.execution.session import Session
from codesign.extraction.calibration import calibrated_deviations
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.extract import Extraction
from codesign.report.montecarlo import ChipRow
from codesign.spice import SimulationError
from codesign.variation.chip_model import WAYS, Seen
from codesign.variation.variation_model import VariationModel


@dataclass(frozen=True)
class ChipBench:
    """What is the same for all chips, and the runs that were made.

    Attributes:
        extraction: of the matched circuit.
        variation: how chips differ.
        weights: of the network trained on the fitted model, and of the one trained conventionally.
        times: spike times of the held-out inputs, shape (inputs, network inputs).
        labels: their classes.
        calibration_times: spike times of other inputs, those of calibrations; none leaves calibrations out.
        candidates: the models of the matched circuit.
        session: what the simulations run on.
        method: a deck for the whole network, or one for each column.
        runs: of the network trained on the fitted model, by chip.
    """

    extraction: Extraction
    variation: VariationModel
    weights: tuple[tuple[Integers, ...], ...]
    times: Floats
    labels: Integers
    calibration_times: Floats
    candidates: Candidates
    session: Session
    method: Method = "whole"
    runs: dict[int, NetworkRun] = field(default_factory=dict[int, NetworkRun])

    def row(self, chip: int, design: Design) -> ChipRow:
        """Simulate one chip; 0 is the matched circuit, which needs no calibration.

        Raises:
            SimulationError: a simulation failed.
        """
        on_chip = design if chip == 0 else design.at(mismatch=True, seed=chip)
        jobs = [NetworkJob(on_chip, layers, self.times) for layers in self.weights]
        if chip and len(self.calibration_times):
            jobs.append(NetworkJob(on_chip, self.weights[0], self.calibration_times))
        what = f"chip {chip}" if chip else "matched circuit"
        proposed, baseline, *seen = simulate_networks(jobs, self.session, what=what, method=self.method)
        self.runs[chip] = proposed
        known, failure = self._calibrated(seen)
        hidden, output = chip_errors(proposed, baseline, self.candidates, known)
        classes = classify([proposed], [self.labels], fitted(self.extraction))
        return ChipRow(
            chip=chip,
            hidden=hidden,
            output=output,
            accuracy=classes.spice,
            agreement=classes.agreement,
            energy_per_inference_pJ=proposed.energy_pJ,
            calibration_failure=failure,
        )

    def row_or_failure(self, chip: int, design: Design) -> ChipRow:
        """The same; a chip that cannot be simulated is a row without numbers."""
        try:
            return self.row(chip, design)
        except SimulationError as error:
            return ChipRow(chip=chip, failure=str(error))

    def _calibrated(self, runs: Sequence[NetworkRun]) -> tuple[Mapping[Seen, Candidate], str | None]:
        """Models of a chip by what they were calibrated from, and why there is none."""
        found: dict[Seen, Candidate] = {}
        try:
            for run in runs:
                for way in WAYS:
                    deviations = calibrated_deviations(self.extraction.model, self.variation, run.records, way)
                    found[way] = calibrated(self.extraction, deviations)
        except ExtractionFailed as error:
            return found, str(error)
        return found, None
