"""A chip in the loop in SPICE, and what cannot be tuned."""

from pathlib import Path

import numpy as np
import pytest

from codesign.circuits.bit_file import read_bit_file
from codesign.circuits.network import Network, as_tuples
from codesign.circuits.testbench import Testbench
from codesign.design import Design
from codesign.execution.session import Session
from codesign.extraction.extract import nominal_model
from codesign.extraction.observation import observe, scale_of
from codesign.flow.file import FlowFile
from codesign.flow.tuning import SimulatedChip, tune_step
from codesign.model.deviations import Deviations
from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.model.quantity import Quantity
from codesign.report.tuning import Tuning
from codesign.spice import ResultCache, Simulator
from codesign.training.datasets import DataSettings
from codesign.training.errors import TrainingError
from codesign.variation.chip_model import ChipLayer, ChipModel, ChipModelError
from tests.circuits.designs import design_of

PROVENANCE = Provenance(tool="", design="", pdk="", ngspice="", source="")
WEIGHTS = (np.array([[6, -2], [-1, 7]]), np.array([[5, 1], [2, 4]]))
ERRORS = {"hidden": None, "output": {"membrane_mV": 0.1, "spike_time_ns": 0.1, "unlike_spikes": 0.0}}


def nominal(design: Design) -> NeuronModel:
    """The model that a designer would write down."""
    nothing = Quantity(value=1e-12, interval=0)
    return NeuronModel.from_normalised(
        nominal_model(design),
        scale=scale_of(design),
        offset=0.0,
        intervals={},
        capacitance=nothing,
        rmse=1e-3,
        firing_rmse=1e-3,
        provenance=PROVENANCE,
    )


def chip_model(model: NeuronModel, chip: int | None) -> ChipModel:
    layers = [ChipLayer.of(units, Deviations.none(2, 2)) for units in WEIGHTS]
    return ChipModel.model_validate(
        {
            "schema": 1,
            "neuron_model": model.digest,
            "variation_model": "",
            "chip": chip,
            "seen": "membranes",
            "inputs": 10,
            "held_out_inputs": 5,
            "held_out": ERRORS,
            "layers": layers,
            "provenance": PROVENANCE,
        }
    )


@pytest.fixture
def flow(tmp_path: Path) -> FlowFile:
    """A 2-2-2 network of stored weights: which of the two inputs spikes first."""
    random = np.random.default_rng(3)
    labels = np.arange(60) % 2
    early, late = random.uniform(0.1, 0.4, 60), random.uniform(0.5, 0.9, 60)
    times = np.stack([np.where(labels == 0, early, late), np.where(labels == 0, late, early)], axis=1)
    np.savez(tmp_path / "data.npz", spike_times=times, labels=labels)
    return FlowFile(design=design_of("programmable"), data=DataSettings(file=tmp_path / "data.npz"))


@pytest.mark.spice
@pytest.mark.slow
def test_the_chip_itself_in_the_loop(flow: FlowFile, simulator: Simulator, cache: ResultCache, tmp_path: Path) -> None:
    model = nominal(flow.design)
    with Session(simulator=simulator, cache=cache, progress=False) as session:
        out = tmp_path / "out"
        tuning = tune_step(
            flow, model, chip_model(model, 3), session, out, in_the_loop=True, steps=2, samples=2, judged=2
        )
        assert (tuning.tuning_simulations, tuning.calibration_simulations) == (4, 10)
        assert tuning.spice is not None and tuning.spice.inputs == 2
        assert Tuning.model_validate_json((out / "tuning.json").read_bytes()) == tuning
        stored = read_bit_file(out / "bits.csv", flow.design)
        assert tuning.changed == sum(int((a != b).sum()) for a, b in zip(stored, WEIGHTS, strict=True))
        # What the loop sees is that chip, from its own start.
        times = np.array([[0.2, 0.6]])
        hidden, _ = SimulatedChip(flow, 3, session)(WEIGHTS, times)
        bench = Testbench(Network(flow.design.at(mismatch=True, seed=3), as_tuples(WEIGHTS)), ((0.2, 0.6),))
        [record, _] = observe(bench, session.run([bench.deck()])[0])[0]
    assert hidden.final[0] == pytest.approx(record.traces[:, -1] - record.traces[:, 0])
    assert hidden.halfway[0] == pytest.approx(record.traces[:, 20] - record.traces[:, 0])
    assert hidden.spike_times[0] == pytest.approx(record.fired)


@pytest.mark.spice
def test_what_cannot_be_tuned_is_refused_in_one_line(
    flow: FlowFile, simulator: Simulator, cache: ResultCache, tmp_path: Path
) -> None:
    model = nominal(flow.design)
    drawn = flow.model_copy(update={"design": design_of("resistor")})
    other = model.model_copy(update={"max_units": 6})
    with Session(simulator=simulator, cache=cache, progress=False) as session:
        with pytest.raises(TrainingError, match="belong to the mask"):
            tune_step(drawn, model, chip_model(model, 3), session, tmp_path / "a")
        with pytest.raises(TrainingError, match="cannot simulate the chip"):
            tune_step(flow, model, chip_model(model, None), session, tmp_path / "a", in_the_loop=True)
        with pytest.raises(ChipModelError, match="another neuron model"):
            tune_step(flow, other, chip_model(model, 3), session, tmp_path / "a")
        assert not (tmp_path / "a").exists()
        measured = tune_step(flow, model, chip_model(model, None), session, tmp_path / "b", steps=5)
    assert measured.spice is None and measured.chip is None and not measured.in_the_loop
