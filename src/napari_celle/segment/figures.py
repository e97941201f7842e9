"""How many nuclei there are and how large: quick enough to follow a mask that is being painted."""

from dataclasses import dataclass

import numpy as np

_SPARSE = 16  # labels may be so many times the number of pixels before they are counted by sorting


@dataclass(frozen=True, slots=True)
class NucleusFigures:
    """Figures of a mask.

    Attributes
    ----------
    count : int
        Nuclei: labels that occur.
    at_border : int
        Of these, the ones that touch the border of the image.
    diameter_px : float or None
        Median diameter of a disc of the same area, in pixels; None where there are no nuclei. Nuclei that touch the
        border do not count unless all do.
    """

    count: int
    at_border: int
    diameter_px: float | None


def nucleus_figures(labels: np.ndarray) -> NucleusFigures:
    """Return count and size of nuclei.

    Parameters
    ----------
    labels : np.ndarray
        (Y, X) integer labels that are not negative, 0 for background.

    Examples
    --------
    >>> labels = np.zeros((9, 9), np.int32)
    >>> labels[2:5, 2:5], labels[7:, 7:] = 1, 2
    >>> figures = nucleus_figures(labels)
    >>> figures.count, figures.at_border, round(figures.diameter_px, 2)
    (2, 1, 3.39)
    """
    present, areas = _areas(labels)
    if len(present) == 0:
        return NucleusFigures(0, 0, None)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    cut = np.isin(present, rim)
    judged = areas if cut.all() else areas[~cut]
    return NucleusFigures(len(present), int(cut.sum()), float(np.median(np.sqrt(4 / np.pi * judged))))


def _areas(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels that occur, in ascending order, and the pixels of each."""
    if labels.size == 0:
        return np.zeros(0, int), np.zeros(0, int)
    if labels.max() > _SPARSE * labels.size:
        present, areas = np.unique(labels, return_counts=True)
        return present[present > 0], areas[present > 0]
    counts = np.bincount(labels.ravel())
    counts[0] = 0
    present = np.flatnonzero(counts)
    return present, counts[present]
