"""Nucleus masks: one interface for the built-in method, for cellpose, and for the user's own labels."""

from collections.abc import Callable

import numpy as np

from napari_celle.errors import ImageError
from napari_celle.image import check_plane
from napari_celle.segment import classical

Segmenter = Callable[[np.ndarray], np.ndarray]
"""Takes a nucleus image, (Y, X) float32, and returns labels, (Y, X) int32, 0 for background.

:class:`napari_celle.segment.cellpose.Cellpose` is one, ``partial(cellpose, options=...)`` too.
"""

SEGMENTERS: dict[str, Segmenter] = {"classical": classical.segment}

typical_diameter = classical.typical_diameter


def segment_nuclei(image: np.ndarray, *, method: str | Segmenter = "classical") -> np.ndarray:
    """Return a label for every nucleus of an image: (Y, X) int32, 0 for background, 1 to the number of nuclei.

    Parameters
    ----------
    image : np.ndarray
        (Y, X), any real dtype and range.
    method : str or callable
        A name in ``SEGMENTERS``, or a method that needs more than a name, such as cellpose with its weights.

    Raises
    ------
    ImageError
        As :func:`napari_celle.image.check_plane`.
    ValueError
        Unknown method.
    """
    if callable(method):
        return method(check_plane(image))
    if method not in SEGMENTERS:
        raise ValueError(f"Unknown nucleus mask method {method!r}. Choose from {', '.join(sorted(SEGMENTERS))}.")
    return SEGMENTERS[method](check_plane(image))


def as_labels(mask: np.ndarray, *, shape: tuple[int, int]) -> np.ndarray:
    """Return the user's own nuclei as labels: (Y, X) int32, 0 for background.

    Parameters
    ----------
    mask : np.ndarray
        (Y, X) bool, or integers that are not negative; a mask keeps its one label.
    shape : tuple of int
        (Y, X) of the nucleus image, which the mask must have.

    Raises
    ------
    ImageError
        Another shape, a dtype that holds no labels, a negative or too large label.
    """
    mask = np.asarray(mask)
    if mask.shape != tuple(shape):
        raise ImageError(
            f"The nuclei have shape {mask.shape}, the image {tuple(shape)}. Use labels drawn on this image."
        )
    if mask.dtype.kind not in "biu":
        raise ImageError(
            f"The nuclei have pixels of type {mask.dtype}. Use whole numbers: 0 outside, 1 and up in nuclei."
        )
    if mask.size and (mask.min() < 0 or mask.max() > np.iinfo(np.int32).max):
        raise ImageError(
            f"The nuclei have labels from {mask.min()} to {mask.max()}. Use labels from 0 to 2,147,483,647."
        )
    return mask.astype(np.int32)
