"""The surroundings of each nucleus that stand for its cytoplasm, where nobody drew the cells."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from napari_celle.errors import ImageError


@dataclass(frozen=True, slots=True)
class Cytoplasm:
    """What lies around a nucleus: all pixels outside nuclei that are nearer to it than to any other, up to a distance.

    A ring and a Voronoi cytoplasm are this at a small and at a large distance (``RING``, ``VORONOI``). It is never less
    than one pixel.

    Attributes
    ----------
    diameters : float
        The distance, as a share of the diameter of this nucleus (that of a disc of the same area).
    width_um : float or None
        The distance in micrometres, in place of ``diameters``; needs the pixel size.
    """

    diameters: float = 0.25
    width_um: float | None = None


RING = Cytoplasm()
"""A ring as wide as a quarter of the nucleus: little of the neighbours' light, little of the cytoplasm."""
VORONOI = Cytoplasm(diameters=1.0)
"""All that is nearest to this nucleus, up to its own diameter: most of the cytoplasm, some of the neighbours'."""


@dataclass(frozen=True, slots=True, eq=False)
class Territories:
    """Nuclei with what is around them.

    Attributes
    ----------
    labels : np.ndarray
        (N,) the labels that there are, ascending.
    nuclei : np.ndarray
        (Y, X) int32: 1 + place in ``labels`` in nuclei, else 0.
    cytoplasm : np.ndarray
        (Y, X) int32: the same around them; no pixel is in both, or in two.
    """

    labels: np.ndarray
    nuclei: np.ndarray
    cytoplasm: np.ndarray


def territories(nuclei: np.ndarray, *, cytoplasm: Cytoplasm = RING, pixel_size_um: float | None = None) -> Territories:
    """Return the surroundings of each nucleus.

    Parameters
    ----------
    nuclei : np.ndarray
        (Y, X) integer labels, 0 for background; they need not be in sequence.
    cytoplasm : Cytoplasm
        How far the surroundings reach.
    pixel_size_um : float or None
        Edge of a pixel in micrometres.

    Raises
    ------
    ImageError
        The nuclei are no labels, or a width is not positive or cannot be had without the pixel size.

    Examples
    --------
    >>> territories(np.array([[0, 0, 5, 5, 0, 0, 0, 7]]), cytoplasm=Cytoplasm(width_um=1), pixel_size_um=1).cytoplasm
    array([[0, 1, 0, 0, 1, 0, 2, 0]], dtype=int32)
    """
    nuclei = np.asarray(nuclei)
    if nuclei.ndim != 2 or nuclei.dtype.kind not in "biu":
        raise ImageError(
            f"The nuclei have shape {nuclei.shape} and type {nuclei.dtype}. Give one plane of labels, 0 outside nuclei."
        )
    labels, places = _in_sequence(nuclei)
    widths = _widths(np.bincount(places.ravel(), minlength=len(labels) + 1), cytoplasm, pixel_size_um)
    around = _around(places, widths) if len(labels) else np.zeros_like(places)
    return Territories(labels=labels, nuclei=places, cytoplasm=around)


def _in_sequence(nuclei: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels that there are, (N,), and where they lie, (Y, X) int32 from 1 to N, 0 outside."""
    inside = nuclei != 0
    found = nuclei[inside]
    labels = np.unique(found)
    places = np.zeros(nuclei.shape, np.int32)
    places[inside] = np.searchsorted(labels, found) + 1
    return labels, places


def _widths(areas: np.ndarray, cytoplasm: Cytoplasm, pixel_size_um: float | None) -> np.ndarray:
    """Return for each place, (N + 1,), how many pixels its surroundings reach; ``areas`` in pixels."""
    if pixel_size_um is not None and not 0 < pixel_size_um < float("inf"):
        raise ImageError(f"The pixel size is {pixel_size_um:g}. Give a number of micrometres above 0.")
    width = cytoplasm.diameters if cytoplasm.width_um is None else cytoplasm.width_um
    if not width > 0:
        raise ImageError(f"The cytoplasm is {width:g} wide. Give a number above 0.")
    if cytoplasm.width_um is None:
        return np.maximum(width * np.sqrt(4 * np.maximum(areas, 1) / np.pi), 1.0)  # the first is of no nucleus
    if pixel_size_um is None:
        raise ImageError(
            "The width of the cytoplasm is in micrometres, but the pixel size is not known. Give it, or give the "
            "width as a share of the nucleus's diameter."
        )
    return np.full(len(areas), max(width / pixel_size_um, 1.0))


def _around(places: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Return the place of the nearest nucleus, (Y, X) int32, 0 in nuclei and farther away than its width."""
    outside = places == 0
    distance, (row, column) = ndimage.distance_transform_edt(outside, return_indices=True)
    nearest = places[row, column]
    around: np.ndarray = np.where(outside & (distance <= widths[nearest]), nearest, 0)
    return around
