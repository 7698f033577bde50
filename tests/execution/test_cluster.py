"""A cluster of real processes gives the numbers of this machine, whatever happens to its workers."""

import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.design import Design
from codesign.execution.cluster import Cluster, ClusterError
from codesign.execution.session import Session
from codesign.extraction.testbenches import fitting_testbenches
from codesign.pdk import Pdk
from codesign.spice import Deck, OperatingPoint, ResultCache, SimulationFailed, Simulator, Waveforms, find_ngspice
from tests.execution.clusters import OTHER_VERSION, SLOW, Machines, called, children, until
from tests.pdk.tiny_library import write_tiny_library
from tests.spice.scripts import write_script

pytestmark = [pytest.mark.spice, pytest.mark.slow]


def dividers(count: int) -> list[Deck]:
    return [
        Deck(f"divider {one}", f"V1 top 0 {one}\nR1 top middle 1000\nR2 middle 0 1000", OperatingPoint(), ("middle",))
        for one in range(count)
    ]


def values(results: list[Waveforms]) -> list[float]:
    return [float(result["middle"][0]) for result in results]


def expected_values(count: int) -> Any:
    return pytest.approx([one / 2 for one in range(count)])


def stored(cache: ResultCache) -> int:
    return len(list(cache.folder.glob("*/*.npz")))


@pytest.fixture(scope="module")
def networks(pdk: Pdk, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Deck], list[Waveforms]]:
    """Decks of small networks, and what threads of this machine make of them."""
    design = Design(name="small", layer_sizes=(2, 2, 2))
    decks = [testbench.deck() for testbench in fitting_testbenches(design, 4, seed=1)]
    simulator = Simulator(find_ngspice(), pdk, 120.0, tmp_path_factory.mktemp("runs"))
    cache = ResultCache(tmp_path_factory.mktemp("results"))
    with Session(simulator=simulator, cache=cache, workers=2, progress=False) as session:
        return decks, session.run(decks)


@pytest.mark.parametrize("workers", [2, 4])
def test_local_workers_give_the_same_numbers(
    networks: tuple[list[Deck], list[Waveforms]],
    workers: int,
    simulator: Simulator,
    cache: ResultCache,
    capfd: pytest.CaptureFixture[str],
) -> None:
    decks, expected = networks
    with Cluster(workers=workers) as cluster, Session(simulator=simulator, cache=cache, executor=cluster) as session:
        found = session.run(decks, "networks")
        assert session.processes is not cluster
    assert stored(cache) == len(decks)
    for one, other in zip(expected, found, strict=True):
        assert np.array_equal(one.axis, other.axis)
        assert all(np.array_equal(one[name], other[name]) for name in one.signals)
    # The bar, over all workers, and nothing of Dask's.
    lines = [line for line in capfd.readouterr().err.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("networks") and "4/4" in lines[0]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_dies_or_stops_changes_no_number(
    number: signal.Signals, simulator: Simulator, cache: ResultCache, tmp_path: Path
) -> None:
    with Machines(tmp_path) as machines:
        machines.add("first")
        machines.add("second")

        def disturb() -> None:
            until(lambda: all(children(worker.pid) for worker in machines.workers.values()) and stored(cache) > 1)
            machines.workers["first"].send_signal(number)

        threading.Thread(target=disturb, daemon=True).start()
        with (
            Cluster(machines.address) as cluster,
            Session(simulator=simulator, cache=cache, executor=cluster) as session,
        ):
            until(lambda: len(cluster_workers(cluster)) == 2)
            results = session.run(dividers(8))
        assert values(results) == expected_values(8)
        assert machines.workers["second"].poll() is None


def cluster_workers(cluster: Cluster) -> set[str]:
    """Names of those that the scheduler knows."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        return {str(worker["name"]) for worker in client.scheduler_info(n_workers=-1)["workers"].values()}


def test_the_only_worker_is_killed_and_its_successor_goes_on(
    simulator: Simulator, cache: ResultCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(tmp_path / "ngspice", SLOW)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    killed: list[int] = []

    def kill() -> None:
        until(lambda: stored(cache) > 0)
        for pid in children(os.getpid()):
            if "spawn_main" in called(pid):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    with Cluster(workers=1) as cluster, Session(simulator=simulator, cache=cache, executor=cluster) as session:
        threading.Thread(target=kill, daemon=True).start()
        assert values(session.run(dividers(4))) == expected_values(4)
    assert len(killed) == 1


def test_unfit_workers_are_named_and_get_no_work(
    simulator: Simulator, cache: ResultCache, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = write_tiny_library(tmp_path / "pdk" / "sky130A" / "libs.tech" / "combined").parents[2]
    with Machines(tmp_path) as machines:
        machines.add("without", None)
        machines.add("newer", "echo '** ngspice-99 : Circuit level simulation program'")
        machines.add("models", PDK_ROOT=str(other))
        with Cluster(machines.address) as cluster:
            until(lambda: len(cluster_workers(cluster)) == 3)
            with pytest.raises(ClusterError, match=r"^no worker of \S+ is fit: worker ") as refused:
                Session(simulator=simulator, cache=cache, executor=cluster)
            assert "\n" not in str(refused.value)
            machines.add("fit")
            until(lambda: len(cluster_workers(cluster)) == 4)
        capfd.readouterr()
        with (
            Cluster(machines.address) as cluster,
            Session(simulator=simulator, cache=cache, executor=cluster) as session,
        ):
            results = session.run(dividers(6))
            lines = capfd.readouterr().err.splitlines()
        assert values(results) == expected_values(6)
    for name, reason in (
        ("without", "ngspice is not on the PATH"),
        ("newer", "ngspice 99 instead of"),
        ("models", "other"),
    ):
        assert (
            len([line for line in lines if line.startswith(f"warning: no work for worker {name} (") and reason in line])
            == 1
        )
    assert not any("worker fit" in line for line in lines)


def test_no_scheduler_another_program_and_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign.execution.cluster.connection._ANSWER", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        for address in (f"tcp://127.0.0.1:{other.getsockname()[1]}", "tcp://127.0.0.1:1", "nowhere:x"):
            with pytest.raises(ClusterError, match=f"^no Dask scheduler answers at {address}; check the address"):
                Cluster(address)
    monkeypatch.undo()
    with (
        Machines(tmp_path, ("-c", OTHER_VERSION)) as machines,
        pytest.raises(ClusterError, match=r"^the scheduler at \S+ is Dask 2020.1.0, this is \S+; pip install"),
    ):
        Cluster(machines.address)


def test_a_scheduler_that_goes_away_ends_the_run_and_what_was_finished_is_kept(
    simulator: Simulator, cache: ResultCache, tmp_path: Path
) -> None:
    with Machines(tmp_path) as machines:
        machines.add("first")

        def kill() -> None:
            until(lambda: stored(cache) > 1)
            machines.scheduler.kill()

        threading.Thread(target=kill, daemon=True).start()
        with (
            Cluster(machines.address) as cluster,
            Session(simulator=simulator, cache=cache, executor=cluster) as session,
        ):
            with pytest.raises(
                ClusterError, match=r"^the scheduler at \S+ went away; start it, and run the same again"
            ):
                session.run(dividers(20))
            with pytest.raises(ClusterError, match="went away"):
                session.run(dividers(21))
    assert 2 <= stored(cache) < 20


def test_workers_without_memory_are_named(simulator: Simulator, cache: ResultCache, tmp_path: Path) -> None:
    with Machines(tmp_path) as machines:
        machines.add("small", None, "--memory-limit", "20MB")
        with Cluster(machines.address) as cluster:
            until(lambda: "paused" in str(cluster._connection.workers()))
            with pytest.raises(ClusterError, match=r"is fit: worker small \(.*paused, its memory of 20 MB is used up"):
                Session(simulator=simulator, cache=cache, executor=cluster)


def test_no_worker_at_all(simulator: Simulator, tmp_path: Path) -> None:
    with (
        Machines(tmp_path) as machines,
        Cluster(machines.address, patience=0.5) as cluster,
        pytest.raises(ClusterError, match=r"^no worker of \S+ can work since 0.5 s; start some"),
    ):
        Session(simulator=simulator, executor=cluster)


def test_the_last_worker_leaves(simulator: Simulator, cache: ResultCache, tmp_path: Path) -> None:
    with Machines(tmp_path) as machines:
        machines.add("first")

        def kill() -> None:
            until(lambda: stored(cache) > 0)
            machines.workers["first"].kill()

        with Cluster(machines.address, patience=2) as cluster:
            until(lambda: len(cluster_workers(cluster)) == 1)
            threading.Thread(target=kill, daemon=True).start()
            with (
                Session(simulator=simulator, cache=cache, executor=cluster) as session,
                pytest.raises(ClusterError, match=r"can work since 2 s"),
            ):
                session.run(dividers(20))
    assert 0 < stored(cache) < 20


def test_jobs_that_kill_their_workers_end_the_run(simulator: Simulator, cache: ResultCache, tmp_path: Path) -> None:
    deadly = 'case "$1" in --version) exec /usr/bin/ngspice --version;; esac\nkill -9 $PPID\nsleep 9'
    with Machines(tmp_path) as machines:
        for name in ("one", "two", "three", "four"):
            machines.add(name, deadly)
        with Cluster(machines.address) as cluster:
            until(lambda: len(cluster_workers(cluster)) == 4)
            with (
                Session(simulator=simulator, cache=cache, executor=cluster) as session,
                pytest.raises(ClusterError, match=r"worker \w+ \(tcp\S+\) died, as did 3 others .*; give workers more"),
            ):
                session.run(dividers(1))


def test_a_failed_simulation_names_its_worker_and_the_others_end(
    simulator: Simulator, cache: ResultCache, tmp_path: Path
) -> None:
    with Machines(tmp_path) as machines:
        machines.add("first", 'case "$1" in --version) exec /usr/bin/ngspice --version;; esac\necho aborted')
        with (
            Cluster(machines.address) as cluster,
            Session(simulator=simulator, cache=cache, executor=cluster) as session,
            pytest.raises(SimulationFailed, match=r"gave up \(aborted\) on worker first in .*/first/\S+/deck.cir"),
        ):
            session.run(dividers(3))


@pytest.mark.parametrize("end", ["cancel", "leave"])
def test_what_runs_on_workers_ends_with_the_client(end: str, simulator: Simulator, tmp_path: Path) -> None:
    endless = 'case "$1" in --version) exec /usr/bin/ngspice --version;; esac\nsleep 600'
    with Machines(tmp_path) as machines:
        machines.add("first", endless)
        worker = machines.workers["first"].pid
        program = (
            "import sys\nfrom codesign.execution.cluster import Cluster\n"
            "from codesign.execution.session import Session\n"
            "from tests.execution.test_cluster import dividers\nwith Cluster(sys.argv[1]) as cluster, "
            "Session(executor=cluster, progress=False) as session:\n    session.run(dividers(3))\n"
        )
        command = [sys.executable, "-c", program, machines.address]
        with subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE) as client:
            until(lambda: any("sleep 600" in called(child) for child in children(worker)))
            client.send_signal(signal.SIGINT if end == "cancel" else signal.SIGKILL)
            client.communicate(timeout=120)
        until(lambda: not any("sleep 600" in called(child) for child in children(worker)), 10)
        assert machines.workers["first"].poll() is None


def test_a_cluster_works_for_one_simulator(simulator: Simulator) -> None:
    other = replace(simulator, ngspice=replace(simulator.ngspice, version="99"))
    with Cluster(workers=1) as cluster:
        Session(simulator=simulator, executor=cluster)
        Session(simulator=simulator, executor=cluster)
        with pytest.raises(ClusterError, match="open another"):
            Session(simulator=other, executor=cluster)


def test_without_dask_the_command_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom codesign.cli.main import main\n"
        "assert not {'dask', 'distributed'} & sys.modules.keys()\nsys.modules['distributed'] = None\nmain()"
    )
    flow = Path(__file__).parents[2] / "flows" / "5-5-5.toml"
    command = [sys.executable, "-c", program, "run", str(flow), "--out", str(tmp_path / "out"), "--cluster", "local"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "error: a cluster needs Dask, which is not installed; pip install 'codesign[cluster]'\n",
    )
