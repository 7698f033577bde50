"""The step of a flow that draws the trained networks and compares the model with what is extracted from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from codesign.arrays import Floats
from codesign.circuits.emission import Netlist
from codesign.circuits.network import Network, as_tuples
from codesign.comparison.network_run import whole_run
from codesign.comparison.summary import SeedComparison, accuracy_summary, extraction_summary, layout_summary
from codesign.design import Design
from codesign.execution.session import Session
from codesign.extraction.extract import Extraction
from codesign.flow.extraction import extract_flow
from codesign.flow.file import FlowFile
from codesign.flow.validation import validate_step
from codesign.layout.drc import check_gds, write_markers
from codesign.layout.lvs import compare_files
from codesign.layout.output import LayoutFiles, try_drawing, write_layout
from codesign.layout.view import PostLayout
from codesign.report.content import PostLayoutContent, Spread
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import Kind, TrainedNetwork


@dataclass(frozen=True)
class LaidOut:
    """What the layouts gave.

    Attributes:
        extraction: the model fitted again to extracted columns.
        seeds: the networks' layouts, simulated.
        files: the layout of the first seed's proposed network.
        summary: the "post_layout" object of `report.json`.
    """

    extraction: Extraction
    seeds: list[SeedComparison]
    files: LayoutFiles
    summary: PostLayoutContent


def check_drawable(design: Design) -> None:
    """Refuse a design whose cells have no layout before any long computation.

    Raises:
        LayoutError: a part cannot be drawn.
    """
    # One cell of each sign in every column, or one cell where there is only one input.
    weights = tuple(
        tuple(tuple(1 if row % 2 == 0 else -1 for row in range(inputs)) for _ in range(neurons))
        for inputs, neurons in pairwise(design.layer_sizes)
    )
    try_drawing(Network(design, weights))


def post_layout_step(
    flow: FlowFile,
    before: Extraction,
    trained: Mapping[tuple[Kind, int], TrainedNetwork],
    data: SpikeData,
    session: Session,
    folder: Path,
    *,
    force: bool = False,
) -> LaidOut:
    """Lay out fitting and trained networks, fit the model again, and compare, into `layout/`.

    Raises:
        LayoutError: a network cannot be drawn, or its layout is another circuit.
    """
    networks = {names: Network(flow.design, as_tuples(network.layers)) for names, network in trained.items()}
    first = folder / "layout"
    files = write_layout(networks["fitted", flow.seeds[0]], first)
    match = compare_files(files.gds, files.spice)
    report = check_gds(files.gds)
    write_markers(report, files.gds.with_suffix(".lyrdb"))
    view = PostLayout(session.processes)
    extraction = extract_flow(flow, session, view, force=force)
    extraction.model.save(first / "neuron_model.json")
    seeds = validate_step(flow, trained, data, session, view)
    testbench = whole_run(seeds[0].proposed).testbench
    Netlist(testbench, testbench.deck().models(session.simulator.pdk)).save(first / "extracted")
    wires = 1e15 * np.concatenate([_wire_capacitances(one) for one in seeds])
    compared = layout_summary(flow.design, extraction, seeds, before)
    summary = PostLayoutContent(
        **dict(compared),
        extraction=extraction_summary(extraction),
        accuracy=accuracy_summary(extraction, seeds),
        energy_per_inference_pJ=float(np.mean([whole_run(one.proposed).energies.mean() for one in seeds])) * 1e12,
        wire_capacitance_fF=Spread(mean=float(wires.mean()), least=float(wires.min()), most=float(wires.max())),
        area_um2=files.areas.cells[-1].area_um2,
        drc_violations=report.count,
        lvs_match=match.match,
    )
    return LaidOut(extraction, seeds, files, summary)


def _wire_capacitances(seed: SeedComparison) -> Floats:
    """Of every membrane of a seed's proposed network, F."""
    extracted = whole_run(seed.proposed).testbench.extracted
    layers = () if extracted is None else extracted.wire_capacitances
    return np.array([capacitance for layer in layers for capacitance in layer])
