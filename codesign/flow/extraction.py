"""The step of a flow that extracts its neuron model: from the schematic, from layouts, or from measured waveforms."""

import hashlib
from pathlib import Path

from codesign.circuits.testbench import View, schematic
from codesign.execution.session import Session
from codesign.extraction.extract import Extraction, FittedModel, extract, fit_measured
from codesign.extraction.variation import Variation, extract_variation
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder


def extract_flow(flow: FlowFile, session: Session, view: View = schematic, *, force: bool = False) -> Extraction:
    """Extract the neuron model of a flow's design."""
    return extract(flow.design, networks=flow.extraction.networks, session=session, view=view, force=force)


def extract_step(flow: FlowFile, session: Session, folder: Path, *, force: bool = False) -> Extraction:
    """Extract the neuron model into `neuron_model.json` and `figures/fit.png`; force one that the gate refuses."""
    extraction = extract_flow(flow, session, force=force)
    extraction.save(folder)
    return extraction


def variation_step(
    flow: FlowFile, extraction: Extraction, session: Session, folder: Path, *, each_device: bool
) -> Variation:
    """Find how chips differ, into `variation_model.json` and `figures/variation.png`; `each_device`: and why."""
    variation = extract_variation(
        flow.design, extraction, chips=flow.extraction.chips, each_device=each_device, session=session
    )
    variation.save(folder)
    return variation


def measured_step(
    flow: FlowFile, measurement: Path, capacitance: float | None, folder: Path, *, force: bool = False
) -> FittedModel:
    """Fit measured waveforms into `neuron_model.json` and `figures/fit.png`; a refused fit writes nothing.

    Args:
        flow: its design has the levels and the timing of the measured circuit.
        measurement: CSV file, see `codesign.extraction.measured.read_measured`.
        capacitance: of the membrane without synapses, F; by default that of the design.
        folder: of the output, claimed for this flow, measurement and capacitance.
        force: write a model that the gate refuses, with its doubts.
    """
    fitted = fit_measured(flow.design, measurement, capacitance, force=force)
    digest = hashlib.sha256(measurement.read_bytes()).hexdigest()
    claim_folder(folder, flow, measurement=digest, capacitance=fitted.model.capacitance.value)
    fitted.save(folder)
    return fitted
