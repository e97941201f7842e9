"""The papers' figures of one real image, for one or several models."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from napari_celle.analysis.comparison.compared import Compared
from napari_celle.analysis.comparison.inputs import check_same_pixels
from napari_celle.analysis.images.pictures import nuclear_shares, picture_figures
from napari_celle.metrics import pearson


@dataclass(frozen=True, slots=True)
class ImageComparison:
    """What was measured of one model's picture of one image.

    Attributes
    ----------
    model : str
        Name of the model.
    figures : Mapping of str to float
        ``true_fraction``, ``fraction`` and ``fraction_map``: part of the measured threshold image, of the predicted one
        and of the heat map in the nuclei; the figures of ``pictures.FIGURES``, against the measured threshold image;
        and against the measured brightness ``pearson_measured`` and ``misplaced`` (see
        :class:`napari_celle.analysis.comparison.difference.Difference`). NaN where there is nothing to measure.
    """

    model: str
    figures: Mapping[str, float]


def per_image(models: Mapping[str, Compared], *, nuclei: np.ndarray) -> tuple[ImageComparison, ...]:
    """Measure the predictions of one or several models, each compared with a measured channel of one image.

    Parameters
    ----------
    models : Mapping of str to Compared
        By name of the model; each measured by the threshold rule of its model.
    nuclei : np.ndarray
        (Y, X) labels or bool of the window, 0 outside nuclei.

    Returns
    -------
    tuple of ImageComparison
        In the order of ``models``.

    Raises
    ------
    CelleError
        The arrays differ in shape, or have fewer than 7 pixels along an axis.
    """
    return tuple(ImageComparison(model=name, figures=_figures(each, nuclei)) for name, each in models.items())


def as_table(comparisons: tuple[ImageComparison, ...]) -> pd.DataFrame:
    """Return a row for each model, with the columns ``model`` and those of its figures."""
    return pd.DataFrame([{"model": each.model, **each.figures} for each in comparisons])


def _figures(compared: Compared, nuclei: np.ndarray) -> dict[str, float]:
    check_same_pixels(nuclei=nuclei, heatmap=compared.heatmap)
    picture = compared.threshold, compared.heatmap
    known = {"truth": compared.measured.threshold > 0, "nuclei": nuclei}
    return {
        **nuclear_shares(picture, **known),
        **picture_figures(picture, **known),
        "pearson_measured": pearson(compared.heatmap, compared.measured.intensity),
        "misplaced": compared.difference.misplaced,
    }
