"""Worker processes that end with the program."""

import os
from collections.abc import Generator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread


@contextmanager
def worker_processes(count: int) -> Generator[Executor, None, None]:
    """An executor of `count` processes, which end when this one is killed."""
    # PyTorch's threads do not survive a fork.
    with ProcessPoolExecutor(count, get_context("spawn"), _end_with_parent) as executor:
        yield executor


def _end_with_parent() -> None:
    def watch() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()
