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


def accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Share of right answers; for the nuclear fraction ask ``accuracy(fractions > 0.5, truth)``.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N,) bool.

    Returns
    -------
    float
        In [0, 1]; NaN for no answers.

    Examples
    --------
    >>> accuracy(np.array([0.7, 0.2, 0.6, 0.1]) > 0.5, np.array([True, False, False, False]))
    0.75
    """
    right = np.asarray(predicted, bool) == np.asarray(truth, bool)
    return float(right.mean()) if right.size else float("nan")


def mcc(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Matthews correlation coefficient: 1 for all right, 0 for guessing.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N,) bool.

    Returns
    -------
    float
        In [-1, 1]; 0 when all answers, or all truths, are the same.

    Examples
    --------
    >>> mcc(np.array([True, True, False, False]), np.array([True, True, False, False]))
    1.0
    """
    predicted, truth = np.asarray(predicted, bool), np.asarray(truth, bool)
    right_yes, right_no = float((predicted & truth).sum()), float((~predicted & ~truth).sum())
    wrong_yes, wrong_no = float((predicted & ~truth).sum()), float((~predicted & truth).sum())
    sizes = (right_yes + wrong_yes) * (right_yes + wrong_no) * (right_no + wrong_yes) * (right_no + wrong_no)
    return (right_yes * right_no - wrong_yes * wrong_no) / sizes**0.5 if sizes else 0.0


def best_threshold(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the threshold above which most answers are right: midway between two scores, the lowest of equals.

    Parameters
    ----------
    scores : np.ndarray
        (N,) float, N at least 1.
    truth : np.ndarray
        (N,) bool.

    Examples
    --------
    >>> best_threshold(np.array([0.1, 0.25, 0.75, 0.8]), np.array([False, False, True, True]))
    0.5
    """
    values = np.unique(np.asarray(scores, np.float64))
    candidates = np.concatenate([[values[0] - 1], (values[:-1] + values[1:]) / 2, values[-1:]])
    right = [accuracy(scores > candidate, truth) for candidate in candidates]
    return float(candidates[int(np.argmax(right))])
