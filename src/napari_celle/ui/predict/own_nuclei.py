"""Nuclei that the user brings: a Labels layer on the pixels of the nucleus channel, all of them or a part."""

import numpy as np
from napari.layers import Labels, Layer

from napari_celle.errors import ImageError
from napari_celle.ui.frames import Frame, pixel_at, plane_of
from napari_celle.ui.predict.asking import MovedPlane

TOLERANCE = 0.05  # pixels by which two layers that lie on each other may differ


def labels_on(
    labels: Labels, frame: Frame, *, image: Layer, image_frame: Frame, point: tuple[float, ...]
) -> MovedPlane:
    """Give labels on the pixels of an image.

    Parameters
    ----------
    labels : napari.layers.Labels
        The nuclei.
    frame : Frame
        Of their plane.
    image : napari.layers.Image
        The nucleus channel.
    image_frame : Frame
        Of its plane.
    point : tuple of float
        ``viewer.dims.point``.

    Raises
    ------
    ImageError
        Their pixels do not lie on those of the image.
    """
    corners = np.array([(0, 0), (0, 1), (1, 0)], float) * np.subtract(frame.shape, 1)
    placed = [_on_image(labels, frame, corner, image, image_frame, point) for corner in corners]
    offset = np.round(placed[0])
    if np.abs(placed - corners - offset).max() > TOLERANCE:
        raise ImageError(
            f"The pixels of {labels.name} do not lie on those of {image.name}. Use labels of the same pixel size and "
            "direction, for example those that 'Find nuclei' makes of it."
        )
    return MovedPlane(plane_of(labels, frame), (int(offset[0]), int(offset[1])), image_frame.shape)


def _on_image(
    labels: Labels, frame: Frame, corner: np.ndarray, image: Layer, image_frame: Frame, point: tuple[float, ...]
) -> np.ndarray:
    """Give the (y, x) pixel of the image at a (y, x) pixel of the labels."""
    index = np.array(frame.index, float)
    index[list(frame.plane)] += corner
    world = list(point)
    world[len(point) - labels.ndim :] = labels.data_to_world(index)
    return np.array(pixel_at(image, image_frame, point=tuple(world)))
