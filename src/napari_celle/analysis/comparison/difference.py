"""Predicted and measured protein on one scale, and the signed difference between them.

Both are divided by their own sums first: what is compared is where the protein is, not how much of it there is, which a
camera's gain decides. Then both are divided by one number, their common bright level, so that they lie in [0, 1].
"""

from dataclasses import dataclass

import numpy as np

from napari_celle.analysis.comparison.inputs import check_map, check_same_pixels

_BRIGHT = 99.8  # percentile: a few hot pixels would make all else look alike


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Predicted minus measured; every array is (Y, X) float32.

    Attributes
    ----------
    predicted, measured : np.ndarray
        In [0, 1], on one scale.
    signed : np.ndarray
        In [-1, 1]: above 0 where the model puts more of the protein than was measured, below 0 where less.
    misplaced : float
        Part of the protein that would have to be moved to turn one picture into the other, in [0, 1] (total variation
        distance, before anything is clipped); NaN where one of them is dark.
    """

    predicted: np.ndarray
    measured: np.ndarray
    signed: np.ndarray
    misplaced: float


def difference(predicted: np.ndarray, measured: np.ndarray) -> Difference:
    """Compare where the protein is.

    Parameters
    ----------
    predicted : np.ndarray
        (Y, X), not negative: heat map or probability map.
    measured : np.ndarray
        (Y, X) of the same pixels, not negative: the channel without its background.

    Raises
    ------
    ImageError
        Their shapes differ, or a pixel is negative or no finite number.

    Examples
    --------
    >>> answer = difference(np.array([[1.0, 1.0]]), np.array([[0.0, 50.0]]))
    >>> answer.signed.round(2), answer.misplaced
    (array([[ 0.5, -0.5]], dtype=float32), 0.5)
    """
    check_same_pixels(prediction=predicted, measurement=measured)
    first, second = (
        _share(check_map(array, what=f"The {name} map"))
        for name, array in (("predicted", predicted), ("measured", measured))
    )
    dark = not (first.any() and second.any())
    bright = max(_bright(first), _bright(second)) or 1.0
    one, other = (np.clip(each / bright, 0, 1).astype(np.float32) for each in (first, second))
    misplaced = float("nan") if dark else min(0.5 * float(np.abs(first - second).sum()), 1.0)
    return Difference(predicted=one, measured=other, signed=one - other, misplaced=misplaced)


def _share(plane: np.ndarray) -> np.ndarray:
    """Return (Y, X) float64 with sum 1, all 0 where it is dark."""
    total = plane.sum()
    return plane / total if total > 0 else np.zeros_like(plane)


def _bright(share: np.ndarray) -> float:
    """Return the bright level: a high percentile, the brightest pixel where only a few are not dark."""
    return float(np.percentile(share, _BRIGHT)) or float(share.max())
