"""How right predicted pictures are, on drawn cells whose protein is known pixel by pixel; baselines beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

from napari_celle.analysis.tables import for_json
from napari_celle.data.proteins import Proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.errors import CelleError
from napari_celle.metrics import (
    CalibrationBin,
    calibration,
    expected_calibration_error,
    fraction_inside,
    iou,
    nucleus_proportion_accuracy,
    pdf_pixel_accuracy,
    ssim,
    threshold_pixel_accuracy,
)
from napari_celle.predict import Predictor
from napari_celle.types import OnStep, PredictionRequest, SamplingOptions

UNSEEN = 7_000_000
"""Added to the seed of the drawn cells: no training draws with such a seed, so no nucleus has been seen."""

BASELINE_PICTURES = 200
"""Drawn for what is guessed without a look at the protein."""

Picture = tuple[np.ndarray, np.ndarray]
"""Threshold image, (Y, X) bool, and heat map, (Y, X) float in [0, 1]."""

Baseline = Callable[[np.ndarray], Picture]
"""From the true nuclei, (Y, X) bool, to a picture that knows nothing of the protein."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Mean and standard deviation over pictures."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class SimulatedScores:
    """Figures of a model on drawn cells.

    Attributes
    ----------
    n : int
        Pictures.
    figures : Mapping of str to Figure
        Of the model, by name: see :func:`picture_figures`.
    baselines : Mapping of str to (Mapping of str to Figure)
        The same figures of pictures that know nothing of the protein.
    expected_calibration_error, calibration
        Of the nuclear fraction of the map against the true fraction.
    """

    n: int
    figures: Mapping[str, Figure]
    baselines: Mapping[str, Mapping[str, Figure]]
    expected_calibration_error: float
    calibration: tuple[CalibrationBin, ...]

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON; None instead of NaN."""
        return for_json(asdict(self))


def draw_unseen(proteins: Proteins, count: int, *, seed: int) -> SimulatedCells:
    """Draw cells whose nuclei no training has seen; arguments as for ``data.simulated.draw_cells``.

    Raises
    ------
    CelleError
        If there are no proteins.
    """
    if not len(proteins):
        raise CelleError("There are no proteins to draw. Choose another fold, or give a larger table.")
    return draw_cells(proteins, count, seed=UNSEEN + seed)


def simulated_scores(
    predictor: Predictor,
    proteins: Proteins,
    cells: SimulatedCells,
    *,
    seed: int = 0,
    baselines: Mapping[str, Baseline] | None = None,
    on_step: OnStep | None = None,
) -> SimulatedScores:
    """Predict the protein of every drawn picture on its nuclei, and measure.

    Parameters
    ----------
    predictor : Predictor
        The model; it sees the pictures at its own pixel size.
    proteins : Proteins
        What the cells were drawn from.
    cells : SimulatedCells
        One or more pictures.
    seed : int
        Of the model's draws.
    baselines : Mapping of str to callable, or None
        To measure beside the model.
    on_step : callable or None
        Told after each picture; may raise to stop.
    """
    rows, fractions = [], []
    for number in range(len(cells)):
        picture = predict_picture(predictor, proteins.sequences[cells.protein[number]], cells, number, seed=seed)
        rows.append(picture_figures(picture, truth=cells.threshold[number], nuclei=cells.nuclei[number]))
        fractions.append(
            [fraction_inside(each, cells.nuclei[number]) for each in (picture[1], cells.threshold[number])]
        )
        if on_step is not None:
            on_step("predicting", number + 1, len(cells))
    predicted, known = np.array(fractions).T
    return SimulatedScores(
        n=len(cells),
        figures=_summary(rows),
        baselines={name: baseline_figures(baseline, cells) for name, baseline in (baselines or {}).items()},
        expected_calibration_error=expected_calibration_error(predicted, known),
        calibration=calibration(predicted, known),
    )


def predict_picture(
    predictor: Predictor, sequence: str, cells: SimulatedCells, number: int, *, seed: int = 0
) -> Picture:
    """Return the threshold image and heat map of a protein on the nuclei of one drawn picture."""
    answer = predictor(
        PredictionRequest(
            sequence=sequence,
            nucleus=cells.nucleus[number],
            sampling=SamplingOptions(seed=seed),
            pixel_size_um=predictor.info.pixel_size_um,
            nuclei=cells.nuclei[number],
        )
    )
    return answer.threshold > 0, answer.heatmap


def picture_figures(picture: Picture, *, truth: np.ndarray, nuclei: np.ndarray) -> dict[str, float]:
    """Measure one picture.

    Parameters
    ----------
    picture : tuple of np.ndarray
        Threshold image and heat map.
    truth : np.ndarray
        (Y, X) bool, the true threshold image.
    nuclei : np.ndarray
        (Y, X) bool, the true nuclei.

    Returns
    -------
    dict
        Metrics by name; those that end in ``_map`` are of the heat map, the others of the threshold image.
    """
    threshold, heatmap = picture
    inside = {name: np.array([fraction_inside(each, nuclei)]) for name, each in (("", threshold), ("_map", heatmap))}
    real = np.array([fraction_inside(truth, nuclei)])
    return {
        **{f"nucleus_proportion_accuracy{end}": nucleus_proportion_accuracy(inside[end], real) for end in inside},
        "threshold_pixel_accuracy": threshold_pixel_accuracy(threshold, truth),
        "pdf_pixel_accuracy_map": pdf_pixel_accuracy(heatmap, truth),
        "ssim": ssim(threshold, truth),
        "ssim_map": ssim(heatmap, truth),
        "iou": iou(threshold, truth),
    }


def baseline_figures(baseline: Baseline, cells: SimulatedCells) -> dict[str, Figure]:
    """Measure a baseline on drawn cells; names as in :func:`picture_figures`."""
    pairs = zip(cells.threshold, cells.nuclei, strict=True)
    return _summary([picture_figures(baseline(nuclei), truth=truth, nuclei=nuclei) for truth, nuclei in pairs])


def drawn_baselines(proteins: Proteins, *, seed: int) -> dict[str, Baseline]:
    """Return :func:`learn_baselines` of cells drawn of these proteins, which should be those of a training.

    Raises
    ------
    CelleError
        If there are no proteins.
    """
    return learn_baselines(draw_unseen(proteins, BASELINE_PICTURES, seed=seed))


def learn_baselines(cells: SimulatedCells) -> dict[str, Baseline]:
    """Return what can be guessed without a look at the protein, learned from other drawn cells.

    Parameters
    ----------
    cells : SimulatedCells
        Of proteins of the training folds.

    Returns
    -------
    dict
        "all dark"; "mean picture", the share of pictures that are bright at a pixel; "label-blind", the share of
        pixels that are bright at a distance from the edge of the nuclei.
    """
    mean = cells.threshold.mean(0)
    shares = _shares_by_distance(cells)
    return {
        "all dark": lambda nuclei: (np.zeros(nuclei.shape, bool), np.zeros(nuclei.shape)),
        "mean picture": lambda nuclei: (mean > 0.5, mean),
        "label-blind": lambda nuclei: _bright(shares[_distance_bins(nuclei)]),
    }


FARTHEST = 60
"""Pixels; what is farther from the edge of a nucleus, inside or outside, is put to this."""


def _shares_by_distance(cells: SimulatedCells) -> np.ndarray:
    """Return the share of bright pixels at each signed distance, (2 * FARTHEST + 1,)."""
    bright, all_of_them = np.zeros(2 * FARTHEST + 1), np.zeros(2 * FARTHEST + 1)
    for truth, nuclei in zip(cells.threshold, cells.nuclei, strict=True):
        bins = _distance_bins(nuclei).ravel()
        bright += np.bincount(bins, weights=truth.ravel(), minlength=len(bright))
        all_of_them += np.bincount(bins, minlength=len(bright))
    return bright / np.maximum(all_of_them, 1)


def _distance_bins(nuclei: np.ndarray) -> np.ndarray:
    """Return the rounded distance from the edge of the nuclei, (Y, X) int, 0 deepest inside."""
    mask = np.asarray(nuclei, bool)
    distance = ndimage.distance_transform_edt(~mask) if not mask.all() else np.zeros(mask.shape)
    distance = distance - (ndimage.distance_transform_edt(mask) if mask.any() and not mask.all() else 0)
    far = distance if mask.any() else np.full(mask.shape, FARTHEST)
    bins: np.ndarray = np.clip(np.round(far), -FARTHEST, FARTHEST).astype(int) + FARTHEST
    return bins


def _bright(heatmap: np.ndarray) -> Picture:
    return heatmap > 0.5, heatmap


def _summary(rows: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return {name: Figure(float(values.mean()), float(values.std())) for name, values in columns.items()}
