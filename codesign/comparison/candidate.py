"""The models that are held against the circuit."""

from dataclasses import dataclass

from codesign.design import Design
from codesign.extraction.extract import Extraction, nominal_model
from codesign.model.neuron_model import NormalisedModel


@dataclass(frozen=True)
class Candidate:
    """A model, and where it says that the membrane starts.

    Attributes:
        model: in normalised units.
        offset: starting level minus nominal reset level, in swings.
        knows_wires: whether it is told the capacitance of each column's own wires, as its layout has them.
    """

    model: NormalisedModel
    offset: float
    knows_wires: bool = False


def fitted(extraction: Extraction) -> Candidate:
    """The model fitted to the circuit."""
    return Candidate(extraction.fit.model, extraction.fit.offset, knows_wires=True)


def fitted_before_layout(extraction: Extraction) -> Candidate:
    """The model fitted to the schematic, to be held against the layout: it knows the wires that the design expects."""
    return Candidate(extraction.fit.model, extraction.fit.offset)


def conventional(design: Design) -> Candidate:
    """The conventional mapping: E = infinity, nominal gains and reset level, t = 1 - v."""
    return Candidate(nominal_model(design).ideal(), 0.0)


def best_fit_ideal(extraction: Extraction) -> Candidate:
    """E = infinity with everything else fitted to the circuit, on the data that the fitted model has seen."""
    return Candidate(extraction.ideal.model, extraction.ideal.offset, knows_wires=True)
