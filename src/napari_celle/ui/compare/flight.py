"""The camera goes to a nucleus, quickly but so that the eye can follow."""

from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Layer
from qtpy.QtCore import QEasingCurve, QObject, QVariantAnimation

if TYPE_CHECKING:
    from napari.viewer import Viewer

_DURATION = 220  # ms
_DIAMETERS = 5.0  # of the nucleus that fit in the view


class Flight(QObject):
    """Moves the camera of a viewer.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose camera it is.
    parent : QObject
        The flight ends with it.
    """

    def __init__(self, viewer: "Viewer", parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._start = self._end = np.zeros(3)
        self._clock = QVariantAnimation(self)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.setDuration(_DURATION)
        self._clock.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._clock.valueChanged.connect(self._move)

    @property
    def is_under_way(self) -> bool:
        """Whether the camera still moves."""
        return self._clock.state() == QVariantAnimation.State.Running

    def to_nucleus(self, layer: Layer, position: tuple[float, ...], *, diameter: float) -> None:
        """Go to a place in the data of a layer, so near that a nucleus there is well seen.

        Parameters
        ----------
        layer : Layer
            Of the nuclei.
        position : tuple of float
            Data coordinates, one for each axis of the layer.
        diameter : float
            Of the nucleus, in data pixels.
        """
        world = np.zeros(self._viewer.dims.ndim)
        place = np.asarray(layer.data_to_world(position))
        world[-len(place) :] = place[-len(world) :]
        shown = list(self._viewer.dims.displayed[-2:])
        self._show_plane(world, shown, ndim=len(place))
        camera = self._viewer.scene.camera
        zoom = self._room() / (_DIAMETERS * max(diameter, 1.0) * _pixel(layer, position))
        self._start = np.array([*camera.center[-2:], np.log(camera.zoom)])
        self._end = np.array([*world[shown], np.log(zoom)])
        self._clock.stop()
        self._clock.start()

    def _show_plane(self, world: np.ndarray, shown: list[int], *, ndim: int) -> None:
        point = list(self._viewer.dims.point)
        for axis in range(len(point) - ndim, len(point)):
            if axis >= 0 and axis not in shown:
                point[axis] = world[axis]
        self._viewer.dims.point = tuple(point)

    def _room(self) -> float:
        """Return the shorter edge of a tile in screen pixels."""
        canvas = self._viewer.canvas
        rows, columns = canvas.grid.actual_shape(self._viewer.layers)
        return max(min(canvas.size[0] / rows, canvas.size[1] / columns), 1.0)

    def _move(self, part: float) -> None:
        y, x, zoom = self._start + part * (self._end - self._start)
        camera = self._viewer.scene.camera
        camera.center = (camera.center[0], float(y), float(x))
        camera.zoom = float(np.exp(zoom))


def _pixel(layer: Layer, position: tuple[float, ...]) -> float:
    """Return the edge of a pixel of a layer in world units, the mean of its last two axes."""
    here = np.asarray(layer.data_to_world(position))
    edges = []
    for axis in (-2, -1):
        beside = np.array(position, float)
        beside[axis] += 1
        edges.append(float(np.linalg.norm(np.asarray(layer.data_to_world(tuple(beside))) - here)))
    return float(np.mean(edges)) or 1.0
