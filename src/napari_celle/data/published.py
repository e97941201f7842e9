"""Pairs of pictures as the loaders of CELL-E and CELL-E 2 prepare them, for training, evaluation and parity."""

from dataclasses import dataclass

import numpy as np

from napari_celle.errors import ImageError
from napari_celle.image import resize
from napari_celle.preprocess import DATASETS, THRESHOLDS, above_mean, centred, stretched, without_outliers
from napari_celle.types import Faithful

CROP = 256
"""Edge of the square that the published models see, in pixels."""

SHORTER_EDGE = 600
"""CELL-E 2 resizes pictures until their shorter edge has so many pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class PublishedPictures:
    """What a published loader makes of one pair of pictures; each is (S, S) float32.

    Attributes
    ----------
    nucleus : np.ndarray
        CELL-E: [0, 1]; CELL-E 2: [-a, 1] as a rule, the largest absolute value is 1.
    protein : np.ndarray
        In [0, 1].
    threshold : np.ndarray
        The protein image as the models see it: 0 and 1, but for the thresholds "1090_IQR" and "none".
    """

    nucleus: np.ndarray
    protein: np.ndarray
    threshold: np.ndarray


def load_celle(
    nucleus: np.ndarray, protein: np.ndarray, *, corner: tuple[int, int] | None = None, size: int = CROP
) -> PublishedPictures:
    """Prepare a pair of pictures as CELL-E's own loader does: no resizing, no normalisation.

    Parameters
    ----------
    nucleus, protein : np.ndarray
        (Y, X) uint8 of one shape.
    corner : tuple of int or None
        First row and column of the crop; None takes the middle.
    size : int
        Edge of the crop in pixels.

    Raises
    ------
    ImageError
        The pixels are of another type, or the crop does not fit in the pictures.
    """
    scaled = [_scaled(picture, dtype="uint8", full_scale=255) for picture in (nucleus, protein)]
    first, second = (_crop(picture, corner=corner, size=size) for picture in scaled)
    return PublishedPictures(nucleus=first, protein=second, threshold=above_mean(second))


def load_celle2(
    nucleus: np.ndarray,
    protein: np.ndarray,
    *,
    dataset: str = "HPA",
    threshold: str = "median",
    corner: tuple[int, int] | None = None,
    size: int = CROP,
    shorter_edge: int = SHORTER_EDGE,
    faithful: Faithful = "none",
) -> PublishedPictures:
    """Prepare a pair of pictures as CELL-E 2's own loader does.

    Parameters
    ----------
    nucleus, protein : np.ndarray
        (Y, X) of one shape, uint8 for "HPA", uint16 for "OpenCell"; of (Y, X, C) the first channel is used.
    dataset : str
        A name in ``DATASETS``.
    threshold : str
        A name in ``THRESHOLDS``; the published models use "median".
    corner : tuple of int or None
        First row and column of the crop, in pixels of the resized picture; None takes the middle.
    size : int
        Edge of the crop in pixels.
    shorter_edge : int
        Pixels of the shorter edge after resizing.
    faithful : str
        "all" takes 16-bit pixels as signed, so those above 32767 are negative (oddity 42).

    Raises
    ------
    ImageError
        The pixels are of another type, or the crop does not fit in the resized pictures.
    """
    kind = DATASETS[dataset]
    pages = []
    for picture in (nucleus, protein):
        page = _scaled(picture, dtype=kind.dtype, full_scale=kind.full_scale, signed=faithful == "all")
        page = without_outliers(page) if kind.clip_outliers else page
        pages.append(_crop(_resized(page, shorter_edge=shorter_edge), corner=corner, size=size))
    measured = stretched(pages[1])
    return PublishedPictures(
        nucleus=centred(pages[0], mean=kind.nucleus_mean),
        protein=measured,
        threshold=THRESHOLDS[threshold](measured),
    )


def _scaled(picture: np.ndarray, *, dtype: str, full_scale: float, signed: bool = False) -> np.ndarray:
    """Return the first channel as (Y, X) float32, divided by the full scale."""
    if picture.dtype != np.dtype(dtype):
        raise ImageError(f"The pixels are of type {picture.dtype}; this dataset has pictures of type {dtype}.")
    plane = picture[..., 0] if picture.ndim == 3 else picture
    if signed and dtype == "uint16":
        plane = plane.astype(np.int16)
    return plane.astype(np.float32) / np.float32(full_scale)


def _resized(page: np.ndarray, *, shorter_edge: int) -> np.ndarray:
    """Return the page with its shorter edge resized, bilinear without antialiasing (oddity 41)."""
    short, long = sorted(page.shape)
    longer = int(shorter_edge * long / short)
    shape = (shorter_edge, longer) if page.shape[0] <= page.shape[1] else (longer, shorter_edge)
    return page if short == shorter_edge else resize(page, shape=shape, anti_aliasing=False)


def _crop(picture: np.ndarray, *, corner: tuple[int, int] | None, size: int) -> np.ndarray:
    """Return a square; None takes the middle."""
    height, width = picture.shape
    y, x = corner or (round((height - size) / 2), round((width - size) / 2))
    if y < 0 or x < 0 or y + size > height or x + size > width:
        raise ImageError(f"A crop of {size} pixels at {y}, {x} does not fit in a picture of {height} x {width}.")
    return picture[y : y + size, x : x + size]
