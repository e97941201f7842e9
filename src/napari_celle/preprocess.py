"""What each family of models sees of a picture: scaling, thresholds, and recipes for the pictures of a user.

The published models depend on how their training pictures were scaled, resized and thresholded, so all of that is
kept, the missing antialiasing too (oddity 41). Of the means and standard deviations in the published configurations
only the mean of the nuclei is here: the others cancel when a picture is scaled by its own extremes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.filters import threshold_otsu

from napari_celle.image import fitted_shape, normalise, resize
from napari_celle.types import Window


@dataclass(frozen=True, slots=True)
class Dataset:
    """How pictures of a dataset are scaled.

    Attributes
    ----------
    dtype : str
        Type of the pixels of its files.
    full_scale : float
        Pixels are divided by this.
    nucleus_mean : float
        Mean of its nuclei, after that.
    clip_outliers : bool
        Whether the darkest and brightest hundredth of a percent of the pixels is clipped.
    """

    dtype: str
    full_scale: float
    nucleus_mean: float
    clip_outliers: bool


DATASETS: Mapping[str, Dataset] = {
    "HPA": Dataset(dtype="uint8", full_scale=255, nucleus_mean=0.0655, clip_outliers=False),
    "OpenCell": Dataset(dtype="uint16", full_scale=65536, nucleus_mean=0.0272, clip_outliers=True),
}


def without_outliers(page: np.ndarray) -> np.ndarray:
    """Return a picture clipped to the smallest and largest pixel between its 0.01 % and 99.99 % quantiles.

    ``page`` is (Y, X) float32, at least 3 pixels.
    """
    low, high = np.quantile(page, (0.0001, 0.9999))
    inside = page[(page >= low) & (page <= high)]
    return np.clip(page, inside.min(), inside.max())


def centred(picture: np.ndarray, *, mean: float) -> np.ndarray:
    """Return (Y, X) float32, 0 at the mean and 1 or -1 at the largest distance to it; all 0 where nothing differs."""
    return _divided(picture - np.float32(mean))


def stretched(picture: np.ndarray) -> np.ndarray:
    """Return (Y, X) float32 from 0 to 1; all 0 for a constant picture."""
    return _divided(picture - picture.min())


def _divided(picture: np.ndarray) -> np.ndarray:
    largest = np.abs(picture).max()
    return (picture / largest if largest > 0 else picture).astype(np.float32)


def above_median(picture: np.ndarray) -> np.ndarray:
    """Return float32, 1 where a (Y, X) picture is above its lower median (CELL-E 2), else 0."""
    middle = (picture.size - 1) // 2
    return (picture > np.partition(picture, middle, axis=None)[middle]).astype(np.float32)


def above_mean(picture: np.ndarray) -> np.ndarray:
    """Return float32, 1 where a (Y, X) picture is above its mean (CELL-E), else 0."""
    return (picture > picture.mean()).astype(np.float32)


def above_otsu(picture: np.ndarray) -> np.ndarray:
    """Return float32, 1 where a (Y, X) picture is above Otsu's threshold of it, slightly smoothed (celle-mini), else 0.

    In fields with few cells mean and median lie so low that haze and a faint rest in the cytoplasm count as bright, and
    a nuclear protein seems to fill the cell. A constant picture is 0.
    """
    smooth = ndimage.gaussian_filter(np.asarray(picture, dtype=np.float32), 1.0)
    if smooth.min() == smooth.max():
        return np.zeros(smooth.shape, np.float32)
    return (smooth > threshold_otsu(smooth)).astype(np.float32)


def _between_deciles(picture: np.ndarray) -> np.ndarray:
    low, high = np.quantile(picture, (0.1, 0.9))
    return np.clip(picture, low, high).astype(np.float32)


def _as_it_is(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float32)


THRESHOLDS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "median": above_median,
    "mean": above_mean,
    "1090_IQR": _between_deciles,
    "none": _as_it_is,
    "otsu": above_otsu,
}
"""Names to functions from a protein picture in [0, 1] to what the model sees of it.

All but "otsu" are names of the published configurations.
"""


class Prepare(Protocol):
    """From the part of a picture that a model sees to what its network gets."""

    def __call__(self, window: np.ndarray, *, dtype: npt.DTypeLike) -> np.ndarray:
        """Prepare a window.

        Parameters
        ----------
        window : np.ndarray
            (Y, X) float32, finite, in the user's own range, already resampled to the model's pixels.
        dtype : dtype-like
            Type of the pixels of the picture that it was cut from.

        Returns
        -------
        np.ndarray
            (Y, X) float32.
        """


def percentile(window: np.ndarray, *, dtype: npt.DTypeLike) -> np.ndarray:
    """Return the window in [0, 1] from its 1st to its 99.8th percentile, whatever the type (celle-mini)."""
    return normalise(window)


def celle(window: np.ndarray, *, dtype: npt.DTypeLike) -> np.ndarray:
    """Return the window in [0, 1] as CELL-E saw nuclei: 8-bit pixels / 255, other types by :func:`percentile`."""
    if np.dtype(dtype) == np.uint8:
        return np.asarray(window, dtype=np.float32) / np.float32(255)
    return percentile(window, dtype=dtype)


def hpa(window: np.ndarray, *, dtype: npt.DTypeLike) -> np.ndarray:
    """Return the window in [-a, 1] as CELL-E 2 saw nuclei of the Human Protein Atlas.

    8-bit pixels are counted from the dataset's mean, other types from the window's own; then all is divided by the
    largest absolute value. A window in which all pixels are that mean is 0.
    """
    return _as_dataset(window, dtype=dtype, dataset=DATASETS["HPA"])


def opencell(window: np.ndarray, *, dtype: npt.DTypeLike) -> np.ndarray:
    """Return the window in [-a, 1] as CELL-E 2 saw nuclei of OpenCell.

    As :func:`hpa`, but for 16-bit pixels; and the darkest and brightest hundredth of a percent are clipped first.
    """
    return _as_dataset(window, dtype=dtype, dataset=DATASETS["OpenCell"])


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a family of models sees of a picture.

    Attributes
    ----------
    prepare : Prepare
        From the window of a nucleus channel to what the network gets.
    anti_aliasing : bool
        Whether pictures are smoothed before they are made smaller; the published models were trained without
        (oddity 41).
    threshold : str
        How a measured protein channel becomes the protein image that the model knows: a name in ``THRESHOLDS``.
    """

    prepare: Prepare
    anti_aliasing: bool
    threshold: str


RECIPES: Mapping[str, Recipe] = {
    "percentile": Recipe(percentile, anti_aliasing=True, threshold="otsu"),
    "celle": Recipe(celle, anti_aliasing=False, threshold="mean"),
    "hpa": Recipe(hpa, anti_aliasing=False, threshold="median"),
    "opencell": Recipe(opencell, anti_aliasing=False, threshold="median"),
}


def is_mask(picture: np.ndarray) -> bool:
    """Tell a painted mask, of type bool or of at most two values, from a measured picture."""
    flat = np.ravel(picture)
    if flat.dtype == bool or flat.size == 0:
        return True
    low, high = flat.min(), flat.max()
    return bool(np.all((flat == low) | (flat == high)))


def protein_frame(protein: np.ndarray, window: Window, *, size: int, scale: float, recipe: Recipe) -> np.ndarray:
    """Return the window of a protein picture as a threshold image in the frame of a model.

    Parameters
    ----------
    protein : np.ndarray
        (Y, X), finite: a measured channel of any range, or a mask (see :func:`is_mask`), above 0 where the protein is.
    window, size, scale
        As for :func:`napari_celle.image.fit_to_model`.
    recipe : Recipe
        Of the model.

    Returns
    -------
    np.ndarray
        (size, size) float32, 0 and 1; the threshold of a channel is that of its window, and what pads the frame is 0.
    """
    painted = is_mask(protein)
    part = ((protein > 0) if painted else protein)[window.slices].astype(np.float32)
    height, width = fitted_shape(window, size=size, scale=scale)
    fitted = resize(part, shape=(height, width), anti_aliasing=recipe.anti_aliasing)
    frame = np.zeros((size, size), np.float32)
    frame[:height, :width] = fitted > 0.5 if painted else THRESHOLDS[recipe.threshold](fitted)
    return frame


def _as_dataset(window: np.ndarray, *, dtype: npt.DTypeLike, dataset: Dataset) -> np.ndarray:
    window = np.asarray(window, dtype=np.float32)
    own = np.dtype(dtype) == np.dtype(dataset.dtype)
    scaled = window / np.float32(dataset.full_scale) if own else window
    scaled = without_outliers(scaled) if dataset.clip_outliers else scaled
    return centred(scaled, mean=dataset.nucleus_mean if own else float(scaled.mean(dtype=np.float64)))
