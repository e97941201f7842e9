"""Where a model looks: from the nuclei of an image and their size the scale, and from it the window."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from napari_celle.errors import ImageError
from napari_celle.image import choose_window
from napari_celle.segment import as_labels, segment_nuclei, typical_diameter
from napari_celle.types import ModelInfo, PredictionRequest, Window

NEIGHBOURHOOD = 1024
"""Edge, in image pixels, of the part of a large image in which nuclei are looked for."""

TOLERANCE = 1.1
"""Nuclei may be so much smaller or larger than those of the training before anything is done about it."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelFrame:
    """Where a model looks.

    Attributes
    ----------
    window : Window
        Part of the image.
    scale : float
        Model pixels per image pixel.
    nuclei : np.ndarray
        (Y, X) of the window, int32 labels, 0 for background.
    notes : tuple of str
        Why the image was resampled or does not suit the model.
    """

    window: Window
    scale: float
    nuclei: np.ndarray
    notes: tuple[str, ...]


def find_frame(request: PredictionRequest, image: np.ndarray, info: ModelInfo) -> ModelFrame:
    """Find the nuclei around the centre, from their size the scale, and the window to look at.

    Parameters
    ----------
    request : PredictionRequest
        Its centre, nuclei, pixel size and nucleus diameter are used.
    image : np.ndarray
        (Y, X) float32, ``request.nucleus`` as ``image.check_plane`` returns it.
    info : ModelInfo
        Window, pixel size and nucleus diameters of the model.

    Raises
    ------
    ImageError
        If the centre lies outside, the labels do not fit, or a given size is not positive or asks for a window that is
        too large.
    """
    around = choose_window(image.shape, size=NEIGHBOURHOOD, centre=request.centre)
    if request.nuclei is None:
        labels = segment_nuclei(image[around.slices])
    else:
        labels = as_labels(request.nuclei, shape=image.shape)[around.slices]
    measured = typical_diameter(labels)
    scale = find_scale(request, measured, info)
    window = place_window(image.shape, info, scale=scale, centre=request.centre)
    inside = labels[window.y - around.y :, window.x - around.x :][: window.height, : window.width]
    notes = scale_notes(scale, measured, info)
    if not inside.any():
        notes = (*notes, "No nucleus was found in the window, so the nuclear fraction is 0.")
    return ModelFrame(window=window, scale=scale, nuclei=np.ascontiguousarray(inside), notes=notes)


class Sized(Protocol):
    """A request that may say how large a pixel or a nucleus is; see :class:`napari_celle.types.PredictionRequest`."""

    @property
    def pixel_size_um(self) -> float | None:
        """Edge of a pixel in micrometres."""

    @property
    def nucleus_diameter_px(self) -> float | None:
        """Typical nucleus diameter in pixels; goes before the pixel size."""


def find_scale(request: Sized, measured: float | None, info: ModelInfo) -> float:
    """Return model pixels per image pixel.

    Parameters
    ----------
    request : Sized
        What it says goes before what was measured.
    measured : float or None
        Typical nucleus diameter in image pixels, None if there are no nuclei. Without a word of the request the image
        is resampled only if this lies outside what the model knows.
    info : ModelInfo
        Pixel size and nucleus diameters of the model.

    Raises
    ------
    ImageError
        If a given size is not positive.
    """
    typical = info.nucleus_diameter_px[1]
    if request.nucleus_diameter_px is not None:
        return typical / _positive("nucleus diameter", request.nucleus_diameter_px)
    if request.pixel_size_um is not None:
        return _positive("pixel size", request.pixel_size_um) / info.pixel_size_um
    if measured is not None and not is_known(measured, info):
        return typical / measured
    return 1.0


def place_window(
    shape: tuple[int, int], info: ModelInfo, *, scale: float, centre: tuple[float, float] | None
) -> Window:
    """Return the model's window around a (y, x) pixel, None for the middle, moved to lie inside the image.

    Raises
    ------
    ImageError
        If the centre lies outside the image, or the window is larger than :data:`NEIGHBOURHOOD`.
    """
    window = choose_window(shape, size=info.image_size / scale, centre=centre)
    if max(window.height, window.width) > NEIGHBOURHOOD:
        raise ImageError(
            f"Nuclei of this size need a window of {window.width} x {window.height} pixels, more than "
            f"{NEIGHBOURHOOD}. Shrink the image first, or check the pixel size or nucleus diameter that was given."
        )
    return window


def is_known(diameter: float, info: ModelInfo) -> bool:
    """Tell whether nuclei of this diameter, in model pixels, are about as wide as those of the training."""
    smallest, _, largest = info.nucleus_diameter_px
    return smallest / TOLERANCE <= diameter <= largest * TOLERANCE


def scale_notes(scale: float, measured: float | None, info: ModelInfo) -> tuple[str, ...]:
    """Return why the image was resampled, or why its nuclei do not suit the model; arguments as :func:`find_scale`."""
    smallest, _, largest = info.nucleus_diameter_px
    notes = []
    if abs(scale - 1) > 0.005:
        notes.append(f"The image was resampled by {scale:.3g}, to look like what the model was trained on.")
    if measured is not None and not is_known(measured * scale, info):
        notes.append(
            f"For the model the nuclei are {measured * scale:.0f} pixels wide, while it knows {smallest:.0f} to "
            f"{largest:.0f}: do not trust this picture. Check the pixel size, or give the nucleus diameter."
        )
    return tuple(notes)


def _positive(what: str, value: float) -> float:
    if not 0 < value < float("inf"):
        raise ImageError(f"The {what} is {value:g}. Give a number above 0.")
    return value
