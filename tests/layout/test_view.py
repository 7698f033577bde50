"""Testbenches on layouts: what is extracted takes the schematic's place."""

import re
import subprocess
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spicelib import RawRead

from codesign.circuits.emission import Netlist
from codesign.circuits.network import Network, Weights
from codesign.circuits.testbench import Testbench, membrane_probe
from codesign.design import Design
from codesign.extraction.observation import observe
from codesign.layout.view import PostLayout, extract_network
from codesign.pdk import Pdk
from codesign.spice import Simulator

DESIGN = Design(name="view", layer_sizes=(2, 2))
WEIGHTS: Weights = (((3, -2), (1, 6)),)


class CountingExecutor(ThreadPoolExecutor):
    """Remembers how many calls it was given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.calls = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls += 1
        return super().submit(*args, **kwargs)


def laid_out(executor: Executor, *spike_times: tuple[float, float]) -> list[Testbench]:
    network = Network(DESIGN, WEIGHTS)
    return PostLayout(executor)([Testbench(network, (times,)) for times in spike_times])


def test_the_wires_of_a_membrane_are_all_that_the_netlist_hangs_on_it() -> None:
    extracted = extract_network(Network(DESIGN, WEIGHTS))
    [wires] = extracted.wire_capacitances
    for column, wire in enumerate(wires, start=1):
        node = rf"membrane_1_{column}(__\d+)?"
        pairs = re.findall(r"^Cwire\d+ (\S+) (\S+) (\S+)$", extracted.netlist, re.MULTILINE)
        hung = sum(
            float(farads)
            for one, other, farads in pairs
            if bool(re.fullmatch(node, one)) != bool(re.fullmatch(node, other))
        )
        assert hung == pytest.approx(wire, rel=1e-3)
        # Tens of micrometres of wire at about 0.2 fF/um.
        assert 20e-15 < wire < 200e-15


def test_equal_networks_are_drawn_once() -> None:
    with CountingExecutor() as executor:
        one, other = laid_out(executor, (0.1, 0.5), (0.3, 0.2))
    assert executor.calls == 1
    assert one.extracted is other.extracted
    assert one.spike_times != other.spike_times


@pytest.mark.spice
def test_a_layout_computes_what_its_schematic_computes(simulator: Simulator) -> None:
    with CountingExecutor() as executor:
        [layout] = laid_out(executor, (0.1, 0.5))
    schematic = Testbench(layout.network, layout.spike_times)
    [[drawn]], [[planned]] = (observe(one, simulator.run(one.deck())) for one in (layout, schematic))
    swing = DESIGN.levels.swing
    # The wires that the design expects are those of a 5-5-5 network: a few per cent of the membrane's movement off.
    assert np.abs(drawn.traces - planned.traces).max() * swing < 6e-3
    # Told of the wires, the difference shrinks: the capacitance explains it.
    corrected = drawn.traces * (1 + np.asarray(drawn.wire_load)[:, None])
    assert np.abs(corrected - planned.traces).max() < np.abs(drawn.traces - planned.traces).max() / 2


@pytest.mark.spice
def test_an_extracted_network_runs_by_the_readme_beside_it(simulator: Simulator, pdk: Pdk, tmp_path: Path) -> None:
    with CountingExecutor() as executor:
        [layout] = laid_out(executor, (0.1, 0.5))
    Netlist(layout, layout.deck().models(pdk)).save(tmp_path)
    readme = (tmp_path / "README.md").read_text()
    for name in re.findall(r"^\| `(\S+)` \|", readme, re.MULTILINE):
        assert (tmp_path / name).is_file()
    [command] = re.findall(r"^    (ngspice .*)$", readme, re.MULTILINE)
    words = [str(simulator.ngspice.executable), *command.split()[1:]]
    subprocess.run(words, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    raw = RawRead(tmp_path / "result.raw", dialect="ngspice", verbose=False)
    waves = simulator.run(layout.deck())
    end = layout.timeline.accumulation(1, 0).stop
    membrane = membrane_probe(1, 1)
    by_hand = np.interp(end, np.array(raw.get_wave("time")), raw.get_wave(f"v({membrane})"))
    assert by_hand == pytest.approx(waves.at(membrane, np.array([end]))[0], abs=1e-4)
