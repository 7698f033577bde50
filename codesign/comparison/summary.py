"""The numbers of a comparison, in the shape of `report.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from codesign.arrays import Integers
from codesign.comparison.candidate import (
    Candidate,
    best_fit_ideal,
    calibrated,
    conventional,
    fitted,
    fitted_before_layout,
)
from codesign.comparison.classification import classify
from codesign.comparison.errors import Deviation, deviation, hidden_rmse, output_rmse, unknown_deviation
from codesign.comparison.network_run import NetworkRun
from codesign.design import Design
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.extract import Extraction, nominal_model
from codesign.extraction.fit import fit_model
from codesign.extraction.gate import LARGEST_RESIDUAL
from codesign.extraction.observation import records_of_layers
from codesign.report.content import Accuracy, Comparison, ExtractionContent, LayerErrors, LayoutErrors
from codesign.variation.chip_model import ChipModel


@dataclass(frozen=True)
class SeedComparison:
    """What one training seed gave.

    Attributes:
        seed: of the training.
        proposed: the network trained on the fitted model, simulated.
        conventional: the conventionally trained network, simulated.
        labels: true classes of the proposed run's samples, shape (samples,).
        test_accuracy: of the proposed network on the whole test set, exact ODE of the fitted model.
        conventional_test_accuracy: of the conventional network on the whole test set, exact ODE of the ideal model.
        chip: the model of the chip on which all was simulated; None: on the matched circuit. On a chip, membranes count
            from their own level at the start of the accumulation.
    """

    seed: int
    proposed: NetworkRun
    conventional: NetworkRun
    labels: Integers
    test_accuracy: float
    conventional_test_accuracy: float
    chip: ChipModel | None = None


def comparison_summary(
    design: Design, extraction: Extraction, seeds: Sequence[SeedComparison]
) -> Comparison[LayerErrors]:
    """Errors over all seeds, and of each seed."""
    return Comparison[LayerErrors](**_compared(design, seeds, _deviations(design, extraction, seeds), LayerErrors))


def layout_summary(
    design: Design, extraction: Extraction, seeds: Sequence[SeedComparison], before: Extraction
) -> Comparison[LayoutErrors]:
    """The same for layouts: the model fitted to the schematic is compared too.

    Args:
        design: the design.
        extraction: the model fitted again to extracted columns.
        seeds: the simulated layouts.
        before: the model fitted to the schematic.
    """
    found = _deviations(design, extraction, seeds)
    found["schematic_fitted"] = [deviation(one.proposed, fitted_before_layout(before)) for one in seeds]
    return Comparison[LayoutErrors](**_compared(design, seeds, found, LayoutErrors))


def comparison_doubts(compared: Comparison[Any]) -> list[str]:
    """A comparison's doubts about its model: errors of more than a few percent of the swing."""
    doubts: list[str] = []
    for layers, what, errors in (("hidden", "layers", compared.hidden), ("output", "layer", compared.output)):
        part = errors.fitted_fraction_of_swing
        if errors.rmse_calibrated_mV is not None:
            # No model of the matched circuit describes a chip.
            part = errors.rmse_calibrated_mV / compared.swing_mV
        if part is not None and part > LARGEST_RESIDUAL:
            doubts.append(
                f"its membranes in the {layers} {what} are {part:.1%} of the swing rms beside the circuit's, more than "
                f"{LARGEST_RESIDUAL:.0%}; check that the membranes stay in the valid range"
            )
    if compared.output.fitted_fraction_of_swing is None:
        doubts.append("its membranes run away to infinity; check that they stay in the valid range")
    return doubts


def _deviations(design: Design, extraction: Extraction, seeds: Sequence[SeedComparison]) -> dict[str, list[Deviation]]:
    """Of each model by its name, one a seed."""
    own = fitted(extraction)
    found = {
        "fitted": [deviation(one.proposed, own) for one in seeds],
        "conventional": [deviation(one.conventional, conventional(design)) for one in seeds],
        "conventional_same_weights": [deviation(one.proposed, conventional(design)) for one in seeds],
        "bestfit_ideal": [deviation(one.proposed, best_fit_ideal(extraction)) for one in seeds],
        "bestfit_ideal_own_weights": [deviation(one.conventional, best_fit_ideal(extraction)) for one in seeds],
        "hindsight_ideal": [_hindsight_ideal(design, one.proposed) for one in seeds],
    }
    chips = [one.chip for one in seeds if one.chip is not None]
    if not chips:
        return found
    found["calibrated"] = [
        deviation(one.proposed, calibrated(extraction, chip.deviations)) for one, chip in zip(seeds, chips, strict=True)
    ]
    return {name: [one.from_own_level() for one in each] for name, each in found.items()}


def _compared(
    design: Design, seeds: Sequence[SeedComparison], found: Mapping[str, Sequence[Deviation]], errors: type[LayerErrors]
) -> dict[str, Any]:
    """The fields of a `Comparison` whose errors are of the class `errors`."""
    swing = design.levels.swing * 1e3

    def of_layers(some: Mapping[str, Sequence[Deviation]]) -> dict[str, LayerErrors]:
        return {
            layers: errors(**_errors({name: rmse(each) * swing for name, each in some.items()}, swing))
            for layers, rmse in (("hidden", hidden_rmse), ("output", output_rmse))
        }

    return {
        "n_inputs": sum(len(one.proposed.records) for one in seeds),
        "n_seeds": len(seeds),
        "swing_mV": swing,
        "outside_valid_range": float(np.mean([one.outside for one in found["fitted"]])),
        **of_layers(found),
        "seeds": [
            {
                "seed": one.seed,
                "inputs": len(one.proposed.records),
                "conventional_inputs": len(one.conventional.records),
                "test_accuracy": one.test_accuracy,
                "conventional_test_accuracy": one.conventional_test_accuracy,
                **of_layers({name: [each[index]] for name, each in found.items()}),
            }
            for index, one in enumerate(seeds)
        ],
    }


def accuracy_summary(extraction: Extraction, seeds: Sequence[SeedComparison]) -> Accuracy:
    """The "accuracy" object: classes of model and circuit on the simulated inputs, and the test set's median."""
    found = classify([one.proposed for one in seeds], [one.labels for one in seeds], fitted(extraction))
    return Accuracy(
        model=found.model,
        spice=found.spice,
        agreement=found.agreement,
        n=found.inputs,
        test_median=float(np.median([one.test_accuracy for one in seeds])),
        conventional_test_median=float(np.median([one.conventional_test_accuracy for one in seeds])),
    )


def extraction_summary(extraction: Extraction) -> ExtractionContent:
    """The "extraction" object."""
    model, check = extraction.model, extraction.check
    normalised = extraction.fit.model
    return ExtractionContent(
        e_rev_pos_V=model.e_rev_pos.value,
        e_rev_neg_V=model.e_rev_neg.value,
        e_rev_pos=normalised.e_pos,
        e_rev_neg=normalised.e_neg,
        rmse_mV=model.rmse * 1e3,
        firing_rmse_ns=model.firing_rmse * 1e9,
        ideal_rmse_mV=extraction.ideal.rmse * model.scale.swing * 1e3,
        e_rev_pos_dc_V=check.sweeps["positive"].e_rev,
        e_rev_neg_dc_V=check.sweeps["negative"].e_rev,
        unit_current_pos_A=model.unit_current_pos.value,
        unit_current_neg_A=model.unit_current_neg.value,
        unit_current_pos_dc_A=check.sweeps["positive"].current_at_reset,
        unit_current_neg_dc_A=check.sweeps["negative"].current_at_reset,
        capacitance_per_unit_pos_F=model.capacitance_per_unit_pos.value,
        capacitance_per_unit_neg_F=model.capacitance_per_unit_neg.value,
        capacitance_per_unit_pos_direct_F=check.capacitance_per_unit["positive"],
        capacitance_per_unit_neg_direct_F=check.capacitance_per_unit["negative"],
    )


def _hindsight_ideal(design: Design, run: NetworkRun) -> Deviation:
    """E = infinity with everything else fitted to the very traces that are judged; unknown if these are too few."""
    try:
        fit = fit_model(records_of_layers(run.records), nominal_model(design), ideal=True)
    except ExtractionFailed:
        return unknown_deviation(run)
    return deviation(run, Candidate(fit.model, fit.offset, knows_wires=True))


def _errors(rmse: Mapping[str, float], swing: float) -> dict[str, float]:
    values = {f"rmse_{name}_mV": value for name, value in rmse.items()}
    values["fitted_fraction_of_swing"] = rmse["fitted"] / swing
    values |= {f"ratio_{name}": value / rmse["fitted"] for name, value in rmse.items() if name != "fitted"}
    if "schematic_fitted" in rmse:
        values["ratio_conventional_to_schematic_fitted"] = rmse["conventional"] / rmse["schematic_fitted"]
    # Not a number: a network without hidden layers has no hidden error, too few traces no fit in hindsight.
    return values
