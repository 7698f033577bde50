"""Processes that do not outlive the one that started them, however that one ends."""

import ctypes
import os
import shutil
import signal
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def ending_with_parent(command: Sequence[str]) -> list[str]:
    """A command that the kernel kills as soon as the thread that started it is gone, even by SIGKILL.

    setpriv (util-linux) asks the kernel for that and becomes the command. The same call between fork and exec of a
    process with PyTorch loaded would take ten times as long, and is not safe with threads. Without a setpriv the
    command stays as it is.

    Raises:
        FileNotFoundError: there is no such program: setpriv would report that by its exit status only.
    """
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(2, os.strerror(2), command[0])
    setpriv = shutil.which("setpriv")
    return list(command) if setpriv is None else [setpriv, "--pdeathsig", "KILL", *command]


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process as soon as the thread that started it is gone.

    Args:
        parent: process id of the parent, which may be gone already.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
