"""The runs of a sweep: a network trained and judged, or an ideal one judged under a finite reversal potential."""

import hashlib
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from codesign.files import write_atomically
from codesign.studies.vision.errors import VisionError
from codesign.studies.vision.images import ImageData, Images
from codesign.studies.vision.judge import Judgement, judge_discretised, judge_exactly
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.training import identity_of, train

Kind = Literal["trained", "mapped"]
"""Trained with its reversal potential, or trained as ideal and then run at it."""


@dataclass(frozen=True)
class Run:
    """One point of the figure.

    Attributes:
        kind: how the network was trained.
        reversal_potential: abs(E) under which it is judged.
        seed: of the training.
    """

    kind: Kind
    reversal_potential: float
    seed: int

    @property
    def trained_at(self) -> float:
        """abs(E) of the training."""
        return self.reversal_potential if self.kind == "trained" else math.inf

    def folder(self, out: Path) -> Path:
        """The folder of the training, which mapped runs share."""
        return out / "runs" / f"E{self.trained_at:g}-seed{self.seed}"

    def result_path(self, out: Path) -> Path:
        """The file of the result."""
        name = "trained" if self.kind == "trained" else f"mapped-E{self.reversal_potential:g}"
        return self.folder(out) / f"{name}.json"


@dataclass(frozen=True)
class Result:
    """The result of a run.

    Attributes:
        run: which.
        judgement: its accuracy on the test images.
        validation: on the validation images, of a network that was trained with its reversal potential; None where
            there are none.
        training_seconds: wall time of the training, all epochs.
        training_processor_seconds: processor time of the training, all threads.
        judging_seconds: wall time of the judging.
        judging_processor_seconds: processor time of the judging.
        threads: threads of the run.
        device: on which it was trained.
    """

    run: Run
    judgement: Judgement
    validation: Judgement | None
    training_seconds: float
    training_processor_seconds: float
    judging_seconds: float
    judging_processor_seconds: float
    threads: int
    device: str

    def as_dict(self) -> dict[str, Any]:
        """Flat, for JSON; an infinite reversal potential is the string "inf"."""
        row = asdict(self)
        validation = row.pop("validation")
        row = row.pop("run") | row.pop("judgement") | row
        row["validation_accuracy"] = validation and validation["accuracy"]
        if math.isinf(self.run.reversal_potential):
            row["reversal_potential"] = "inf"
        return row


@dataclass(frozen=True)
class Job:
    """The arguments of one run; can be sent to another process."""

    run: Run
    recipe: Recipe
    data_folder: Path
    out: Path
    device: str
    threads: int


def execute(job: Job) -> Result:
    """Train and judge in this process, and keep the result; a killed training continues.

    Raises:
        CodesignError: the data, a checkpoint or a folder cannot be used, or the loss is no number.
    """
    torch.set_num_threads(job.threads)
    torch.backends.cuda.matmul.allow_tf32 = job.recipe.training.mixed_precision
    torch.backends.cudnn.allow_tf32 = job.recipe.training.mixed_precision
    run, recipe = job.run, job.recipe
    data = recipe.load_images(job.data_folder)
    trained = train(recipe, data, run.trained_at, run.seed, run.folder(job.out), job.device)
    network = _at(trained.network, data, recipe, run.reversal_potential)
    started, started_processor = time.perf_counter(), time.process_time()
    judgement = _judge(network, data.test, recipe, job.device)
    chosen_on = data.validation if run.kind == "trained" and recipe.validation else None
    validation = chosen_on and _judge(network, chosen_on, recipe, job.device)
    result = Result(
        run=run,
        judgement=judgement,
        validation=validation,
        training_seconds=sum(epoch["seconds"] for epoch in trained.history),
        training_processor_seconds=sum(epoch["processor_seconds"] for epoch in trained.history),
        judging_seconds=time.perf_counter() - started,
        judging_processor_seconds=time.process_time() - started_processor,
        threads=job.threads,
        device=job.device,
    )
    document: dict[str, Any] = {"identity": _identity(recipe, data, run), "result": asdict(result)}
    document["sha256"] = _digest(document)
    write_atomically(run.result_path(job.out), json.dumps(document, indent=1))
    return result


def read_result(run: Run, recipe: Recipe, data: ImageData, out: Path) -> Result | None:
    """The result of an earlier execution, None where there is none.

    Raises:
        VisionError: the file is damaged, or is the result of another recipe or other data.
    """
    path = run.result_path(out)
    if not path.exists():
        return None
    try:
        document = json.loads(path.read_text())
        if document.pop("sha256") != _digest(document):
            raise ValueError("its digest is another")
        found, values = document["identity"], document["result"]
        typed = {
            "run": Run(**values["run"]),
            "judgement": Judgement(**values["judgement"]),
            "validation": values["validation"] and Judgement(**values["validation"]),
        }
        result = Result(**values | typed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise VisionError(f"{path} is damaged or no result of this command; delete it to run it again") from error
    if found != _identity(recipe, data, run):
        raise VisionError(f"{path} is the result of another flow file or other data; choose another --out")
    return result


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


def _identity(recipe: Recipe, data: ImageData, run: Run) -> dict[str, str]:
    return vars(identity_of(recipe, data, run.trained_at, run.seed)) | {"judged at": f"{run.reversal_potential:g}"}


def _at(network: nn.Sequential, data: ImageData, recipe: Recipe, reversal_potential: float) -> nn.Sequential:
    """The same weights in a network of another reversal potential."""
    mapped = recipe.build(data.shape, reversal_potential, seed=0)
    # The reversal potentials are buffers; the weights are all the parameters there are.
    mapped.load_state_dict(dict(network.named_parameters()), strict=False)
    return mapped


def _judge(network: nn.Sequential, images: Images, recipe: Recipe, device: str) -> Judgement:
    judge = recipe.judge
    if judge.method == "exact":
        return judge_exactly(network, images)
    return judge_discretised(network.to(device), images.to(device), judge.basis, judge.steps)
