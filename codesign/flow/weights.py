"""Steps for a user's own weights, which the flow did not train."""

import time
from pathlib import Path

from codesign.comparison.validation import validate
from codesign.execution.session import Session
from codesign.flow.extraction import extract_step
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.report import report_step, summarise
from codesign.flow.validation import pipeline_step
from codesign.report.content import Report
from codesign.training.datasets import load_data
from codesign.variation.chip_model import ChipModel
from codesign.weights import IntegerWeights


def with_layer_sizes(flow: FlowFile, weights: IntegerWeights) -> FlowFile:
    """The flow with the layer sizes of the weights."""
    return flow.model_copy(update={"design": flow.design.of_sizes(weights.layer_sizes)})


def validate_weights(
    flow: FlowFile,
    weights: IntegerWeights,
    session: Session,
    folder: Path,
    *,
    random_inputs: bool,
    chip: ChipModel | None = None,
) -> Report:
    """Compare the fitted model and the ideal ones with SPICE on given weights, into `folder`.

    Args:
        flow: design (its layer sizes are replaced by those of the weights), data and number of inputs.
        weights: the network.
        session: what the steps run on.
        folder: of the report.
        random_inputs: use random spike times instead of the flow's test data; "right" is then what the model says.
        chip: the model of a chip, which is simulated instead of the matched circuit.

    Returns:
        The content of `report.json`; the conventional mapping stands on the same weights.
    """
    started = time.monotonic()
    flow = with_layer_sizes(flow, weights)
    of_chip: dict[str, str] = {}
    if chip is not None:
        # The model of the matched circuit is what chips deviate from.
        flow = flow.model_copy(update={"design": flow.design.at(mismatch=False)})
        of_chip["chip"] = chip.digest
    claim_folder(folder, flow, weights=weights.digest, **of_chip)
    # Refuse data that do not fit before the long simulations.
    test = None if random_inputs else load_data(flow.data, weights.layer_sizes).test
    # To find a model that does not describe the circuit is the purpose of a validation: the report says so.
    extraction = extract_step(flow, session, folder, force=True)
    validation = validate(
        flow.design,
        weights,
        None if test is None else test.times,
        None if test is None else test.labels,
        inputs=flow.validation.inputs,
        seed=flow.seeds[0],
        extraction=extraction,
        chip=chip,
        session=session,
    )
    seeds = [validation.compared]
    summary = summarise(flow, extraction, seeds, pipeline_step(validation.run, session), session, started)
    report_step(flow, extraction, seeds, summary, folder)
    return summary
