"""The step of a flow that fine-tunes the stored weights of one chip."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.circuits.bit_file import BITS, bit_file
from codesign.comparison.network_run import NetworkJob
from codesign.comparison.simulation import simulate_networks
from codesign.execution.session import Session
from codesign.files import write_atomically
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.validation import held_out
from codesign.model.neuron_model import NeuronModel
from codesign.report.tuning import Tuning, TuningScore, TuningScores
from codesign.training.datasets import load_data
from codesign.training.errors import TrainingError
from codesign.training.one_chip import OneChip
from codesign.training.spike_data import Split
from codesign.training.tuning import TuningSettings, tune
from codesign.training.tuning_score import Score, score
from codesign.variation.chip_model import ChipModel

STEPS, SAMPLES = 400, 128
"""On the model, which costs nothing."""

LOOP_STEPS, LOOP_SAMPLES = 5, 8
"""With the chip in the loop, where each sample is a simulation."""

HALFWAY = 0.5


@dataclass(frozen=True)
class ShownLayer:
    """What a layer of the chip showed, membranes from their own start; see `codesign.training.tuning.Shown`."""

    halfway: Floats
    final: Floats
    spike_times: Floats


@dataclass(frozen=True)
class SimulatedChip:
    """A chip in SPICE.

    Attributes:
        flow: design and data.
        chip: the chip's number.
        session: what the simulations run on.
    """

    flow: FlowFile
    chip: int
    session: Session

    def __call__(self, weights: Sequence[Integers], times: Floats) -> list[ShownLayer]:
        """Each layer with weights of shape (neurons, inputs), of inputs of shape (samples, inputs)."""
        design = self.flow.design.at(mismatch=True, seed=self.chip)
        [run] = simulate_networks([NetworkJob(design, tuple(weights), times)], self.session, what=f"chip {self.chip}")
        layers: list[ShownLayer] = []
        for records in zip(*run.records, strict=True):
            traces = np.array([record.traces - record.traces[:, :1] for record in records])
            middle = int(np.abs(records[0].times - HALFWAY).argmin())
            fired = np.array([record.fired for record in records])
            layers.append(ShownLayer(traces[:, :, middle], traces[:, :, -1], fired))
        return layers

    def score(self, weights: Sequence[Integers], split: Split) -> Score:
        """What the chip makes of inputs with these weights."""
        return score(self(weights, split.times)[-1].final, split.labels, self.flow.training.temperature)


def tune_step(
    flow: FlowFile,
    model: NeuronModel,
    chip: ChipModel,
    session: Session,
    folder: Path,
    *,
    in_the_loop: bool = False,
    steps: int | None = None,
    samples: int | None = None,
    judged: int = 0,
) -> Tuning:
    """Fine-tune a chip's weights, into `bits.csv` and `tuning.json`.

    Args:
        flow: design and data, with the layer sizes of the chip's network.
        model: of the matched circuit.
        chip: the calibrated chip, whose weights are the start.
        session: what the simulations run on.
        folder: of the output.
        in_the_loop: take membranes and spike times from the chip in SPICE.
        steps: of the optimiser.
        samples: training samples in each.
        judged: test samples simulated on the chip with the weights before and after.

    Raises:
        TrainingError: the weights are not stored in bits, or SPICE cannot simulate a chip that was measured.
        ChipModelError: the chip model is of another neuron model.
    """
    synapse = flow.design.synapse
    if synapse.kind != "programmable":
        raise TrainingError(
            f"the weights of {flow.design.name} belong to the mask, not to one chip",
            cure='tune a design with synapse.kind = "programmable"',
        )
    if chip.chip is None and (in_the_loop or judged):
        raise TrainingError(
            "SPICE cannot simulate the chip: its model was calibrated to a measurement",
            cure="leave out --in-the-loop and --judged, or calibrate with --chip N",
        )
    before = chip.weights
    flow = flow.model_copy(update={"design": flow.design.of_sizes((before[0].shape[1], *(len(w) for w in before)))})
    chip.check(model, before)
    data = load_data(flow.data, flow.design.layer_sizes)
    default = (LOOP_STEPS, LOOP_SAMPLES) if in_the_loop else (STEPS, SAMPLES)
    settings = TuningSettings(steps or default[0], min(samples or default[1], len(data.train.labels)), flow.seeds[0])
    claim_folder(
        folder,
        flow,
        neuron_model=model.digest,
        chip_model=chip.digest,
        in_the_loop=in_the_loop,
        steps=settings.steps,
        samples=settings.samples,
        judged=judged,
    )
    one = OneChip(chip, model.normalised())
    itself = None if chip.chip is None else SimulatedChip(flow, chip.chip, session)
    after = tune(one, data.train, flow.training, settings, itself if in_the_loop else None)
    write_atomically(folder / BITS, bit_file(after, synapse.bits))
    chosen = held_out(data.test.times, judged, flow.seeds[0])
    some = Split(data.test.times[chosen], data.test.labels[chosen])
    temperature = flow.training.temperature
    tuning = Tuning(
        chip=chip.chip,
        in_the_loop=in_the_loop,
        steps=settings.steps,
        samples=settings.samples,
        calibration_simulations=chip.inputs,
        tuning_simulations=settings.steps * settings.samples if in_the_loop else 0,
        changed=sum(int((old != new).sum()) for old, new in zip(before, after, strict=True)),
        model=_scores(len(data.test.labels), *(one.score(each, data.test, temperature) for each in (before, after))),
        spice=None
        if itself is None or not judged
        else _scores(len(chosen), *(itself.score(each, some) for each in (before, after))),
    )
    write_atomically(folder / "tuning.json", tuning.model_dump_json(indent=2, by_alias=True) + "\n")
    return tuning


def _scores(inputs: int, before: Score, after: Score) -> TuningScores:
    return TuningScores(inputs=inputs, before=TuningScore(**before._asdict()), after=TuningScore(**after._asdict()))
