"""A whole flow: its steps in order."""

import time
from pathlib import Path

from codesign.flow.extraction import extract_step
from codesign.flow.file import FlowFile
from codesign.flow.layout import check_drawable, post_layout_step
from codesign.flow.netlist import netlist_step
from codesign.flow.report import report_step, summarise
from codesign.flow.tools import Tools, claim_folder
from codesign.flow.training import train_step
from codesign.flow.validation import pipeline_step, validate_step
from codesign.report.content import Report
from codesign.training.datasets import load_data


def run_flow(flow: FlowFile, tools: Tools, folder: Path, *, post_layout: bool = False) -> Report:
    """All steps of a flow into `folder`.

    Args:
        flow: the flow.
        tools: what it runs on.
        folder: of the output.
        post_layout: draw the networks too, and compare again with what is extracted from the layouts.

    Returns:
        The content of `report.json`.

    Raises:
        CodesignError: a step failed; what the earlier steps made stays.
    """
    started = time.monotonic()
    claim_folder(folder, flow)
    data = load_data(flow.data, flow.design.layer_sizes)
    if post_layout:
        check_drawable(flow.design)
    extraction = extract_step(flow, tools, folder)
    trained = train_step(flow, extraction.model, data, tools, folder)
    first = trained["fitted", flow.seeds[0]]
    netlist_step(flow.design, first.layers, data.test.times[:1], tools.simulator.pdk, folder / "netlist")
    seeds = validate_step(flow, trained, data, tools)
    difference = pipeline_step(seeds[0].proposed, tools)
    laid_out = post_layout_step(flow, extraction, trained, data, tools, folder) if post_layout else None
    summary = summarise(flow, extraction, seeds, difference, tools, started, laid_out)
    report_step(flow, extraction, seeds, summary, folder, laid_out)
    return summary
