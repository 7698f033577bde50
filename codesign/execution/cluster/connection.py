"""The connection to a Dask scheduler, given or started on this machine."""

import asyncio
import logging
import os
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import resource_tracker
from signal import SIG_BLOCK, SIG_SETMASK, SIGHUP, SIGINT, pthread_sigmask
from typing import Any

import dask.config
import distributed
from distributed.comm import core
from distributed.versions import VersionMismatchWarning

from codesign.execution.cluster.errors import ClusterError
from codesign.execution.signals import signals_held_back

_ANSWER = 15.0
"""The longest that a scheduler may take to answer, s."""

_LOCAL_TTL = "60s"
"""A local worker that is silent for this long is replaced."""

_NOISY = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")
"""Loggers that repeat in tracebacks what a `ClusterError` says in one line."""

VERSION = str(getattr(distributed, "__version__"))  # noqa: B009  # Dask does not declare it as public.
"""Of this machine's Dask."""


class Connection:
    """A client of a scheduler; and the scheduler and its workers, if they are this program's own.

    Attributes:
        client: `distributed.Client`; Dask declares few of its types.
        address: of the scheduler.
    """

    def __init__(self, address: str | None, workers: int | None) -> None:
        """Connect.

        Args:
            address: of the scheduler; None starts one on this machine.
            workers: of the own one; by default one for each core.

        Raises:
            ClusterError: no scheduler answers, or it is another version of Dask.
        """
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._local: Any = _start_local(workers) if address is None else None
        self.address: str = self._local.scheduler_address if address is None else address
        self.client: Any = None
        try:
            self.client = _connected(self.address)
            theirs = self._asked("versions")["packages"]["distributed"]
        except Exception as error:
            self.close()
            cure = f"check the address, that the scheduler runs, and that its Dask is this one's version, {VERSION}"
            raise ClusterError(f"no Dask scheduler answers at {self.address}", cure=cure) from error
        except BaseException:
            self.close()
            raise
        if theirs != VERSION:
            self.close()
            cure = f"pip install distributed=={theirs} here, or {VERSION} there"
            raise ClusterError(f"the scheduler at {self.address} is Dask {theirs}, this is {VERSION}", cure=cure)

    @property
    def open(self) -> bool:
        """Whether the scheduler is there."""
        return self.client.status == "running"

    def workers(self) -> Mapping[str, Mapping[str, Any]]:
        """What the scheduler knows of each worker, by its address.

        Raises:
            Exception: the scheduler does not answer.
        """
        return self._asked("identity", n_workers=-1)["workers"]

    def gone(self) -> ClusterError:
        """The error where the scheduler is not there any more."""
        cure = "start it, and run the same again: what was finished is kept"
        return ClusterError(f"the scheduler at {self.address} went away", cure=cure)

    def close(self) -> None:
        """End the connection, and what is this program's own."""
        with signals_held_back(), suppress(Exception):
            if self.client is not None:
                self.client.close(_ANSWER)
        with signals_held_back(), suppress(Exception):
            if self._local is not None:
                self._local.close(_ANSWER)

    def _asked(self, what: str, **arguments: Any) -> Any:
        async def ask() -> Any:
            return await getattr(self.client.scheduler, what)(**arguments)

        return self.client.sync(ask, callback_timeout=_ANSWER)


def _connected(address: str) -> Any:
    async def knock() -> None:
        connect: Any = getattr(core, "connect")  # noqa: B009  # Without types.
        connection = await asyncio.wait_for(connect(address, timeout=_ANSWER), _ANSWER + 1)
        connection.abort()

    # A client would wait without end for a program that takes connections and is mute. A thread, because that of the
    # caller may run a loop of its own.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, knock()).result()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VersionMismatchWarning)
        return distributed.Client(address, timeout=_ANSWER, set_as_default=False)


def _start_local(workers: int | None) -> Any:
    # Workers inherit what is blocked: an interrupt from the terminal is for this process, which ends them.
    resource_tracker.ensure_running()
    before = pthread_sigmask(SIG_BLOCK, (SIGINT, SIGHUP))
    start: Any = distributed.LocalCluster
    try:
        with signals_held_back(), dask.config.set({"distributed.scheduler.worker-ttl": _LOCAL_TTL}):
            return start(
                n_workers=workers or len(os.sched_getaffinity(0)),
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
    finally:
        pthread_sigmask(SIG_SETMASK, before)
