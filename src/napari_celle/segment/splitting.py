"""Touching nuclei, parted at their necks."""

import numpy as np
from scipy import ndimage
from skimage import measure, segmentation
from skimage.morphology import h_maxima

from napari_celle.types import OnStep

_THINNEST = 0.25  # a part thinner than this, relative to the typical nucleus, is a bump and not a nucleus


def split(mask: np.ndarray, *, neck: float, diameter: float | None, on_step: OnStep) -> np.ndarray:
    """Return labels, touching nuclei cut at their necks by a watershed on the distance to the edge.

    The depth of a neck is judged relative to the thickness of the parts, so it works at any magnification; a bean,
    whose waist is nearly as thick as its ends, stays whole.

    Parameters
    ----------
    mask : np.ndarray
        (Y, X) bool.
    neck : float
        Two halves are two nuclei when the neck is narrower than this part of the thinner half; 0 splits nothing.
    diameter : float or None
        Of the typical nucleus in pixels; None measures it.
    on_step : callable
        Told of progress; may raise to stop.
    """
    parts = measure.label(mask)
    if neck == 0:
        return parts
    distance = ndimage.distance_transform_edt(mask)
    on_step("splitting nuclei", 0, 1)
    typical = diameter / 2 if diameter else _thickness(parts, distance)
    distance = ndimage.gaussian_filter(distance, max(0.06 * typical, 0.8)) * mask
    floor = max(_THINNEST * typical, 1.0)
    thickness = np.log(np.maximum(distance, floor))  # bumps are levelled
    step = max(int(typical / 8), 1)  # so smooth a map needs few pixels, and tops are slow to find
    tops = _tops(thickness, parts, depth=-np.log(neck), step=step, on_step=on_step)
    labels: np.ndarray = segmentation.watershed(-distance, _mark_rest(tops, parts), mask=mask)
    return labels


def typical(sized: list[tuple[float, float]]) -> float:
    """Return the median of values weighted by areas, (area, value) each, so that debris hardly counts; 0 for none."""
    if not sized:
        return 0.0
    areas, values = np.array(sorted(sized, key=lambda pair: pair[1]), dtype=float).T
    return float(values[np.searchsorted(areas.cumsum(), areas.sum() / 2)])


def _thickness(parts: np.ndarray, distance: np.ndarray) -> float:
    """Return half the width of the typical part, in pixels."""
    return typical([(r.area, distance[r.slice].max()) for r in measure.regionprops(parts)])


def _tops(thickness: np.ndarray, parts: np.ndarray, *, depth: float, step: int, on_step: OnStep) -> np.ndarray:
    """Return (Y, X) labels of the tops that stand out by a depth, one part after another; looks at each step-th pixel.

    Parts that are too thin for a top have none.
    """
    tops = np.zeros(parts.shape, np.int32)
    lowest, found = float(thickness.min()), 0
    boxes = ndimage.find_objects(parts)
    for done, box in enumerate(boxes):
        on_step("splitting nuclei", done, len(boxes))
        grid = tuple(slice(-(-side.start // step) * step, side.stop, step) for side in box)
        inside = parts[grid] == done + 1
        heights = np.where(inside, thickness[grid], lowest)
        if heights.size == 0 or heights.max() - lowest <= depth:
            continue
        labels, count = measure.label(h_maxima(heights, depth), return_num=True)
        tops[grid][labels > 0] = labels[labels > 0] + found
        found += count
    return tops


def _mark_rest(markers: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return the markers and one more for each part that has none, being too thin for a top."""
    rest = measure.label((parts > 0) & ~np.isin(parts, parts[markers > 0]))
    marked: np.ndarray = np.where(rest > 0, rest + markers.max(), markers)
    return marked
