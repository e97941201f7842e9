"""Measures of yes/no predictions.

All give NaN where there are no answers, and where a score or an answer is no finite number.
"""

import numpy as np
from scipy.stats import rankdata

from napari_celle.metrics.inputs import measurable, same_shape

HALF = 0.5
"""The papers call a protein nuclear when more than half of it lies in the nuclei."""


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
    scores, truth = same_shape(scores, truth)
    if not measurable(scores, truth):
        return float("nan")
    truth = truth.astype(bool)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return float("nan")
    above = rankdata(scores)[truth].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Share of right answers; of nuclear fractions see :func:`nuclear_accuracy`.

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
    predicted, truth = same_shape(predicted, truth)
    if not measurable(predicted, truth):
        return float("nan")
    return float((predicted.astype(bool) == truth.astype(bool)).mean())


def nuclear_accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Share of pictures that fall on the right side: more than half of the light in the nuclei, in both or in neither.

    The nuclear localization accuracy of CELL-E (section S.3.7): the rule calls the true picture, too.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N,) fractions inside the nuclei, in [0, 1], of predicted and of true pictures.

    Returns
    -------
    float
        In [0, 1]; NaN for no pictures.

    Examples
    --------
    >>> nuclear_accuracy(np.array([0.9, 0.5, 0.7, 0.2]), np.array([0.6, 0.4, 0.3, 0.1]))
    0.75
    """
    predicted, truth = same_shape(predicted, truth)
    return accuracy(predicted > HALF, truth > HALF) if measurable(predicted, truth) else float("nan")


def mcc(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Matthews correlation coefficient: 1 for all right, 0 for guessing.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N,) bool.

    Returns
    -------
    float
        In [-1, 1]; 0 when all answers, or all truths, are the same; NaN for no answers.

    Examples
    --------
    >>> mcc(np.array([True, True, False, False]), np.array([True, True, False, False]))
    1.0
    """
    predicted, truth = same_shape(predicted, truth)
    if not measurable(predicted, truth):
        return float("nan")
    predicted, truth = predicted.astype(bool), truth.astype(bool)
    right_yes, right_no = float((predicted & truth).sum()), float((~predicted & ~truth).sum())
    wrong_yes, wrong_no = float((predicted & ~truth).sum()), float((~predicted & truth).sum())
    sizes = (right_yes + wrong_yes) * (right_yes + wrong_no) * (right_no + wrong_yes) * (right_no + wrong_no)
    return (right_yes * right_no - wrong_yes * wrong_no) / sizes**0.5 if sizes else 0.0


def best_threshold(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the threshold above which most answers are right: midway between two scores, the lowest of equals.

    Parameters
    ----------
    scores : np.ndarray
        (N,) float.
    truth : np.ndarray
        (N,) bool.

    Returns
    -------
    float
        Below the lowest score where nobody should be called negative; NaN for no scores.

    Examples
    --------
    >>> best_threshold(np.array([0.1, 0.25, 0.75, 0.8]), np.array([False, False, True, True]))
    0.5
    """
    scores, truth = same_shape(scores, truth)
    if not measurable(scores, truth):
        return float("nan")
    values = np.unique(scores.astype(np.float64))
    candidates = np.concatenate([[values[0] - 1], (values[:-1] + values[1:]) / 2, values[-1:]])
    right = [accuracy(scores > candidate, truth) for candidate in candidates]
    return float(candidates[int(np.argmax(right))])
