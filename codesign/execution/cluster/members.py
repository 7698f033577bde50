"""Which workers of a scheduler may take jobs."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from codesign.execution.cluster.connection import Connection
from codesign.execution.cluster.worker import Requirements, join


class Members:
    """The workers that take jobs, and those that do not, each of which is named once on standard error.

    Attributes:
        requirements: what a worker must have.
        refused: why, by the address of the worker; in the line stands its name.
    """

    def __init__(self, connection: Connection, requirements: Requirements) -> None:
        self.requirements = requirements
        self.refused: dict[str, str] = {}
        self._connection = connection
        self._fit: set[str] = set()
        self._paused: set[str] = set()

    def look(self) -> bool:
        """Check the workers that have joined since the last look.

        Returns:
            Whether there is one that can work.

        Raises:
            Exception: the scheduler does not answer.
        """
        present = self._connection.workers()
        running = {address for address, worker in present.items() if worker["status"] == "running"}
        paused = {address for address, worker in present.items() if worker["status"] == "paused"}
        for address in paused - self._paused:
            megabytes = (present[address]["memory_limit"] or 0) / 1e6
            reason = f"paused, its memory of {megabytes:.0f} MB is used up; start it with more (--memory-limit)"
            self._refuse(address, present[address], reason)
        for address in self._paused & running:
            del self.refused[address]
        self._paused = paused
        if new := list(running - self._fit - self.refused.keys()):
            answers: Mapping[str, Any] = self._connection.client.run(
                join, self.requirements, workers=new, on_error="return"
            )
            for address, answer in answers.items():
                if isinstance(answer, OSError):
                    # It left meanwhile.
                    continue
                if isinstance(answer, ImportError):
                    answer = f"{answer}; install codesign there"
                if answer:
                    self._refuse(address, present[address], str(answer))
                else:
                    self._fit.add(address)
        self._fit &= present.keys()
        return bool(self._fit & running)

    def _refuse(self, address: str, worker: Mapping[str, Any], reason: str) -> None:
        name = str(worker["name"])
        line = f"worker {name if name == address else f'{name} ({address})'}: {reason}"
        self.refused[address] = " ".join(line.split())
        with suppress(OSError, ValueError):
            print(f"warning: no work for {self.refused[address]}", file=sys.stderr)
