"""How the parameters of the neuron model differ over chips: many cells and neurons on each of many chips."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from codesign.arrays import Floats
from codesign.circuits.synapse import SIGNS
from codesign.design import Design
from codesign.execution.session import Session, session_or_own
from codesign.extraction.cell_deviations import cell_decks, cell_deviations, chips_looked_at
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.extract import Extraction
from codesign.extraction.neuron_deviations import LayerOnChip, LayerSensitivity, layer_deviations
from codesign.extraction.observation import observe
from codesign.extraction.variation_decks import CELLS, Shift, neurons_testbench, on_chip, shifted_testbenches, shifts_of
from codesign.extraction.variation_figure import variation_figure
from codesign.figure import Figure, figure_png
from codesign.files import write_atomically
from codesign.model.neuron_model import Provenance
from codesign.provenance import tool_version
from codesign.table import Shown, Table
from codesign.variation.variation_model import CELL, LAYER, NEURON, Spread, VariationModel

DEFAULT_CHIPS = 20
"""Chips that a variation model is estimated from: common sigmas within a third, local ones within a few percent."""

SEED = 31
"""Of the columns in front of the neurons."""


@dataclass(frozen=True)
class Sensitivity:
    """What one deviate, moved by one standard deviation, does.

    Attributes:
        shift: the deviate.
        neuron: change of the quantities in `NEURON`, SI units, for a device of a neuron: root mean square over neurons.
        layer: change of those in `LAYER`, for a device that neurons share.
    """

    shift: Shift
    neuron: Floats
    layer: Floats


@dataclass(frozen=True, repr=False)
class Variation(Shown):
    """A variation model and where it comes from, shown as a table of standard deviations.

    Attributes:
        model: the variation model.
        cells: deviations of the unit cells by sign, shape (chips, cells, quantities in `CELL`), SI units.
        neurons: local deviations of the neurons, shape (chips, neurons, quantities in `NEURON`), SI units.
        sensitivities: of every deviate in turn, an independent way to the same standard deviations; empty if not taken.
    """

    model: VariationModel
    cells: dict[str, Floats]
    neurons: Floats
    sensitivities: list[Sensitivity]

    def predicted(self) -> tuple[Floats, Floats]:
        """Standard deviations by the sensitivities: of `NEURON`, local, and of `LAYER`, common."""
        neuron = np.sqrt(sum(one.neuron**2 for one in self.sensitivities))
        layer = np.sqrt(sum(one.layer**2 for one in self.sensitivities))
        return cast(Floats, neuron), cast(Floats, layer)

    @property
    def table(self) -> Table:
        """Each quantity, its standard deviation over chips, and that by sensitivities where they were taken."""
        neuron, layer = self.predicted() if self.sensitivities else (None, None)
        model = self.model
        groups = (
            ("unit cell, positive", model.cell_pos, None),
            ("unit cell, negative", model.cell_neg, None),
            ("all cells of a chip", model.cells, None),
            ("neuron", model.neuron, neuron),
            ("all neurons of a layer", model.layer, layer),
        )
        rows = tuple(
            (where, name, f"{sigma:.3g}", f"{sigma * spread.interval:.1g}", "" if other is None else f"{other[k]:.3g}")
            for where, spread, other in groups
            for k, (name, sigma) in enumerate(zip(spread.names, spread.sigma, strict=True))
        )
        leading = f"; {', '.join(self.leading(3))} decide the start and the spike time" if self.sensitivities else ""
        return Table(
            ("of", "quantity (SI)", "sigma", "95 % interval", "by sensitivities"), rows, f"{model.chips} chips{leading}"
        )

    def leading(self, count: int) -> list[str]:
        """The devices that add most to the variance of starts and spike times, of a neuron or a layer."""
        neuron, layer = self.predicted()
        shares: dict[str, float] = {}
        for one in self.sensitivities:
            share = float(np.sum((one.neuron[1:] / neuron[1:]) ** 2) if one.shift.local else 0.0)
            if not one.shift.local:
                share = float(np.nansum((one.layer / np.where(layer > 0, layer, np.nan)) ** 2))
            shares[one.shift.device] = shares.get(one.shift.device, 0.0) + share
        return sorted(shares, key=lambda name: -shares[name])[:count]

    def plot(self) -> Figure:
        """Cells and neurons over chips, and what each device adds."""
        return variation_figure(self)

    def save(self, folder: str | Path) -> None:
        """Write `variation_model.json` and `figures/variation.png`.

        Raises:
            CodesignError: a file cannot be written.
        """
        self.model.save(Path(folder) / "variation_model.json")
        write_atomically(Path(folder) / "figures" / "variation.png", figure_png(self.plot()))


def extract_variation(
    design: Design,
    extraction: Extraction,
    *,
    chips: int = DEFAULT_CHIPS,
    each_device: bool = True,
    session: Session | None = None,
) -> Variation:
    """Simulate cells and neurons on many chips, and every device of a neuron off by itself.

    Args:
        design: the design; whatever chip its conditions name is left out.
        extraction: of the matched circuit.
        chips: how many.
        each_device: whether to move every device of a neuron by itself too, the check by sensitivities.
        session: what the simulations run on; by default a session of its own.

    Raises:
        ExtractionFailed: neurons of the matched circuit do not fire.
        SimulationError: a simulation failed.
    """
    design = design.at(mismatch=False)
    bench = neurons_testbench(design, extraction.fit.model, SEED)
    numbers = chips_looked_at(chips)
    moved = shifted_testbenches(bench, shifts_of(bench)) if each_device else []
    with session_or_own(session, design.pdk) as session:
        decks = cell_decks(design, chips)
        benches = [bench, *(on_chip(bench, number) for number in numbers), *(one for one, _ in moved)]
        waveforms = session.run(decks + [one.deck() for one in benches], "variation over chips")
        provenance = Provenance(
            tool=tool_version(),
            design=design.digest,
            pdk=session.simulator.pdk.version,
            ngspice=session.simulator.ngspice.version,
            source=f"{chips} chips, {design.conditions.corner}, {design.conditions.temperature:g} C",
        )
    cells = cell_deviations(design, waveforms[: len(decks)])
    matched, *records = (observe(one, waves)[0][0] for one, waves in zip(benches, waveforms[len(decks) :], strict=True))
    if not np.isfinite(matched.fired).all():
        raise ExtractionFailed("a neuron of the matched circuit does not fire where its model does; extract it again")
    sensitivity = LayerSensitivity.of(extraction.fit.model, matched)
    found = [layer_deviations(sensitivity, record, design) for record in records]
    return Variation(
        model=_model(cells, found[:chips], provenance),
        cells=cells,
        neurons=np.array([one.neurons for one in found[:chips]]),
        sensitivities=_sensitivities([seen for _, seen in moved], found[chips:]),
    )


def _model(cells: dict[str, Floats], layers: Sequence[LayerOnChip], provenance: Provenance) -> VariationModel:
    """Variances within chips are local; of those between chips, what local parts do not explain is common."""
    chips, neurons = len(layers), len(layers[0].neurons)
    local = {sign: _within(values) for sign, values in cells.items()}
    between = _covariance(np.concatenate([values.mean(axis=1) for values in cells.values()], axis=1))
    for k, sign in enumerate(SIGNS):
        part = slice(k * len(CELL), (k + 1) * len(CELL))
        between[part, part] -= local[sign] / CELLS
    common = _covariance(np.array([one.layer for one in layers])) - np.mean([one.layer_noise for one in layers], axis=0)
    names = [f"{name}_{sign}" for sign in ("pos", "neg") for name in CELL]
    return VariationModel(
        cell_pos=Spread.of(CELL, local["positive"], chips * (CELLS - 1)),
        cell_neg=Spread.of(CELL, local["negative"], chips * (CELLS - 1)),
        cells=Spread.of(names, between, chips - 1),
        neuron=Spread.of(NEURON, _within(np.array([one.neurons for one in layers])), chips * (neurons - 1)),
        layer=Spread.of(LAYER, common, chips - 1),
        chips=chips,
        provenance=provenance,
    )


def _sensitivities(seen: Sequence[Sequence[Shift | None]], layers: Sequence[LayerOnChip]) -> list[Sensitivity]:
    neurons: dict[Shift, list[Floats]] = {}
    shared: dict[Shift, Floats] = {}
    for shifts, layer in zip(seen, layers, strict=True):
        for shift, neuron in zip(shifts, layer.whole, strict=True):
            if shift is not None and shift.local:
                neurons.setdefault(shift, []).append(neuron)
            elif shift is not None:
                shared[shift] = layer.layer
    local = [
        Sensitivity(shift, np.sqrt(np.mean(np.square(values), axis=0)), np.zeros(len(LAYER)))
        for shift, values in neurons.items()
    ]
    return local + [Sensitivity(shift, np.zeros(len(NEURON)), values) for shift, values in shared.items()]


def _within(values: Floats) -> Floats:
    """Covariance within chips, shape (chips, items, quantities) to (quantities, quantities)."""
    chips, items, quantities = values.shape
    flat = (values - values.mean(axis=1, keepdims=True)).reshape(-1, quantities)
    return flat.T @ flat / (chips * (items - 1))


def _covariance(values: Floats) -> Floats:
    return np.atleast_2d(np.cov(values, rowvar=False))
