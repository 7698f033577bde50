"""The commands `codesign pdk ...`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from codesign.cli.pdk import app
from tests.pdk.tiny_library import write_tiny_library


@pytest.fixture
def tiny_root(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PDK_ROOT", str(empty_home))
    return write_tiny_library(empty_home / "sky130_fd_pr" / "combined_models")


def test_where(tiny_root: Path) -> None:
    result = CliRunner().invoke(app, ["where"])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{tiny_root}\nfound by: $PDK_ROOT\nversion: sha256 ")


def test_devices(tiny_root: Path) -> None:
    assert "sky130_fd_pr__nfet_01v8\n" in CliRunner().invoke(app, ["devices"]).stdout
