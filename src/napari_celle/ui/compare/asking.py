"""From the layers that were chosen to what the core is asked: copies of pixels, and where they lie to each other."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from napari.layers import Image, Shapes

from napari_celle.analysis.comparison.background import Background
from napari_celle.analysis.comparison.beside import Channel, Predicted
from napari_celle.errors import ImageError
from napari_celle.ui.compare.found import Found, plane_of
from napari_celle.ui.frames import Frame

_OVAL = 64  # corners of the polygon that stands for an ellipse
_THICK = 1.5  # planes of the channel in one of the prediction
_FLAT = 1e-6  # px: a plane that is not parallel to those of the channel leaves it by more


def predicted_of(found: Found, channel: Image, *, point: tuple[float, ...]) -> Predicted:
    """Copy what a comparison needs of a prediction.

    Parameters
    ----------
    found : Found
        Its layers.
    channel : Image
        The measured channel.
    point : tuple of float
        ``viewer.dims.point``: where the sliders stand, for axes that the channel has and the prediction has not.

    Raises
    ------
    ImageError
        The channel does not lie in the plane of the prediction.
    """
    frame = found.frame
    known = found.provenance
    to_channel, axes, _ = _mapped(found, channel, point=point)
    probability = plane_of(found.pdf, frame).astype(np.float32)
    return Predicted(
        name=found.name,
        model=found.model,
        heatmap=np.clip(probability * _sum_of(known, probability), 0, 1),
        threshold=plane_of(found.threshold, frame),
        nuclei=plane_of(found.nuclei, frame),
        scale=float(known.get("scale", 1.0)),
        to_channel=to_channel[list(axes)],
        covered=_covered(known, probability.shape),
        pixel_size_um=frame.pixel_size_um,
    )


def channel_of(
    found: Found, channel: Image, *, point: tuple[float, ...], background: Background | None = None
) -> Channel:
    """Name the plane of a channel that a prediction lies on; its pixels are read later, in a thread.

    Arguments and errors are those of :func:`predicted_of`; ``background`` is what will be taken off.
    """
    _, axes, index = _mapped(found, channel, point=point)
    cut = tuple(slice(None) if axis in axes else at for axis, at in enumerate(index))
    return Channel(pixels=level0(channel), index=cut, background=background)


def level0(layer: Image) -> np.ndarray:
    """Give the full resolution of a layer, numpy or lazy, unread."""
    pixels: np.ndarray = layer.data[0] if layer.multiscale else layer.data
    return pixels


def outlines_on(shapes: Shapes, channel: Image, *, axes: tuple[int, ...]) -> list[np.ndarray]:
    """Give the closed shapes of a layer as polygons, (N, 2) row and column, in pixels of a channel.

    Parameters
    ----------
    shapes : Shapes
        The layer that was drawn; lines and paths enclose nothing and are left out.
    channel : Image
        The layer whose pixels are meant.
    axes : tuple of int
        Its two axes that are rows and columns.
    """
    polygons = []
    for corners, kind in zip(shapes.data, shapes.shape_type, strict=True):
        if kind in ("line", "path"):
            continue
        ring = _oval(np.asarray(corners)) if kind == "ellipse" else np.asarray(corners)
        world = [shapes.data_to_world(corner) for corner in ring]
        polygons.append(np.array([_in_data(channel, at, point=())[list(axes)] for at in world]))
    return polygons


def _mapped(
    found: Found, channel: Image, *, point: tuple[float, ...]
) -> tuple[np.ndarray, tuple[int, ...], tuple[int, ...]]:
    """Return pixel (row, column, 1) of the window to data of the channel, (ndim, 3); its plane's axes; its index."""
    frame = found.frame
    corner, down, right = (_through(found, frame, channel, at, point=point) for at in ((0, 0), (1, 0), (0, 1)))
    to_data = np.column_stack([down - corner, right - corner, corner])  # (ndim, 3)
    shift = channel.ndim - found.pdf.ndim
    axes = tuple(axis + shift for axis in frame.plane)
    if axes[0] < 0:
        axes = (channel.ndim - 2, channel.ndim - 1)
    index = tuple(int(at) for at in np.round(corner))
    _check_plane(channel, to_data, axes=axes, index=index)
    _check_projection(found, channel, corner, point=point)
    return to_data, axes, index


def _check_plane(channel: Image, to_data: np.ndarray, *, axes: tuple[int, ...], index: tuple[int, ...]) -> None:
    shape = level0(channel).shape
    for axis in range(len(index)):
        if axis in axes:
            continue
        if not 0 <= index[axis] < shape[axis] or np.abs(to_data[axis, :2]).max() > _FLAT:
            raise ImageError(
                f"{channel.name} has no plane where the prediction lies. Choose a channel of the same stack as the "
                "nuclei, with the same scale and translate."
            )


def _check_projection(found: Found, channel: Image, corner: np.ndarray, *, point: tuple[float, ...]) -> None:
    """Refuse a channel with several planes where the prediction has one that is as thick as they are together."""
    for axis in set(range(found.pdf.ndim)) - set(found.frame.plane):
        beyond = np.zeros(found.pdf.ndim)
        beyond[axis] = 1
        step = _in_data(channel, found.pdf.data_to_world(tuple(beyond)), point=point) - corner
        if np.abs(step).max() > _THICK:
            raise ImageError(
                f"This prediction is of a projection of several planes, and {channel.name} has each of them. Project "
                "it the same way, and choose the projection."
            )


def _through(
    found: Found, frame: Frame, channel: Image, pixel: tuple[int, int], *, point: tuple[float, ...]
) -> np.ndarray:
    """Return where a pixel of the window lies in the data of the channel, (ndim,)."""
    at = np.zeros(found.pdf.ndim)
    at[list(frame.plane)] = pixel
    return _in_data(channel, found.pdf.data_to_world(tuple(at)), point=point)


def _in_data(channel: Image, world: tuple[float, ...], *, point: tuple[float, ...]) -> np.ndarray:
    """Return data coordinates of a place in the world; axes that the place lacks stand where the sliders do."""
    missing = channel.ndim - len(world)
    sliders = tuple(point)[len(point) - channel.ndim :][:missing] if missing > 0 else ()
    padded = (0.0,) * (missing - len(sliders)) + sliders + tuple(world)
    return np.asarray(channel.world_to_data(padded[len(padded) - channel.ndim :]), float)


def _oval(corners: np.ndarray) -> np.ndarray:
    """Return points on the ellipse in a box of four corners, (N, ndim)."""
    angle = np.linspace(0, 2 * np.pi, _OVAL, endpoint=False)[:, None]
    one, other = (corners[1] - corners[0]) / 2, (corners[3] - corners[0]) / 2
    return corners.mean(axis=0) + np.cos(angle) * one + np.sin(angle) * other


def _sum_of(known: Mapping[str, Any], probability: np.ndarray) -> float:
    """Return what the PDF was divided by; where nobody wrote it down, the brightest place is 1."""
    if known.get("heatmap_sum"):
        return float(known["heatmap_sum"])
    return 1.0 / (float(probability.max(initial=0)) or 1.0)


def _covered(known: Mapping[str, Any], shape: tuple[int, ...]) -> np.ndarray | None:
    """Return where a whole-field prediction has windows, None where it is one window itself."""
    if not known.get("windows"):
        return None
    corner = known["window"]
    covered = np.zeros(shape, bool)
    for window in known["windows"]:
        top, left = max(window["y"] - corner["y"], 0), max(window["x"] - corner["x"], 0)
        bottom, right = window["y"] + window["height"] - corner["y"], window["x"] + window["width"] - corner["x"]
        covered[top : max(bottom, 0), left : max(right, 0)] = True
    return covered
