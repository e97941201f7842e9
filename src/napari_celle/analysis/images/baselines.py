"""Pictures that know nothing of the protein: what a model has to beat."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage

from napari_celle.analysis.images.pictures import Picture

Truth = tuple[np.ndarray, np.ndarray]
"""True threshold image and nuclei of one picture, both (Y, X) bool."""

Baseline = Callable[[np.ndarray], Picture]
"""From the nuclei, (Y, X) bool, to a picture that knows nothing of the protein."""

FARTHEST = 60
"""Pixels; what is farther from the edge of a nucleus, inside or outside, is put to this."""


def learn_baselines(truths: Sequence[Truth]) -> dict[str, Baseline]:
    """Return what can be guessed without a look at the protein.

    Parameters
    ----------
    truths : sequence of (np.ndarray, np.ndarray)
        Pictures to learn from; of none only "all dark" is learned.

    Returns
    -------
    dict
        "all dark"; "mean picture", the share of pictures that are bright at a pixel; "label-blind", the share of
        pixels that are bright at a distance from the edge of the nuclei.
    """
    baselines: dict[str, Baseline] = {"all dark": lambda nuclei: (np.zeros(nuclei.shape, bool), np.zeros(nuclei.shape))}
    if not truths:
        return baselines
    mean = _mean_picture([truth for truth, _ in truths])
    shares = _shares_by_distance(truths)
    return baselines | {
        "mean picture": lambda nuclei: _bright(_cut(mean, nuclei.shape)),
        "label-blind": lambda nuclei: _bright(shares[_distance_bins(nuclei)]),
    }


def _mean_picture(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of pictures that begin at the top left and may end earlier than others."""
    shape = tuple(np.max([picture.shape for picture in pictures], axis=0))
    bright, seen = np.zeros(shape), np.zeros(shape)
    for picture in pictures:
        height, width = picture.shape
        bright[:height, :width] += picture
        seen[:height, :width] += 1
    mean: np.ndarray = bright / np.maximum(seen, 1)
    return mean


def _cut(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the top left of a picture, dark where it does not reach."""
    lacking = [(0, max(0, wanted - there)) for wanted, there in zip(shape, picture.shape, strict=True)]
    return np.pad(picture, lacking)[tuple(slice(wanted) for wanted in shape)]


def _shares_by_distance(truths: Sequence[Truth]) -> np.ndarray:
    """Return the share of bright pixels at each signed distance, (2 * FARTHEST + 1,)."""
    bright, all_of_them = np.zeros(2 * FARTHEST + 1), np.zeros(2 * FARTHEST + 1)
    for truth, nuclei in truths:
        bins = _distance_bins(nuclei).ravel()
        bright += np.bincount(bins, weights=truth.ravel(), minlength=len(bright))
        all_of_them += np.bincount(bins, minlength=len(bright))
    return bright / np.maximum(all_of_them, 1)


def _distance_bins(nuclei: np.ndarray) -> np.ndarray:
    """Return the rounded distance from the edge of the nuclei, (Y, X) int, 0 deepest inside."""
    mask = np.asarray(nuclei, bool)
    distance = ndimage.distance_transform_edt(~mask) if not mask.all() else np.zeros(mask.shape)
    distance = distance - (ndimage.distance_transform_edt(mask) if mask.any() and not mask.all() else 0)
    far = distance if mask.any() else np.full(mask.shape, FARTHEST)
    bins: np.ndarray = np.clip(np.round(far), -FARTHEST, FARTHEST).astype(int) + FARTHEST
    return bins


def _bright(heatmap: np.ndarray) -> Picture:
    return heatmap > 0.5, heatmap
