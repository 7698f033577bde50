"""The extraction of a flow, from the schematic or from layouts."""

from codesign.circuits.testbench import View, schematic
from codesign.extraction.extract import Extraction, extract
from codesign.flow.file import FlowFile
from codesign.flow.tools import Tools


def extract_flow(flow: FlowFile, tools: Tools, view: View = schematic) -> Extraction:
    """Extract the neuron model of a flow's design."""
    return extract(
        flow.design,
        networks=flow.extraction.networks,
        simulator=tools.simulator,
        cache=tools.cache,
        executor=tools.threads,
        progress=True,
        view=view,
    )
