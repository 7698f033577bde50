"""A chip is a number: the same devices in every deck, spread as the process's own statistics say."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstest

from codesign.circuits.chip import Chip, chip_of
from codesign.circuits.emission import netlist_files
from codesign.circuits.flat import deviates_of
from codesign.circuits.testbench import Testbench
from codesign.extraction.testbenches import capacitance_deck, fitting_testbenches, unit_cells_deck
from codesign.layout.view import extract_network
from codesign.pdk import Pdk, model_slice
from codesign.pdk.technology import load_technology
from codesign.spice import DcSweep, Deck, Simulator
from tests.circuits.designs import KINDS, small_testbench

TECHNOLOGY = load_technology()
PREFIX = TECHNOLOGY.devices.prefix
TIMES = (0.2, 0.6)


def test_draws_are_standard_normal_and_independent() -> None:
    draws = np.array([Chip(seed).deviates(f"neuron_1_{n}.pair", 2) for seed in range(1, 41) for n in range(50)])
    assert kstest(draws.ravel(), "norm").pvalue > 0.01
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.1
    neighbours = draws[:, 0].reshape(40, 50)
    assert abs(np.corrcoef(neighbours[:-1].ravel(), neighbours[1:].ravel())[0, 1]) < 0.1


@given(seed=st.integers(1, 2**31 - 1), device=st.text(min_size=1), count=st.integers(1, 6))
def test_a_draw_depends_on_seed_and_name_alone(seed: int, device: str, count: int) -> None:
    deviates = Chip(seed).deviates(device, count)
    assert deviates == Chip(seed).deviates(device, 6)[:count]
    assert (
        len({*deviates, *Chip(seed + 1).deviates(device, count), *Chip(seed).deviates(f"{device}.", count)})
        == 3 * count
    )
    assert all(abs(deviate) < 9 for deviate in deviates)


def test_given_deviates_come_before_drawn_ones() -> None:
    chip = Chip(3, {"bias.mirror": (0.5,)})
    assert chip.deviates("bias.mirror", 2) == (0.5, Chip(3).deviates("bias.mirror", 2)[1])
    assert chip.deviates("bias.other", 1) == Chip(3).deviates("bias.other", 1)


def device_lines(circuit: str) -> dict[str, str]:
    """The line of every device by its name."""
    lines = (line for line in circuit.splitlines() if re.match(r"x\S+ .*deviate_", line, re.IGNORECASE))
    return {line.split()[0].lower(): line for line in lines}


def deviates_in(line: str) -> list[str]:
    return re.findall(r"deviate_\d+=\S+", line)


def on_chip(kind: str = "transistor", seed: int = 7) -> Testbench:
    bench = small_testbench(TIMES, kind=kind)
    design = bench.network.design.at(mismatch=True, seed=seed)
    return replace(bench, network=replace(bench.network, design=design))


@pytest.mark.parametrize("kind", KINDS)
def test_every_device_has_a_line_of_its_own_with_all_its_deviates(kind: str) -> None:
    bench = on_chip(kind)
    lines = device_lines(bench.circuit())
    expected = deviates_of(bench.network)
    assert len(lines) == len(expected) > 100
    assert sorted(len(deviates_in(line)) for line in lines.values()) == sorted(expected.values())
    assert ".subckt" not in bench.circuit().lower()
    assert len({tuple(deviates_in(line)) for line in lines.values()}) == len(lines)


def test_a_chip_is_the_same_in_every_deck() -> None:
    bench = on_chip()
    design = bench.network.design
    one = device_lines(bench.circuit())
    stream = device_lines(replace(bench, spike_times=(TIMES, (0.1, 0.9))).circuit())
    assert one == stream
    fitting = device_lines(fitting_testbenches(design, 1, 1)[0].circuit())
    shared = [name for name in one if "xbias." in name or "xneuron_1_1." in name]
    assert len(shared) > 20
    assert [deviates_in(fitting[name]) for name in shared] == [deviates_in(one[name]) for name in shared]
    extraction = device_lines(capacitance_deck(design, None).circuit)
    biases = {name.replace("xnetwork.", ""): line for name, line in one.items() if "xbias." in name}
    assert biases
    assert all(deviates_in(extraction[name]) == deviates_in(line) for name, line in biases.items())


def test_nominal_decks_know_nothing_of_chips() -> None:
    bench = small_testbench(TIMES)
    assert chip_of(bench.network.design) is None
    for deck in (bench.deck(), unit_cells_deck(on_chip().network.design)):
        assert "deviate" not in deck.circuit and not deck.deviates
        assert ".subckt" in deck.circuit


@pytest.mark.slow
def test_an_extracted_layout_has_the_devices_of_its_chip() -> None:
    bench = on_chip()
    drawn = extract_network(bench.network, Chip(7))
    found = device_lines(drawn.netlist)
    schematic = {
        name.replace("xnetwork.", "").replace(".x", ".").replace("xx", "x"): line
        for name, line in device_lines(bench.circuit()).items()
    }
    assert len(found) == len(schematic)
    for name, line in found.items():
        assert deviates_in(line) == deviates_in(schematic[name.replace("__", ".")])
    assert replace(bench, extracted=drawn).deck().deviates


@pytest.mark.spice
@pytest.mark.parametrize("kind", KINDS)
def test_a_chip_without_deviations_is_the_matched_circuit(kind: str, simulator: Simulator) -> None:
    bench = small_testbench(TIMES, kind=kind)
    none = Chip(1, {name: (0.0,) * count for name, count in deviates_of(bench.network).items()})
    matched, chip = (simulator.run(replace(bench, chip=which).deck()) for which in (None, none))
    # Up to where the solver put its time points.
    for probe in (probe for probe in bench.probes if "membrane" in probe):
        assert chip.at(probe, matched.time) == pytest.approx(matched[probe], abs=5e-5)


def test_the_files_of_a_chip_say_what_they_are() -> None:
    files = netlist_files(on_chip())
    assert set(files) == {"README.md", "testbench.spice"}
    assert "every device of chip 7" in files["README.md"] and "own PDK" not in files["README.md"]


NMOS, PMOS = (PREFIX + TECHNOLOGY.device(role) for role in ("nmos", "pmos"))
RESISTOR, MIM = (PREFIX + TECHNOLOGY.device(role) for role in ("poly_resistor", "mim_capacitor"))


def transistors(deviates: list[tuple[float, float]], units: int = 1) -> Deck:
    """NMOS at 0.7 V, each with a deviate and an offset of its gate."""
    lines = ["Vdrain drain 0 1"]
    for index, (deviate, offset) in enumerate(deviates):
        sizes = f"w=0.42 l=0.5 m={units} mult={units}"
        lines += [f"Vg{index} g{index} 0 {0.7 + offset}", f"Vd{index} drain d{index} 0"]
        lines.append(f"X{index} d{index} g{index} 0 0 {NMOS} {sizes} deviate_1={deviate}")
    probes = tuple(f"i(vd{index})" for index in range(len(deviates)))
    return Deck("offsets", "\n".join(lines), DcSweep("Vdrain", 1, 1.1, 0.1), probes, deviates=True)


@pytest.mark.spice
@pytest.mark.parametrize("units", [1, 9])
def test_a_deviate_is_the_threshold_shift_of_the_models_formula(units: int, simulator: Simulator) -> None:
    models = model_slice(simulator.pdk, frozenset({NMOS}), "tt", mismatch=True).lower()
    values = {
        name: float(re.search(rf"\b{name}\s*=\s*\{{?([-+.\de]+)", models)[1])  # type: ignore[index]
        for name in (f"sw_mm_vth0_{NMOS}", "mismatch_factor")
    }
    width, length = 0.42, 0.5
    sigma = values[f"sw_mm_vth0_{NMOS}"] * values["mismatch_factor"] / (length * width * units) ** 0.5
    # The models scale a shift of the threshold by the size of the device.
    scale = (0.008 * 8 / length + 0.992) * (0.035 * 7 / width + 0.965) * (0.001 * 56 / (width * length) + 0.999)
    waveforms = simulator.run(transistors([(1, 0), (0, -sigma * scale), (0, 0)], units))
    deviating, shifted, plain = (waveforms[f"i(vd{index})"][0] for index in range(3))
    assert deviating == pytest.approx(shifted, rel=2e-3)
    assert abs(plain / deviating - 1) > 0.05


def spread_deck(number: int, line: str, nodes: str, *, drawn_by_ngspice: bool) -> Deck:
    """`number` equal devices at 0.7 V; each deviates by ngspice's own draw, or is that of another chip."""
    device = line.split()[0]
    count = TECHNOLOGY.devices.deviate_count(device)
    lines = ["Vsupply supply 0 0.7"]
    for index in range(number):
        lines.append(f"Vs{index} supply n{index} 0")
        deviates = Chip(index + 1).deviates("cell.device", count)
        given = "" if drawn_by_ngspice else "".join(f" deviate_{k}={z}" for k, z in enumerate(deviates, start=1))
        lines.append(f"X{index} {nodes.format(f'n{index}')} {line}{given}")
    probes = tuple(f"i(vs{index})" for index in range(number))
    sweep = DcSweep("Vsupply", 0.7, 0.8, 0.1)
    kind = {"mismatch": True} if drawn_by_ngspice else {"deviates": True}
    return Deck("spread", "\n".join(lines), sweep, probes, seed=5, **kind)


@pytest.mark.spice
@pytest.mark.parametrize(
    ("line", "nodes"),
    [
        (f"{NMOS} w=0.42 l=0.15", "{0} {0} 0 0"),
        (f"{PMOS} w=1 l=0.5", "0 0 {0} {0}"),
        (f"{RESISTOR} w=0.35 l=20", "{0} 0 0"),
    ],
    ids=["nmos", "pmos", "resistor"],
)
def test_200_chips_are_spread_as_ngspice_draws_them(line: str, nodes: str, simulator: Simulator) -> None:
    samples = []
    for drawn in (False, True):
        waveforms = simulator.run(spread_deck(200, line, nodes, drawn_by_ngspice=drawn))
        samples.append(np.log([waveforms[f"i(vs{index})"][0] for index in range(200)]))
    assert samples[0].std() == pytest.approx(samples[1].std(), rel=0.2)
    assert ks_2samp(*samples).pvalue > 0.01


def test_devices_whose_draws_are_not_known_are_refused(pdk: Pdk) -> None:
    deck = Deck(
        "rf", f"X1 d g 0 0 {PREFIX}special_nfet_latch w=0.21 l=0.15", DcSweep("Vd", 0, 1, 0.1), ("d",), deviates=True
    )
    with pytest.raises(Exception, match="no chip can be made of it"):
        deck.models(pdk)
