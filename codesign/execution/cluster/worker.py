"""What runs on a cluster's workers: the check of a worker, a job, and the end of one that is cancelled."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

import distributed
from distributed import Status, Worker, WorkerPlugin

from codesign.errors import CodesignError
from codesign.execution.cluster.connection import VERSION
from codesign.pdk import find_pdk
from codesign.pdk.errors import PdkNotFound
from codesign.provenance import tool_version
from codesign.spice import SimulationFailed, Simulator, find_ngspice
from codesign.spice.process import kill_running_children


@dataclass(frozen=True)
class Requirements:
    """What a worker must have so that its numbers are those of the client's own machine.

    Attributes:
        codesign: version.
        distributed: version.
        ngspice: version.
        process: whose models the decks use.
        models: SHA-256 of the client's model library.
    """

    codesign: str
    distributed: str
    ngspice: str
    process: str
    models: str

    @classmethod
    def of(cls, simulator: Simulator) -> "Requirements":
        """What the client itself has."""
        pdk = simulator.pdk
        return cls(tool_version(), VERSION, simulator.ngspice.version, pdk.process, pdk.fingerprint)

    @property
    def resource(self) -> str:
        """The name of the abstract resource that Dask's scheduler knows a fit worker by."""
        return f"codesign-{hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]}"

    def unmet(self) -> str:
        """Why the machine that this runs on is not fit, with the cure; empty where it is fit."""
        for package, wanted in (("codesign", self.codesign), ("distributed", self.distributed)):
            found = {"codesign": tool_version(), "distributed": VERSION}[package]
            if found != wanted:
                return f"{package} {found} instead of {wanted}; pip install {package}=={wanted} there"
        try:
            ngspice = find_ngspice()
            if ngspice.version != self.ngspice:
                return f"ngspice {ngspice.version} instead of {self.ngspice}; install that one there"
            models = find_pdk(self.process)
            if models.fingerprint != self.models:
                return (
                    f"other {self.process} models ({models.root}, sha256 {models.fingerprint[:12]} instead of "
                    f"{self.models[:12]}); set PDK_ROOT there to the same ones"
                )
        except PdkNotFound:
            # Models come with the jobs.
            pass
        except CodesignError as error:
            return str(error)
        return ""


class CancelledJobsEnd(WorkerPlugin):
    """Kills the ngspice of a job that no client waits for any more: Dask itself would let it run to its end."""

    name = "codesign-cancelled-jobs-end"

    def setup(self, worker: Worker) -> None:
        """Keep the worker whose jobs these are."""
        self._worker = worker

    def transition(self, key: Any, start: str, finish: str, **kwargs: Any) -> None:
        """Called by Dask at each change of a job's state."""
        if start == "executing" and finish == "released":
            with self._worker.active_threads_lock:
                threads = {thread for thread, job in self._worker.active_threads.items() if job == key}
            kill_running_children(threads)


async def join(requirements: Requirements, dask_worker: Worker) -> str:
    """Let this worker take jobs if it is fit.

    Args:
        requirements: of the client.
        dask_worker: this worker, given by Dask.

    Returns:
        Why it is not fit; empty where it is.
    """
    if requirements.resource in dask_worker.state.total_resources:
        return ""
    # Of its event loop, which goes on answering.
    if reason := await asyncio.to_thread(requirements.unmet):
        return reason
    if CancelledJobsEnd.name not in dask_worker.plugins:
        await dask_worker.plugin_add(CancelledJobsEnd(), name=CancelledJobsEnd.name)
    await dask_worker.set_resources(**{requirements.resource: dask_worker.state.nthreads})
    # The scheduler gives waiting jobs to a worker that resumes, not to one with a new resource.
    if dask_worker.status == Status.running:
        dask_worker.status = Status.paused
        dask_worker.status = Status.running
    return ""


def run_job(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run one job on this worker; a failed simulation names the worker, on which its deck lies."""
    try:
        return function(*arguments)
    except SimulationFailed as error:
        worker = distributed.get_worker()
        reason = f"{error.reason} on worker {worker.name}"
        raise SimulationFailed(reason, error.deck, error.log_tail, cure=error.cure) from None
