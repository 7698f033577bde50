"""ngspice is found, or there is one clear line about what to install."""

from pathlib import Path

import pytest

from codesign.spice import NgspiceNotFound, find_ngspice
from tests.spice.scripts import write_script


@pytest.mark.spice
def test_the_real_one() -> None:
    ngspice = find_ngspice()
    assert ngspice.executable.is_file()
    assert int(ngspice.version.split("+")[0].split(".")[0]) >= 38


def test_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_script(tmp_path / "ngspice", 'echo "** ngspice-44.2 : Circuit level simulation program"')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ngspice().version == "44.2"


def test_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NgspiceNotFound, match=r"not on the PATH; install ngspice 38 or newer .*apt-get install"):
        find_ngspice()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('echo "** ngspice-36 : Circuit level simulation program"', "is ngspice 36; install ngspice 38 or newer"),
        ("echo something else", "does not name an ngspice version; install"),
        ("exit 127", "does not name an ngspice version; install"),
    ],
)
def test_too_old_or_no_ngspice(tmp_path: Path, script: str, message: str) -> None:
    with pytest.raises(NgspiceNotFound, match=message):
        find_ngspice(str(write_script(tmp_path / "ngspice", script)))


def test_that_cannot_be_run(tmp_path: Path) -> None:
    program = tmp_path / "ngspice"
    program.write_bytes(b"\x7fELF no program")
    program.chmod(0o755)
    with pytest.raises(NgspiceNotFound, match="does not answer"):
        find_ngspice(str(program))
