"""The models that are compared with the circuit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from codesign.design import Design
from codesign.extraction.extract import Extraction, nominal_model
from codesign.model.deviations import Deviations
from codesign.model.normalised import NormalisedModel


@dataclass(frozen=True)
class Candidate:
    """A model, and its starting level of the membrane.

    Attributes:
        model: in normalised units.
        offset: starting level minus nominal reset level, in swings.
        knows_wires: whether it is given the capacitance of each column's own wires, as extracted from the layout.
        deviations: of each layer of the chip that it is calibrated to; None: it is the matched circuit's.
    """

    model: NormalisedModel
    offset: float
    knows_wires: bool = False
    deviations: tuple[Deviations, ...] | None = None


def fitted(extraction: Extraction) -> Candidate:
    """The model fitted to the circuit."""
    return Candidate(extraction.fit.model, extraction.fit.offset, knows_wires=True)


def calibrated(extraction: Extraction, deviations: Sequence[Deviations]) -> Candidate:
    """The fitted model, calibrated to one chip."""
    return replace(fitted(extraction), deviations=tuple(deviations))


def fitted_before_layout(extraction: Extraction) -> Candidate:
    """The model fitted to the schematic, for comparison with the layout: it knows the wires that the design expects."""
    return Candidate(extraction.fit.model, extraction.fit.offset)


def conventional(design: Design) -> Candidate:
    """The conventional mapping: E = infinity, nominal gains and reset level, t = 1 - v."""
    return Candidate(nominal_model(design).ideal(), 0.0)


def best_fit_ideal(extraction: Extraction) -> Candidate:
    """E = infinity with everything else fitted to the circuit, on the data of the fitted model."""
    return Candidate(extraction.ideal.model, extraction.ideal.offset, knows_wires=True)
