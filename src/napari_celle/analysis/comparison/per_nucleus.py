"""A row for each nucleus: how predicted and measured protein lie in it and around it.

A pure function of arrays, fast enough to follow a brush, so that the numbers are always those of the edited labels.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from napari_celle.analysis.comparison.compared import Compared
from napari_celle.analysis.comparison.inputs import check_same_pixels
from napari_celle.analysis.comparison.territories import RING, Cytoplasm, Territories, territories

AGREEMENT = ("both nuclear", "both around", "only predicted nuclear", "only measured nuclear", "unknown")
"""Agreement classes: a protein is nuclear in a cell when it is brighter in the nucleus than around it (N/C over 1)."""

_CONSTANT = 1e-10  # of the mean: a smaller spread is rounding


def per_nucleus(
    nuclei: np.ndarray,
    compared: Compared,
    *,
    cytoplasm: Cytoplasm = RING,
    pixel_size_um: float | None = None,
) -> pd.DataFrame:
    """Compare predicted and measured protein nucleus by nucleus.

    Parameters
    ----------
    nuclei : np.ndarray
        (Y, X) integer labels, 0 for background; gaps in the sequence are fine.
    compared : Compared
        Predicted and measured pictures of the same window.
    cytoplasm : Cytoplasm
        What around a nucleus stands for its cytoplasm.
    pixel_size_um : float or None
        Edge of a pixel in micrometres.

    Returns
    -------
    pd.DataFrame
        A row for each label, ascending, with the columns ``label``, ``area_px``, ``area_um2`` (NaN without the pixel
        size), ``centroid_y`` and ``centroid_x`` (pixels of the window), ``at_border``, ``cytoplasm_px``; predicted and
        measured each ``nucleus_mean``, ``cytoplasm_mean``, ``nuclear_fraction`` (of the light in nucleus and cytoplasm)
        and ``nc_ratio`` (of the two means); over nucleus and cytoplasm ``pearson``, ``ssim`` and ``iou``; and
        ``agreement``, one of ``AGREEMENT``. NaN where there is nothing to measure. Pixels in
        which nothing was predicted count for shapes and areas only.

    Raises
    ------
    ImageError
        The arrays differ in shape, or are no maps and labels; the cytoplasm is of no use.
    """
    check_same_pixels(nuclei=nuclei, heatmap=compared.heatmap)
    found = territories(nuclei, cytoplasm=cytoplasm, pixel_size_um=pixel_size_um)
    seen = replace(found, nuclei=found.nuclei * compared.covered, cytoplasm=found.cytoplasm * compared.covered)
    count, both, measured = len(found.labels), compared.difference, compared.measured
    table = _shapes(found, pixel_size_um)
    for name, picture in (("predicted", compared.heatmap), ("measured", measured.intensity)):
        table |= {f"{name}_{key}": values for key, values in _light(picture, seen).items()}
    whole = np.where(seen.nuclei > 0, seen.nuclei, seen.cytoplasm)
    table["pearson"] = _pearson(both.predicted, both.measured, whole, count=count)
    table["ssim"] = _means(compared.similarity, whole, count=count)
    table["iou"] = _iou(compared.threshold, measured.threshold > 0, whole, count=count)
    table["agreement"] = _agreement(table["predicted_nc_ratio"], table["measured_nc_ratio"])
    return pd.DataFrame(table)


def _shapes(found: Territories, pixel_size_um: float | None) -> dict[str, np.ndarray]:
    nuclei, count = found.nuclei, len(found.labels)
    rows, columns = (np.arange(n, dtype=float) for n in nuclei.shape)
    area = _sums(np.ones(nuclei.shape), nuclei, count=count)
    border = np.concatenate([nuclei[0], nuclei[-1], nuclei[:, 0], nuclei[:, -1]]) if nuclei.size else nuclei.ravel()
    return {
        "label": found.labels,
        "area_px": area.astype(np.int64),
        "area_um2": area * (float("nan") if pixel_size_um is None else pixel_size_um**2),
        "centroid_y": _sums(np.broadcast_to(rows[:, None], nuclei.shape), nuclei, count=count) / area,
        "centroid_x": _sums(np.broadcast_to(columns, nuclei.shape), nuclei, count=count) / area,
        "at_border": np.isin(np.arange(1, count + 1), border),
        "cytoplasm_px": np.bincount(found.cytoplasm.ravel(), minlength=count + 1)[1:],
    }


def _light(picture: np.ndarray, found: Territories) -> dict[str, np.ndarray]:
    """Return mean brightness in and around each nucleus, and how the light is shared between the two."""
    count = len(found.labels)
    inside, around = (_sums(picture, places, count=count) for places in (found.nuclei, found.cytoplasm))
    pixels_in, pixels_around = (
        np.bincount(places.ravel(), minlength=count + 1)[1:] for places in (found.nuclei, found.cytoplasm)
    )
    means = _ratio(inside, pixels_in), _ratio(around, pixels_around)
    return {
        "nucleus_mean": means[0],
        "cytoplasm_mean": means[1],
        "nuclear_fraction": np.where(pixels_around > 0, _ratio(inside, inside + around), np.nan),
        "nc_ratio": _ratio(*means),
    }


def _pearson(first: np.ndarray, second: np.ndarray, places: np.ndarray, *, count: int) -> np.ndarray:
    """Return Pearson's correlation in each place, (N,) in [-1, 1]; NaN where one of the two is constant."""
    pixels = np.bincount(places.ravel(), minlength=count + 1)[1:]
    one, other = (_deviations(each, places, pixels) for each in (first, second))
    spread = [np.sqrt(_sums(each**2, places, count=count)) for each in (one, other)]
    flat = np.zeros(count, bool)
    for picture, root in zip((first, second), spread, strict=True):
        flat |= root <= _CONSTANT * _sums(np.abs(picture), places, count=count)
    correlation = _ratio(_sums(one * other, places, count=count), spread[0] * spread[1])
    return np.where(flat, np.nan, np.clip(correlation, -1, 1))


def _deviations(picture: np.ndarray, places: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return (Y, X) float64, the picture minus its mean in each place."""
    means = _ratio(_sums(picture, places, count=len(pixels)), pixels)
    deviations: np.ndarray = picture - np.concatenate([[0.0], means])[places]
    return deviations


def _means(picture: np.ndarray, places: np.ndarray, *, count: int) -> np.ndarray:
    return _ratio(_sums(picture, places, count=count), np.bincount(places.ravel(), minlength=count + 1)[1:])


def _iou(first: np.ndarray, second: np.ndarray, places: np.ndarray, *, count: int) -> np.ndarray:
    """Return intersection over union of two masks in each place, (N,) in [0, 1]; 1 where both are dark."""
    union = np.bincount(places[first | second], minlength=count + 1)[1:]
    common = np.bincount(places[first & second], minlength=count + 1)[1:]
    return np.where(union > 0, _ratio(common, union), 1.0)


def _agreement(predicted: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Return the class of each nucleus, (N,) str, from the two N/C ratios."""
    classes = [
        (predicted > 1) & (measured > 1),
        (predicted <= 1) & (measured <= 1),
        (predicted > 1) & (measured <= 1),
        (predicted <= 1) & (measured > 1),
    ]
    return np.select(classes, AGREEMENT[:-1], default=AGREEMENT[-1])


def _sums(picture: np.ndarray, places: np.ndarray, *, count: int) -> np.ndarray:
    """Return the sum of the pixels in each place from 1 to ``count``, (N,) float64."""
    return np.bincount(places.ravel(), weights=picture.ravel(), minlength=count + 1)[1:]


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return a quotient, (N,) float64, NaN where it has none."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=np.asarray(below) > 0)
