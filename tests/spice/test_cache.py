"""The cache gives back what was stored, under every ingredient, through damage and a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import CodesignError
from codesign.spice import Deck, Ingredients, OperatingPoint, ResultCache, Simulator, Waveforms, run_decks
from tests.damage import each_damage
from tests.spice.scripts import WRITE_RESULT

BASE = Ingredients(ngspice="39", models="ab" * 32, settings="set x\n", deck="* title\nR1 a 0 1000\n.op\n")
RESULT = Waveforms(np.zeros(1), {"a": np.array([0.5])})


def test_a_result_comes_back_under_its_ingredients_only(cache: ResultCache) -> None:
    assert cache.load(BASE) is None
    cache.store(BASE, RESULT)
    found = cache.load(BASE)
    assert found is not None
    np.testing.assert_array_equal(found["a"], RESULT["a"])
    for other in (
        replace(BASE, ngspice="40"),
        replace(BASE, models="cd" * 32),
        replace(BASE, settings=""),
        replace(BASE, deck=BASE.deck.replace("1000", "1001")),
    ):
        assert cache.load(other) is None
    assert (cache.hits, cache.misses) == (1, 5)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (BASE, "it is stored"),
        (replace(BASE, ngspice="40"), "other ingredients: ngspice 40 instead of 39"),
        (replace(BASE, models="cd" * 32), "models cdcdcdcdcdcd instead of abababababab"),
        (replace(BASE, settings=""), "other simulator settings"),
        (replace(BASE, deck=BASE.deck.replace("1000", "2000")), "deck line 2: 'R1 a 0 2000' instead of 'R1 a 0 1000'"),
        (replace(BASE, deck=BASE.deck + ".end\n"), "a deck of 4 lines instead of 3"),
    ],
)
def test_why_a_result_was_missed(cache: ResultCache, wanted: Ingredients, reason: str) -> None:
    assert cache.why_missed(wanted) == f"nothing is stored in {cache.folder}"
    cache.store(BASE, RESULT)
    # Far from all of the wanted ones: the nearest entry is what is told about.
    cache.store(Ingredients("30", "00" * 32, "", "* another\nR9 b 0 9\n.op\n.end\n"), RESULT)
    assert reason in cache.why_missed(wanted)


def test_ingredients_follow_the_deck_and_the_models(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted("exit 0")
    deck = Deck("m", "X1 a b 0 0 sky130_fd_pr__pfet_01v8 w=1", OperatingPoint(), ("a",))
    key = Ingredients.of(deck, simulator).key
    assert key == Ingredients.of(replace(deck), replace(simulator, timeout=1.0)).key
    for other in (
        replace(deck, temperature=28.0),
        replace(deck, mismatch=True),
        replace(deck, seed=2),
        replace(deck, options={"reltol": 1e-5}),
        replace(deck, probes=("A",)),
    ):
        assert Ingredients.of(other, simulator).key != key


def test_a_damaged_entry_is_simulated_again(cache: ResultCache) -> None:
    cache.store(BASE, RESULT)
    (entry,) = cache.folder.glob("*/*.npz")
    np.testing.assert_array_equal(Waveforms.load(entry)["a"], RESULT["a"])
    for damaged in each_damage(entry.read_bytes()):
        entry.write_bytes(damaged)
        assert cache.load(BASE) is None
        assert not entry.exists()
    cache.store(BASE, RESULT)
    assert cache.load(BASE) is not None


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CodesignError, match="cannot write"):
        ResultCache(tmp_path / "file").store(BASE, RESULT)


def _store_and_load(folder: Path) -> bool:
    cache = ResultCache(folder)
    for _ in range(20):
        cache.store(BASE, RESULT)
        found = cache.load(BASE)
        if found is None or found["a"][0] != 0.5:
            return False
    return True


def test_two_processes_may_store_the_same_result_at_once(cache: ResultCache) -> None:
    with ProcessPoolExecutor(2) as executor:
        assert all(executor.map(_store_and_load, [cache.folder] * 2))


KILLED_FLOW = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tests.spice.test_cache import flow_decks
from codesign.pdk import Pdk
from codesign.spice import Ngspice, ResultCache, Simulator, run_decks
folder = Path(sys.argv[1])
simulator = Simulator(Ngspice(folder / "ngspice", "39"), Pdk(folder / "pdk", "test"), 60.0, folder / "runs")
with ThreadPoolExecutor(1) as executor:
    run_decks(flow_decks(), simulator=simulator, cache=ResultCache(folder / "results"), executor=executor)
"""


def flow_decks() -> list[Deck]:
    """Eight decks that differ in temperature."""
    return [
        Deck(f"run {index}", "R1 middle 0 1", OperatingPoint(), ("middle",), temperature=float(index))
        for index in range(8)
    ]


def test_after_a_kill_only_the_run_in_flight_is_repeated(
    scripted: Callable[..., Simulator], cache: ResultCache, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    # The fourth run hangs, so that the kill comes when three results are stored.
    hang = f"echo run >> {started}; if [ $(wc -l < {started}) -eq 4 ]; then exec sleep 60; fi"
    simulator = scripted(f"{hang}; {WRITE_RESULT}")
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", KILLED_FLOW, str(tmp_path)], cwd=root) as flow:
        deadline = time.monotonic() + 60
        while len(list(cache.folder.glob("*/*.npz"))) < 3 or started.read_text().count("run") < 4:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(flow.pid, signal.SIGKILL)
    before = started.read_text().count("run")
    with ThreadPoolExecutor(1) as executor:
        run_decks(flow_decks(), simulator=simulator, cache=cache, executor=executor)
    assert cache.hits == 3
    assert cache.misses == 5
    assert started.read_text().count("run") == before + 5
