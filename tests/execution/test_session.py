"""A session finds what it is not given, runs on the executor that it is given, and ends only its own."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from codesign.execution.session import Session
from codesign.spice import Deck, OperatingPoint, ResultCache, Simulator

DIVIDER = Deck("divider", "V1 top 0 3\nR1 top middle 1000\nR2 middle 0 2000", OperatingPoint(), ("middle",))


class Counting(ThreadPoolExecutor):
    """Counts what is submitted."""

    submitted = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.submitted += 1
        return super().submit(fn, *args, **kwargs)


@pytest.mark.spice
def test_simulations_run_on_the_given_executor_once_and_leave_it_open(simulator: Simulator, cache: ResultCache) -> None:
    with Counting(1) as executor:
        with Session(simulator=simulator, cache=cache, executor=executor) as session:
            for _ in range(2):
                assert [float(run["middle"][0]) for run in session.run([DIVIDER])] == [pytest.approx(2)]
            assert session.processes is executor
        assert executor.submitted == 1
        assert executor.submit(int, "3").result() == 3


@pytest.mark.spice
@pytest.mark.parametrize("progress", [True, False])
def test_own_threads_end_with_the_session(
    simulator: Simulator, cache: ResultCache, progress: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with Session(simulator=simulator, cache=cache, workers=1, progress=progress) as session:
        session.run([DIVIDER], "dividers")
    assert ("dividers" in capsys.readouterr().err) == progress
    with pytest.raises(RuntimeError, match="after shutdown"):
        session.executor.submit(int)


@pytest.mark.slow
def test_own_processes_end_with_the_session(simulator: Simulator, cache: ResultCache) -> None:
    with Session(simulator=simulator, cache=cache, workers=1) as session:
        assert session.processes.submit(abs, -3).result() == 3
    with pytest.raises(RuntimeError, match="after shutdown"):
        session.processes.submit(abs, -3)


@pytest.mark.spice
def test_what_is_not_given_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Session(workers=3) as session:
        assert session.simulator.ngspice.executable.name == "ngspice"
        assert session.cache.folder.is_relative_to(tmp_path)
        assert session.workers == 3


def test_a_session_needs_no_torch() -> None:
    program = "import sys, codesign.execution.session; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
