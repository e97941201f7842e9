"""The layer in which a picture is seen while it is drawn; it goes away with the job."""

from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image, Layer
from qtpy.QtCore import QObject

from napari_celle.types import Sketch
from napari_celle.ui.frames import Frame

if TYPE_CHECKING:
    from napari.viewer import Viewer


class LiveLayer(QObject):
    """One image layer over the window that is predicted, made with the first sketch.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where it is shown. The active layer stays as it is.
    frame : Frame
        Of the pixels of the request.
    name : str
        Of the protein.
    """

    def __init__(self, viewer: "Viewer", frame: Frame, *, name: str) -> None:
        super().__init__()
        self._viewer, self._frame, self._name = viewer, frame, name
        self._layer: Layer | None = None

    def show(self, sketch: Sketch) -> None:
        """Show what is drawn so far; where nothing is, the layers below are seen."""
        picture = np.expand_dims(sketch.picture, self._frame.hidden)
        if self._layer is None:
            self._layer = self._add(picture, sketch)
        else:
            self._layer.data = picture

    def remove(self) -> None:
        """Take the layer away."""
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)
        self._layer = None

    def _add(self, picture: np.ndarray, sketch: Sketch) -> Layer:
        selected = set(self._viewer.layers.selection)
        layer = self._viewer.add_layer(
            Image(
                picture,
                name=f"{self._name or 'protein'}, being drawn",
                colormap="inferno",
                contrast_limits=(0, 1),
                blending="translucent",
                metadata={"celle": {"kind": "sketch"}},
                **self._frame.transforms_at(sketch.window),
            )
        )
        self._viewer.layers.selection = selected
        return layer
