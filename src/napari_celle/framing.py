"""Where a model looks: from the nuclei of an image and their size the scale, and from it the window."""

from dataclasses import dataclass

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
    scale = _scale(request, measured, info)
    window = choose_window(image.shape, size=info.image_size / scale, centre=request.centre)
    if window.height > around.height or window.width > around.width:
        raise ImageError(
            f"Nuclei of this size need a window of {window.width} x {window.height} pixels, more than "
            f"{NEIGHBOURHOOD}. Shrink the image first, or check the pixel size or nucleus diameter that was given."
        )
    inside = labels[window.y - around.y :, window.x - around.x :][: window.height, : window.width]
    notes = _notes(scale, measured, info)
    if not inside.any():
        notes = (*notes, "No nucleus was found in the window, so the nuclear fraction is 0.")
    return ModelFrame(window=window, scale=scale, nuclei=np.ascontiguousarray(inside), notes=notes)


def _scale(request: PredictionRequest, measured: float | None, info: ModelInfo) -> float:
    """Return model pixels per image pixel; ``measured`` is the nucleus diameter in image pixels, if there are any."""
    typical = info.nucleus_diameter_px[1]
    if request.nucleus_diameter_px is not None:
        return typical / _positive("nucleus diameter", request.nucleus_diameter_px)
    if request.pixel_size_um is not None:
        return _positive("pixel size", request.pixel_size_um) / info.pixel_size_um
    if measured is not None and not _is_known(measured, info):
        return typical / measured
    return 1.0


def _is_known(diameter: float, info: ModelInfo) -> bool:
    """Tell whether nuclei of this diameter, in model pixels, are like those of the training."""
    smallest, _, largest = info.nucleus_diameter_px
    return smallest / TOLERANCE <= diameter <= largest * TOLERANCE


def _notes(scale: float, measured: float | None, info: ModelInfo) -> tuple[str, ...]:
    smallest, _, largest = info.nucleus_diameter_px
    notes = []
    if abs(scale - 1) > 0.005:
        notes.append(f"The image was resampled by {scale:.3g}, to look like what the model was trained on.")
    if measured is not None and not _is_known(measured * scale, info):
        notes.append(
            f"For the model the nuclei are {measured * scale:.0f} pixels wide, while it knows {smallest:.0f} to "
            f"{largest:.0f}: do not trust this picture. Check the pixel size, or give the nucleus diameter."
        )
    return tuple(notes)


def _positive(what: str, value: float) -> float:
    if not 0 < value < float("inf"):
        raise ImageError(f"The {what} is {value:g}. Give a number above 0.")
    return value
