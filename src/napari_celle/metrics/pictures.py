"""Measures of predicted pictures against the true ones."""

import numpy as np
from skimage.metrics import structural_similarity


def fraction_inside(picture: np.ndarray, nuclei: np.ndarray) -> float:
    """Part of a picture's light that lies in the nuclei.

    Parameters
    ----------
    picture : np.ndarray
        (Y, X), not negative: a threshold image, a heat map or a probability map.
    nuclei : np.ndarray
        (Y, X) labels or bool; 0 is outside.

    Returns
    -------
    float
        In [0, 1]; 0 for a dark picture.

    Examples
    --------
    >>> fraction_inside(np.array([[1.0, 3.0]]), np.array([[0, 7]]))
    0.75
    """
    picture = np.asarray(picture, np.float64)
    total = float(picture.sum())
    return float(picture[np.asarray(nuclei) > 0].sum() / total) if total > 0 else 0.0


def nucleus_proportion_accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    """One minus the mean absolute error of the fractions inside the nuclei.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N,) fractions in [0, 1], see :func:`fraction_inside`.

    Returns
    -------
    float
        In [0, 1]; NaN for no pictures.

    Examples
    --------
    >>> nucleus_proportion_accuracy(np.array([0.5, 1.0]), np.array([0.25, 0.75]))
    0.75
    """
    predicted, truth = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    return float(1 - np.abs(predicted - truth).mean()) if predicted.size else float("nan")


def threshold_pixel_accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Share of the pixels of two threshold images that are equal.

    Parameters
    ----------
    predicted, truth : np.ndarray
        One shape, bool or 0 and 1.

    Returns
    -------
    float
        In [0, 1]; NaN for no pixels.

    Examples
    --------
    >>> threshold_pixel_accuracy(np.array([[1, 0], [1, 0]]), np.array([[1, 0], [0, 0]]))
    0.75
    """
    equal = (np.asarray(predicted) > 0) == (np.asarray(truth) > 0)
    return float(equal.mean()) if equal.size else float("nan")


def pdf_pixel_accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    """One minus the mean absolute difference of a heat map and the true threshold image.

    Parameters
    ----------
    predicted : np.ndarray
        Heat map in [0, 1]: the probability map before it is divided by its sum.
    truth : np.ndarray
        Threshold image of the same shape, bool or 0 and 1.

    Returns
    -------
    float
        In [0, 1]; NaN for no pixels. For a heat map of 0 and 1 it is :func:`threshold_pixel_accuracy`.

    Examples
    --------
    >>> pdf_pixel_accuracy(np.array([[0.5, 0.0]]), np.array([[1, 0]]))
    0.75
    """
    error = np.abs(np.asarray(predicted, np.float64) - (np.asarray(truth) > 0))
    return float(1 - error.mean()) if error.size else float("nan")


def ssim(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) of two pictures in [0, 1], windows of 7 x 7 pixels.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (Y, X) in [0, 1], at least 7 pixels along each axis.

    Returns
    -------
    float
        In [-1, 1]; 1 for equal pictures.

    Examples
    --------
    >>> ssim(np.eye(8), np.eye(8))
    1.0
    """
    first, second = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    return float(structural_similarity(first, second, data_range=1.0))


def iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of the bright pixels of two threshold images.

    Parameters
    ----------
    predicted, truth : np.ndarray
        One shape, bool or 0 and 1.

    Returns
    -------
    float
        In [0, 1]; 1 when both are dark.

    Examples
    --------
    >>> iou(np.array([1, 1, 0, 0]), np.array([0, 1, 0, 0]))
    0.5
    """
    first, second = np.asarray(predicted) > 0, np.asarray(truth) > 0
    union = int((first | second).sum())
    return float((first & second).sum() / union) if union else 1.0
