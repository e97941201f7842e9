"""Which plane of a stack is looked at: the one at the sliders, or a projection."""

from typing import TYPE_CHECKING

from napari.layers import Layer
from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QSizePolicy

from napari_celle.ui.frames import PROJECTIONS, Projection, level0, plane_axes

if TYPE_CHECKING:
    from napari.viewer import Viewer

AT_SLIDERS = "The plane at the sliders"


class PlaneBox(QComboBox):
    """List of the planes and projections of a stack; of an image of two dimensions there is nothing to choose.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose sliders and displayed axes say which plane.
    """

    changed = Signal()

    def __init__(self, viewer: "Viewer") -> None:
        super().__init__()
        self._viewer = viewer
        self.setToolTip(
            "Plane of the stack that is predicted. A projection takes all planes along an axis;\n"
            "what comes of it is shown at each of them."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(self.changed)

    @property
    def projection(self) -> Projection | None:
        """The projection that was chosen, or None."""
        return self.currentData()

    def offer(self, layer: Layer | None) -> None:
        """List what a layer has; what was chosen stays if it is there too."""
        chosen = self.projection
        choices = [] if layer is None else _choices(layer, self._viewer)
        with QSignalBlocker(self):
            self.clear()
            self.addItem(AT_SLIDERS, None)
            for text, projection in choices:
                self.addItem(text, projection)
            offered = [projection for _, projection in choices]
            self.setCurrentIndex(1 + offered.index(chosen) if chosen in offered else 0)

    @property
    def is_needed(self) -> bool:
        """Whether there is something to choose."""
        return self.count() > 1


def _choices(layer: Layer, viewer: "Viewer") -> list[tuple[str, Projection]]:
    if getattr(layer, "rgb", False):
        return []
    plane = plane_axes(layer, displayed=tuple(viewer.dims.displayed), sliders=viewer.dims.ndim)
    sizes = level0(layer).shape
    axes = [axis for axis in range(layer.ndim) if axis not in plane and sizes[axis] > 1]
    return [
        (f"{name.capitalize()} along {layer.axis_labels[axis]} ({sizes[axis]} planes)", Projection(axis, name))
        for axis in axes
        for name in PROJECTIONS
    ]
