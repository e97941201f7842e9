"""The contour ladder of a probability map: the smallest areas that hold so much of the protein."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage import measure

from napari_celle.analysis.comparison.inputs import check_map
from napari_celle.errors import ImageError

MASSES = (0.5, 0.8, 0.95)
"""Parts of the mass that the contours of a ladder hold."""

Polygon = np.ndarray
"""(N, 2) float64 (row, column) in pixels, the last point that of the beginning; pixel (0, 0) has its centre at 0.0."""


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """The smallest area that holds a part of the mass (highest-density region).

    Attributes
    ----------
    mass : float
        The part that was asked for, in (0, 1).
    level : float
        The smallest value of the map inside; all pixels as bright as this are inside.
    mask : np.ndarray
        (Y, X) bool.
    polygons : tuple of np.ndarray
        Outlines of ``mask``, those of holes too, closed along the border; a pixel is inside when its centre is inside
        an odd number of them.
    """

    mass: float
    level: float
    mask: np.ndarray
    polygons: tuple[Polygon, ...]


def contour_ladder(probability: np.ndarray, *, masses: Sequence[float] = MASSES) -> tuple[Contour, ...]:
    """Return the contours of a probability map, in the order of ``masses``; none for a dark map.

    Parameters
    ----------
    probability : np.ndarray
        (Y, X), not negative; it need not have sum 1.
    masses : sequence of float
        Parts of the mass, each in (0, 1).

    Raises
    ------
    ImageError
        A pixel of the map is negative or no finite number, or a mass lies outside (0, 1).

    Examples
    --------
    >>> [int(contour.mask.sum()) for contour in contour_ladder(np.array([[6, 3, 1]]), masses=(0.5, 0.8))]
    [1, 2]
    """
    plane = check_map(probability, what="The probability map")
    if any(not 0 < mass < 1 for mass in masses):
        raise ImageError(
            f"Contours of {', '.join(f'{m:g}' for m in masses)} were asked for. Use masses between 0 and 1."
        )
    if not plane.any():
        return ()
    values = np.sort(plane, axis=None)  # ascending
    held = values[::-1].cumsum()
    return tuple(_contour(plane, values, held, mass=mass) for mass in masses)


def outlines(labels: np.ndarray) -> dict[int, tuple[Polygon, ...]]:
    """Return the outlines of each label, half way between its pixels and the others'.

    Parameters
    ----------
    labels : np.ndarray
        (Y, X) integers, 0 for background.

    Returns
    -------
    dict of int to tuple of np.ndarray
        Label to polygons as in :class:`Contour`, more than one where it has parts or holes.
    """
    found = {}
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is not None:
            corner = np.array([edge.start for edge in box])
            found[label] = tuple(polygon + corner for polygon in _polygons((labels[box] == label) * 1.0, level=0.5))
    return found


def _contour(plane: np.ndarray, values: np.ndarray, held: np.ndarray, *, mass: float) -> Contour:
    """Return one contour; ``values`` are the pixels, ascending, ``held`` the mass of so many of the brightest."""
    last = int(np.searchsorted(held, mass * held[-1]))
    level = float(values[::-1][last])
    below = np.searchsorted(values, level)  # so many pixels are darker
    darker = float(values[below - 1]) if below else 0.0
    polygons = _polygons(plane, level=(level + darker) / 2)  # any level between the two has the same mask
    return Contour(mass=mass, level=level, mask=plane >= level, polygons=polygons)


def _polygons(plane: np.ndarray, *, level: float) -> tuple[Polygon, ...]:
    """Return the closed lines at a level; what reaches the border goes along the edge of the outermost pixels."""
    lines = measure.find_contours(np.pad(plane, 1), level)
    return tuple(np.clip(line - 1, -0.5, np.array(plane.shape) - 0.5) for line in lines)
