"""A predicted and a measured picture of one window, with all about the two that does not depend on nuclei."""

from dataclasses import dataclass, replace

import numpy as np
from skimage.metrics import structural_similarity

from napari_celle.analysis.comparison.difference import Difference, difference
from napari_celle.analysis.comparison.inputs import check_same_pixels
from napari_celle.analysis.comparison.measured import Measured, as_probability
from napari_celle.metrics.pictures import SSIM_WINDOW


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What tables of nuclei and of images are made from; every array is (Y, X) of the window.

    Attributes
    ----------
    heatmap : np.ndarray
        Predicted heat map in [0, 1].
    threshold : np.ndarray
        bool, the predicted threshold image.
    measured : Measured
        The measured channel, dark where nothing was predicted.
    covered : np.ndarray
        bool, False where nothing was predicted; no figure of a nucleus uses these pixels.
    difference : Difference
        Both on one scale, and predicted minus measured.
    similarity : np.ndarray
        float32 in [-1, 1], structural similarity of the two on one scale around each pixel, in windows of 7 x 7 pixels;
        NaN in pictures smaller than these.
    """

    heatmap: np.ndarray
    threshold: np.ndarray
    measured: Measured
    covered: np.ndarray
    difference: Difference
    similarity: np.ndarray


def compare(
    heatmap: np.ndarray, threshold: np.ndarray, *, measured: Measured, covered: np.ndarray | None = None
) -> Compared:
    """Compare what a model predicted with what was measured.

    Parameters
    ----------
    heatmap : np.ndarray
        (Y, X) in [0, 1], the predicted heat map. (A probability map gives the same, but for the papers' figures.)
    threshold : np.ndarray
        (Y, X) predicted threshold image, above 0 where the protein is.
    measured : Measured
        Of the same window.
    covered : np.ndarray or None
        (Y, X) bool, where something was predicted: ``FieldPrediction.covered``. None is everywhere.

    Raises
    ------
    ImageError
        The arrays differ in shape, or the heat map has pixels that are negative or no finite numbers.
    """
    covered = np.ones(np.shape(heatmap), bool) if covered is None else np.asarray(covered) > 0
    check_same_pixels(heatmap=heatmap, threshold=threshold, measured=measured.intensity, covered=covered)
    measured = _where(covered, measured)
    both = difference(heatmap * covered, measured.intensity)
    return Compared(
        heatmap=heatmap * covered,
        threshold=covered & (np.asarray(threshold) > 0),
        measured=measured,
        covered=covered,
        difference=both,
        similarity=_similarity(both),
    )


def _where(covered: np.ndarray, measured: Measured) -> Measured:
    """Return what was measured where something was predicted: nothing is known of the rest."""
    if covered.all():
        return measured
    intensity = np.where(covered, measured.intensity, np.float32(0))
    threshold = np.where(covered, measured.threshold, np.uint8(0))
    return replace(measured, intensity=intensity, threshold=threshold, probability=as_probability(intensity))


def _similarity(both: Difference) -> np.ndarray:
    if min(both.signed.shape) < SSIM_WINDOW:
        return np.full(both.signed.shape, np.nan, np.float32)
    _, local = structural_similarity(both.predicted, both.measured, data_range=1.0, win_size=SSIM_WINDOW, full=True)
    return local.astype(np.float32)
