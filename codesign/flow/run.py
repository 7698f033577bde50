"""A whole flow: its steps in order."""

import time
from pathlib import Path

from codesign.circuits.emission import netlist
from codesign.execution.session import Session
from codesign.flow.extraction import extract_step, variation_step
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.layout import check_drawable, post_layout_step
from codesign.flow.report import report_step, summarise
from codesign.flow.training import train_step
from codesign.flow.validation import pipeline_step, validate_step
from codesign.report.content import Report
from codesign.training.datasets import load_data


def run_flow(
    flow: FlowFile, session: Session, folder: Path, *, post_layout: bool = False, force: bool = False
) -> Report:
    """All steps of a flow into `folder`.

    Args:
        flow: the flow.
        session: what it runs on.
        folder: of the output.
        post_layout: draw the networks too, and compare again with what is extracted from the layouts.
        force: continue with a model that the gate on the fit refuses.

    Returns:
        The content of `report.json`.

    Raises:
        CodesignError: a step failed; the results of earlier steps stay.
    """
    started = time.monotonic()
    claim_folder(folder, flow)
    data = load_data(flow.data, flow.design.layer_sizes)
    if post_layout:
        check_drawable(flow.design)
    extraction = extract_step(flow, session, folder, force=force)
    variation = None
    if flow.training.variation:
        variation = variation_step(flow, extraction, session, folder, each_device=False).model
    trained = train_step(flow, extraction.model, data, session, folder, variation)
    first = trained["fitted", flow.seeds[0]]
    netlist(flow.design, first, data.test.times[0], pdk=session.simulator.pdk).save(folder / "netlist")
    seeds = validate_step(flow, trained, data, session)
    difference = pipeline_step(seeds[0].proposed, session)
    laid_out = None
    if post_layout:
        laid_out = post_layout_step(flow, extraction, trained, data, session, folder, force=force)
    summary = summarise(flow, extraction, seeds, difference, session, started, laid_out)
    report_step(flow, extraction, seeds, summary, folder, laid_out)
    return summary
