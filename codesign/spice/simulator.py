"""Runs one deck in ngspice and takes the result only when the run is complete."""

import re
import shutil
import tempfile
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path
from spicelib import RawRead  # pyright: ignore[reportMissingTypeStubs]

from codesign.pdk import Pdk
from codesign.pdk.technology import Technology
from codesign.spice.analysis import OperatingPoint
from codesign.spice.deck import Deck, saved_name
from codesign.spice.errors import NgspiceNotFound, SimulationError, SimulationFailed
from codesign.spice.ngspice import INSTALL_ADVICE, NGSPICE, Ngspice
from codesign.spice.process import TimeLimitExceeded, run_child
from codesign.spice.waveforms import Waveforms

# One core a run, since many run at once.
_OWN_SETTINGS = ("set num_threads=1",)

MODELS_NAME = "models.spice"
DECK_NAME = "deck.cir"
LOG_NAME = "ngspice.log"
_RAW_NAME = "out.raw"
_LOG_TAIL_LINES = 8
_LOG_CHATTER = re.compile(r"DRAM|Ngspice program size|pages =|^Stack =|option SCALE|Compatibility modes", re.I)

# What ngspice prints when it gives up, and what to try then. Its exit status and other messages say nothing.
_FAILURES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"timestep too small|singular matrix|DC solution failed|doAnalyses: iteration limit", re.I),
        "check for floating nodes, set initial conditions, or loosen reltol",
    ),
    (
        re.compile(r"unknown subckt|can't find model|could not find a valid modelname|unknown model", re.I),
        "check the names of models and subcircuits",
    ),
    (re.compile(r"no data saved for", re.I), "check the names of the probes"),
    (
        re.compile(r"too few parameters|too few nodes|syntax error|unknown parameter|undefined parameter", re.I),
        "check the netlist lines that the log names",
    ),
    (re.compile(r"fatal error|aborted|there aren't any circuits", re.I), "read the log in the deck's folder"),
)


def spiceinit(technology: Technology) -> str:
    """The `.spiceinit` that runs with a process's models need."""
    return "".join(f"{line}\n" for line in (*technology.dialect.spiceinit, *_OWN_SETTINGS))


def default_runs_folder() -> Path:
    """Default folder of run directories: in the user cache folder."""
    return user_cache_path("codesign") / "runs"


@dataclass(frozen=True)
class Simulator:
    """ngspice with a model library.

    Attributes:
        ngspice: the program.
        pdk: the model library that decks take their models from.
        timeout: the longest that one run may take, s.
        runs_folder: each run gets its own directory in here, which is kept only when the run fails; by default in the
            user cache folder of the machine that runs it.
    """

    ngspice: Ngspice
    pdk: Pdk
    timeout: float = 900.0
    runs_folder: Path | None = None

    def run(self, deck: Deck) -> Waveforms:
        """Simulate a deck with just the models that it uses.

        Raises:
            SimulationFailed: the run did not complete; its directory is kept.
            SimulationError: the run directory cannot be written.
            NgspiceNotFound: ngspice cannot be started.
            PdkError: an unknown device or corner.
        """
        return self.run_with_models(deck, deck.models(self.pdk))

    def elsewhere(self) -> "Simulator":
        """The same on whatever machine it is sent to, with the ngspice on the PATH and the user's folders there.

        It runs decks with models that are given to it: those of this machine are not there.
        """
        return replace(self, ngspice=replace(self.ngspice, executable=Path(NGSPICE)), runs_folder=None)

    def run_with_models(self, deck: Deck, models: str) -> Waveforms:
        """Simulate a deck with the given models.

        Args:
            deck: what to simulate.
            models: SPICE text: the models, or a `.lib` line that names a library and its section.

        Raises:
            SimulationFailed: the run did not complete; its directory is kept.
            SimulationError: the run directory cannot be written.
            NgspiceNotFound: ngspice cannot be started.
        """
        folder = self._prepare(deck, models)
        command = [str(self.ngspice.executable), "-b", "-r", _RAW_NAME, DECK_NAME]
        try:
            ended = run_child(command, folder, folder / LOG_NAME, self.timeout, {"OMP_NUM_THREADS": "1"})
        except TimeLimitExceeded as error:
            cure = "raise the timeout, allow larger steps, or check that the circuit can converge"
            raise _failed(f"no result after {self.timeout:g} s", folder, cure) from error
        except OSError as error:
            reason = f"cannot run {self.ngspice.executable}: {error.strerror}"
            raise NgspiceNotFound(reason, cure=INSTALL_ADVICE) from error
        waveforms = replace(_read(deck, folder), cost=ended.cost)
        shutil.rmtree(folder, ignore_errors=True)
        return waveforms

    def _prepare(self, deck: Deck, models: str) -> Path:
        runs_folder = self.runs_folder or default_runs_folder()
        try:
            runs_folder.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{_slug(deck.title)}-", dir=runs_folder))
            (folder / ".spiceinit").write_text(spiceinit(self.pdk.technology))
            (folder / MODELS_NAME).write_text(models)
            (folder / DECK_NAME).write_text(deck.text(MODELS_NAME))
        except OSError as error:
            raise SimulationError(
                f"cannot write the run directory in {runs_folder}: {error.strerror}; free disk space or check its "
                f"permissions"
            ) from error
        return folder


def _read(deck: Deck, folder: Path) -> Waveforms:
    with (folder / LOG_NAME).open(encoding="utf-8", errors="replace") as log:
        for line in log:
            for pattern, cure in _FAILURES:
                # The line that repeats the title may hold any words.
                if pattern.search(line) and not line.startswith("Circuit:"):
                    raise _failed(f"ngspice gave up ({line.strip()})", folder, cure)
    incomplete = "read the log in the deck's folder; a full disk and a killed ngspice also end here"
    try:
        raw = RawRead(folder / _RAW_NAME, dialect="ngspice", verbose=False)
        traces = {name.lower(): np.array(raw.get_wave(name), dtype=np.float64) for name in raw.get_trace_names()}
    # A half-written raw file makes spicelib raise many kinds of error.
    except Exception as error:
        raise _failed("ngspice wrote no readable result", folder, incomplete) from error
    if not traces:
        raise _failed("ngspice wrote no readable result", folder, incomplete)
    names = {probe: saved_name(probe).lower() for probe in deck.probes}
    if missing := [probe for probe, name in names.items() if name not in traces]:
        raise _failed(f"nothing was saved for {', '.join(missing)}", folder, "check the names of the probes")
    signals = {probe: traces[name] for probe, name in names.items()}
    axis = np.zeros(1) if isinstance(deck.analysis, OperatingPoint) else next(iter(traces.values()))
    if not deck.analysis.is_complete(float(axis[0]), float(axis[-1]), axis.size):
        raise _failed(f"the run stopped early, at {axis[-1]:g}", folder, incomplete)
    if not all(np.isfinite(values).all() for values in signals.values()):
        raise _failed("the result holds values that are not finite", folder, "check the circuit and its models")
    return Waveforms(axis, signals)


def _failed(reason: str, folder: Path, cure: str) -> SimulationFailed:
    try:
        with (folder / LOG_NAME).open(encoding="utf-8", errors="replace") as log:
            telling = (line.strip() for line in log if line.strip() and not _LOG_CHATTER.search(line))
            lines = deque(telling, maxlen=_LOG_TAIL_LINES)
    except OSError:
        lines = deque(["(no log)"])
    return SimulationFailed(reason, folder / DECK_NAME, "\n".join(lines) or "(it is empty)", cure=cure)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "deck"
