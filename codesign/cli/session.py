"""The options of commands that simulate, and the session that they ask for."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from codesign.execution.cluster import LOCAL, Cluster
from codesign.execution.session import Session

WorkersOption = Annotated[int | None, typer.Option(min=1, help="Simulations at once; by default one for each core.")]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help=f"Simulate on the workers of this Dask scheduler; `{LOCAL}` starts one with --workers."
    ),
]


@contextmanager
def open_session(process: str, workers: int | None, cluster: str | None) -> Generator[Session, None, None]:
    """A session on this machine's cores, or on a cluster."""
    with ExitStack() as stack:
        executor = None if cluster is None else stack.enter_context(Cluster(cluster, workers=workers))
        yield stack.enter_context(Session(process, executor=executor, workers=workers))
