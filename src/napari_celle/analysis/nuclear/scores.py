"""How well nuclear fractions tell nuclear proteins from others."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from napari_celle.analysis.nuclear.fractions import NuclearTable
from napari_celle.analysis.tables import for_json
from napari_celle.errors import CelleError
from napari_celle.metrics import (
    HALF,
    CalibrationBin,
    accuracy,
    auc,
    best_threshold,
    bootstrap,
    calibration,
    expected_calibration_error,
    mcc,
)


@dataclass(frozen=True, slots=True)
class NuclearScores:
    """Figures of some proteins; NaN where there is none, as the AUC of proteins that are all nuclear.

    Attributes
    ----------
    n, nuclear : int
        Proteins, and how many of them are nuclear.
    accuracy, mcc : float
        Of "nuclear where more than half is in the nuclei".
    threshold : float
        The model's own, from its card; NaN for another predictor, whose figures are all those of its own rule.
    accuracy_chosen_threshold, mcc_chosen_threshold : float
        Of "nuclear where more than ``threshold`` is in the nuclei".
    auc : float
        Area under the curve.
    best_threshold : float
        What would have been best on these very proteins; to choose a threshold, never to report an accuracy.
    mean_fraction_nuclear, mean_fraction_other : float
        Mean nuclear fraction of nuclear proteins and of the others.
    expected_calibration_error : float
        Of the fraction read as the chance to be nuclear.
    calibration : tuple of CalibrationBin
        Fractions in bins, and the share of nuclear proteins in each.
    intervals : Mapping of str to tuple of float
        95 % bootstrap intervals of the figures of that name.
    """

    n: int
    nuclear: int
    accuracy: float
    mcc: float
    threshold: float
    accuracy_chosen_threshold: float
    mcc_chosen_threshold: float
    auc: float
    best_threshold: float
    mean_fraction_nuclear: float
    mean_fraction_other: float
    expected_calibration_error: float
    calibration: tuple[CalibrationBin, ...]
    intervals: Mapping[str, tuple[float, float]]

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON; None instead of NaN."""
        return for_json(asdict(self))


def nuclear_scores(
    fractions: np.ndarray,
    truth: np.ndarray,
    *,
    threshold: float | None,
    seed: int,
    called: np.ndarray | None = None,
) -> NuclearScores:
    """Measure nuclear fractions (N,) against the truth (N,) bool.

    Parameters
    ----------
    fractions, truth : np.ndarray
        One or more proteins.
    threshold : float or None
        The model's own; None takes a half.
    seed : int
        Of the intervals.
    called : np.ndarray or None
        (N,) bool, what is nuclear by a rule of its own, in place of both thresholds; ``fractions`` are then its
        scores in [0, 1], or NaN.

    Raises
    ------
    CelleError
        If there are no proteins.
    """
    if not len(truth):
        raise CelleError("There are no proteins to measure. Choose another group, or give a larger table.")
    chosen = HALF if threshold is None else threshold
    half, above = (fractions > HALF, fractions > chosen) if called is None else (called, called)
    figures = {
        "accuracy": (accuracy, half),
        "mcc": (mcc, half),
        "accuracy_chosen_threshold": (accuracy, above),
        "mcc_chosen_threshold": (mcc, above),
        "auc": (auc, fractions),
    }
    intervals = {
        name: bootstrap(metric, answers, truth, rng=np.random.default_rng(seed))
        for name, (metric, answers) in figures.items()
    }
    return NuclearScores(
        n=len(truth),
        nuclear=int(truth.sum()),
        threshold=chosen if called is None else float("nan"),
        best_threshold=best_threshold(fractions, truth),
        mean_fraction_nuclear=_mean(fractions[truth]),
        mean_fraction_other=_mean(fractions[~truth]),
        expected_calibration_error=expected_calibration_error(fractions, truth),
        calibration=calibration(fractions, truth),
        intervals=intervals,
        **{name: metric(answers, truth) for name, (metric, answers) in figures.items()},
    )


def group_scores(
    fractions: np.ndarray, proteins: NuclearTable, *, threshold: float | None, seed: int
) -> dict[str, NuclearScores]:
    """Measure all proteins ("all"), and each group of the table that has any; arguments as for :func:`nuclear_scores`.

    Raises
    ------
    CelleError
        If there are no proteins.
    """
    chosen: dict[str, slice | np.ndarray] = {"all": slice(None)}
    chosen |= {name: members for name, members in proteins.groups.items() if members.any()}
    return {
        name: nuclear_scores(fractions[members], proteins.is_nuclear[members], threshold=threshold, seed=seed)
        for name, members in chosen.items()
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
