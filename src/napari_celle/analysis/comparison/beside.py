"""One measured channel beside one or several predictions: from pixels to all that a comparison shows.

Everything here is numpy in, numpy out. What does not depend on the nuclei is computed once (:func:`compare_all`); what
does follows an edited mask (:func:`recount`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from napari_celle.analysis.comparison.background import Background, Region, subtract_background
from napari_celle.analysis.comparison.compared import Compared, compare
from napari_celle.analysis.comparison.inputs import check_channel
from napari_celle.analysis.comparison.measured import measured_protein
from napari_celle.analysis.comparison.per_image import per_image
from napari_celle.analysis.comparison.per_nucleus import per_nucleus
from napari_celle.analysis.comparison.placed import on_window
from napari_celle.analysis.comparison.territories import RING, Cytoplasm
from napari_celle.types import OnStep

_WHOLE = 16_000_000  # pixels; of a larger plane only what surrounds the predictions is read
_AROUND = 1024  # px on each side, then

Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """A measured channel as it lies in memory or in a file.

    Attributes
    ----------
    pixels : np.ndarray
        Of any number of axes, or lazy and alike.
    index : tuple of int or slice
        Cuts the (Y, X) plane out; two of its entries are ``slice(None)``.
    background : RollingBall or Percentile or Region or None
        What is taken off; None takes nothing off.
    """

    pixels: Any
    index: tuple[int | slice, ...]
    background: Background | None


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """A prediction to be compared; every array is (Y, X) of its window.

    Attributes
    ----------
    name, model : str
        What it is called in tables; the model that made it.
    heatmap, threshold, nuclei : np.ndarray
        As in :class:`napari_celle.types.Prediction`.
    scale : float
        Of the prediction.
    to_channel : np.ndarray
        (2, 3), see :func:`napari_celle.analysis.comparison.placed.on_window`.
    covered : np.ndarray or None
        bool, where something was predicted; None is everywhere.
    pixel_size_um : float or None
        Edge of a pixel in micrometres.
    """

    name: str
    model: str
    heatmap: np.ndarray
    threshold: np.ndarray
    nuclei: np.ndarray
    scale: float
    to_channel: np.ndarray
    covered: np.ndarray | None = None
    pixel_size_um: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A prediction compared.

    Attributes
    ----------
    predicted : Predicted
        With the nuclei that were counted.
    compared : Compared
        Its pictures beside the measured ones.
    figures : Mapping of str to float
        As :class:`napari_celle.analysis.comparison.per_image.ImageComparison`.
    table : pd.DataFrame
        As :func:`napari_celle.analysis.comparison.per_nucleus.per_nucleus`.
    """

    predicted: Predicted
    compared: Compared
    figures: Mapping[str, float]
    table: pd.DataFrame


def compare_all(
    channel: Channel, predictions: Sequence[Predicted], *, cytoplasm: Cytoplasm = RING, on_step: OnStep | None = None
) -> tuple[Beside, ...]:
    """Compare predictions with one measured channel, each by the threshold rule of its own model.

    Parameters
    ----------
    channel : Channel
        The background of all of it is taken off; of a plane of more than 16 million pixels that of the part within
        1,024 pixels of the predictions.
    predictions : sequence of Predicted
        At least one.
    cytoplasm : Cytoplasm
        What around a nucleus stands for its cytoplasm.
    on_step : callable or None
        Told of progress; what it raises stops.

    Raises
    ------
    CelleError
        Channel, nuclei or a model cannot be used; the message says which and what to do.
    """
    step = on_step or _silent
    step("Taking off the background", 0, 1)
    plane, corner = _without_background(channel, predictions)
    answers = []
    for number, predicted in enumerate(predictions):
        step("Comparing", number, len(predictions))
        answers.append(_beside(predicted, plane, corner, cytoplasm=cytoplasm))
    return tuple(answers)


def recount(
    beside: Beside, nuclei: np.ndarray, *, cytoplasm: Cytoplasm = RING, on_step: OnStep | None = None
) -> Beside:
    """Return a comparison with what depends on the nuclei counted anew.

    ``nuclei`` is (Y, X) integer labels of the window; errors as :func:`compare_all`.
    """
    step = on_step or _silent
    step("Counting nuclei", 0, 2)
    predicted = replace(beside.predicted, nuclei=nuclei)
    table = per_nucleus(nuclei, beside.compared, cytoplasm=cytoplasm, pixel_size_um=predicted.pixel_size_um)
    step("Counting nuclei", 1, 2)
    (image,) = per_image({predicted.name: beside.compared}, nuclei=nuclei)
    return replace(beside, predicted=predicted, figures=image.figures, table=table)


def figures_table(answers: Sequence[Beside]) -> pd.DataFrame:
    """Return a row for each prediction: its name, its model, and the figures of its image."""
    rows = [{"prediction": each.predicted.name, "model": each.predicted.model, **each.figures} for each in answers]
    return pd.DataFrame(rows)


def _beside(predicted: Predicted, plane: np.ndarray, corner: np.ndarray, *, cytoplasm: Cytoplasm) -> Beside:
    from napari_celle.models.registry import model_info, model_recipe  # torch is slow to import

    to_plane = np.array(predicted.to_channel, float)
    to_plane[:, 2] -= corner
    shape = (predicted.heatmap.shape[0], predicted.heatmap.shape[1])
    on_pixels, window = on_window(plane, to_channel=to_plane, shape=shape)
    measured = measured_protein(
        on_pixels,
        window=window,
        size=model_info(predicted.model).image_size,
        scale=predicted.scale,
        recipe=model_recipe(predicted.model),
    )
    compared = compare(predicted.heatmap, predicted.threshold, measured=measured, covered=predicted.covered)
    empty = Beside(predicted=predicted, compared=compared, figures={}, table=pd.DataFrame())
    return recount(empty, predicted.nuclei, cytoplasm=cytoplasm)


def _without_background(channel: Channel, predictions: Sequence[Predicted]) -> tuple[np.ndarray, np.ndarray]:
    """Return the (Y, X) pixels that are needed, and the (row, column) of the first of them in the whole plane."""
    axes = [axis for axis, at in enumerate(channel.index) if isinstance(at, slice)]
    box = _needed((channel.pixels.shape[axes[0]], channel.pixels.shape[axes[1]]), predictions)
    index = list(channel.index)
    index[axes[0]], index[axes[1]] = box
    plane = check_channel(np.asarray(channel.pixels[tuple(index)]))
    corner = np.array([box[0].start, box[1].start])
    background = channel.background
    if isinstance(background, Region):
        background = replace(background, mask=background.mask[box])
    return (plane if background is None else subtract_background(plane, background)), corner


def _needed(shape: tuple[int, int], predictions: Sequence[Predicted]) -> Box:
    if shape[0] * shape[1] <= _WHOLE:
        return slice(0, shape[0]), slice(0, shape[1])
    corners = []
    for each in predictions:
        rows, columns = each.heatmap.shape
        square = np.array([[0, 0, 1], [rows, 0, 1], [0, columns, 1], [rows, columns, 1]])
        corners.append(square @ np.asarray(each.to_channel, float).T)
    found = np.concatenate(corners)
    low = np.clip(found.min(axis=0) - _AROUND, 0, shape).astype(int)
    high = np.clip(found.max(axis=0) + _AROUND, 0, shape).astype(int)
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))


def _silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
