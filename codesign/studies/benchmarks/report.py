"""The whole benchmark: run it, compare it with its bars, write JSON, a table and a plot."""

import json
import math
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import BaseModel, Field, ValidationError
from rich.console import Console
from rich.progress import track

from codesign.design import first_problem
from codesign.dstd.bases import Basis
from codesign.errors import CodesignError
from codesign.files import without_mark, write_atomically
from codesign.provenance import tool_version
from codesign.studies.benchmarks.accuracy import CASES, errors, slope
from codesign.studies.benchmarks.layer_benchmark import FLOOR, OUTPUTS, Row, convolution_seconds, dense_rows

REFERENCE_INPUTS, REFERENCE_BATCH, REFERENCE_STEPS = 1000, 16, 10
_ACCURACY: tuple[tuple[Basis, int], ...] = (
    ("dstd", 10),
    ("cf4", 6),
    ("cf4", 8),
    ("cf4", 10),
    ("legendre", 5),
    ("legendre", 10),
)


class BenchmarkError(CodesignError):
    """A benchmark's file that cannot be read."""


@dataclass(frozen=True)
class Bar:
    """A measured figure and its bound; `upper` says which side is good."""

    name: str
    value: float
    bound: float
    upper: bool

    @property
    def met(self) -> bool:
        """Whether the figure is on the good side."""
        return self.value <= self.bound if self.upper else self.value >= self.bound


@dataclass(frozen=True)
class Benchmark:
    """All that one run measured, on one device."""

    device: str
    rows: list[Row]
    convolution_seconds: dict[str, float]
    errors: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])

    def row(self, method: str, inputs: int, batch: int, steps: int | None = None) -> Row | None:
        """The measurement of a method, None if there is none."""
        for row in self.rows:
            if (row.method, row.inputs, row.batch, row.steps) == (method, inputs, batch, steps):
                return row
        return None

    def growth(self, method: str, steps: int | None = None) -> float | None:
        """Exponent with which the time grows with the inputs from 300 on, at the reference batch, if
        measured."""
        rows = [row for row in self.rows if (row.method, row.batch, row.steps) == (method, REFERENCE_BATCH, steps)]
        rows = [row for row in rows if row.inputs >= 300]
        if len(rows) < 2:
            return None
        return slope([math.log(row.inputs) for row in rows], [math.log(row.seconds) for row in rows])


class _Measured(BaseModel):
    """What is read again of a bench_dstd.json."""

    rows: Annotated[list[Row], Field(min_length=1)]


def run_benchmark(
    device: torch.device,
    *,
    inputs: tuple[int, ...] = (100, 300, 1000, 3000),
    batches: tuple[int, ...] = (16, 64),
    budget: float = 2.0,
    memory_limit: int = 4 * 2**30,
) -> Benchmark:
    """Measure everything; see `dense_rows` for the arguments.

    Raises:
        BenchmarkError: a layer does not fit the memory.
    """
    try:
        measured = dense_rows(device, inputs, batches, budget, memory_limit)
        rows = list(track(measured, "layers", total=None, console=Console(stderr=True)))
    # PyTorch has no error of its own for the memory of a CPU.
    except RuntimeError as error:
        if "memory" not in str(error):
            raise
        raise BenchmarkError("a layer does not fit the memory; give fewer inputs or smaller batches") from error
    convolution = convolution_seconds(device, 3 * budget)
    accuracy = {
        case.name: {f"{basis} M={steps}": errors(case, basis, [steps])[0] for basis, steps in _ACCURACY}
        for case in CASES
    }
    return Benchmark(rows[0].device, rows, convolution, accuracy)


def bars(benchmark: Benchmark) -> list[Bar]:
    """The bars at 1000 x 1000, batch 16, as far as their rows were measured."""
    found: list[Bar] = []
    size = REFERENCE_INPUTS, REFERENCE_BATCH
    floor = benchmark.row(FLOOR, *size)
    exact = {method: benchmark.row(method, *size) for method in ("exact, sorted cumulative sums", "exact, event loop")}
    for basis, steps in (("dstd", REFERENCE_STEPS), ("legendre", 5)):
        ours = benchmark.row(basis, *size, steps)
        if ours is None or floor is None:
            continue
        name = f"{basis} M = {steps}"
        found.append(Bar(f"{name}: time, in Linear + ReLU", ours.seconds / floor.seconds, 22, upper=True))
        found.append(
            Bar(f"{name}: saved bytes, in Linear + ReLU", ours.saved_bytes / floor.saved_bytes, 10, upper=True)
        )
        for (method, reference), bound in zip(exact.items(), (50, 70), strict=True):
            if reference is not None:
                found.append(Bar(f"{name}: faster than {method}", reference.seconds / ours.seconds, bound, upper=False))
        reference = exact["exact, sorted cumulative sums"]
        if reference is not None:
            gain = reference.saved_bytes / ours.saved_bytes
            found.append(Bar(f"{name}: fewer saved bytes than exact", gain, 500, upper=False))
    seconds = benchmark.convolution_seconds
    ratio = seconds["DSTDConv2d, dstd, M = 10"] / seconds["nn.Conv2d"]
    found.append(Bar("DSTDConv2d M = 10: time, in nn.Conv2d", ratio, 25, upper=True))
    for case, values in benchmark.errors.items():
        for name in ("cf4 M=6", "legendre M=5"):
            worse = values[name] / values["dstd M=10"]
            found.append(Bar(f"error of {name} over dstd M=10, {case}", worse, 1, upper=True))
    growth = benchmark.growth("dstd", REFERENCE_STEPS)
    if growth is not None:
        found.append(Bar("growth exponent with the inputs, dstd M = 10", growth, 1.2, upper=True))
    return found


def write_report(benchmark: Benchmark, folder: Path, command: str) -> None:
    """Write bench_dstd.json and bench_dstd.md.

    Raises:
        CodesignError: the folder cannot be written.
    """
    document: dict[str, Any] = {
        "command": command,
        "codesign": tool_version(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "processor": processor(),
        "threads": torch.get_num_threads(),
        **asdict(benchmark),
        "bars": [asdict(bar) | {"met": bar.met} for bar in bars(benchmark)],
    }
    write_atomically(folder / "bench_dstd.json", json.dumps(document, indent=1))
    write_atomically(folder / "bench_dstd.md", table(benchmark, command))


def read_rows(path: Path) -> list[Row]:
    """The rows of a bench_dstd.json.

    Raises:
        BenchmarkError: the file is missing or is not a benchmark's.
    """
    try:
        return _Measured.model_validate_json(without_mark(path.read_bytes())).rows
    except OSError as error:
        raise BenchmarkError(f"cannot read {path}: {error.strerror}; give a bench_dstd.json") from error
    except ValidationError as error:
        raise BenchmarkError(
            f"{path} is not a bench_dstd.json of `codesign bench dstd`: {first_problem(error)}"
        ) from error


def table(benchmark: Benchmark, command: str) -> str:
    """The results as Markdown: the bars, then every row with its ratios to Linear + ReLU."""
    lines = [
        f"`{command}` on {benchmark.device}, {processor()}, {torch.get_num_threads()} thread(s), "
        f"PyTorch {torch.__version__}, float32, {OUTPUTS} outputs, forward and backward, median times.",
        "",
        f"| at {REFERENCE_INPUTS} inputs, batch {REFERENCE_BATCH} | measured | bar | |",
        "|---|---|---|---|",
    ]
    for bar in bars(benchmark):
        sign = "<=" if bar.upper else ">="
        lines.append(f"| {bar.name} | {bar.value:.3g} | {sign} {bar.bound:g} | {'met' if bar.met else 'missed'} |")
    lines += ["", "| inputs | batch | method | M | ms | x Linear | saved, MB | x Linear | peak, MB |", "|" + "---|" * 9]
    for row in sorted(benchmark.rows, key=lambda row: (row.inputs, row.batch)):
        floor = benchmark.row(FLOOR, row.inputs, row.batch)
        if floor is None:
            continue
        lines.append(
            f"| {row.inputs} | {row.batch} | {row.method} | {row.steps or ''} "
            f"| {row.seconds * 1e3:.2f} | {row.seconds / floor.seconds:.1f} "
            f"| {row.saved_bytes / 1e6:.2f} | {row.saved_bytes / floor.saved_bytes:.1f} | {row.peak_bytes / 1e6:.1f} |"
        )
    names = list(next(iter(benchmark.errors.values())))
    lines += ["", f"| rms error of v(1) | {' | '.join(names)} |", "|" + "---|" * (len(names) + 1)]
    for case, values in benchmark.errors.items():
        lines.append(f"| {case} | {' | '.join(f'{values[name]:.2e}' for name in names)} |")
    lines += ["", "| convolution 64 to 64, 3 x 3, 32 x 32, batch 16 | ms | x nn.Conv2d |", "|---|---|---|"]
    plain = benchmark.convolution_seconds["nn.Conv2d"]
    for name, seconds in benchmark.convolution_seconds.items():
        lines.append(f"| {name} | {seconds * 1e3:.1f} | {seconds / plain:.1f} |")
    lines += ["", f"| batch {REFERENCE_BATCH} | growth exponent with the inputs, from 300 |", "|---|---|"]
    for method, steps in sorted({(row.method, row.steps or 0) for row in benchmark.rows}):
        label = f"{method}, M = {steps}" if steps else method
        growth = benchmark.growth(method, steps or None)
        if growth is not None:
            lines.append(f"| {label} | {growth:.2f} |")
    return "\n".join(lines) + "\n"


def processor() -> str:
    """The processor's name, from the system."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
