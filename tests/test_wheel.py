"""The package works as an installed wheel, outside the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA_FILES = {".toml", ".j2", ".css", ".js", ".LICENSE", ".spice", ".sh"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package installed from a wheel that was built from a copy of the sources."""
    source, site = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name in ("codesign", "pdk"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    offline = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    pip(["wheel", *offline, "--wheel-dir", str(source), str(source)])
    pip(["install", *offline, "--target", str(site), *map(str, source.glob("*.whl"))])
    return site


def pip(arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True, timeout=120)


@pytest.mark.slow
def test_the_command_runs_from_the_wheel(site: Path, tmp_path: Path) -> None:
    def output(*command: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(site)}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True, timeout=120
        ).stdout

    assert output(sys.executable, "-c", "import codesign; print(codesign.__file__)").startswith(str(site))
    assert "pdk" in output(str(site / "bin" / "codesign"), "--help")


@pytest.mark.slow
def test_data_files_are_in_the_wheel(site: Path) -> None:
    wanted = {path.relative_to(ROOT) for path in (ROOT / "codesign").rglob("*") if path.suffix in DATA_FILES}
    wanted |= {
        Path("codesign/pdk/processes") / path.relative_to(ROOT / "pdk") for path in (ROOT / "pdk").rglob("*.toml")
    }
    assert [path for path in wanted if not (site / path).is_file()] == []
    assert [path for path in wanted if path.suffix == ".sh" and not os.access(site / path, os.X_OK)] == []
