"""A child process with its own process group, a time limit, and an end with its parent, however that one ends."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codesign.execution.parent import ending_with_parent
from codesign.spice.cost import Cost, peak_memory

_running: dict[subprocess.Popen[bytes], int] = {}
"""Each child with the thread that waits for it."""
_running_lock = threading.Lock()

_LONGEST_NAP = 0.05
"""Between two looks at a child, s."""


class TimeLimitExceeded(Exception):
    """The child ran longer than it may, and was killed."""


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Attributes:
        status: its exit status; negative: the signal that ended it.
        cost: what it took.
    """

    status: int
    cost: Cost


def run_child(command: Sequence[str], folder: Path, log: Path, timeout: float, environment: Mapping[str, str]) -> Ended:
    """Run a command to its end.

    The child reads nothing, prints into `log`, and leads a process group of its own, which is killed as a whole when
    the time is up or this thread is interrupted; the kernel kills the leader when this thread is gone.

    Args:
        command: the program and its arguments.
        folder: the working directory.
        log: receives what the child prints on both of its outputs.
        timeout: s.
        environment: variables set for the child on top of this process's.

    Raises:
        TimeLimitExceeded: the time is up.
        OSError: the program cannot be started, or the log not be written.
    """
    with log.open("wb") as output:
        child = subprocess.Popen(
            ending_with_parent(command),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    try:
        with _running_lock:
            _running[child] = threading.get_ident()
        return _wait(child, timeout)
    finally:
        _kill_group(child)
        child.wait()
        with _running_lock:
            _running.pop(child, None)


def _wait(child: "subprocess.Popen[bytes]", timeout: float) -> Ended:
    """As Popen.wait, which does not tell what the child took."""
    stop, nap, peak = time.monotonic() + timeout, 0.0005, 0.0
    while True:
        peak = max(peak, peak_memory(child.pid))
        process, status, usage = os.wait4(child.pid, os.WNOHANG)
        if process:
            child.returncode = os.waitstatus_to_exitcode(status)
            return Ended(child.returncode, Cost(usage.ru_utime + usage.ru_stime, peak))
        if time.monotonic() >= stop:
            raise TimeLimitExceeded
        nap = min(2 * nap, _LONGEST_NAP)
        time.sleep(nap)


def kill_running_children(threads: Container[int] | None = None) -> None:
    """Kill the children for which threads of this process wait: an interrupt reaches only the main thread.

    Args:
        threads: identifiers of the waiting threads; None: all.
    """
    with _running_lock:
        for child, thread in _running.items():
            if threads is None or thread in threads:
                _kill_group(child)


def _kill_group(leader: "subprocess.Popen[bytes]") -> None:
    # Once wait() has collected the leader, its process id may be another's.
    if leader.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader.pid, signal.SIGKILL)
