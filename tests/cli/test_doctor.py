"""`codesign doctor` finds what is there and names the cure for what is not."""

from pathlib import Path

import pytest
import typer

from codesign.cli.doctor import doctor, examine


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PDK_ROOT", "PDK", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))


def test_what_is_missing_has_its_cure(bare_machine: None) -> None:
    cures = {finding.what: finding.cure for finding in examine()}
    assert "apt-get install ngspice" in cures["ngspice"]
    assert "codesign pdk install" in cures["SKY130 models"]
    assert "XDG_CACHE_HOME" in cures["cache folder"]
    assert cures["torch"] == cures["CPU cores"] == ""


def test_exit_status_when_something_is_missing(bare_machine: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        doctor()
    assert caught.value.exit_code == 1
    assert "missing" in capsys.readouterr().out


@pytest.mark.spice
def test_a_complete_machine(pdk: object, capsys: pytest.CaptureFixture[str]) -> None:
    doctor()
    output = capsys.readouterr().out
    assert "missing" not in output and "ngspice" in output
