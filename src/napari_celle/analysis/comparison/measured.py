"""A measured channel as the model would have seen it, in the pixels of a prediction's window."""

import math
from dataclasses import dataclass

import numpy as np

from napari_celle.analysis.comparison.inputs import check_finite
from napari_celle.errors import ImageError
from napari_celle.image import fit_to_window
from napari_celle.preprocess import Recipe, protein_frame
from napari_celle.types import Window


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A measured protein; every array is (Y, X) of ``window``.

    Attributes
    ----------
    window : Window
        The part of the channel that was taken.
    intensity : np.ndarray
        float32, not negative.
    threshold : np.ndarray
        uint8, 1 where the model's own rule calls the channel bright, else 0.
    probability : np.ndarray
        float32, ``intensity`` divided by its sum; the same everywhere for a dark window, as of a prediction.
    """

    window: Window
    intensity: np.ndarray
    threshold: np.ndarray
    probability: np.ndarray


def measured_protein(channel: np.ndarray, *, window: Window, size: int, scale: float, recipe: Recipe) -> Measured:
    """Return a measured channel in the window of a prediction.

    Parameters
    ----------
    channel : np.ndarray
        (Y, X) whole channel on the pixels of the nucleus channel; its background is subtracted already, and what is
        negative still is set to 0.
    window, scale : Window, float
        Of the prediction.
    size : int
        Edge of the model's frame in model pixels (``ModelInfo.image_size``). A window that does not fit, as of a whole
        field, is thresholded as one picture at the model's scale.
    recipe : Recipe
        Of the model: ``preprocess.RECIPES[network.pixels]``.

    Raises
    ------
    ImageError
        The channel cannot be used, or the window does not lie in it.
    """
    shape = np.shape(channel)[:2]
    if min(window.y, window.x) < 0 or any(edge.stop > n for edge, n in zip(window.slices, shape, strict=False)):
        raise ImageError(
            f"The measured channel has {' x '.join(str(n) for n in shape)} pixels, and the prediction's window lies "
            "partly outside. Choose a channel of the same image as the nuclei."
        )
    intensity = np.maximum(check_finite(channel[window.slices]), 0)  # of a lazy channel only the window is read
    return Measured(
        window=window,
        intensity=intensity,
        threshold=_threshold(intensity, size=size, scale=scale, recipe=recipe),
        probability=as_probability(intensity),
    )


def as_probability(intensity: np.ndarray) -> np.ndarray:
    """Return a picture that is not negative with sum 1, (Y, X) float32; the same everywhere where it is dark."""
    total = intensity.sum(dtype=np.float64)
    if total == 0:
        return np.full(intensity.shape, 1 / intensity.size, np.float32)
    return (intensity / total).astype(np.float32)


def _threshold(intensity: np.ndarray, *, size: int, scale: float, recipe: Recipe) -> np.ndarray:
    whole = Window(0, 0, *intensity.shape)
    edge = max(size, math.ceil(max(intensity.shape) * scale))
    frame = protein_frame(intensity, whole, size=edge, scale=scale, recipe=recipe)
    return fit_to_window(frame, whole, scale=scale, order=0).astype(np.uint8)
