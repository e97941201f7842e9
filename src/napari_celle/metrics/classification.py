"""Measures of yes/no predictions."""

import numpy as np
from scipy.stats import rankdata


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    """Area under the receiver operating characteristic: how often a positive scores above a negative.

    Parameters
    ----------
    scores : np.ndarray
        (N,) float; higher means more likely positive. Ties count half.
    truth : np.ndarray
        (N,) bool.

    Returns
    -------
    float
        In [0, 1]; NaN when only one class is present.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    truth = np.asarray(truth, bool)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return float("nan")
    above = rankdata(scores)[truth].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))
