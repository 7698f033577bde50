"""One trim of a whole chip, of its window or of its reference current, and how a tester finds it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.model.deviations import Deviations
from codesign.model.neuron_model import NeuronModel
from codesign.model.normalised import NormalisedModel
from codesign.model.quantity import Quantity
from codesign.model.response import network_response

Trim = Literal["window", "reference"]

FACTORS: Floats = np.linspace(0.8, 1.25, 91)
"""What a tester tries, as parts of the nominal window or reference current."""


def trimmed(model: NeuronModel, trim: Trim, factor: float, *, biased: bool) -> NormalisedModel:
    """The model with a longer window, or with a larger reference current.

    A window changes all that happens in time: how far currents move membranes, and the ramp. The reference current
    makes the ramp and, where cells have biases, their currents; that the comparators get faster with it is left out.

    Args:
        model: of the chip.
        trim: what is changed.
        factor: by which.
        biased: whether the cells' currents are made from the reference current.
    """
    if trim == "window":
        scale = model.scale.model_copy(update={"window": factor * model.scale.window})
        return model.model_copy(update={"scale": scale}).normalised()
    names = ["ramp", *(["unit_current_pos", "unit_current_neg"] if biased else [])]
    return model.model_copy(update={name: _times(getattr(model, name), factor) for name in names}).normalised()


def find_trim(
    model: NeuronModel,
    trim: Trim,
    nominal: NormalisedModel,
    layers: Sequence[Integers],
    spike_times: Floats,
    *,
    biased: bool,
    deviations: Sequence[Deviations] | None = None,
    factors: Floats = FACTORS,
) -> float:
    """The factor with which a chip's output spikes come closest to those of the nominal circuit.

    This is what a tester does: it applies known inputs, measures when the outputs spike, in windows, and keeps the
    setting with the least sum of squared differences. It needs neither membranes nor a model of the chip.

    Args:
        model: of the chip.
        trim: what the tester sets.
        nominal: the circuit that the network was trained for.
        layers: unit cells of each layer, shape (neurons, inputs).
        spike_times: the inputs, shape (batch, inputs), in windows.
        biased: see `trimmed`.
        deviations: of the chip's layers.
        factors: that the tester tries.
    """
    wanted = _output_spikes(nominal, layers, spike_times)

    def difference(factor: float) -> float:
        got = _output_spikes(trimmed(model, trim, factor, biased=biased), layers, spike_times, deviations)
        return float(np.square(got - wanted).sum())

    return float(min(factors, key=difference))


def _output_spikes(
    model: NormalisedModel,
    layers: Sequence[Integers],
    spike_times: Floats,
    deviations: Sequence[Deviations] | None = None,
) -> Floats:
    """Spike times of the output neurons; one that does not fire counts as the end of the window."""
    return np.minimum(
        network_response(model, layers, spike_times, np.empty(0), deviations=deviations)[-1].spike_times, 1.0
    )


def _times(quantity: Quantity, factor: float) -> Quantity:
    return Quantity(value=factor * quantity.value, interval=factor * quantity.interval)
