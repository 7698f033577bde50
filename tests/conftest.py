"""What tests of several rooms share: the simulator, and folders of their own instead of the user's."""

from pathlib import Path

import pytest
from hypothesis import settings

from codesign.pdk import Pdk, ensure_pdk
from codesign.spice import ResultCache, Simulator, find_ngspice

# A busy machine makes an example slow, not wrong; and the same examples each time, so that a change is judged alike
# everywhere. New ones are looked for by the profile below.
settings.register_profile("any_machine", deadline=None, derandomize=True)
# Damaged files for every reader: pytest --hypothesis-profile=fuzz -k fuzz
settings.register_profile("fuzz", deadline=None, max_examples=1000)
settings.load_profile("any_machine")


@pytest.fixture(scope="session")
def pdk() -> Pdk:
    """The SKY130 models of this machine, installed on first use."""
    return ensure_pdk()


@pytest.fixture
def simulator(pdk: Pdk, tmp_path: Path) -> Simulator:
    """The real ngspice, with run directories in the test's own folder."""
    return Simulator(find_ngspice(), pdk, timeout=120.0, runs_folder=tmp_path / "runs")


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    """An empty result cache."""
    return ResultCache(tmp_path / "results")
