"""Whether predicted fractions mean what they say."""

from dataclasses import dataclass

import numpy as np

from napari_celle.metrics.inputs import measurable, same_shape


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """What was predicted and what was true in one bin.

    Attributes
    ----------
    low, high : float
        Predictions from ``low`` to below ``high`` (the last bin: to ``high``).
    count : int
        How many.
    predicted, truth : float
        Their means; NaN in an empty bin.
    """

    low: float
    high: float
    count: int
    predicted: float
    truth: float


def calibration(predicted: np.ndarray, truth: np.ndarray, *, bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Compare predictions with the truth, in bins of equal width.

    Parameters
    ----------
    predicted : np.ndarray
        (N,) in [0, 1]; what is NaN is in no bin.
    truth : np.ndarray
        (N,) bool, or true values in [0, 1].
    bins : int
        How many.

    Examples
    --------
    >>> [(b.count, b.predicted, b.truth) for b in calibration(np.array([0.25, 0.75]), np.array([0, 1]), bins=2)]
    [(1, 0.25, 0.0), (1, 0.75, 1.0)]
    """
    predicted, truth = (each.astype(np.float64) for each in same_shape(predicted, truth))
    place = np.clip(np.floor(predicted * bins), 0, bins - 1)
    return tuple(
        CalibrationBin(
            low=number / bins,
            high=(number + 1) / bins,
            count=int((place == number).sum()),
            predicted=_mean(predicted[place == number]),
            truth=_mean(truth[place == number]),
        )
        for number in range(bins)
    )


def expected_calibration_error(predicted: np.ndarray, truth: np.ndarray, *, bins: int = 10) -> float:
    """Mean difference of predicted and true means of the bins, weighted by their counts.

    Parameters
    ----------
    predicted, truth, bins
        As for :func:`calibration`.

    Returns
    -------
    float
        In [0, 1], 0 is perfect; NaN for no predictions, or where one is no finite number.

    Examples
    --------
    >>> expected_calibration_error(np.array([0.25, 0.75]), np.array([False, True]), bins=2)
    0.25
    """
    filled = [each for each in calibration(predicted, truth, bins=bins) if each.count]
    if not measurable(np.asarray(predicted), np.asarray(truth)):
        return float("nan")
    return sum(each.count * abs(each.predicted - each.truth) for each in filled) / len(predicted)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
