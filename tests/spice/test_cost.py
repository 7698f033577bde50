"""What a child took is told by its own work, not by its parent's."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from codesign.spice import Cost, Waveforms, total_cost
from codesign.spice.cost import peak_memory
from codesign.spice.process import Ended, TimeLimitExceeded, run_child

MEGABYTE = 1_000_000


def run_python(text: str, folder: Path, timeout: float = 60.0) -> Ended:
    return run_child([sys.executable, "-S", "-c", text], folder, folder / "log", timeout, {})


def test_processor_time_and_memory_are_the_childs_own(tmp_path: Path) -> None:
    held = bytearray(os.urandom(200 * MEGABYTE))
    busy = "import time\nwhile time.process_time() < 0.4: pass\n"
    work = busy + "x = bytearray({0})\ntime.sleep(0.2)\ndel x\ntime.sleep(0.1)"
    small, large = (run_python(work.format(size), tmp_path) for size in (1, 100 * MEGABYTE))
    assert len(held) == 200 * MEGABYTE
    for ended in (small, large):
        assert ended.status == 0 and 0.4 <= ended.cost.processor_s < 1.5
    assert 1 < small.cost.peak_MB < 50
    assert large.cost.peak_MB - small.cost.peak_MB == pytest.approx(100, rel=0.1)


def test_how_a_child_ends(tmp_path: Path) -> None:
    assert run_python("raise SystemExit(3)", tmp_path).status == 3
    assert run_python("import os; os.kill(os.getpid(), 15)", tmp_path).status == -15
    with pytest.raises(TimeLimitExceeded):
        run_python("import time; time.sleep(60)", tmp_path, timeout=0.3)


def test_a_process_that_is_gone_holds_nothing() -> None:
    assert peak_memory(2**22 + 1) == 0.0


def test_seconds_add_and_memory_does_not() -> None:
    assert total_cost([Cost(1.0, 30.0), Cost(2.5, 20.0)]) == Cost(3.5, 30.0)
    assert total_cost([Cost(1.0, 30.0), None]) is None


def test_the_cost_is_stored_with_the_waveforms() -> None:
    for cost in (Cost(1.5, 40.25), None):
        stored = Waveforms(np.arange(3.0), {"a": np.ones(3)}, cost).to_bytes()
        assert Waveforms.from_bytes(stored).cost == cost
