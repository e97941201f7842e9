"""Which pixels of a layer the view shows."""

import math
from itertools import product
from typing import TYPE_CHECKING

from napari.layers import Layer

from napari_celle.errors import ImageError
from napari_celle.image import choose_window
from napari_celle.types import Window
from napari_celle.ui.frames import Frame, pixel_at

if TYPE_CHECKING:
    from napari.viewer import Viewer


def window_in_view(viewer: "Viewer", layer: Layer, frame: Frame) -> Window:
    """Give the part of the plane of a layer that the view shows, in pixels of the plane.

    Of a turned layer it is the smallest upright rectangle around what is shown.

    Raises
    ------
    ImageError
        The view shows nothing of the layer, or shows it in 3D.
    """
    dims = viewer.dims
    if dims.ndisplay != 2:
        raise ImageError("The viewer shows the image in 3D. Switch it to 2D.")
    half = [size / viewer.scene.camera.zoom / 2 for size in viewer.canvas.viewbox_size(viewer.layers)]
    middle = viewer.scene.camera.center[-2:]
    corners = []
    for signs in product((-1, 1), repeat=2):
        point = list(dims.point)
        for axis, at, sign, reach in zip(dims.displayed, middle, signs, half, strict=True):
            point[axis] = at + sign * reach
        corners.append(pixel_at(layer, frame, point=tuple(point)))
    y, height = _inside([corner[0] for corner in corners], frame.shape[0])
    x, width = _inside([corner[1] for corner in corners], frame.shape[1])
    if height < 1 or width < 1:
        raise ImageError(f"The view shows nothing of {layer.name}. Move the view to it.")
    return Window(y, x, height, width)


def around(window: Window, shape: tuple[int, int], *, smallest: int, largest: int) -> Window:
    """Give a square around the middle of a window, as large as the window within limits, moved into the plane.

    Of less than ``smallest`` pixels along an axis the typical brightness and size of nuclei cannot be told.
    """
    size = min(max(window.height, window.width, smallest), largest)
    middle = window.y + (window.height - 1) / 2, window.x + (window.width - 1) / 2
    return choose_window(shape, size=size, centre=middle)


def _inside(positions: list[float], size: int) -> tuple[int, int]:
    """Give the first pixel, and how many, of an axis of so many pixels."""
    first = max(math.floor(min(positions) + 0.5), 0)
    stop = min(math.ceil(max(positions) + 0.5), size)
    return first, stop - first
