"""A slice holds what its devices need, and no more."""

from pathlib import Path

import pytest

from codesign.pdk import Pdk, PdkError, device_names, model_slice
from codesign.pdk.library import read_section
from tests.damage import each_damage
from tests.pdk.tiny_library import write_tiny_library


@pytest.fixture
def tiny(empty_home: Path) -> Pdk:
    return Pdk(write_tiny_library(empty_home / "library"), "test")


def test_slice_resolves_nested_subcircuits_parameters_and_functions(tiny: Pdk) -> None:
    lines = model_slice(tiny, frozenset({"nfet_01v8"}), "tt").splitlines()[1:]
    assert lines == [
        ".param MC_MM_SWITCH=0",
        ".option scale=1.0u",
        ".param",
        "+ threshold = {0.4+corner_shift}",
        "+ mobility = 1",
        ".param corner_shift = 0.1",
        ".func doubled(x) {2*x}",
        ".subckt sky130_fd_pr__nfet_01v8 d g s b mult=1",
        ".param local = {doubled(threshold)*MC_MM_SWITCH}",
        "Xbase d g s b sky130_fd_pr__nfet_base local={local}",
        ".ends sky130_fd_pr__nfet_01v8",
        ".subckt sky130_fd_pr__nfet_base d g s b",
        "R1 d s 1000",
        ".ends",
    ]


def test_mismatch_sets_the_switch(tiny: Pdk) -> None:
    assert ".param MC_MM_SWITCH=1" in model_slice(tiny, frozenset({"nfet_01v8"}), "tt", mismatch=True)


def test_a_device_may_be_a_plain_model(tiny: Pdk) -> None:
    models = model_slice(tiny, frozenset({"sky130_fd_pr__res_generic_m1"}), "tt")
    assert "rsh={unused}" in models and ".param unused = 3" in models and "nfet" not in models


def test_devices_of_the_library(tiny: Pdk) -> None:
    assert device_names(tiny) == {
        "sky130_fd_pr__nfet_01v8",
        "sky130_fd_pr__nfet_base",
        "sky130_fd_pr__pfet_01v8",
        "sky130_fd_pr__res_generic_m1",
    }


def test_a_changed_library_gives_a_new_slice(tiny: Pdk) -> None:
    model_slice(tiny, frozenset({"pfet_01v8"}), "tt")
    models = tiny.root / "continuous" / "models.spice"
    models.write_text(models.read_text().replace("R1 d s 2000", "R1 d s 3000"))
    assert "R1 d s 3000" in model_slice(Pdk(tiny.root, "again"), frozenset({"pfet_01v8"}), "tt")


def test_a_damaged_slice_is_cut_again(tiny: Pdk, empty_home: Path) -> None:
    devices = frozenset({"pfet_01v8"})
    whole = model_slice(tiny, devices, "tt")
    [path] = empty_home.rglob("models/*.spice")
    stored = path.read_bytes()
    for damaged in each_damage(stored, step=7):
        path.write_bytes(damaged)
        model_slice.cache_clear()
        assert model_slice(tiny, devices, "tt") == whole
        assert path.read_bytes() == stored


def test_unknown_device_names_the_closest(tiny: Pdk) -> None:
    with pytest.raises(PdkError, match=r"no device sky130_fd_pr__nfet_01v9; the closest .*nfet_01v8,.*pdk devices"):
        model_slice(tiny, frozenset({"nfet_01v9"}), "tt")


@pytest.mark.parametrize(
    ("corner", "message"),
    [
        ("typical", "unknown corner 'typical'; use one of tt, ff, ss, sf, fs"),
        ("ss", r"no corner 'ss'; it has tt, tt_mm"),
    ],
)
def test_unknown_corner_names_those_that_exist(tiny: Pdk, corner: str, message: str) -> None:
    with pytest.raises(PdkError, match=message):
        model_slice(tiny, frozenset({"nfet_01v8"}), corner)


def test_a_library_with_a_missing_file_is_an_error(tiny: Pdk) -> None:
    (tiny.root / "continuous" / "models.spice").unlink()
    with pytest.raises(PdkError, match=r"cannot read the model file .*models\.spice"):
        read_section(tiny.library, "tt")


@pytest.mark.spice
@pytest.mark.parametrize("corner", ["tt", "ff", "ss", "sf", "fs"])
def test_every_device_that_circuits_use_is_in_the_real_library(pdk: Pdk, corner: str) -> None:
    devices = (
        *("nfet_01v8", "nfet_01v8_lvt", "nfet_g5v0d10v5", "pfet_01v8", "pfet_01v8_lvt", "pfet_01v8_hvt"),
        *("pfet_g5v0d10v5", "cap_mim_m3_1", "cap_mim_m3_2", "res_high_po", "res_high_po_0p35", "res_xhigh_po"),
        *("res_xhigh_po_0p35", "res_generic_po", "res_generic_nd", "res_generic_l1", "res_generic_m1"),
        *("diode_pw2nd_05v5", "diode_pd2nw_05v5", "model__parasitic__diode_ps2dn"),
    )
    models = model_slice(pdk, frozenset(devices), corner)
    assert all(f"sky130_fd_pr__{device}" in models for device in devices)
