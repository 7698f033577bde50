"""The workers of a Dask scheduler as an executor."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError
from concurrent.futures import wait as wait_for
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from codesign.execution.cluster.errors import ClusterError
from codesign.spice import Simulator

if TYPE_CHECKING:
    from codesign.execution.cluster.members import Members

LOCAL = "local"
"""The address of a cluster that is started on this machine."""

_INTERVAL = 1.0
"""Time between two looks at which workers there are, s."""

_LONG_TEXT = 10_000
"""Texts of more characters, which are models, go out once and not with each job."""


class Cluster(Executor):
    """The workers of a `dask.distributed` scheduler, as an executor of simulations for `Session`: a context manager.

        with Cluster("tcp://10.0.0.1:8786") as cluster, Session(executor=cluster) as session:
            waveforms = session.run(decks)

    Decks and their models go out, waveforms come back. A worker whose ngspice, models, codesign or Dask are others
    than the client's gets no work, and is named on standard error. The jobs of a worker that dies go to the others.

    Attributes:
        address: of the scheduler.
    """

    def __init__(self, address: str = LOCAL, *, workers: int | None = None, patience: float = 120.0) -> None:
        """Connect.

        Args:
            address: of the scheduler, such as `tcp://10.0.0.1:8786`, or `local`: workers on this machine, which end
                with this cluster.
            workers: of the local ones; by default one for each core.
            patience: the longest that jobs wait without any worker, s.

        Raises:
            ClusterError: Dask is not installed, no scheduler answers, or it is another version of Dask.
        """
        try:
            from codesign.execution.cluster.connection import Connection
        except ImportError as error:
            cure = "pip install 'codesign[cluster]'"
            raise ClusterError("a cluster needs Dask, which is not installed", cure=cure) from error
        self._connection = Connection(None if address == LOCAL else address, workers)
        self.address = self._connection.address
        self._patience = patience
        self._worked = time.monotonic()
        self._members: Members | None = None
        self._executor: Executor = self._connection.client.get_executor(pure=False)
        self._texts: dict[str, Any] = {}
        self._waiting: set[Future[Any]] = set()
        self._failure: ClusterError | None = None
        self._closing = threading.Event()

    def admit(self, simulator: Simulator) -> None:
        """Give jobs to workers that have what the client has, those that join later too; wait for a first one.

        Args:
            simulator: the client's.

        Raises:
            ClusterError: no worker is fit, there is none, or the cluster works for another simulator already.
        """
        from codesign.execution.cluster.members import Members
        from codesign.execution.cluster.worker import Requirements

        wanted = Requirements.of(simulator)
        if self._members is not None:
            if self._members.requirements != wanted:
                raise ClusterError("a cluster works for one ngspice and one process; open another for another")
            return
        self._members = members = Members(self._connection, wanted)
        self._executor = self._connection.client.get_executor(pure=False, resources={wanted.resource: 1})
        self._worked = time.monotonic()
        while not self._look(members):
            if members.refused:
                raise ClusterError(f"no worker of {self.address} is fit: {'; '.join(members.refused.values())}")
            if time.monotonic() - self._worked > self._patience:
                raise self._nobody(members)
            time.sleep(0.1)
        threading.Thread(target=self._watch, args=(members,), name="codesign-cluster", daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Run a function on a worker, as of any executor; it, what it takes and what it returns must be picklable.

        Raises:
            ClusterError: the cluster went away.
        """
        from codesign.execution.cluster.worker import run_job

        if self._failure is not None or not self._connection.open:
            raise self._failure or self._connection.gone()
        outcome: Future[Any] = Future()
        there = self._executor.submit(run_job, fn, *map(self._sent, args), **kwargs)
        self._waiting.add(outcome)
        outcome.add_done_callback(lambda _: self._ended(outcome, there))
        there.add_done_callback(lambda _: self._settle(outcome, there))
        return outcome

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the connection, and the workers if they are local ones.

        Args:
            wait: for jobs that are not done.
            cancel_futures: instead, cancel them; so does `wait=False`.
        """
        if cancel_futures or not wait:
            for outcome in self._waiting.copy():
                outcome.cancel()
        wait_for(self._waiting.copy())
        self._closing.set()
        self._connection.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown(cancel_futures=error is not None)

    def _sent(self, argument: Any) -> Any:
        if not isinstance(argument, str) or len(argument) < _LONG_TEXT:
            return argument
        if argument not in self._texts:
            # The result of a job, because Dask makes that again where the worker that holds it dies.
            self._texts[argument] = self._connection.client.submit(str, argument)
        return self._texts[argument]

    def _settle(self, outcome: "Future[Any]", there: "Future[Any]") -> None:
        from distributed import KilledWorker

        error = self._failure or self._connection.gone() if there.cancelled() else there.exception()
        if isinstance(error, KilledWorker):
            who = f"{error.last_worker.name} ({error.last_worker.address})"
            cure = "give workers more memory, or run fewer on one machine"
            error = ClusterError(
                f"worker {who} died, as did {error.allowed_failures} others with the same job", cure=cure
            )
        # It may have been cancelled meanwhile.
        with suppress(InvalidStateError):
            if error is None:
                outcome.set_result(there.result())
            else:
                outcome.set_exception(error)

    def _ended(self, outcome: "Future[Any]", there: "Future[Any]") -> None:
        self._waiting.discard(outcome)
        if outcome.cancelled():
            there.cancel()
            # Only then does `concurrent.futures.wait` take it for done.
            outcome.set_running_or_notify_cancel()

    def _watch(self, members: "Members") -> None:
        while not self._closing.wait(_INTERVAL):
            try:
                if self._look(members) or not self._waiting:
                    self._worked = time.monotonic()
                if time.monotonic() - self._worked > self._patience:
                    raise self._nobody(members)
            except ClusterError as failure:
                self._failure = failure
                for outcome in self._waiting.copy():
                    with suppress(InvalidStateError):
                        outcome.set_exception(failure)
                return

    def _look(self, members: "Members") -> bool:
        try:
            return members.look()
        # Dask raises many kinds of error where a scheduler is gone.
        except Exception as error:
            raise self._connection.gone() from error

    def _nobody(self, members: "Members") -> ClusterError:
        others = "".join(f"; {reason}" for reason in members.refused.values())
        cure = f"start some, `dask worker {self.address} --nthreads 1`, and run the same again"
        return ClusterError(f"no worker of {self.address} can work since {self._patience:g} s{others}", cure=cure)
