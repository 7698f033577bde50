"""Whatever ends a flow, in whatever phase, no process of it is left a few seconds later; run again, it goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesign.pdk import Pdk
from tests.flow.test_run import FLOW

MARK = "CODESIGN_TEST_FLOW"


def processes(mark: str) -> list[int]:
    """Ids of the processes with the mark in their environment, zombies left out."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and f"{MARK}={mark}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def names(mark: str) -> str:
    """The command lines of those processes."""
    lines: list[bytes] = []
    for process in processes(mark):
        try:
            lines.append(Path(f"/proc/{process}/cmdline").read_bytes())
        except OSError:
            continue
    return b"\n".join(lines).decode(errors="replace")


def has_begun(phase: str, mark: str, out: Path) -> bool:
    """Whether a flow is in a phase, and a process of that phase is at work."""
    running = names(mark)
    match phase:
        case "extraction":
            return "ngspice\0-b" in running
        case "training":
            return (out / "neuron_model.json").exists() and "spawn_main" in running
        case "validation":
            return (out / "netlist").exists() and "ngspice\0-b" in running
        case _:
            return (out / "layout").exists() and "spawn_main" in running


def end_in(phase: str, number: signal.Signals, folder: Path) -> str:
    """Run the flow up to a phase, end it by a signal as it comes in life, and return what it printed on stderr.

    SIGHUP comes from a terminal that is closed, SIGINT to all processes of the terminal, the others to the first one.
    """
    mark = f"{folder.name}-{phase}-{number}-{os.getpid()}"
    master, slave = os.openpty()
    # The tests themselves may run with some signals ignored, as under nohup.
    program = ["setsid", "--ctty", "env", "--default-signal=INT,TERM,HUP", Path(sys.executable).parent / "codesign"]
    command = [*program, "run", folder / "tiny.toml", "--out", folder / "out"]
    with (folder / "errors").open("w") as errors:
        flow = subprocess.Popen(
            [*command, "--post-layout", "--workers", "2"],
            env=os.environ | {MARK: mark, "XDG_CACHE_HOME": str(folder / "cache"), "OMP_NUM_THREADS": "1"},
            stdin=slave,
            stdout=slave,
            stderr=errors,
        )
    os.close(slave)
    deadline = time.monotonic() + 120
    while not has_begun(phase, mark, folder / "out"):
        assert flow.poll() is None, f"the flow ended before its {phase}: {(folder / 'errors').read_text()}"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    if number == signal.SIGHUP:
        os.close(master)
    elif number == signal.SIGINT:
        os.killpg(flow.pid, number)
    else:
        os.kill(flow.pid, number)
    status = flow.wait(60)
    deadline = time.monotonic() + 10
    while processes(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = names(mark)
    print(f"{phase} {number.name}: status {status}, survivors {len(processes(mark))}")
    if number != signal.SIGHUP:
        os.close(master)
    assert not left
    assert status == (-number if number == signal.SIGKILL else 128 + number)
    return (folder / "errors").read_text()


@pytest.fixture
def folder(tmp_path: Path, pdk: Pdk) -> Iterator[Path]:
    """A folder with the flow file."""
    (tmp_path / "tiny.toml").write_text(FLOW)
    yield tmp_path


PHASES = ("extraction", "training", "validation", "layout")


SIGNALS = (signal.SIGINT, signal.SIGKILL, signal.SIGHUP, signal.SIGTERM)


# The other turns are for a try by hand: CODESIGN_TEST_ALL=1 pytest tests/flow/test_ended.py
@pytest.mark.slow
@pytest.mark.spice
@pytest.mark.parametrize("turn", range(len(SIGNALS) if os.environ.get("CODESIGN_TEST_ALL") else 1))
def test_no_process_outlives_a_flow(folder: Path, turn: int) -> None:
    # Each goes on where the last one ended.
    for index, phase in enumerate(PHASES):
        number = SIGNALS[(index + turn) % len(SIGNALS)]
        said = end_in(phase, number, folder)
        if number != signal.SIGKILL:
            assert said.splitlines()[-1] == "interrupted; run the same command again to continue from here"
            assert "Traceback" not in said
