"""Many decks: in order, each once, in parallel, and stopped by the first failure."""

import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from codesign.spice import Deck, OperatingPoint, ResultCache, SimulationFailed, Simulator, run_decks
from tests.spice.scripts import WRITE_RESULT


def decks(count: int) -> list[Deck]:
    return [Deck(f"divider {index}", divider(index), OperatingPoint(), ("middle",)) for index in range(count)]


def divider(index: int) -> str:
    return f"V1 top 0 {index}\nR1 top middle 1000\nR2 middle 0 1000"


@pytest.mark.spice
@pytest.mark.parametrize("make_executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_results_keep_the_order_and_equal_decks_run_once(
    simulator: Simulator, cache: ResultCache, make_executor: Callable[[int], Executor]
) -> None:
    wanted = [*decks(4), *decks(4)[::-1]]
    with make_executor(2) as executor:
        for _ in range(2):
            results = run_decks(wanted, simulator=simulator, cache=cache, executor=executor)
            assert [result["middle"][0] for result in results] == pytest.approx([0, 0.5, 1, 1.5, 1.5, 1, 0.5, 0])
    assert (cache.misses, cache.hits) == (4, 4)


def test_nothing_to_do(scripted: Callable[..., Simulator], cache: ResultCache) -> None:
    with ThreadPoolExecutor(1) as executor:
        assert run_decks([], simulator=scripted("exit 1"), cache=cache, executor=executor, progress="nothing") == []


def test_the_progress_bar_says_what_runs(
    scripted: Callable[..., Simulator], cache: ResultCache, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(1) as executor:
        run_decks(decks(2), simulator=scripted(WRITE_RESULT), cache=cache, executor=executor, progress="dividers")
    captured = capsys.readouterr()
    assert "dividers" in captured.err and "2/2" in captured.err and captured.out == ""


def test_a_failure_cancels_the_rest_and_names_its_deck(
    scripted: Callable[..., Simulator], cache: ResultCache, tmp_path: Path
) -> None:
    simulator = scripted(f"echo x >> {tmp_path}/started; grep -q 'divider 2' deck.cir && exit 1; {WRITE_RESULT}")
    with ThreadPoolExecutor(1) as executor, pytest.raises(SimulationFailed, match=r"in .*divider-2.*/deck\.cir"):
        run_decks(decks(50), simulator=simulator, cache=cache, executor=executor)
    assert len((tmp_path / "started").read_text().split()) < 50
    # What was complete by then is kept.
    with ThreadPoolExecutor(1) as executor:
        run_decks(decks(2), simulator=simulator, cache=cache, executor=executor)
    assert cache.hits == 2


def test_a_failure_comes_back_whole_from_a_worker_process(
    scripted: Callable[..., Simulator], cache: ResultCache
) -> None:
    with ProcessPoolExecutor(1) as executor, pytest.raises(SimulationFailed) as caught:
        run_decks(decks(1), simulator=scripted("echo aborted"), cache=cache, executor=executor)
    assert caught.value.log_tail == "aborted"
    assert caught.value.deck.is_file()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Python's own answer to an interrupt: a worker of a parallel test run ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_kills_the_runs_in_flight(
    scripted: Callable[..., Simulator], cache: ResultCache, tmp_path: Path, interruptible: None
) -> None:
    simulator = scripted(f"touch {tmp_path}/started; sleep 60", timeout=120.0)

    def interrupt() -> None:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    start = time.monotonic()
    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyboardInterrupt):
        run_decks(decks(3), simulator=simulator, cache=cache, executor=executor)
    assert time.monotonic() - start < 20


def test_two_workers_share_the_work(scripted: Callable[..., Simulator], tmp_path: Path) -> None:
    # The simulator sleeps, so that a busy machine does not hide what the batch itself costs.
    simulator = scripted(f"sleep 0.25; {WRITE_RESULT}")

    def seconds(workers: int, turn: int) -> float:
        cache = ResultCache(tmp_path / f"{workers}-{turn}")
        start = time.monotonic()
        with ThreadPoolExecutor(workers) as executor:
            run_decks(decks(8), simulator=simulator, cache=cache, executor=executor)
        return time.monotonic() - start

    # In turns, so that one disturbance cannot decide.
    assert statistics.median(seconds(1, turn) / seconds(2, turn) for turn in range(3)) >= 1.7
