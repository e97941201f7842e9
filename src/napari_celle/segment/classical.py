"""Nuclei without a network: smooth, threshold, split touching ones, trim each by its own brightness, drop debris."""

import math

import numpy as np
from scipy import ndimage
from skimage import filters, measure, segmentation
from skimage.morphology import h_maxima, remove_small_objects

from napari_celle.image import normalise

_CLEAR = 0.77  # Otsu's separability, 0 to 1: noise alone has 0.64, an even ramp 0.75
_NOISES = 6.0  # without a clear threshold, nuclei are this many times the noise above the background
_NECK = 0.88  # two halves are two nuclei when the neck is narrower than this part of the thinner half
_THINNEST = 0.25  # a part thinner than this, relative to the typical nucleus, is a bump and not a nucleus
_EDGE = 0.4  # a nucleus ends where it falls to this part of its own brightness
_TAIL = 0.25  # tails and threads thinner than this part of the nucleus's radius, times two, are cut off
_SMALLEST = 0.15  # area of debris, relative to the typical nucleus
_SLIVER = 0.02  # the same for nuclei cut by the border, of which less is seen
_FEWEST_PIXELS = 20


def segment(image: np.ndarray) -> np.ndarray:
    """Return nucleus labels: (Y, X) int32, 0 for background, 1 to the number of nuclei, from the top down.

    Dim nuclei beside a very bright mitotic figure are found, since the threshold is set on the square root of the
    brightness; bright nuclei do not swell, since each is trimmed where it falls to a part of its own brightness.

    Parameters
    ----------
    image : np.ndarray
        (Y, X) float32 as :func:`napari_celle.image.check_plane` returns it.
    """
    without_hot_pixels = ndimage.median_filter(normalise(image), size=3, mode="nearest")
    smooth = ndimage.gaussian_filter(without_hot_pixels, 1.0)  # (Y, X) in [0, 1]
    if smooth.min() == smooth.max():
        return np.zeros(image.shape, np.int32)
    mask = ndimage.binary_fill_holes(_foreground(smooth))
    mask = remove_small_objects(mask, max_size=_FEWEST_PIXELS - 1)
    labels = _trim(_split(mask), smooth)
    return _drop_debris(labels)


def typical_diameter(labels: np.ndarray) -> float | None:
    """Return the median diameter of nuclei in pixels, None where there are none.

    Parameters
    ----------
    labels : np.ndarray
        (Y, X) integer labels, 0 for background. Nuclei that touch the border do not count unless all do; the
        diameter is that of a disc of the same area.
    """
    regions = measure.regionprops(segmentation.clear_border(labels)) or measure.regionprops(labels)
    return float(np.median([region.equivalent_diameter_area for region in regions])) if regions else None


def _foreground(smooth: np.ndarray) -> np.ndarray:
    """Return where nuclei are, by Otsu's threshold; by background and noise where that separates nothing."""
    root = np.sqrt(smooth)  # evens out photon noise and the difference between dim and bright nuclei
    threshold = filters.threshold_otsu(root)
    mask = root > threshold
    share = mask.mean()
    between = share * (1 - share) * (root[mask].mean() - root[~mask].mean()) ** 2
    if between > _CLEAR * root.var():
        found: np.ndarray = mask
    else:
        background = np.median(smooth)
        found = smooth > background + _NOISES * 1.4826 * np.median(np.abs(smooth - background))
    return found


def _split(mask: np.ndarray) -> np.ndarray:
    """Return labels, touching nuclei cut at their necks by a watershed on the distance to the edge.

    The depth of a neck is judged relative to the thickness of the parts, so it works at any magnification; a bean,
    whose waist is nearly as thick as its ends, stays whole.
    """
    distance = ndimage.distance_transform_edt(mask)
    typical = _typical([(r.area, distance[r.slice].max()) for r in measure.regionprops(measure.label(mask))])
    distance = ndimage.gaussian_filter(distance, max(0.06 * typical, 0.8)) * mask
    thickness = np.log(np.maximum(distance, max(_THINNEST * typical, 1.0)))  # bumps are levelled
    step = max(int(typical / 8), 1)  # so smooth a map needs few pixels, and tops are slow to find
    markers = np.zeros(mask.shape, np.int32)
    markers[::step, ::step] = measure.label(h_maxima(thickness[::step, ::step], -np.log(_NECK)))
    labels: np.ndarray = segmentation.watershed(-distance, _mark_rest(markers, mask), mask=mask)
    return labels


def _mark_rest(markers: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the markers and one more for each part of the mask that has none, being too thin for a top."""
    parts = measure.label(mask)
    rest = measure.label(mask & ~np.isin(parts, parts[markers > 0]))
    marked: np.ndarray = np.where(rest > 0, rest + markers.max(), markers)
    return marked


def _trim(labels: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Return labels cut where each nucleus falls to a part of its own brightness, holes filled, tails off."""
    background = np.median(smooth[labels == 0]) if (labels == 0).any() else 0.0
    largest = max((r.equivalent_diameter_area for r in measure.regionprops(labels)), default=0.0)
    margin = math.ceil(_TAIL * largest) + 1  # nuclei at the border go on outside, or opening would round them off
    labels, smooth = (np.pad(array, margin, mode="edge") for array in (labels, smooth))
    trimmed = np.zeros_like(labels)
    for region in measure.regionprops(labels, intensity_image=smooth):
        edge = background + _EDGE * (np.median(region.image_intensity[region.image]) - background)
        bright = ndimage.binary_fill_holes(region.image & (region.image_intensity > edge))
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


def _drop_debris(labels: np.ndarray) -> np.ndarray:
    """Return labels in sequence, without what is small beside the typical nucleus or merely grazes the border."""
    regions = measure.regionprops(labels)
    typical = _typical([(region.area, region.area) for region in regions])
    inside = set(np.unique(segmentation.clear_border(labels)))
    small = [
        r.label
        for r in regions
        if r.area < max(typical * (_SMALLEST if r.label in inside else _SLIVER), _FEWEST_PIXELS)
    ]
    kept: np.ndarray = segmentation.relabel_sequential(np.where(np.isin(labels, small), 0, labels))[0]
    return kept.astype(np.int32)


def _typical(sized: list[tuple[float, float]]) -> float:
    """Return the median of values weighted by areas, (area, value) each, so that debris hardly counts; 0 for none."""
    if not sized:
        return 0.0
    areas, values = np.array(sorted(sized, key=lambda pair: pair[1]), dtype=float).T
    return float(values[np.searchsorted(areas.cumsum(), areas.sum() / 2)])
