"""Confidence intervals of a least squares fit whose residuals are correlated within groups."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student  # pyright: ignore[reportMissingTypeStubs]

from codesign.membrane import Floats

Integers = NDArray[np.int64]


def clustered_errors(jacobian: Floats, residuals: Floats, clusters: Integers) -> Floats:
    """Half-widths of 95 % confidence intervals from the covariance clustered by trace.

    (J'J)^-1 [sum_c (J_c' r_c)(J_c' r_c)'] (J'J)^-1, Student's t with clusters minus parameters degrees of freedom
    (Cameron and Miller, "A Practitioner's Guide to Cluster-Robust Inference", 2015).

    Args:
        jacobian: shape (samples, parameters).
        residuals: shape (samples,).
        clusters: number of the trace that each sample belongs to, shape (samples,).

    Returns:
        Shape (parameters,); infinity for a parameter that no sample depends on.
    """
    sensitivity = np.linalg.norm(jacobian, axis=0)
    blind = sensitivity == 0
    scale = np.where(blind, 1.0, sensitivity)
    errors = _scaled_errors(jacobian / scale, residuals, clusters)
    return np.where(blind, np.inf, errors / scale)


def _scaled_errors(jacobian: Floats, residuals: Floats, clusters: Integers) -> Floats:
    labels, index = np.unique(clusters, return_inverse=True)
    scores = np.zeros((len(labels), jacobian.shape[1]))
    np.add.at(scores, index, jacobian * residuals[:, None])
    bread = np.linalg.pinv(jacobian.T @ jacobian)
    freedom = max(len(labels) - jacobian.shape[1], 1)
    covariance = bread @ (scores.T @ scores) @ bread * len(labels) / freedom
    return np.sqrt(np.diag(covariance)) * float(cast(Any, student).ppf(0.975, freedom))
