"""A simulator that needs no ngspice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codesign.pdk import Pdk
from codesign.spice import Ngspice, Simulator
from tests.pdk.tiny_library import write_tiny_library
from tests.spice.scripts import write_script


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Simulator]:
    """Make a simulator whose ngspice is a shell script; it needs neither ngspice nor a PDK."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pdk = Pdk(write_tiny_library(tmp_path / "pdk"), "test")

    def make(script: str, timeout: float = 20.0) -> Simulator:
        executable = write_script(tmp_path / "ngspice", script)
        return Simulator(Ngspice(executable, "39"), pdk, timeout, tmp_path / "runs")

    return make
