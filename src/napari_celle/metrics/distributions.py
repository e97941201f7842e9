"""Measures of many pictures at once, by what a network sees in them: arrays of features in, floats out.

Both are written here and not taken from torchmetrics, which computes the same and is what the tests compare with. Its
Fréchet distance takes the eigenvalues of a product of covariances: of ten pictures with a thousand features it is off
by 4e-4, below zero (-9e-4) for equal sets, and 200 times slower; its Inception score draws from the global generator;
and both would be there only where the extra "evaluate" is installed.
"""

import numpy as np
from scipy.special import rel_entr

from napari_celle.errors import CelleError
from napari_celle.metrics.inputs import measurable


def frechet_distance(predicted: np.ndarray, truth: np.ndarray) -> float:
    r"""Fréchet distance of two sets of features, each taken for a normal distribution (Heusel et al. 2017).

    With features of the Inception network it is the FID. It is biased: of fewer pictures than features it comes out
    too large, so that only distances of equally many pictures can be compared; the FIDs of papers are those of
    thousands.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N, D) and (M, D) features, a row a picture; N and M may differ.

    Returns
    -------
    float
        :math:`|m_1 - m_2|^2 + \mathrm{tr}(S_1 + S_2 - 2 (S_1 S_2)^{1/2})`, 0 or more, with covariances of N - 1 and
        M - 1; NaN for fewer than two pictures on a side, or a feature that is no finite number.

    Raises
    ------
    CelleError
        If the two have not the same number of features.

    Examples
    --------
    >>> features = np.array([[0.0, 0.0], [2.0, 0.0]])
    >>> frechet_distance(features + [0.0, 3.0], features)
    9.0
    """
    first, second = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise CelleError(
            f"Features have the shapes {first.shape} and {second.shape}. Give two tables, a row a picture, with the "
            "same number of columns."
        )
    if min(len(first), len(second)) < 2 or not measurable(first, second):
        return float("nan")
    roots = _root(first), _root(second)
    # The trace of (S1 S2)^(1/2) is the sum of the singular values of R1 R2^T: no root of a matrix that may have none.
    shared = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    spreads = sum(float(np.square(root).sum()) for root in roots)
    apart = np.square(first.mean(0) - second.mean(0)).sum() + spreads - 2 * shared
    return float(max(apart, 0.0))


def _root(features: np.ndarray) -> np.ndarray:
    """Return R (min(N, D), D) with R^T R the covariance of features (N, D)."""
    deviations = features - features.mean(0)
    return np.asarray(np.linalg.qr(deviations / (len(features) - 1) ** 0.5, mode="r"))


def inception_score(probabilities: np.ndarray, *, rng: np.random.Generator, splits: int = 10) -> tuple[float, float]:
    """Inception score (Salimans et al. 2016): how sure a classifier is of each picture, and how varied they are.

    Parameters
    ----------
    probabilities : np.ndarray
        (N, C) class probabilities of N pictures, rows sum to 1.
    rng : np.random.Generator
        Deals the pictures out to the parts.
    splits : int
        Parts of equal size, as far as that goes, of which each has a score; as many as there are pictures at most.

    Returns
    -------
    tuple of float
        Mean and standard deviation over the parts, from 1 (all pictures alike) to C; the score of few pictures is too
        low. NaN for no pictures.

    Examples
    --------
    >>> inception_score(np.eye(4), rng=np.random.default_rng(0), splits=1)
    (4.0, 0.0)
    """
    rows = np.asarray(probabilities, np.float64)
    if splits < 1 or rows.ndim != 2:
        raise CelleError(
            f"{splits} parts of class probabilities of shape {rows.shape}: give (N, C), and 1 or more parts."
        )
    if not measurable(rows):
        return float("nan"), float("nan")
    parts = np.array_split(rows[rng.permutation(len(rows))], min(splits, len(rows)))
    scores = [np.exp(rel_entr(part, part.mean(0)).sum(1).mean()) for part in parts]
    return float(np.mean(scores)), float(np.std(scores))
