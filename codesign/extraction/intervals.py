"""Confidence intervals of a least squares fit whose residuals are correlated within groups."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student  # pyright: ignore[reportMissingTypeStubs]

from codesign.arrays import Floats, Integers

_SILENT = 1e-6
"""A change of the parameters with less effect than this counts as none: finite differences are no more exact."""

_TAKES_PART = 1e-3


def clustered_errors(jacobian: Floats, residuals: Floats, clusters: Integers) -> Floats:
    """Half-widths of 95 % confidence intervals from the covariance clustered by trace.

    (J'J)^-1 [sum_c (J_c' r_c)(J_c' r_c)'] (J'J)^-1, Student's t with clusters minus parameters degrees of freedom
    (Cameron and Miller, "A Practitioner's Guide to Cluster-Robust Inference", 2015).

    Args:
        jacobian: shape (samples, parameters).
        residuals: shape (samples,).
        clusters: number of the trace that each sample belongs to, shape (samples,).

    Returns:
        Shape (parameters,); infinity for a parameter that no sample depends on, and for those of which the samples
        determine a combination only.
    """
    sensitivity = np.linalg.norm(jacobian, axis=0)
    scale = np.where(sensitivity == 0, 1.0, sensitivity)
    scaled = jacobian / scale
    errors = _scaled_errors(scaled, residuals, clusters)
    return np.where(_undetermined(scaled), np.inf, errors / scale)


def _undetermined(scaled: Floats) -> NDArray[np.bool_]:
    """Which parameters take part in a change of all parameters that changes no sample, shape (parameters,)."""
    _, strengths, directions = np.linalg.svd(scaled, full_matrices=False)
    silent = directions[strengths < _SILENT * strengths.max()]
    shares: Floats = np.abs(silent).max(axis=0, initial=0.0)
    return shares > _TAKES_PART


def _scaled_errors(jacobian: Floats, residuals: Floats, clusters: Integers) -> Floats:
    labels, index = np.unique(clusters, return_inverse=True)
    scores = np.zeros((len(labels), jacobian.shape[1]))
    np.add.at(scores, index, jacobian * residuals[:, None])
    bread = np.linalg.pinv(jacobian.T @ jacobian)
    freedom = max(len(labels) - jacobian.shape[1], 1)
    covariance = bread @ (scores.T @ scores) @ bread * len(labels) / freedom
    return np.sqrt(np.diag(covariance)) * float(cast(Any, student).ppf(0.975, freedom))
