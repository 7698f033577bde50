"""Chips on the model: their accuracy, their spread, and whether SPICE shows the same spread."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.stats import binomtest  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.arrays import Floats, Integers
from codesign.comparison.network_run import NetworkRun
from codesign.model.neuron_model import NeuronModel
from codesign.model.normalised import NormalisedModel
from codesign.model.over_conditions import ModelsOverConditions
from codesign.model.response import network_response
from codesign.model.trim import FACTORS, find_trim, trimmed
from codesign.training.spike_data import Split
from codesign.variation.draws import draw_chips
from codesign.variation.response import ChipsLayer, chips_response
from codesign.variation.variation_model import VariationModel

_TESTED_FACTORS = FACTORS[::5]
"""Windows that a tester tries for each chip, 2.5 % apart."""

_AT_ONCE = 50
"""Chips whose responses to a whole test set are held at once."""


@dataclass(frozen=True)
class Population:
    """Many chips with one network.

    Attributes:
        nominal: accuracy of the matched circuit's model.
        accuracies: of each chip, shape (chips,).
        layers: what each layer does with the inputs that SPICE simulates too.
        seconds: that it took to work out these layers.
    """

    nominal: float
    accuracies: Floats
    layers: list[ChipsLayer]
    seconds: float

    def yield_within(self, limit: float) -> tuple[float, float, float]:
        """Fraction of the chips whose accuracy is at most `limit` below nominal, and its 95 % interval."""
        return yield_of(self.accuracies, self.nominal - limit)


def population(
    model: NeuronModel,
    variation: VariationModel,
    weights: Sequence[Integers],
    data: Split,
    simulated: Floats,
    *,
    chips: int,
    seed: int,
) -> Population:
    """Draw chips and work out their response by the exact equation.

    Args:
        model: of the matched circuit.
        variation: how chips differ.
        weights: of the network.
        data: on which accuracies are counted.
        simulated: spike times of the inputs that SPICE simulates, shape (inputs, network inputs).
        chips: how many.
        seed: of the draws.
    """
    normalised = model.normalised()
    random = np.random.default_rng(seed)
    started = time.perf_counter()
    drawn = draw_chips(variation, model.scale, weights, random, chips)
    layers = chips_response(normalised, weights, drawn, simulated)
    seconds = time.perf_counter() - started
    accuracies: list[Floats] = []
    for first in range(0, chips, _AT_ONCE):
        some = [layer[first : first + _AT_ONCE] for layer in drawn]
        accuracies.append(_accuracies(chips_response(normalised, weights, some, data.times)[-1].final, data))
    nominal = _accuracies(network_response(normalised, weights, data.times, np.empty(0))[-1].final, data)
    return Population(float(nominal), np.concatenate(accuracies), layers, seconds)


@dataclass(frozen=True)
class Anywhere:
    """Chips at conditions drawn from a table: any of its corners, and temperatures and supplies between its ends.

    Attributes:
        untrimmed: accuracy of each chip as it is, shape (chips,).
        trimmed: the same with the window that a tester finds for the chip (`codesign.model.trim`).
        factors: of these windows, parts of the nominal one.
    """

    untrimmed: Floats
    trimmed: Floats
    factors: Floats


def anywhere(
    models: ModelsOverConditions,
    nominal: NormalisedModel,
    variation: VariationModel,
    weights: Sequence[Integers],
    data: Split,
    tested: Floats,
    *,
    chips: int,
    seed: int,
    biased: bool,
) -> Anywhere:
    """Draw chips and conditions, trim the window of each, and count accuracies by the exact equation.

    Args:
        models: over conditions.
        nominal: that the network was trained on.
        variation: how chips differ, at the nominal conditions.
        weights: of the network.
        data: on which accuracies are counted.
        tested: spike times of the tester's inputs, shape (inputs, network inputs).
        chips: how many.
        seed: of the draws.
        biased: whether the cells' currents are made from the reference current.
    """
    random = np.random.default_rng(seed)
    found: list[tuple[float, float, float]] = []
    for _ in range(chips):
        temperature, supply = (random.uniform(ends[0], ends[-1]) for ends in (models.temperatures, models.supplies))
        model = models.at(str(random.choice(models.corners)), temperature, supply)
        own = [layer[0] for layer in draw_chips(variation, model.scale, weights, random, 1)]
        factor = find_trim(
            model, "window", nominal, weights, tested, biased=biased, deviations=own, factors=_TESTED_FACTORS
        )
        accuracies = [
            _accuracies(network_response(one, weights, data.times, np.empty(0), deviations=own)[-1].final, data)
            for one in (model.normalised(), trimmed(model, "window", factor, biased=biased))
        ]
        found.append((float(accuracies[0]), float(accuracies[1]), factor))
    return Anywhere(*np.array(found).T)


def yield_of(accuracies: Floats, least: float) -> tuple[float, float, float]:
    """Fraction of the chips with at least an accuracy, and its 95 % interval (Clopper and Pearson)."""
    # Accuracies are multiples of 1 / samples: one that is the least but for rounding counts.
    good = int(np.sum(accuracies >= least - 1e-9))
    found = cast(Any, binomtest(good, len(accuracies)).proportion_ci(0.95, method="exact"))
    return good / len(accuracies), float(found.low), float(found.high)


def _accuracies(final: Floats, data: Split) -> Floats:
    """Of output membranes (..., samples, neurons), shape (...)."""
    right = np.equal(final.argmax(axis=-1), data.labels).astype(np.float64)
    return np.asarray(right.mean(axis=-1), dtype=np.float64)


@dataclass(frozen=True)
class Spreads:
    """Standard deviations over chips of every neuron and input of all layers, on the model and in SPICE.

    Attributes:
        model_v: of v(1), from the membrane's own start, swings.
        spice_v: the same in SPICE.
        model_times: of the spike times, windows, of those that all chips show.
        spice_times: the same in SPICE.
    """

    model_v: Floats
    spice_v: Floats
    model_times: Floats
    spice_times: Floats

    @property
    def v_ratio(self) -> float:
        """Quadratic means, model over SPICE."""
        return _ratio(self.model_v, self.spice_v)

    @property
    def times_ratio(self) -> float:
        """Quadratic means, model over SPICE."""
        return _ratio(self.model_times, self.spice_times)


def spreads(found: Population, runs: Sequence[NetworkRun]) -> Spreads:
    """Compare with chips in SPICE.

    Args:
        found: the chips on the model.
        runs: the same network and inputs, one chip each; at least two.
    """
    parts: list[tuple[Floats, Floats, Floats, Floats]] = []
    for layer, response in enumerate(found.layers):
        records = [[sample[layer] for sample in run.records] for run in runs]
        v = np.array([[one.traces[:, -1] - one.traces[:, 0] for one in run] for run in records])
        times = np.array([[one.fired for one in run] for run in records])
        # A neuron at the edge of firing fires on some chips only, and has no spread that both could be compared in.
        both = np.isfinite(times).all(axis=0) & np.isfinite(response.spike_times).all(axis=0)
        parts.append(
            (
                (response.final - response.start[:, None]).std(axis=0, ddof=1).ravel(),
                v.std(axis=0, ddof=1).ravel(),
                response.spike_times[:, both].std(axis=0, ddof=1),
                times[:, both].std(axis=0, ddof=1),
            )
        )
    return Spreads(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _ratio(above: Floats, below: Floats) -> float:
    squares = np.mean(below**2) if below.size else 0.0
    return float(np.sqrt(np.mean(above**2) / squares)) if squares else float("nan")
