"""A slice of the models gives ngspice's numbers with the whole library, and starts far faster."""

import numpy as np
import pytest

from codesign.spice import DcSweep, Deck, Simulator, Transient
from codesign.spice.benchmark import start_up_times

CIRCUIT = """
Vdd vdd 0 1.8
Vin in 0 pulse(0 1.8 1e-9 5e-11 5e-11 4e-9 1e-8)
Xn out in 0 0 sky130_fd_pr__nfet_01v8 w=1 l=0.15
Xp out in vdd vdd sky130_fd_pr__pfet_01v8 w=2 l=0.15
Xfingers out in 0 0 sky130_fd_pr__nfet_01v8_lvt w=4 l=0.5 nf=2
Xr out far 0 sky130_fd_pr__res_xhigh_po_0p35 l=2
Xc far 0 sky130_fd_pr__cap_mim_m3_1 w=5 l=5
Xd 0 far sky130_fd_pr__diode_pw2nd_05v5 area=1 perim=4
"""
PROBES = ("out", "far", "i(Vdd)")


@pytest.mark.slow
@pytest.mark.spice
@pytest.mark.parametrize("analysis", [DcSweep("Vin", 0.0, 1.8, 0.02), Transient(1.2e-8, 2e-11)])
def test_same_numbers_as_the_whole_library(simulator: Simulator, analysis: DcSweep | Transient) -> None:
    deck = Deck("inverter", CIRCUIT, analysis, PROBES, corner="ff")
    whole = simulator.run_with_models(deck, f'.lib "{simulator.pdk.library}" ff\n')
    sliced = simulator.run(deck)
    # A product of two numbers is formed at another place: the last digits differ.
    np.testing.assert_allclose(sliced.axis, whole.axis, rtol=1e-6)
    for probe in PROBES:
        np.testing.assert_allclose(sliced.at(probe, whole.axis), whole[probe], rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@pytest.mark.spice
def test_a_slice_starts_at_least_twenty_times_faster(simulator: Simulator) -> None:
    whole, sliced = start_up_times(simulator, repeats=1)
    assert whole / sliced >= 20
