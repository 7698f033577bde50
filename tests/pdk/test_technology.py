"""What the package knows of a process is data, and agrees with the models themselves."""

import re
from pathlib import Path

import pytest

from codesign.design import Design, DesignError
from codesign.pdk import Pdk, PdkError, device_names, model_slice
from codesign.pdk.library import read_section
from codesign.pdk.technology import DEFAULT_PROCESS, load_technology, process_names
from codesign.spice import Deck, OperatingPoint, SimulationError, Simulator
from tests.pdk.tiny_library import write_tiny_library

TRANSISTORS = ("nmos", "pmos", "nmos_low_threshold", "pmos_low_threshold")
EDGE = {"width": ("wmin", "wmax"), "length": ("lmin", "lmax")}


def test_an_unknown_process_is_refused_with_the_known_ones() -> None:
    for refused in (lambda: load_technology("gf90"), lambda: Design(name="x", pdk="gf90")):
        with pytest.raises(PdkError, match=f"unknown process 'gf90'; use one of {', '.join(process_names())}"):
            refused()


def test_a_design_names_its_process() -> None:
    design = Design(name="x")
    assert design.pdk == DEFAULT_PROCESS == Design(name="x", pdk=DEFAULT_PROCESS).pdk
    assert f'"pdk":"{DEFAULT_PROCESS}"' in design.model_dump_json()


def test_conditions_that_are_not_given_are_the_processs_own() -> None:
    conditions = Design.model_validate({"name": "x", "conditions": {"temperature": 85}}).conditions
    assert (conditions.corner, conditions.supply, conditions.temperature) == ("tt", 1.8, 85)


def test_a_supply_beyond_the_models_is_refused() -> None:
    with pytest.raises(DesignError, match=r"conditions.supply = 5 V is more than the 1.95 V"):
        Design(name="x").at(supply=5.0)


def test_a_deck_is_simulated_with_the_models_of_its_process(empty_home: Path) -> None:
    pdk = Pdk(write_tiny_library(empty_home / "library"), "test", "elsewhere")
    with pytest.raises(SimulationError, match="the models are those of elsewhere"):
        Deck("d", "R1 a 0 1", OperatingPoint(), ("a",)).models(pdk)


@pytest.mark.spice
class TestTheRealLibrary:
    def test_it_has_the_devices_of_every_role(self, pdk: Pdk) -> None:
        devices = pdk.technology.devices
        names = {devices.prefix + name for role, name in devices if role != "prefix" and isinstance(name, str)}
        assert len(names) == 6 and names <= device_names(pdk)

    def test_every_corner_with_and_without_mismatch(self, pdk: Pdk) -> None:
        technology = pdk.technology
        switch = technology.statistics.mismatch_switch
        for corner in technology.corners:
            for mismatch in (False, True):
                models = model_slice(pdk, frozenset({technology.devices.nmos}), corner, mismatch)
                assert re.search(rf"{switch}\s*=\s*{int(mismatch)}\b", models, re.IGNORECASE)

    @pytest.mark.parametrize("role", TRANSISTORS)
    @pytest.mark.parametrize("side", EDGE)
    def test_sizes_are_the_outer_edges_of_the_bins(self, pdk: Pdk, role: str, side: str) -> None:
        technology = pdk.technology
        models = model_slice(pdk, frozenset({getattr(technology.devices, role)}), technology.typical_corner)
        low, high = (
            [float(edge) / technology.length_unit for edge in re.findall(rf"\b{name}\s*=\s*([0-9.eE+-]+)", models)]
            for name in EDGE[side]
        )
        assert (min(low), max(high)) == pytest.approx(getattr(technology.sizes[role], side))

    def test_the_currents_that_others_are_plausible_against(self, simulator: Simulator) -> None:
        technology = simulator.pdk.technology
        currents: dict[str, tuple[float, float]] = {}
        for role, drain, off in (("nmos", "rail", "0"), ("pmos", "0", "rail")):
            device = technology.devices.prefix + technology.device(role)
            source = "0" if role == "nmos" else "rail"
            circuit = (
                f"Vrail rail 0 {technology.supply}\nVon {drain} on 0\nVoff {drain} off 0\n"
                f"Xon on on {source} {source} {device} w=4 l=4\n"
                f"Xoff off {off} {source} {source} {device} w={technology.sizes[role].width[0]} l=0.15\n"
            )
            waveforms = simulator.run(Deck("currents", circuit, OperatingPoint(), ("i(von)", "i(voff)")))
            currents[role] = (abs(waveforms["i(von)"][0]), abs(waveforms["i(voff)"][0]))
        on, off = zip(*currents.values(), strict=True)
        assert min(on) == pytest.approx(technology.drive_current, rel=0.01)
        assert max(off) == pytest.approx(technology.off_current, rel=0.05)

    def test_process_variation_has_a_section_and_a_switch(self, pdk: Pdk) -> None:
        statistics = pdk.technology.statistics
        statements = read_section(pdk.library, statistics.process_section)
        [switch] = [each.text for each in statements if statistics.process_switch.lower() in each.defines]
        assert switch.endswith("=1")

    def test_the_mim_capacitance(self, pdk: Pdk) -> None:
        technology = pdk.technology
        models = model_slice(pdk, frozenset({technology.devices.mim_capacitor}), technology.typical_corner)
        [stated] = re.findall(r"^\.param sw_cap_mim_ca\s*=\s*\{?([0-9.]+e-?[0-9]+)", models, re.MULTILINE)
        assert float(stated) == technology.mim_capacitor.area_capacitance
