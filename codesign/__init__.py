"""Co-design of analog in-memory computing circuits and the networks that run on them.

The names below are all that a script needs for one of the three uses: netlists from trained weights, the neuron model
of a circuit, and the model against SPICE. Each is loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from codesign.provenance import tool_version

if TYPE_CHECKING:
    from codesign.circuits.emission import Netlist, netlist
    from codesign.comparison.calibration import Calibration, calibrate, calibrate_measured
    from codesign.comparison.validation import Validation, validate
    from codesign.design import Design, load_design
    from codesign.errors import CodesignError
    from codesign.execution.session import Session
    from codesign.extraction.extract import Extraction, FittedModel, extract, fit_measured
    from codesign.extraction.variation import Variation, extract_variation
    from codesign.model.neuron_model import NeuronModel
    from codesign.variation.chip_model import ChipModel
    from codesign.variation.variation_model import VariationModel
    from codesign.weights import IntegerWeights, read_weights

__version__ = tool_version()

_HOMES = {
    "Calibration": "codesign.comparison.calibration",
    "ChipModel": "codesign.variation.chip_model",
    "CodesignError": "codesign.errors",
    "Design": "codesign.design",
    "Extraction": "codesign.extraction.extract",
    "FittedModel": "codesign.extraction.extract",
    "IntegerWeights": "codesign.weights",
    "Netlist": "codesign.circuits.emission",
    "NeuronModel": "codesign.model.neuron_model",
    "Session": "codesign.execution.session",
    "Validation": "codesign.comparison.validation",
    "Variation": "codesign.extraction.variation",
    "VariationModel": "codesign.variation.variation_model",
    "calibrate": "codesign.comparison.calibration",
    "calibrate_measured": "codesign.comparison.calibration",
    "extract": "codesign.extraction.extract",
    "extract_variation": "codesign.extraction.variation",
    "fit_measured": "codesign.extraction.extract",
    "load_design": "codesign.design",
    "netlist": "codesign.circuits.emission",
    "read_weights": "codesign.weights",
    "validate": "codesign.comparison.validation",
}

__all__ = [
    "Calibration",
    "ChipModel",
    "CodesignError",
    "Design",
    "Extraction",
    "FittedModel",
    "IntegerWeights",
    "Netlist",
    "NeuronModel",
    "Session",
    "Validation",
    "Variation",
    "VariationModel",
    "__version__",
    "calibrate",
    "calibrate_measured",
    "extract",
    "extract_variation",
    "fit_measured",
    "load_design",
    "netlist",
    "read_weights",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
