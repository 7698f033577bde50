"""The signs of principal components: the search against trying all of them."""

from itertools import product

import numpy as np
from sklearn.linear_model import LogisticRegression

from codesign.training.signs import best_signs


def test_finds_the_signs_that_make_classes_separable_without_bias() -> None:
    """Class 1 is where x_0 > x_1: with one of the two turned round, the boundary x_0 + x_1 = 1 needs a bias."""
    generator = np.random.default_rng(0)
    on_times = generator.uniform(size=(200, 2))
    labels = (on_times[:, 0] > on_times[:, 1]).astype(np.int64)
    signs = best_signs(on_times, labels)
    assert signs[0] == signs[1]
    turned = np.column_stack((on_times[:, 0], 1 - on_times[:, 1]))
    signs = best_signs(turned, labels)
    assert signs[0] == -signs[1]


def test_is_among_the_best_of_all_signs() -> None:
    generator = np.random.default_rng(1)
    labels = np.arange(300) % 4
    centres = generator.uniform(0.2, 0.8, (4, 4))
    on_times = np.clip(centres[labels] + generator.normal(0, 0.12, (300, 4)), 0, 1)

    def accuracy(signs: np.ndarray) -> float:
        inputs = np.where(signs > 0, on_times, 1 - on_times)
        return LogisticRegression(C=1000, fit_intercept=False, max_iter=2000).fit(inputs, labels).score(inputs, labels)

    accuracies = sorted(accuracy(np.array(signs)) for signs in product((-1, 1), repeat=4))
    assert accuracy(best_signs(on_times, labels)) >= accuracies[-4]
