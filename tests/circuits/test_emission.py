"""The emitted files: the reference in `netlists/`, and a run by hand with plain ngspice."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from spicelib import RawRead

import codesign
from codesign.circuits.emission import EmissionError, Netlist, netlist_files, spread_spike_times
from codesign.circuits.network import Network, as_tuples
from codesign.circuits.testbench import Testbench, membrane_probe, spike_probe
from codesign.pdk import Pdk, model_slice
from codesign.spice import Simulator, Waveforms
from codesign.weights import read_weights
from tests.circuits.designs import design_of, small_testbench

REFERENCE = Path(codesign.__file__).parents[1] / "netlists"


def test_the_reference_is_what_is_emitted() -> None:
    weights = read_weights(REFERENCE / "5-5-5.npz", 15)
    network = Network(design_of("autozero", weights.layer_sizes), as_tuples(weights.layers))
    testbench = Testbench(network, (spread_spike_times(5),))
    for name, text in netlist_files(testbench).items():
        assert (REFERENCE / "5-5-5" / name).read_text() == text, f"{name}: see netlists/README.md to regenerate"


@pytest.mark.spice
def test_a_run_by_hand_reproduces_our_traces(
    alone: tuple[Testbench, Waveforms], lasting_simulator: Simulator, pdk: Pdk, tmp_path: Path
) -> None:
    testbench, waves = alone
    Netlist(testbench, model_slice(pdk, testbench.deck().devices, "tt")).save(tmp_path)
    readme = (tmp_path / "README.md").read_text()
    [command] = re.findall(r"^    (ngspice .*)$", readme, re.MULTILINE)
    words = [str(lasting_simulator.ngspice.executable), *command.split()[1:]]
    subprocess.run(words, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    raw = RawRead(tmp_path / "result.raw", dialect="ngspice", verbose=False)
    time = np.array(raw.get_wave("time"))
    assert time[-1] == pytest.approx(waves.time[-1])
    probes = [probe(layer, column) for probe in (membrane_probe, spike_probe) for layer in (1, 2) for column in (1, 2)]
    # Away from the spikes' edges, whose time steps differ.
    times = np.linspace(0, time[-1], 400)
    for probe in probes:
        by_hand, ours = np.interp(times, time, raw.get_wave(f"v({probe})")), waves.at(probe, times)
        assert np.median(np.abs(by_hand - ours)) < 1e-5
        if probe in probes[:4]:
            assert np.abs(by_hand - ours).max() < 1e-3
    assert re.search(r"i\(vsupply\)", " ".join(raw.get_trace_names()), re.IGNORECASE)


def test_the_readme_says_when_each_layer_fires() -> None:
    readme = netlist_files(small_testbench((0.2, 0.4)))["README.md"]
    assert readme.startswith("# the 2-2-2 network dense\n")
    assert "| 1 | 10 to 210 | 220 to 1220 | 1230 to 2230 |" in readme
    assert "| 2 | 1020 to 1220 | 1230 to 2230 | 2240 to 3240 |" in readme


def test_a_netlist_replaces_nothing_but_an_earlier_one_of_its_network(tmp_path: Path) -> None:
    testbench = small_testbench((0.2, 0.4))
    (tmp_path / ".hidden").write_text("left of a killed run")
    for times in ((0.2, 0.4), (0.1, 0.3)):
        Netlist(small_testbench(times), "* models\n").save(tmp_path)
    assert (tmp_path / "models.spice").read_text() == "* models\n"
    (tmp_path / "README.md").write_text("# mine\n")
    with pytest.raises(EmissionError, match="choose another folder"):
        Netlist(testbench, "").save(tmp_path)
    assert (tmp_path / "README.md").read_text() == "# mine\n"
    (tmp_path / "README.md").unlink()
    with pytest.raises(EmissionError, match="choose another folder"):
        Netlist(testbench, "").save(tmp_path)
