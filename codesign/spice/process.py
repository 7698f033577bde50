"""A child process with its own process group, a time limit, and an end with its parent, however that one ends."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from codesign.execution.parent import ending_with_parent

_running: dict[subprocess.Popen[bytes], int] = {}
"""Each child with the thread that waits for it."""
_running_lock = threading.Lock()


class TimeLimitExceeded(Exception):
    """The child ran longer than it may, and was killed."""


def run_child(command: Sequence[str], folder: Path, log: Path, timeout: float, environment: Mapping[str, str]) -> int:
    """Run a command to its end and return its exit status.

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
        return child.wait(timeout)
    except subprocess.TimeoutExpired as error:
        raise TimeLimitExceeded from error
    finally:
        _kill_group(child)
        child.wait()
        with _running_lock:
            _running.pop(child, None)


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
