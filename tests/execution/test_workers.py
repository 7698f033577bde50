"""Workers end with their parent, those too that are still starting."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codesign.execution.signals import Stopped, signals_held_back, stopped_by_signals

PROGRAM = """
import sys
import time

if __name__ == "__mp_main__":
    # Imports that take long, as those of PyTorch on a busy machine.
    print("importing", flush=True)
    time.sleep(600)

from codesign.execution.workers import worker_processes

if __name__ == "__main__":
    with worker_processes(1) as executor:
        executor.submit(abs, -3)
        time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_is_still_starting_ends_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "importing\n"
        children = [int(one) for one in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]
        assert children
        parent.send_signal(number)
        parent.wait(60)
        # The pipe closes when the last of them is gone.
        assert parent.stdout.read() == ""
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []


def test_a_worker_runs_the_same_python(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, sys\nfrom codesign.execution.workers import worker_processes\n"
        "def seen():\n    return sys.executable, sys.prefix, 'CODESIGN_WORKER_PYTHON' in os.environ\n"
        "if __name__ == '__main__':\n    with worker_processes(1) as executor:\n"
        "        print(executor.submit(seen).result()[:2] == seen()[:2], seen()[2])\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "True False\n"


def test_a_signal_that_is_held_back_comes_after_the_block() -> None:
    done: list[str] = []
    with pytest.raises(Stopped) as stopped, stopped_by_signals():
        with signals_held_back():
            signal.raise_signal(signal.SIGTERM)
            done.append("block")
        done.append("after it")
    assert stopped.value.number == signal.SIGTERM
    assert done == ["block"]
