"""How right predicted pictures are, on drawn cells whose protein is known pixel by pixel; baselines beside them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from napari_celle.analysis.images.baselines import Baseline, learn_baselines
from napari_celle.analysis.images.painting import Painter, baseline_painter, measure, paint
from napari_celle.analysis.images.pictures import FIGURES, Figure, Picture, picture_figures, summary
from napari_celle.analysis.images.samples import DrawnSamples, drawn_sample
from napari_celle.analysis.tables import for_json
from napari_celle.data.proteins import Proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.errors import CelleError
from napari_celle.metrics import CalibrationBin, calibration, expected_calibration_error
from napari_celle.predict import Predictor
from napari_celle.types import OnStep

__all__ = [
    "SimulatedScores",
    "draw_unseen",
    "drawn_baselines",
    "picture_figures",
    "predict_picture",
    "simulated_scores",
]

UNSEEN = 7_000_000
"""Added to the seed of the drawn cells: no training draws with such a seed, so no nucleus has been seen."""

BASELINE_PICTURES = 200
"""Drawn for what is guessed without a look at the protein."""

SHOWN = tuple(name for name in FIGURES if name != "pearson_map")
"""Figures that every picture has: a dark one has no correlation."""


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
    samples = DrawnSamples(cells, proteins.sequences, predictor.info.image_size)
    model = "the model"
    painters: dict[str, Painter] = {model: partial(paint, predictor, seed=seed)}
    painters |= {name: baseline_painter(baseline) for name, baseline in (baselines or {}).items()}
    rows = measure(painters, samples, on_step=on_step)
    figures = {name: summary(each, names=SHOWN, seed=seed) for name, each in rows.items()}
    predicted, known = (np.array([row[name] for row in rows[model]]) for name in ("fraction_map", "true_fraction"))
    return SimulatedScores(
        n=len(cells),
        figures=figures.pop(model),
        baselines=figures,
        expected_calibration_error=expected_calibration_error(predicted, known),
        calibration=calibration(predicted, known),
    )


def predict_picture(
    predictor: Predictor, sequence: str, cells: SimulatedCells, number: int, *, seed: int = 0
) -> Picture:
    """Return the threshold image and heat map of a protein on the nuclei of one drawn picture."""
    return paint(predictor, drawn_sample(cells, number, sequence=sequence, size=predictor.info.image_size), seed=seed)


def drawn_baselines(proteins: Proteins, *, seed: int) -> dict[str, Baseline]:
    """Return the baselines learned from cells drawn of these proteins, which should be those of a training.

    Raises
    ------
    CelleError
        If there are no proteins.
    """
    cells = draw_unseen(proteins, BASELINE_PICTURES, seed=seed)
    return learn_baselines(list(zip(cells.threshold, cells.nuclei, strict=True)))
