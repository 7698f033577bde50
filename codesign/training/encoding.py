"""From features to spike times: stratified split, principal components, and a linear code in time.

A larger feature spikes earlier: t = latest - (latest - earliest) x, where x is the feature scaled to [0, 1]. Features
have a scale each, or one for all of them as the brightness of pixels has.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from codesign.arrays import Floats
from codesign.training.errors import DataError
from codesign.training.signs import best_signs
from codesign.training.spike_data import LabelArray, SpikeData, Split

EARLIEST, LATEST = 0.02, 0.98
"""Range of encoded spike times: clear of both ends of the window, where a spike meets the phase edges."""

NEVER = 1.0
"""Spike time of what does not spike."""

TEST_FRACTION, VALIDATION_FRACTION = 0.25, 0.1
SMALLEST_CLASS = 10
"""Fewest samples of a class of which each part gets at least one."""

OUTLIERS = 5.0
"""Percentage of the training samples beyond either end of a feature's scale."""


@dataclass(frozen=True)
class PrincipalComponents:
    """Projection on the directions of largest variance."""

    mean: Floats
    """Shape (features,)."""
    directions: Floats
    """Orthonormal rows, largest variance first, shape (components, features)."""

    @classmethod
    def fit(cls, features: Floats, components: int) -> Self:
        """Find the components of `features`, shape (samples, features), by singular value decomposition.

        The sign of each direction makes its largest entry positive, so that it is the same everywhere.

        Raises:
            DataError: the features span fewer directions than `components`.
        """
        mean = features.mean(axis=0)
        _, values, rows = np.linalg.svd(features - mean, full_matrices=False)
        rank = int((values > 1e-10 * max(float(values[0]), 1e-300)).sum())
        if rank < components:
            raise DataError(
                f"the training samples span {rank} directions, too few for {components} principal "
                f"components; give more varied samples or fewer inputs"
            )
        directions = rows[:components]
        largest = np.abs(directions).argmax(axis=1)
        return cls(mean, directions * np.sign(directions[np.arange(components), largest])[:, None])

    def __call__(self, features: Floats) -> Floats:
        """Project `features`, shape (samples, features), to shape (samples, components)."""
        return (features - self.mean) @ self.directions.T


@dataclass(frozen=True)
class LinearTimeCode:
    """Each feature scaled to [0, 1] between two levels, then to a spike time; it saturates beyond."""

    low: Floats
    """Level that spikes last, shape (features,)."""
    high: Floats
    """Level that spikes first, shape (features,)."""

    @classmethod
    def fit(cls, features: Floats) -> Self:
        """Take the levels from the percentiles of `features`, shape (samples, features).

        Raises:
            DataError: a feature is the same in (nearly) all samples.
        """
        low, high = np.percentile(features, (OUTLIERS, 100 - OUTLIERS), axis=0)
        if (constant := np.flatnonzero(~(high > low))).size:
            raise DataError(f"feature {constant[0]} is constant over the training samples; leave it out")
        return cls(low, high)

    def __call__(self, features: Floats) -> Floats:
        """Spike times of `features`, same shape, within [EARLIEST, LATEST]."""
        scaled = np.clip((features - self.low) / (self.high - self.low), 0, 1)
        return LATEST - (LATEST - EARLIEST) * scaled


def encode_features(
    features: Floats,
    labels: LabelArray,
    classes: tuple[str, ...],
    source: str,
    components: int | None,
    seed: int,
) -> SpikeData:
    """Split a data set and turn its features into spike times, fitted on the training part alone.

    Args:
        features: shape (samples, features), finite.
        labels: indices into `classes`, shape (samples,).
        classes: names of the classes.
        source: where the features came from.
        components: number of principal components to reduce to; None keeps the features.
        seed: of the split.

    Raises:
        DataError: too few samples of a class, a constant feature, or too few directions for the components.
    """
    parts = stratified_split(labels, classes, seed)
    projected = features
    if components is not None:
        projected = PrincipalComponents.fit(features[parts[0]], components)(features)
        training = projected[parts[0]]
        on_times = 1 - LinearTimeCode.fit(training)(training)
        projected *= best_signs(on_times, labels[parts[0]])
        source += f", {components} principal components"
    times = LinearTimeCode.fit(projected[parts[0]])(projected)
    splits = [Split(times[part], labels[part]) for part in parts]
    return SpikeData(*splits, classes=classes, source=f"{source}, split seed {seed}")


def encode_pixels(
    pixels: Floats, labels: LabelArray, classes: tuple[str, ...], source: str, levels: int | None, seed: int
) -> SpikeData:
    """Split a data set and turn the brightness of its pixels into spike times: the brighter, the earlier; 0 never.

    Args:
        pixels: shape (samples, pixels), finite, at least 0. The brightest of the training part is full brightness.
        labels: indices into `classes`, shape (samples,).
        classes: names of the classes.
        source: where the pixels came from.
        levels: steps of brightness, 0 among them; None keeps each value.
        seed: of the split.

    Raises:
        DataError: too few samples of a class, a pixel below 0, or none above it.
    """
    if pixels.min() < 0:
        raise DataError(f'{source}: a pixel is {pixels.min():g}; encoding = "pixels" takes brightness from 0')
    parts = stratified_split(labels, classes, seed)
    full = float(pixels[parts[0]].max())
    if full <= 0:
        raise DataError(f"{source}: all pixels of the training samples are 0")
    brightness = np.clip(pixels / full, 0, 1)
    source += ", pixels"
    if levels is not None:
        brightness = np.round(brightness * (levels - 1)) / (levels - 1)
        source += f" of {levels} levels"
    times = np.where(brightness > 0, LATEST - (LATEST - EARLIEST) * brightness, NEVER)
    splits = [Split(times[part], labels[part]) for part in parts]
    return SpikeData(*splits, classes=classes, source=f"{source}, split seed {seed}")


def stratified_split(labels: LabelArray, classes: tuple[str, ...], seed: int) -> tuple[LabelArray, ...]:
    """Indices of the training, validation and test samples, every class in the same proportion.

    Raises:
        DataError: fewer than two classes, or a class of fewer than `SMALLEST_CLASS` samples.
    """
    if len(classes) < 2:
        raise DataError(f"found {len(classes)} class(es); give samples of at least two")
    generator = np.random.default_rng(seed)
    parts: tuple[list[LabelArray], ...] = ([], [], [])
    for index, name in enumerate(classes):
        members = generator.permutation(np.flatnonzero(labels == index))
        if len(members) < SMALLEST_CLASS:
            raise DataError(f"class {name!r} has {len(members)} samples; give at least {SMALLEST_CLASS} of every class")
        tests = round(TEST_FRACTION * len(members))
        validations = max(1, round(VALIDATION_FRACTION * len(members)))
        for part, chosen in zip(
            parts,
            (members[tests + validations :], members[tests : tests + validations], members[:tests]),
            strict=True,
        ):
            part.append(chosen)
    return tuple(generator.permutation(np.concatenate(part)) for part in parts)
