"""A field before anything is predicted: which part of the image, its nuclei, and from their size the scale."""

from dataclasses import dataclass

import numpy as np
from skimage.measure import regionprops

from napari_celle.errors import ImageError
from napari_celle.field_types import FieldRequest
from napari_celle.framing import NEIGHBOURHOOD, find_scale, place_window, scale_notes
from napari_celle.image import check_shape, choose_window
from napari_celle.mosaic import middle
from napari_celle.segment import as_labels, segment_nuclei, typical_diameter
from napari_celle.types import ModelInfo, Window

LARGEST = 4096 * 4096
"""Most pixels of a field that is predicted at once; larger ones are done region by region."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What is known of a field before anything is predicted.

    Attributes
    ----------
    region : Window
        The field, in pixels of the image.
    around : Window
        The region and all that windows of its nuclei can see, in pixels of the image.
    labels : np.ndarray
        (Y, X) of ``around``, int32 nucleus labels, 0 for background.
    boxes : dict of int to Window
        By label, the bounding boxes of the nuclei that have their middle in the region, in pixels of the image.
    windows : tuple of Window
        The model's window centred on each of ``boxes``, moved to lie inside the image.
    scale : float
        Model pixels per image pixel.
    notes : tuple of str
        Why the image was resampled or does not suit the model.
    """

    region: Window
    around: Window
    labels: np.ndarray
    boxes: dict[int, Window]
    windows: tuple[Window, ...]
    scale: float
    notes: tuple[str, ...]

    def labels_of(self, window: Window) -> np.ndarray:
        """Return the labels of a window that lies inside ``around``: (Y, X) int32."""
        y, x = window.y - self.around.y, window.x - self.around.x
        return np.ascontiguousarray(self.labels[y : y + window.height, x : x + window.width])


def survey_field(request: FieldRequest, info: ModelInfo) -> Survey:
    """Find the nuclei of a field and the window of each; of lazy images only ``around`` is read.

    Parameters
    ----------
    request : FieldRequest
        The question.
    info : ModelInfo
        Window, pixel size and nucleus diameters of the model.

    Raises
    ------
    ImageError
        As :func:`napari_celle.field.predict_field`.
    """
    check_shape(request.nucleus.shape)
    shape = request.nucleus.shape[0], request.nucleus.shape[1]
    region = _region(request.region, shape)
    around = _around(region, shape)
    labels = _labels(request, around)
    boxes = _boxes(labels, around, region)
    if not boxes:
        raise ImageError(
            "No nucleus was found in the field, and windows are predicted around nuclei. Choose the channel that shows "
            "nuclei or another region, or draw the nuclei."
        )
    measured = typical_diameter(labels)
    scale = find_scale(request, measured, info)
    windows = tuple(place_window(shape, info, scale=scale, centre=middle(box)) for box in boxes.values())
    return Survey(
        region=region,
        around=around,
        labels=labels,
        boxes=boxes,
        windows=windows,
        scale=scale,
        notes=scale_notes(scale, measured, info),
    )


def _region(region: Window | None, shape: tuple[int, int]) -> Window:
    """Return the region, or all of the image, when it lies inside and is not too large."""
    region = region or Window(0, 0, *shape)
    inside = region.y >= 0 and region.x >= 0 and region.y + region.height <= shape[0]
    if not inside or region.x + region.width > shape[1] or min(region.height, region.width) < 1:
        raise ImageError(
            f"The region (y {region.y}, x {region.x}, {region.height} x {region.width} pixels) does not lie inside the "
            f"image of {shape[0]} x {shape[1]} pixels. Choose one that does."
        )
    if region.height * region.width > LARGEST:
        raise ImageError(
            f"The field has {region.height:,} x {region.width:,} pixels, more than can be predicted at once "
            f"({LARGEST / 1e6:.0f} million). Choose a region of it."
        )
    return region


def _around(region: Window, shape: tuple[int, int]) -> Window:
    """Return the part of the image that windows of at most the neighbourhood's size see around places of the region."""
    first = choose_window(shape, size=NEIGHBOURHOOD, centre=(region.y, region.x))
    end = region.y + region.height - 1, region.x + region.width - 1
    last = choose_window(shape, size=NEIGHBOURHOOD, centre=end)
    return Window(first.y, first.x, last.y + last.height - first.y, last.x + last.width - first.x)


def _labels(request: FieldRequest, around: Window) -> np.ndarray:
    """Return the labels of a part of the image: (Y, X) int32."""
    if request.nuclei is None:
        return segment_nuclei(np.asarray(request.nucleus[around.slices]))
    if tuple(request.nuclei.shape) != tuple(request.nucleus.shape):
        raise ImageError(
            f"The nuclei have shape {tuple(request.nuclei.shape)}, the image {tuple(request.nucleus.shape)}. "
            "Use labels drawn on this image."
        )
    return as_labels(np.asarray(request.nuclei[around.slices]), shape=(around.height, around.width))


def _boxes(labels: np.ndarray, around: Window, region: Window) -> dict[int, Window]:
    """Return the bounding boxes, by label, that have their middle in the region; labels are those of ``around``."""
    boxes = {}
    for found in regionprops(labels):
        top, left, bottom, right = found.bbox
        box = Window(around.y + top, around.x + left, bottom - top, right - left)
        y, x = middle(box)
        if region.y <= y < region.y + region.height and region.x <= x < region.x + region.width:
            boxes[int(found.label)] = box
    return boxes
