"""Interpolation and crossings against signals that are known exactly."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.spice import SimulationError, Waveforms


@pytest.fixture
def sine() -> Waveforms:
    time = np.linspace(0.0, 1.0, 2001)
    return Waveforms(time, {"sine": np.sin(2 * np.pi * 3 * time)})


def test_interpolation(sine: Waveforms) -> None:
    times = np.array([[0.01, 0.5], [0.77, 1.0]])
    np.testing.assert_allclose(sine.at("sine", times), np.sin(6 * np.pi * times), atol=2e-5)


def test_crossings_of_a_sine(sine: Waveforms) -> None:
    rising = np.array([1 / 36, 1 / 3 + 1 / 36, 2 / 3 + 1 / 36])
    np.testing.assert_allclose(sine.crossings("sine", 0.5), rising, atol=1e-6)
    np.testing.assert_allclose(sine.crossings("sine", 0.5, rising=False), rising + 1 / 9, atol=1e-6)
    assert sine.crossings("sine", 1.5).size == 0


@given(
    st.floats(-1.0, 1.0),
    st.lists(st.floats(-1.0, 1.0).filter(lambda value: abs(value) > 1e-6), min_size=2, max_size=20),
)
def test_crossings_alternate_and_lie_on_the_signal(level: float, values: list[float]) -> None:
    waveforms = Waveforms(np.arange(len(values), dtype=np.float64), {"x": np.array(values)})
    rising, falling = waveforms.crossings("x", level), waveforms.crossings("x", level, rising=False)
    np.testing.assert_allclose(waveforms.at("x", rising), level, atol=1e-9)
    if level not in values:
        assert abs(rising.size - falling.size) <= 1


def test_saved_and_loaded(sine: Waveforms, tmp_path: Path) -> None:
    sine.save(tmp_path / "sine.npz")
    loaded = Waveforms.load(tmp_path / "sine.npz")
    np.testing.assert_array_equal(loaded.axis, sine.axis)
    np.testing.assert_array_equal(loaded["sine"], sine["sine"])
    assert loaded.axis.dtype == np.float64


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no archive"])
def test_damaged_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(SimulationError, match=r"cannot read the waveforms .*x\.npz"):
        Waveforms.load(tmp_path / "x.npz")


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", axis=np.array([print], dtype=object))
    with pytest.raises(SimulationError, match="cannot read the waveforms"):
        Waveforms.load(tmp_path / "x.npz")


def test_unknown_signal_and_time_outside(sine: Waveforms) -> None:
    with pytest.raises(SimulationError, match="no signal 'cosine' among the waveforms; there are sine"):
        sine.crossings("cosine", 0.0)
    with pytest.raises(SimulationError, match=r"known from 0 to 1, requested 0 to 1\.1"):
        sine.at("sine", [0.0, 1.1])
