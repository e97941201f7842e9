"""Measures of predicted pictures against the true ones (CELL-E, section S.3.7).

All give NaN for pictures without pixels and for pictures with a pixel that is no finite number.
"""

import numpy as np
from skimage.metrics import structural_similarity

from napari_celle.errors import CelleError
from napari_celle.metrics.inputs import measurable, same_shape

SSIM_WINDOW = 7
"""Pixels along an edge of the windows of :func:`ssim`."""


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
        In [0, 1]; 0 for a dark picture, NaN for no pixels.

    Examples
    --------
    >>> fraction_inside(np.array([[1.0, 3.0]]), np.array([[0, 7]]))
    0.75
    """
    light, inside = same_shape(picture, nuclei)
    if not measurable(light, inside):
        return float("nan")
    total = float(light.sum(dtype=np.float64))
    return float(light[inside > 0].sum(dtype=np.float64) / total) if total > 0 else 0.0


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
    return _closeness(*same_shape(predicted, truth))


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
    first, second = same_shape(predicted, truth)
    return float(((first > 0) == (second > 0)).mean()) if measurable(first, second) else float("nan")


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
    heatmap, bright = same_shape(predicted, truth)
    return _closeness(heatmap, bright > 0) if measurable(bright) else float("nan")


def ssim(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) of two pictures in [0, 1], windows of 7 x 7 pixels.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (Y, X) in [0, 1], at least 7 pixels along each axis.

    Returns
    -------
    float
        In [-1, 1]; 1 for equal pictures, constant ones too; NaN for no pixels.

    Raises
    ------
    CelleError
        If there are fewer than 7 pixels along an axis.

    Examples
    --------
    >>> ssim(np.eye(8), np.eye(8))
    1.0
    """
    first, second = same_shape(predicted, truth)
    if not measurable(first, second):
        return float("nan")
    if min(first.shape) < SSIM_WINDOW:
        raise CelleError(
            f"Structural similarity needs {SSIM_WINDOW} pixels along each axis; this picture has {first.shape}."
        )
    return float(structural_similarity(first.astype(np.float64), second.astype(np.float64), data_range=1.0))


def iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of the bright pixels of two threshold images.

    Parameters
    ----------
    predicted, truth : np.ndarray
        One shape, bool or 0 and 1.

    Returns
    -------
    float
        In [0, 1]; 1 when both are dark, NaN for no pixels.

    Examples
    --------
    >>> iou(np.array([1, 1, 0, 0]), np.array([0, 1, 0, 0]))
    0.5
    """
    first, second = same_shape(predicted, truth)
    if not measurable(first, second):
        return float("nan")
    union = int(((first > 0) | (second > 0)).sum())
    return float(((first > 0) & (second > 0)).sum() / union) if union else 1.0


def pearson(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Pearson correlation of the pixels of two pictures.

    Parameters
    ----------
    predicted, truth : np.ndarray
        One shape, any range.

    Returns
    -------
    float
        In [-1, 1]; NaN where one of them is constant: there is no slope then, and 0 would look like a measured one.

    Examples
    --------
    >>> round(pearson(np.array([[0.0, 1.0]]), np.array([[9.0, 5.0]])), 6)
    -1.0
    """
    first, second = same_shape(predicted, truth)
    if not measurable(first, second) or np.ptp(first * 1.0) == 0 or np.ptp(second * 1.0) == 0:
        return float("nan")
    one, other = _unit(first), _unit(second)
    return float(np.clip((one * other).sum(), -1, 1))


def _unit(values: np.ndarray) -> np.ndarray:
    """Return the deviations from the mean, divided so that their squares sum to 1."""
    scaled = values / float(np.abs(values * 1.0).max())  # squares of very small or large values would leave the floats
    deviations = scaled - scaled.mean(dtype=np.float64)
    deviations = deviations / np.abs(deviations).max()
    unit: np.ndarray = deviations / np.sqrt((deviations**2).sum())
    return unit


def _closeness(first: np.ndarray, second: np.ndarray) -> float:
    """Return one minus the mean absolute difference, NaN where there is nothing to measure."""
    if not measurable(first, second):
        return float("nan")
    return float(1 - np.abs(first.astype(np.float64) - second).mean())
