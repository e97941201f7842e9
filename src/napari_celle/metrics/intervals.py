"""How sure a measured figure is."""

from collections.abc import Callable

import numpy as np

from napari_celle.errors import CelleError

Metric = Callable[[np.ndarray, np.ndarray], float]
"""Takes (predicted, truth), returns a figure."""


def bootstrap(
    metric: Metric,
    predicted: np.ndarray,
    truth: np.ndarray,
    *,
    rng: np.random.Generator,
    draws: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a metric, by drawing items anew with replacement.

    Parameters
    ----------
    metric : callable
        ``metric(predicted, truth)``; draws for which it is NaN are left out.
    predicted, truth : np.ndarray
        (N, ...), drawn together.
    rng : np.random.Generator
        For the draws.
    draws : int
        How many.
    confidence : float
        Part of the draws inside the interval, in (0, 1).

    Returns
    -------
    tuple of float
        Low and high end; NaN when there are no items or no draw has a figure.

    Raises
    ------
    CelleError
        If there are not as many predictions as truths.

    Examples
    --------
    >>> from napari_celle.metrics import accuracy
    >>> answers = np.ones(10, bool)
    >>> bootstrap(accuracy, answers, answers, rng=np.random.default_rng(0), draws=10)
    (1.0, 1.0)
    """
    predicted, truth = np.asarray(predicted), np.asarray(truth)
    if len(predicted) != len(truth):
        raise CelleError(
            f"There are {len(predicted):,} predictions and {len(truth):,} truths. Give one of each an item."
        )
    if not len(predicted):
        return float("nan"), float("nan")
    chosen = (rng.integers(len(predicted), size=len(predicted)) for _ in range(draws))
    figures = np.array([metric(predicted[items], truth[items]) for items in chosen])
    figures = figures[~np.isnan(figures)]
    if not len(figures):
        return float("nan"), float("nan")
    low, high = np.quantile(figures, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
