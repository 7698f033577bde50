"""Runs against circuits that can be solved by hand, and every way in which a run can fail."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import CodesignError
from codesign.spice import (
    DcSweep,
    Deck,
    NgspiceNotFound,
    OperatingPoint,
    SimulationError,
    SimulationFailed,
    Simulator,
    Transient,
)
from tests.spice.scripts import WRITE_RESULT

DIVIDER = Deck("divider", "V1 top 0 1\nR1 top middle 1000\nR2 middle 0 1000", OperatingPoint(), ("middle",))


@pytest.mark.spice
class TestWithNgspice:
    def test_operating_point(self, simulator: Simulator) -> None:
        waveforms = simulator.run(DIVIDER)
        np.testing.assert_allclose(waveforms["middle"], [0.5])
        assert waveforms.axis.tolist() == [0.0]

    def test_sweep(self, simulator: Simulator) -> None:
        deck = Deck("sweep", DIVIDER.circuit, DcSweep("V1", -1.0, 1.0, 0.1), ("Middle", "i(v1)"))
        waveforms = simulator.run(deck)
        np.testing.assert_allclose(waveforms.axis, np.linspace(-1.0, 1.0, 21), atol=1e-12)
        np.testing.assert_allclose(waveforms["Middle"], waveforms.axis / 2, atol=1e-12)
        np.testing.assert_allclose(waveforms["i(v1)"], -waveforms.axis / 2000, atol=1e-12)

    def test_transient_from_an_initial_condition(self, simulator: Simulator) -> None:
        circuit = "R1 inner 0 1000\nC1 inner 0 1e-9\n.subckt load node\nR1 node 0 1e12\n.ends\nXload inner load"
        # ngspice holds the node with a resistor while it looks for the operating point.
        deck = Deck("decay", circuit, Transient(5e-6, 1e-8), ("inner",), initial_conditions={"inner": 1.0})
        waveforms = simulator.run(deck)
        np.testing.assert_allclose(waveforms["inner"], np.exp(-waveforms.time / 1e-6), atol=1e-4)
        np.testing.assert_allclose(waveforms.crossings("inner", 0.5, rising=False), [np.log(2) * 1e-6], rtol=1e-3)

    def test_node_and_current_inside_a_subcircuit(self, simulator: Simulator) -> None:
        circuit = f".subckt block\n{DIVIDER.circuit}\n.ends\nXouter block\nRground 0 unused 1"
        waveforms = simulator.run(Deck("nested", circuit, OperatingPoint(), ("Xouter.middle", "i(v.Xouter.V1)")))
        np.testing.assert_allclose(waveforms["Xouter.middle"], [0.5])
        np.testing.assert_allclose(waveforms["i(v.Xouter.V1)"], [-5e-4])

    def test_mismatch_repeats_with_its_seed_only(self, simulator: Simulator) -> None:
        circuit = "Vd drain 0 1.8\nVg gate 0 0.7\nXm drain gate 0 0 sky130_fd_pr__nfet_01v8 w=0.42 l=0.15"

        def current(mismatch: bool, seed: int) -> float:
            deck = Deck("m", circuit, OperatingPoint(), ("i(Vd)",), mismatch=mismatch, seed=seed)
            return float(simulator.run(deck)["i(Vd)"][0])

        assert current(True, 1) == current(True, 1)
        assert len({current(True, 1), current(True, 2), current(True, 3)}) == 3
        assert current(False, 1) == current(False, 2)

    def test_corner_and_temperature_matter(self, simulator: Simulator) -> None:
        circuit = "Vd drain 0 1.8\nVg gate 0 1.8\nXm drain gate 0 0 sky130_fd_pr__nfet_01v8 w=1 l=0.15"

        def current(corner: str, temperature: float) -> float:
            deck = Deck("m", circuit, OperatingPoint(), ("i(Vd)",), corner=corner, temperature=temperature)
            return -float(simulator.run(deck)["i(Vd)"][0])

        assert current("ss", 27) < current("tt", 27) < current("ff", 27)
        assert current("tt", 85) < current("tt", -40)

    def test_a_probe_that_is_not_there_beside_one_that_is(self, simulator: Simulator) -> None:
        with pytest.raises(SimulationFailed, match="nothing was saved for elsewhere"):
            simulator.run(Deck("divider", DIVIDER.circuit, OperatingPoint(), ("middle", "elsewhere")))

    def test_a_successful_run_leaves_nothing_behind(self, simulator: Simulator) -> None:
        simulator.run(DIVIDER)
        assert list(simulator.runs_folder.iterdir()) == []

    @pytest.mark.parametrize(
        ("circuit", "analysis", "probe", "message"),
        [
            ("X1 a b nowhere", OperatingPoint(), "a", r"unknown subckt.*names of models and subcircuits"),
            ("V1 a 0 1\nR1 a 0 nomodel", OperatingPoint(), "a", r"gave up|stopped|not finite"),
            ("V1 a 0 1\nV2 a 0 2", OperatingPoint(), "a", r"singular matrix.*floating nodes"),
            ("B1 a 0 v = v(a) > 0.5 ? 0 : 1", OperatingPoint(), "a", r"gave up.*floating nodes"),
            (
                "V1 b 0 pulse(0 1 1e-9 1e-9 1e-9 1e-9)\nB1 a 0 v = v(b) < 0.5 ? v(b) : (v(a) > 0.5 ? 0 : 1)",
                Transient(1e-8, 1e-11),
                "a",
                r"Timestep too small; time = 1\.5e-09.*floating nodes",
            ),
            (DIVIDER.circuit, OperatingPoint(), "elsewhere", r"no data saved.*names of the probes"),
        ],
    )
    def test_what_ngspice_refuses(
        self, simulator: Simulator, circuit: str, analysis: OperatingPoint | Transient, probe: str, message: str
    ) -> None:
        with pytest.raises(SimulationFailed, match=message) as caught:
            simulator.run(Deck("refused", circuit, analysis, (probe,)))
        assert "\n" not in str(caught.value)
        assert caught.value.deck.read_text().startswith("* refused")
        assert (caught.value.deck.parent / "ngspice.log").is_file()


def test_a_hanging_run_ends_with_all_its_children(scripted: Callable[..., Simulator], tmp_path: Path) -> None:
    simulator = scripted(f"sleep 60 & echo $! > {tmp_path}/child; wait", timeout=0.5)
    start = time.monotonic()
    with pytest.raises(SimulationFailed, match=r"no result after 0\.5 s in .*raise the timeout"):
        simulator.run(DIVIDER)
    assert time.monotonic() - start < 10
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_running(child)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_exit_status_and_chatter_are_no_failure(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted(f'{WRITE_RESULT}; echo "Using SPARSE 1.3"; echo "Warning: gmin stepping failed" >&2; exit 1')
    np.testing.assert_allclose(simulator.run(DIVIDER)["middle"], [0.5])


def test_a_title_may_hold_any_words(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted(f'{WRITE_RESULT}; echo "Circuit: * simulation aborted"')
    simulator.run(DIVIDER)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 0", "wrote no readable result"),
        ("printf 'Title: cut off' > out.raw", "wrote no readable result"),
        (f"{WRITE_RESULT}; echo 'tran simulation(s) aborted'", r"gave up \(tran simulation\(s\) aborted\)"),
        (WRITE_RESULT.replace(r"\340\077", r"\370\177"), "not finite"),
    ],
)
def test_incomplete_results(scripted: Callable[..., Simulator], script: str, message: str) -> None:
    with pytest.raises(SimulationFailed, match=message):
        scripted(script).run(DIVIDER)


def test_a_run_that_stops_early_is_no_result(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted(WRITE_RESULT)
    deck = Deck("early", DIVIDER.circuit, Transient(1e-6, 1e-9), ("middle",))
    with pytest.raises(SimulationFailed, match=r"stopped early.*the log ends"):
        simulator.run(deck)


def test_the_log_tail_is_shown_without_chatter(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted('echo "the reason"; echo "Total DRAM available = 1 MB."; echo "aborted"')
    with pytest.raises(SimulationFailed) as caught:
        simulator.run(DIVIDER)
    assert caught.value.log_tail == "the reason\naborted"


def test_ngspice_that_cannot_be_started(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted("exit 0")
    simulator.ngspice.executable.unlink()
    with pytest.raises(NgspiceNotFound, match=r"cannot run .*install ngspice"):
        simulator.run(DIVIDER)


def test_runs_folder_that_cannot_be_written(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted("exit 0")
    simulator.runs_folder.write_text("a file where a folder should be")
    with pytest.raises(SimulationError, match="cannot write the run directory"):
        simulator.run(DIVIDER)


def test_unknown_device_and_corner(scripted: Callable[..., Simulator]) -> None:
    simulator = scripted("exit 0")
    with pytest.raises(CodesignError, match="no device sky130_fd_pr__nfet_09v9"):
        simulator.run(Deck("d", "X1 a b 0 0 sky130_fd_pr__nfet_09v9", OperatingPoint(), ("a",)))
    with pytest.raises(CodesignError, match="unknown corner 'xx'"):
        simulator.run(Deck("d", DIVIDER.circuit, OperatingPoint(), ("middle",), corner="xx"))
