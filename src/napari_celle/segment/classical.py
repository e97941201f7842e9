"""Nuclei without a network: smooth, threshold, split touching ones, trim each by its own brightness, drop debris."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage import filters, measure, segmentation
from skimage.morphology import remove_small_objects

from napari_celle.errors import ImageError
from napari_celle.image import normalise
from napari_celle.segment.figures import nucleus_figures
from napari_celle.segment.splitting import split, typical
from napari_celle.types import OnStep

_CLEAR = 0.77  # Otsu's separability, 0 to 1: noise alone has 0.64, an even ramp 0.75
_NOISES = 6.0  # without a clear threshold, nuclei are this many times the noise above the background
_TAIL = 0.25  # tails and threads thinner than this part of the nucleus's radius, times two, are cut off
_SMALLEST = 0.15  # area of debris, relative to the typical nucleus
_SLIVER = 0.02  # the same for nuclei cut by the border, of which less is seen
_FEWEST_PIXELS = 20


@dataclass(frozen=True, slots=True)
class ClassicalOptions:
    """How nuclei are found without a network; the defaults suit nuclei of any size and brightness.

    Attributes
    ----------
    diameter : float or None
        Of the typical nucleus in pixels, by which necks and debris are judged; None measures it.
    smallest : float or None
        Pixels of the smallest nucleus; None takes 15 % of the typical one, and less at the border.
    sensitivity : float
        What is brighter than the automatic threshold divided by this is nucleus: above 1 finds dimmer ones.
    edge : float
        A nucleus ends where it falls to this part of its own brightness above the background, 0 to 1.
    neck : float
        Touching nuclei are split where the neck is narrower than this part of the thinner one, 0 to 1; 0 splits none.
    """

    diameter: float | None = None
    smallest: float | None = None
    sensitivity: float = 1.0
    edge: float = 0.4
    neck: float = 0.88


_DEFAULT = ClassicalOptions()


def segment(image: np.ndarray, *, options: ClassicalOptions = _DEFAULT, on_step: OnStep | None = None) -> np.ndarray:
    """Return nucleus labels: (Y, X) int32, 0 for background, 1 to the number of nuclei, from the top down.

    Dim nuclei beside a very bright mitotic figure are found, since the threshold is set on the square root of the
    brightness; bright nuclei do not swell, since each is trimmed where it falls to a part of its own brightness.

    Parameters
    ----------
    image : np.ndarray
        (Y, X) float32 as :func:`napari_celle.image.check_plane` returns it.
    options : ClassicalOptions
        Size, sensitivity, outline, splitting.
    on_step : callable or None
        Told of progress, often; raises ``Cancelled`` to stop.

    Raises
    ------
    ImageError
        An option that is no use.
    """
    _check(options)
    tell = on_step or _nobody
    tell("finding nuclei", 0, 4)
    without_hot_pixels = ndimage.median_filter(normalise(image), size=3, mode="nearest")
    tell("finding nuclei", 1, 4)
    smooth = ndimage.gaussian_filter(without_hot_pixels, 1.0)  # (Y, X) in [0, 1]
    if smooth.min() == smooth.max():
        return np.zeros(image.shape, np.int32)
    tell("finding nuclei", 2, 4)
    mask = ndimage.binary_fill_holes(_foreground(smooth, options.sensitivity))
    tell("finding nuclei", 3, 4)
    mask = remove_small_objects(mask, max_size=_fewest(options) - 1)
    labels = split(mask, neck=options.neck, diameter=options.diameter, on_step=tell)
    return _drop_debris(_trim(labels, smooth, edge=options.edge, on_step=tell), options)


def typical_diameter(labels: np.ndarray) -> float | None:
    """Return the median diameter of nuclei in pixels, None where there are none.

    Parameters
    ----------
    labels : np.ndarray
        (Y, X) integer labels, 0 for background. Nuclei that touch the border do not count unless all do; the
        diameter is that of a disc of the same area.
    """
    return nucleus_figures(labels).diameter_px


def _nobody(stage: str, done: int, total: int) -> None:
    """Take progress that nobody asked for."""


def _check(options: ClassicalOptions) -> None:
    if options.diameter is not None and not 2 <= options.diameter < math.inf:
        raise ImageError(f"A nucleus diameter of {options.diameter:g} pixels is no use. Give 2 or more, or none.")
    if not 0 < options.sensitivity < math.inf:
        raise ImageError(f"The sensitivity is {options.sensitivity:g}. Give a number above 0; 1 is the automatic one.")
    if not (0 < options.edge < 1 and 0 <= options.neck < 1):
        raise ImageError(
            f"The edge is {options.edge:g} and the neck {options.neck:g}. Give an edge between 0 and 1, and a neck "
            "from 0 to below 1."
        )


def _fewest(options: ClassicalOptions) -> int:
    """Return the pixels below which nothing is looked at."""
    return _FEWEST_PIXELS if options.smallest is None else max(round(options.smallest), 1)


def _foreground(smooth: np.ndarray, sensitivity: float) -> np.ndarray:
    """Return where nuclei are, by Otsu's threshold; by background and noise where that separates nothing."""
    root = np.sqrt(smooth)  # evens out photon noise and the difference between dim and bright nuclei
    threshold = filters.threshold_otsu(root)
    mask = root > threshold
    share = mask.mean()
    between = share * (1 - share) * (root[mask].mean() - root[~mask].mean()) ** 2
    if between > _CLEAR * root.var():
        found: np.ndarray = mask if sensitivity == 1 else smooth > threshold**2 / sensitivity
    else:
        background = np.median(smooth)
        found = smooth > background + _NOISES / sensitivity * 1.4826 * np.median(np.abs(smooth - background))
    return found


def _trim(labels: np.ndarray, smooth: np.ndarray, *, edge: float, on_step: OnStep) -> np.ndarray:
    """Return labels cut where each nucleus falls to a part of its own brightness, holes filled, tails off."""
    background = np.median(smooth[labels == 0]) if (labels == 0).any() else 0.0
    largest = max((r.equivalent_diameter_area for r in measure.regionprops(labels)), default=0.0)
    margin = math.ceil(_TAIL * largest) + 1  # nuclei at the border go on outside, or opening would round them off
    labels, smooth = (np.pad(array, margin, mode="edge") for array in (labels, smooth))
    trimmed = np.zeros_like(labels)
    regions = measure.regionprops(labels, intensity_image=smooth)
    for done, region in enumerate(regions):
        on_step("drawing outlines", done, len(regions))
        end = background + edge * (np.median(region.image_intensity[region.image]) - background)
        bright = ndimage.binary_fill_holes(region.image & (region.image_intensity > end))
        kept = _open(bright, radius=_TAIL * region.equivalent_diameter_area / 2)
        trimmed[region.slice][kept] = region.label
    parted: np.ndarray = measure.label(trimmed[margin:-margin, margin:-margin])  # what fell apart is not one nucleus
    return parted


def _open(mask: np.ndarray, *, radius: float) -> np.ndarray:
    """Return the mask without what is thinner than two radii."""
    core = ndimage.distance_transform_edt(np.pad(mask, 1)) > radius
    if not core.any():
        return np.zeros_like(mask)
    opened: np.ndarray = (ndimage.distance_transform_edt(~core) <= radius)[1:-1, 1:-1] & mask
    return opened


def _drop_debris(labels: np.ndarray, options: ClassicalOptions) -> np.ndarray:
    """Return labels in sequence, without what is small beside the typical nucleus or merely grazes the border."""
    regions = measure.regionprops(labels)
    area = math.pi / 4 * options.diameter**2 if options.diameter else typical([(r.area, r.area) for r in regions])
    smallest = _SMALLEST * area if options.smallest is None else options.smallest
    inside = set(np.unique(segmentation.clear_border(labels)))
    small = [
        r.label for r in regions if r.area < max(smallest if r.label in inside else _SLIVER * area, _fewest(options))
    ]
    kept: np.ndarray = segmentation.relabel_sequential(np.where(np.isin(labels, small), 0, labels))[0]
    return kept.astype(np.int32)
