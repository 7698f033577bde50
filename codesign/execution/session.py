"""What simulations and trainings run on: a simulator, a cache of results and executors."""

import os
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import cached_property
from types import TracebackType
from typing import Self

from codesign.execution.cluster import Cluster
from codesign.execution.workers import worker_processes
from codesign.pdk import ensure_pdk
from codesign.pdk.technology import DEFAULT_PROCESS
from codesign.spice import Deck, ResultCache, Simulator, Waveforms, find_ngspice, run_decks


def session_or_own(session: "Session | None", process: str) -> AbstractContextManager["Session"]:
    """The given session, which stays open, or a new one that ends with the block.

    Args:
        session: the given one, if any.
        process: as in `Session`.
    """
    return Session(process) if session is None else nullcontext(session)


class Session:
    """A simulator, a cache of results and an executor, for as long as they are needed: a context manager.

        with Session(workers=2) as session:
            waveforms = session.run(decks)

    Attributes:
        simulator: runs a deck.
        cache: of simulation results.
        workers: simulations or trainings at once, on the session's own executors.
        executor: of simulations, which are child processes of their own: by default threads.
        progress: whether progress bars are shown, on standard error.
    """

    def __init__(
        self,
        process: str = DEFAULT_PROCESS,
        *,
        simulator: Simulator | None = None,
        cache: ResultCache | None = None,
        executor: Executor | None = None,
        workers: int | None = None,
        progress: bool = True,
    ) -> None:
        """Find or make what is not given.

        Args:
            process: whose models the decks use, as in `Design.pdk`.
            simulator: by default the ngspice on the PATH with the models of this machine, installed if there are none.
            cache: by default the user's.
            executor: any `concurrent.futures.Executor`, for simulations and trainings, which stays open; a `Cluster`,
                for simulations only; by default threads and processes of the session's own.
            workers: how many of these; by default one for each core.
            progress: show progress bars.

        Raises:
            NgspiceNotFound: there is no ngspice, or one that is too old.
            PdkError: the models are not there and cannot be installed.
            ClusterError: no worker of the cluster has the same ngspice and models.
        """
        self.simulator = Simulator(find_ngspice(), ensure_pdk(process)) if simulator is None else simulator
        self.cache = ResultCache() if cache is None else cache
        self.workers = workers or len(os.sched_getaffinity(0))
        self.progress = progress
        self._sent = self.simulator
        self._given = executor
        if isinstance(executor, Cluster):
            executor.admit(self.simulator)
            self._sent = self.simulator.elsewhere()
            # Trainings have their checkpoints on this machine.
            self._given = None
        self._open = ExitStack()
        self.executor = executor or self._open.enter_context(ThreadPoolExecutor(self.workers))

    @cached_property
    def processes(self) -> Executor:
        """Executor of what computes in Python itself, trainings and layouts: by default processes."""
        return self._given or self._open.enter_context(worker_processes(self.workers))

    def run(self, decks: Sequence[Deck], what: str = "simulations") -> list[Waveforms]:
        """Simulate decks, taking from the cache what it holds; see `codesign.spice.run_decks`.

        Args:
            decks: what to simulate.
            what: the name on the progress bar.

        Returns:
            The waveforms, in the order of `decks`.

        Raises:
            SimulationError: a run failed.
            CodesignError: the cache cannot be written.
        """
        return run_decks(
            decks,
            simulator=self._sent,
            cache=self.cache,
            executor=self.executor,
            progress=what if self.progress else None,
        )

    def close(self) -> None:
        """End the session's own threads and processes."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)
