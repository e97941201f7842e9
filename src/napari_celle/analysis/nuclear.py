"""How well the nuclear fraction of predicted pictures tells nuclear proteins from others, on a folder of nuclei."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from napari_celle.analysis.tables import for_json, read_flags, read_sequences, read_table
from napari_celle.errors import CelleError, ImageError
from napari_celle.files.images import NucleusImage, read_image
from napari_celle.metrics import (
    CalibrationBin,
    Metric,
    accuracy,
    auc,
    best_threshold,
    bootstrap,
    calibration,
    expected_calibration_error,
    mcc,
)
from napari_celle.predict import Predictor
from napari_celle.segment import segment_nuclei
from napari_celle.types import OnStep, PredictionRequest, SamplingOptions

HALF = 0.5
"""The papers call a protein nuclear when more than half of it lies in the nuclei."""


@dataclass(frozen=True, slots=True, eq=False)
class NuclearTable:
    """Proteins of which it is known whether they are nuclear.

    Attributes
    ----------
    sequences : tuple of str
        Cleaned.
    is_nuclear : np.ndarray
        (N,) bool.
    groups : Mapping of str to np.ndarray
        Name of a group, for example "is_human = 1", to its members, (N,) bool.
    """

    sequences: tuple[str, ...]
    is_nuclear: np.ndarray
    groups: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sequences)

    def some(self, limit: int | None, *, seed: int) -> "NuclearTable":
        """Return ``limit`` of the proteins drawn at random, all of them if it is None or there are no more."""
        chosen = np.random.default_rng(seed).permutation(len(self))[:limit]
        return NuclearTable(
            sequences=tuple(self.sequences[row] for row in chosen),
            is_nuclear=self.is_nuclear[chosen],
            groups={name: members[chosen] for name, members in self.groups.items()},
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
        The model's own, from its card.
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


def read_nuclear_table(path: Path | str, *, by: Sequence[str] = ()) -> NuclearTable:
    """Read a table with the columns ``sequence`` and ``is_nuclear``, 0 or 1.

    Parameters
    ----------
    path : Path or str
        CSV file.
    by : sequence of str
        Further columns of 0 and 1: their groups are measured by themselves too.

    Raises
    ------
    CelleError
        The table, or a row of it, cannot be used.
    """
    frame = read_table(path, columns=("sequence", "is_nuclear", *by))
    flags = {column: read_flags(frame[column], column=column, table=path) for column in by}
    return NuclearTable(
        sequences=read_sequences(frame["sequence"], table=path),
        is_nuclear=read_flags(frame["is_nuclear"], column="is_nuclear", table=path),
        groups={f"{column} = {int(yes)}": mask == yes for column, mask in flags.items() for yes in (True, False)},
    )


def read_nuclei(folder: Path) -> tuple[NucleusImage, ...]:
    """Read the files ``*_nucleus.*`` of a folder, in the order of their names.

    Raises
    ------
    ImageError
        There are none, or one cannot be read.
    """
    paths = sorted(folder.glob("*_nucleus.*"))
    if not paths:
        raise ImageError(f"There are no files *_nucleus.* in {folder}. Give a folder with nucleus images named so.")
    return tuple(read_image(path) for path in paths)


def nuclear_fractions(
    predictor: Predictor,
    sequences: Sequence[str],
    images: Sequence[NucleusImage],
    *,
    seed: int,
    on_step: OnStep | None = None,
) -> np.ndarray:
    """Predict each protein in one window: of a random image, around a random place.

    The map of a model that fills many codes at once is made in its first pass, so only this one is made; and nuclei
    are looked for once in each image. Proteins go through the model one by one: on a CPU, batches of 4 or 8 took
    as long for each.

    Parameters
    ----------
    predictor : Predictor
        The model.
    sequences : sequence of str
        Proteins.
    images : sequence of NucleusImage
        To choose from.
    seed : int
        Of images, places and the model's draws.
    on_step : callable or None
        Told after each protein; may raise to stop.

    Returns
    -------
    np.ndarray
        (N,) float64 in [0, 1].
    """
    rng = np.random.default_rng(seed)
    nuclei = [segment_nuclei(image.pixels) for image in images]
    fractions = np.zeros(len(sequences))
    for number, sequence in enumerate(sequences):
        which = int(rng.integers(len(images)))
        height, width = images[which].pixels.shape
        request = PredictionRequest(
            sequence=sequence,
            nucleus=images[which].pixels,
            sampling=SamplingOptions(seed=seed, steps=1),
            centre=(float(rng.uniform(0, height - 1)), float(rng.uniform(0, width - 1))),
            pixel_size_um=images[which].pixel_size_um,
            nuclei=nuclei[which],
        )
        fractions[number] = predictor(request).nuclear_fraction
        if on_step is not None:
            on_step("predicting", number + 1, len(sequences))
    return fractions


def nuclear_scores(fractions: np.ndarray, truth: np.ndarray, *, threshold: float | None, seed: int) -> NuclearScores:
    """Measure nuclear fractions (N,) against the truth (N,) bool.

    Parameters
    ----------
    fractions, truth : np.ndarray
        One or more proteins.
    threshold : float or None
        The model's own; None takes a half.
    seed : int
        Of the intervals.

    Raises
    ------
    CelleError
        If there are no proteins.
    """
    if not len(truth):
        raise CelleError("There are no proteins to measure. Choose another group, or give a larger table.")
    chosen = HALF if threshold is None else threshold
    figures: dict[str, Metric] = {
        "accuracy": _above(accuracy, HALF),
        "mcc": _above(mcc, HALF),
        "accuracy_chosen_threshold": _above(accuracy, chosen),
        "mcc_chosen_threshold": _above(mcc, chosen),
        "auc": auc,
    }
    intervals = {
        name: bootstrap(metric, fractions, truth, rng=np.random.default_rng(seed)) for name, metric in figures.items()
    }
    return NuclearScores(
        n=len(truth),
        nuclear=int(truth.sum()),
        threshold=chosen,
        best_threshold=best_threshold(fractions, truth),
        mean_fraction_nuclear=_mean(fractions[truth]),
        mean_fraction_other=_mean(fractions[~truth]),
        expected_calibration_error=expected_calibration_error(fractions, truth),
        calibration=calibration(fractions, truth),
        intervals=intervals,
        **{name: metric(fractions, truth) for name, metric in figures.items()},
    )


def _above(metric: Metric, threshold: float) -> Callable[[np.ndarray, np.ndarray], float]:
    return lambda fractions, truth: metric(fractions > threshold, truth)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
