"""Worker processes that end with the program."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Generator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker, spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path

from codesign.execution.parent import end_with_parent
from codesign.execution.signals import signals_held_back

_INTERPRETER = Path(__file__).with_name("worker.sh")
_PYTHON = "CODESIGN_WORKER_PYTHON"


class _Worker(SpawnProcess):
    """A process that ignores Ctrl-C and a closed terminal: its parent ends it."""

    def start(self) -> None:
        # A process inherits what is blocked; unblocked, it would print a traceback while it still starts.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGHUP))
        try:
            # A worker that gets half of what it is to read prints a traceback.
            with signals_held_back(), _interpreter_ending_with_parent():
                super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _interpreter_ending_with_parent() -> Generator[None, None, None]:
    """Within the block, workers start by `worker.sh` if this machine can: `end_with_parent` runs after long imports."""
    python = os.fsdecode(spawn.get_executable())
    if shutil.which("setpriv") is None or not os.access(_INTERPRETER, os.X_OK):
        yield
        return
    os.environ[_PYTHON] = python
    spawn.set_executable(str(_INTERPRETER))
    try:
        yield
    finally:
        spawn.set_executable(python)
        del os.environ[_PYTHON]


class _Context(SpawnContext):
    Process = _Worker


@contextmanager
def worker_processes(count: int) -> Generator[Executor, None, None]:
    """An executor of `count` processes, which are killed when the block is left by an exception or a signal.

    They end within a moment of this process, and of the thread that submits the first job: use the executor in the
    thread that enters the block.
    """
    # Its start would unblock the signals again.
    resource_tracker.ensure_running()
    others = set(multiprocessing.active_children())
    # PyTorch's threads do not survive a fork.
    with ProcessPoolExecutor(count, _Context(), end_with_parent, (os.getpid(),)) as executor:
        try:
            yield executor
        except BaseException:
            # Their remaining work may take hours, and is of no use.
            executor.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.kill()
            raise
