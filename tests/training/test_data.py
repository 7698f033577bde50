"""Data sets as spike times: encoding, split, a user's own files, and every bad file."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from codesign.training.datasets import DataSettings, load_data
from codesign.training.encoding import EARLIEST, LATEST, PrincipalComponents, stratified_split
from codesign.training.errors import DataError
from codesign.training.spike_data import SpikeData

SAMPLES = 60


def _features(columns: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    labels = np.arange(SAMPLES) % 3
    return generator.normal(size=(SAMPLES, columns)) + labels[:, None], labels


def _write_csv(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def _all_times(data: SpikeData) -> np.ndarray:
    return np.concatenate([data.train.times, data.validation.times, data.test.times])


def test_digits_are_split_and_encoded() -> None:
    data = load_data(DataSettings(), (5, 5, 5))
    assert data.classes == ("0", "1", "2", "3", "4")
    assert data.inputs == 5
    assert _all_times(data).shape == load_digits(n_class=5).data[:, :5].shape
    assert _all_times(data).min() >= EARLIEST
    assert _all_times(data).max() <= LATEST
    for split in (data.train, data.validation, data.test):
        counts = np.bincount(split.labels, minlength=5)
        assert counts.max() <= 1.1 * counts.min()
    assert len(data.test.labels) >= 200


def test_split_depends_on_the_seed_alone() -> None:
    first, again = (load_data(DataSettings(seed=1), (5, 5, 5)) for _ in range(2))
    assert first.digest == again.digest
    assert first.digest != load_data(DataSettings(seed=2), (5, 5, 5)).digest


def test_principal_components_agree_with_scikit_learn() -> None:
    pixels = load_digits().data
    ours = PrincipalComponents.fit(pixels, 4)(pixels)
    theirs = PCA(4, svd_solver="full").fit_transform(pixels)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-8)


def test_nothing_is_fitted_on_held_out_samples(tmp_path: Path) -> None:
    """Changing the other samples must not move the training samples' spike times."""
    features, labels = _features()
    np.savez(tmp_path / "a.npz", features=features, labels=labels)
    settings = DataSettings(file=tmp_path / "a.npz", principal_components=True)
    before = load_data(settings, (2, 3))
    training, *held_out = stratified_split(labels, before.classes, settings.seed)
    changed = features.copy()
    changed[np.concatenate(held_out)] *= 100
    np.savez(tmp_path / "a.npz", features=changed, labels=labels)
    after = load_data(settings, (2, 3))
    np.testing.assert_array_equal(after.train.times, before.train.times)
    assert not np.array_equal(after.test.times, before.test.times)
    assert len(set(training) | set(np.concatenate(held_out))) == len(labels) == len(training) + sum(map(len, held_out))


def test_a_larger_feature_spikes_earlier(tmp_path: Path) -> None:
    features, labels = _features()
    np.savez(tmp_path / "a.npz", features=features, labels=labels)
    data = load_data(DataSettings(file=tmp_path / "a.npz"), (4, 3))
    assert np.isclose(_all_times(data).min(), EARLIEST)
    assert np.isclose(_all_times(data).max(), LATEST)
    # The features of class k lie around k.
    means = [data.train.times[data.train.labels == label].mean() for label in range(3)]
    assert means[0] > means[1] + 0.1 > means[2] + 0.2


def test_csv_and_npz_agree_whatever_the_column_order(tmp_path: Path) -> None:
    features, labels = _features(2)
    names = np.array(["10", "9", "cat"])[labels]
    np.savez(tmp_path / "a.npz", features=features, labels=names)
    rows = [f"{float(a)!r},{name},{float(b)!r}" for (a, b), name in zip(features, names, strict=True)]
    path = _write_csv(tmp_path / "a.csv", "x,kind,y", rows)
    from_csv = load_data(DataSettings(file=path, label_column="kind"), (2, 3))
    from_npz = load_data(DataSettings(file=tmp_path / "a.npz"), (2, 3))
    assert from_csv.digest == from_npz.digest
    assert from_csv.classes == ("9", "10", "cat")


def test_ready_made_spike_times_are_kept(tmp_path: Path) -> None:
    times = np.random.default_rng(0).uniform(0, 1.2, (SAMPLES, 3))
    np.savez(tmp_path / "a.npz", spike_times=times, labels=np.arange(SAMPLES) % 2)
    data = load_data(DataSettings(file=tmp_path / "a.npz"), (3, 2))
    assert {tuple(row) for row in _all_times(data)} == {tuple(row) for row in times}


def test_pixels_share_a_scale_and_dark_ones_never_spike(tmp_path: Path) -> None:
    data = load_data(DataSettings(encoding="pixels"), (64, 10))
    digits = load_digits()
    np.testing.assert_array_equal(np.unique(_all_times(data)), np.unique(np.append(times_of(np.arange(1, 17) / 16), 1)))
    dark = (_all_times(data) == 1).mean(axis=0)
    np.testing.assert_allclose(dark, (digits.data == 0).mean(axis=0))
    assert dark[0] == 1  # a constant pixel is no error
    coarse = load_data(DataSettings(encoding="pixels", levels=3), (64, 10))
    np.testing.assert_allclose(np.unique(_all_times(coarse)), times_of(np.array([1.0, 0.5, 0.0])))
    assert coarse.source.endswith("digits 0-9, pixels of 3 levels, split seed 0")
    features = np.maximum(_features()[0], 0)
    np.savez(tmp_path / "a.npz", features=features, labels=_features()[1])
    own = load_data(DataSettings(file=tmp_path / "a.npz", encoding="pixels"), (4, 3))
    # The brightest training pixel is full brightness; a held-out one may be brighter and is not earlier.
    assert own.train.times.min() == pytest.approx(EARLIEST) == pytest.approx(_all_times(own).min())


def times_of(brightness: np.ndarray) -> np.ndarray:
    """Spike times in ascending order by hand."""
    return np.sort(np.where(brightness > 0, LATEST - (LATEST - EARLIEST) * brightness, 1.0))


def test_what_are_no_pixels(tmp_path: Path) -> None:
    labels = np.arange(SAMPLES) % 2
    for arrays, message in (
        ({"features": np.full((SAMPLES, 2), -1.0)}, "a pixel is -1; .* brightness from 0"),
        ({"features": np.zeros((SAMPLES, 2))}, "all pixels of the training samples are 0"),
        ({"spike_times": np.ones((SAMPLES, 2))}, "needs features, but these are spike times"),
    ):
        np.savez(tmp_path / "a.npz", labels=labels, **arrays)
        with pytest.raises(DataError, match=message):
            load_data(DataSettings(file=tmp_path / "a.npz", encoding="pixels"), (2, 2))
    with pytest.raises(DataError, match="the digits have 64 pixels, but the network has 5 inputs"):
        load_data(DataSettings(encoding="pixels"), (5, 5))


@pytest.mark.parametrize(
    "settings", [{"levels": 4}, {"encoding": "pixels", "spike_times": True}, {"encoding": "pixels", "levels": 1}]
)
def test_settings_that_do_not_go_together(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DataSettings(**settings)


@pytest.mark.parametrize(
    ("rows", "header", "settings", "message"),
    [
        (["1,2,a"] * 60, "x,y,class", {}, "0 columns named 'label'"),
        (["1,2,a"] * 60, "x,label,label", {}, "2 columns named 'label'"),
        (["1,2,a"] * 59 + ["1,2"], "x,y,label", {}, "sample 60 has 2 columns, the header has 3"),
        (["1,nan,a"] * 60, "x,y,label", {}, "holds nan in sample 1, column 2"),
        (["1,two,a"] * 60, "x,y,label", {}, "'y' of sample 1 is 'two', which is no number"),
        (["0.5,-0.1,a"] * 60, "x,y,label", {"spike_times": True}, "holds -0.1 in sample 1"),
        ([], "x,y,label", {}, "give each sample one row"),
        (["1,2,a"] * 30 + ["2,3,b"] * 30 + ["2,3,c"] * 30, "x,y,label", {}, "3 classes.*last layer has 2"),
        (["1,2,3,a"] * 30 + ["2,3,4,b"] * 30, "x,y,z,label", {}, "3 features.*principal_components = true"),
        (["1,a"] * 30 + ["2,b"] * 30, "x,label", {}, "1 features a sample, but the network has 2"),
        (
            ["1,a"] * 30 + ["2,b"] * 30,
            "x,label",
            {"principal_components": True},
            "fewer than the network's 2",
        ),
        (["1,2,a"] * 30 + ["1,3,b"] * 30, "x,y,label", {}, "feature 0 is constant"),
        (["1,2,a"] * 55 + ["2,3,b"] * 5, "x,y,label", {}, "class 'b' has 5 samples.*at least 10"),
        (
            ["1,2,3,a"] * 30 + ["2,3,4,b"] * 30,
            "x,y,z,label",
            {"principal_components": True},
            "span 1 directions, too few for 2",
        ),
        (
            ["0.1,0.2,a"] * 30 + ["0.2,0.3,b"] * 30,
            "x,y,label",
            {"principal_components": True, "spike_times": True},
            "these are spike times",
        ),
    ],
)
def test_bad_csv(tmp_path: Path, rows: list[str], header: str, settings: dict[str, bool], message: str) -> None:
    path = _write_csv(tmp_path / "a.csv", header, rows)
    with pytest.raises(DataError, match=message) as error:
        load_data(DataSettings(file=path, **settings), (2, 2))
    assert "\n" not in str(error.value)


def test_one_class_is_no_classification(tmp_path: Path) -> None:
    path = _write_csv(tmp_path / "a.csv", "x,y,label", ["1,2,a"] * 30)
    with pytest.raises(DataError, match="at least two"):
        load_data(DataSettings(file=path), (2, 1))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"features": np.ones((20, 2))}, "give labels"),
        ({"labels": np.ones(20, int)}, "give labels and one of"),
        ({"features": np.ones((20, 2)), "labels": np.ones(19, int)}, r"labels of shape \(19,\)"),
        ({"features": np.ones(20), "labels": np.ones(20, int)}, r"values of shape \(20,\)"),
        ({"features": np.ones((20, 2)), "labels": np.ones(20)}, "labels of type float64"),
        ({"features": np.ones((20, 2), complex), "labels": np.ones(20, int)}, "complex128"),
        ({"features": np.ones((2, 2), object), "labels": np.ones(2, int)}, "pickled"),
    ],
)
def test_bad_npz(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message):
        load_data(DataSettings(file=tmp_path / "a.npz"), (2, 2))


def test_unreadable_files(tmp_path: Path) -> None:
    for name, content, message in (
        ("missing.npz", None, "cannot read"),
        ("empty.csv", b"", "is empty"),
        ("data.txt", b"1", "unknown kind"),
        ("cut.npz", b"PK\x03\x04 cut", "truncated"),
        ("text.npz", b"hello", "no archive of plain arrays"),
        ("binary.csv", b"\xff\xfe\x00", "no CSV text"),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(DataError, match=message):
            load_data(DataSettings(file=path), (2, 2))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden_file(tmp_path: Path) -> None:
    path = _write_csv(tmp_path / "a.csv", "x,label", ["1,a"])
    path.chmod(0)
    with pytest.raises(DataError, match="Permission denied"):
        load_data(DataSettings(file=path), (1, 2))


def test_digits_that_do_not_fit() -> None:
    with pytest.raises(DataError, match="does not fit 100 inputs"):
        load_data(DataSettings(), (100, 5, 5))
    with pytest.raises(DataError, match="11 outputs"):
        load_data(DataSettings(), (5, 5, 11))
