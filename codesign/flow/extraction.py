"""The step of a flow that extracts its neuron model: from the schematic, from layouts, or from measured waveforms."""

from pathlib import Path

from matplotlib.figure import Figure

from codesign.circuits.testbench import View, schematic
from codesign.comparison.figures import figure_png, fit_figure
from codesign.design import Design
from codesign.execution.session import Session
from codesign.extraction.extract import Extraction, extract, fit_measured
from codesign.files import write_atomically
from codesign.flow.file import FlowFile
from codesign.model.neuron_model import NeuronModel


def extract_flow(flow: FlowFile, session: Session, view: View = schematic) -> Extraction:
    """Extract the neuron model of a flow's design."""
    return extract(flow.design, networks=flow.extraction.networks, session=session, view=view)


def extract_step(flow: FlowFile, session: Session, folder: Path) -> Extraction:
    """Extract the neuron model into `neuron_model.json` and `figures/fit.png`."""
    extraction = extract_flow(flow, session)
    extraction.model.save(folder / "neuron_model.json")
    write_atomically(folder / "figures" / "fit.png", figure_png(extraction_figure(extraction)))
    return extraction


def measured_step(design: Design, measurement: Path, capacitance: float, folder: Path) -> NeuronModel:
    """Fit measured waveforms into `neuron_model.json` and `figures/fit.png`.

    Args:
        design: levels and timing of the measured circuit.
        measurement: CSV file, see `codesign.extraction.measured.read_measured`.
        capacitance: of the membrane without synapses, F.
        folder: of the output.
    """
    model, fit, records = fit_measured(design, measurement, capacitance)
    model.save(folder / "neuron_model.json")
    write_atomically(folder / "figures" / "fit.png", figure_png(fit_figure(model, fit, records, None)))
    return model


def extraction_figure(extraction: Extraction) -> Figure:
    """Data, fit and residual of an extraction."""
    return fit_figure(extraction.model, extraction.fit, extraction.records, extraction.check)
