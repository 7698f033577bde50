"""Schedulers and workers as processes of their own, which share no folder with the client."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.spice.scripts import write_script

SLOW = 'if [ "$1" != --version ]; then sleep 0.7; fi\nexec /usr/bin/ngspice "$@"'
"""An ngspice that takes its time."""

PATH = "/usr/bin:/bin"

OTHER_VERSION = """
import distributed.versions as versions
info = versions.get_package_info
versions.get_package_info = lambda packages: info(packages) | {"distributed": "2020.1.0"}
from distributed.cli.dask_scheduler import main
main()
"""


class Machines:
    """A scheduler, and workers each with a home and a PATH of its own; all are killed at the end of the block."""

    def __init__(self, folder: Path, program: tuple[str, ...] = ("-m", "distributed.cli.dask_scheduler")) -> None:
        self.folder = folder
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        file = folder / "scheduler.json"
        self.scheduler = self._start(
            [*program, "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)],
            {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "5s"},
        )
        until(lambda: file.exists() and file.read_text().endswith("}"))
        self.address: str = json.loads(file.read_text())["address"]

    def add(self, name: str, ngspice: str | None = SLOW, *options: str, **environment: str) -> None:
        """Start a worker, its ngspice a script."""
        home = self.folder / name
        (home / "bin").mkdir(parents=True)
        if ngspice is not None:
            write_script(home / "bin" / "ngspice", ngspice)
        own = {key: str(home) for key in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
        # A PATH without the machine's ngspice.
        for program in ("sh", "sleep", "setpriv", "kill", "touch"):
            (home / "bin" / program).symlink_to(f"/usr/bin/{program}")
        arguments = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name, *options]
        self.workers[name] = self._start(
            ["-m", "distributed.cli.dask_worker", *arguments, "--local-directory", str(home)],
            {"PATH": str(home / "bin"), **own, **environment},
        )

    def _start(self, arguments: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        kept = {key: value for key, value in os.environ.items() if key not in ("PDK_ROOT", "PDK")}
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=kept | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (*self.workers.values(), self.scheduler):
            process.send_signal(signal.SIGKILL)
            process.wait(30)


def until(happened, limit: float = 30.0) -> None:
    """Wait for something."""
    deadline = time.monotonic() + limit
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Ids of all processes that descend from one."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *children(child)]
    return found


def called(pid: int) -> str:
    """The command line of a process, empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
