"""The model library is found where a user keeps it, and never taken silently from elsewhere."""

from pathlib import Path

import pytest

from codesign.pdk import Pdk, PdkError, PdkNotFound, find_pdk
from tests.pdk.tiny_library import write_tiny_library


def test_open_pdks_layout_under_pdk_root(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_tiny_library(empty_home / "mine" / "sky130B" / "libs.tech" / "combined")
    monkeypatch.setenv("PDK_ROOT", str(empty_home / "mine"))
    monkeypatch.setenv("PDK", "sky130B")
    assert find_pdk() == Pdk(root, "$PDK_ROOT")


def test_foundry_layout_under_pdk_root(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_tiny_library(empty_home / "sky130_fd_pr" / "combined_models")
    monkeypatch.setenv("PDK_ROOT", str(empty_home))
    assert find_pdk().root == root


def test_version_hash_of_a_managed_pdk(empty_home: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    installed = empty_home / ".ciel" / "ciel" / "sky130" / "versions" / commit / "sky130A"
    write_tiny_library(installed / "libs.tech" / "combined")
    (empty_home / ".ciel" / "sky130A").symlink_to(installed)
    pdk = find_pdk()
    assert pdk.source == "~/.ciel"
    assert pdk.version == f"open_pdks {commit}"


def test_version_of_any_other_pdk_follows_its_content(empty_home: Path) -> None:
    root = write_tiny_library(empty_home / "a")
    before = Pdk(root, "test").version
    assert before == Pdk(root, "test").version
    (root / "continuous" / "models.spice").write_text("* changed\n")
    assert Pdk(root, "test").version != before


def test_pdk_root_without_models_is_an_error_although_another_pdk_is_there(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny_library(empty_home / ".volare" / "sky130A" / "libs.tech" / "combined")
    assert find_pdk().source == "~/.volare"
    monkeypatch.setenv("PDK_ROOT", str(empty_home / "nothing"))
    with pytest.raises(PdkNotFound, match=r"PDK_ROOT is set, but there is no .*unset PDK_ROOT"):
        find_pdk()


def test_binned_models_are_refused_by_name(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny_library(empty_home / "sky130A" / "libs.tech" / "ngspice")
    monkeypatch.setenv("PDK_ROOT", str(empty_home))
    with pytest.raises(PdkNotFound, match="only the binned models"):
        find_pdk()


def test_no_pdk_lists_the_places_and_the_cure(empty_home: Path) -> None:
    with pytest.raises(PdkNotFound, match=r"~/\.ciel.*codesign pdk install") as caught:
        find_pdk()
    assert "\n" not in str(caught.value)


def test_unreadable_library(empty_home: Path) -> None:
    root = write_tiny_library(empty_home / "a")
    (root / "dangling.spice").symlink_to(root / "nowhere.spice")
    with pytest.raises(PdkError, match="cannot read the model library"):
        _ = Pdk(root, "test").fingerprint
