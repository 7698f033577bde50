"""Cheaper forms of the models give the numbers of the library's own."""

from dataclasses import replace

import numpy as np
import pytest

from codesign.pdk import Pdk, model_slice
from codesign.pdk.bins import keep_bins
from codesign.pdk.deviates import with_deviates
from codesign.pdk.equivalents import with_equivalents
from codesign.pdk.sharing import share_cards
from codesign.spice import Deck, Simulator, Transient, Waveforms
from codesign.spice.analysis import DcSweep
from tests.circuits.designs import small_testbench

SUBCIRCUIT = """.param global = 2
.subckt device d g s b mult=1
.param w = 1 nrd = {0.14/w} nrs = {0.14/w}
+ sheet = {89*w}
M1 d g s b card w = {w}
+ nrd = {nrd} nrs = {nrs}
.model card nmos level = 54
+ rsh = {sheet} vth0 = {0.4*global}
.ends device
"""


def test_a_card_leaves_its_subcircuit_and_its_sheet_resistance_goes_to_the_squares() -> None:
    assert (
        share_cards(SUBCIRCUIT)
        == """.param global = 2
.model card nmos level = 54
+ rsh = 1 vth0 = {0.4*global}
.subckt device d g s b mult=1
.param w = 1 nrd = {0.14/w} nrs = {0.14/w}
+ sheet = {89*w}
M1 d g s b card w = {w}
+ nrd = {nrd*sheet} nrs = {nrs*sheet}
.ends device
"""
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{0.4*global}", "{0.4*w}"),
        ("rsh = {sheet}", "rsh = 100"),
        ("+ nrd = {nrd} nrs = {nrs}\n", ""),
        ("M1 d g s b card w = {w}", "M0 d g s b card nrd = {nrd} nrs = {nrs}\nM1 d g s b card w = {w}"),
    ],
)
def test_what_depends_on_the_instance_in_another_way_stays(old: str, new: str) -> None:
    assert old in SUBCIRCUIT
    changed = SUBCIRCUIT.replace(old, new)
    assert share_cards(changed) == changed


def plain_models(deck: Deck, pdk: Pdk) -> str:
    """The models as the library has them, cut to the deck's devices."""
    models = model_slice(pdk, deck.devices, deck.corner, deck.mismatch or deck.deviates)
    return with_deviates(models, pdk.technology.devices) if deck.deviates else models


def both(deck: Deck, simulator: Simulator) -> tuple[Waveforms, Waveforms]:
    """A deck's result with the models as they are in the library, and as decks take them."""
    return simulator.run_with_models(deck, plain_models(deck, simulator.pdk)), simulator.run(deck)


@pytest.mark.spice
def test_a_network_of_transistors_does_the_same(simulator: Simulator) -> None:
    bench = small_testbench((0.3, 0.5))
    short = replace(bench.deck(), analysis=Transient(5e-7, 5e-9))
    plain, cheap = both(short, simulator)
    instants = np.linspace(0, 5e-7, 101)
    for probe in bench.membranes:
        np.testing.assert_allclose(cheap.at(probe, instants), plain.at(probe, instants), atol=2e-5)


@pytest.mark.spice
@pytest.mark.parametrize("mismatch", [False, True])
@pytest.mark.parametrize("length", [20.0, 98.5])
def test_a_long_resistor_carries_the_same_current(simulator: Simulator, length: float, mismatch: bool) -> None:
    [one] = simulator.pdk.technology.equivalents
    device = simulator.pdk.technology.devices.prefix + one.device
    deviates = " deviate_1=1.5 deviate_2=-0.7" if mismatch else ""
    circuit = f"Vsweep high 0 0\nVlow low 0 0.9\nXr high low 0 {device} w=0.35 l={length} mult=3 m=3{deviates}"
    probes = ("i(vlow)",)
    deck = Deck("a resistor", circuit, DcSweep("Vsweep", 0.0, 1.95, 0.05), probes, deviates=mismatch, temperature=60.0)
    assert one.equivalent.split()[-1] in deck.models(simulator.pdk)
    plain, cheap = both(deck, simulator)
    np.testing.assert_allclose(cheap["i(vlow)"], plain["i(vlow)"], rtol=3e-5, atol=1e-14)


def test_a_short_resistor_or_one_among_them_keeps_the_expression(pdk: Pdk) -> None:
    [one], prefix = pdk.technology.equivalents, pdk.technology.devices.prefix
    device = prefix + one.device
    models = keep_bins(model_slice(pdk, frozenset({device}), "tt"), frozenset(), 1e-6)
    for lengths in ((19.9,), (98.5, 5.0), ()):
        sizes = frozenset((device, 0.35, length) for length in lengths)
        assert with_equivalents(models, sizes, (one,), prefix) == models
