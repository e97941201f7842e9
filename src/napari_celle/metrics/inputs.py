"""What is checked before anything is measured."""

import numpy as np

from napari_celle.errors import CelleError


def same_shape(predicted: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays.

    Raises
    ------
    CelleError
        If their shapes differ.
    """
    first, second = np.asarray(predicted), np.asarray(truth)
    if first.shape != second.shape:
        raise CelleError(
            f"The prediction has shape {first.shape}, the truth {second.shape}. Give both of the same proteins or "
            "of the same pixels."
        )
    return first, second


def measurable(*values: np.ndarray) -> bool:
    """Tell whether there are values at all, and all of them are finite; a metric of others is NaN."""
    return all(each.size > 0 and bool(np.isfinite(each).all()) for each in values)
