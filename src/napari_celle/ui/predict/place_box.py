"""Where the widget looks: a part of the nucleus image, chosen in the viewer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np
from napari.layers import Layer, Shapes
from napari.utils.events import Event
from qtpy.compat import isalive
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.errors import ImageError
from napari_celle.types import Window
from napari_celle.ui.following import follow
from napari_celle.ui.frames import Frame, pixel_at, transforms_of
from napari_celle.ui.predict.asking import Place
from napari_celle.ui.texts import show_text, wrapped_label

if TYPE_CHECKING:
    from napari.viewer import Viewer

IMAGE_CENTRE, VIEW_CENTRE = "Middle of the image", "Middle of the view"
NUCLEUS, RECTANGLE, FIELD = "A nucleus that I click", "A rectangle that I draw", "The whole image"
TOOLTIPS = {
    IMAGE_CENTRE: "One window of the model, about 50 x 50 µm, in the middle of the image",
    VIEW_CENTRE: "One window of the model, about 50 x 50 µm, in the middle of what the view shows",
    NUCLEUS: "One window of the model, about 50 x 50 µm, around the nucleus that was clicked last",
    RECTANGLE: "All nuclei in the rectangle that is selected, or was drawn last, in the topmost Shapes layer",
    FIELD: "All nuclei of the image",
}
STITCHED = (
    "\nThe windows are put together at full resolution. The PDF then sums to 1 over all that was predicted, not over\n"
    "each window: a cell in which the model draws more of the protein takes more of it."
)
PART = "Part to predict"
STILL = 4  # screen pixels that the mouse may move in a click


class PlaceBox(QWidget):
    """List of the ways to choose a part of the image.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose camera, clicks and Shapes layers say where.
    """

    changed = Signal()

    def __init__(self, viewer: "Viewer") -> None:
        super().__init__()
        self._viewer = viewer
        self._clicked: tuple[float, ...] | None = None
        self._clicks = _Clicks(self, viewer)
        self.kind = QComboBox()
        self.hint = wrapped_label()
        for at, (text, tooltip) in enumerate(TOOLTIPS.items()):
            self.kind.addItem(text)
            self.kind.setItemData(at, tooltip, Qt.ItemDataRole.ToolTipRole)
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.kind)
        column.addWidget(self.hint)
        self.kind.currentTextChanged.connect(self._choose)
        follow(self, self._follow_camera, viewer.scene.camera.events.center)
        follow(self, self._follow_layers, viewer.layers.events.inserted, viewer.layers.events.removed)
        for layer in viewer.layers:
            self._follow_shapes(layer)
        self._show()

    @property
    def is_field(self) -> bool:
        """Whether all nuclei of a part are predicted, not one window."""
        return self.kind.currentText() in (RECTANGLE, FIELD)

    def place(self, layer: Layer, frame: Frame) -> Place:
        """Give the part of a plane that is meant.

        Raises
        ------
        ImageError
            Nothing was clicked or drawn yet, or it lies outside the plane.
        """
        chosen = self.kind.currentText()
        if chosen == FIELD:
            return Place("field")
        if chosen == RECTANGLE:
            return Place("field", region=self._region(layer, frame))
        if chosen == NUCLEUS:
            return Place(centre=self._at_click(layer, frame))
        return Place(centre=self._view_centre(layer, frame) if chosen == VIEW_CENTRE else None)

    def offer_rectangle(self, layer: Layer) -> None:
        """Make a Shapes layer to draw on, over an image layer, unless there is one with shapes."""
        if self.kind.currentText() != RECTANGLE or self._shapes() is not None:
            return
        made = Shapes(ndim=layer.ndim, name=PART, edge_color="yellow", face_color="transparent", **transforms_of(layer))
        self._viewer.add_layer(made).mode = "add_rectangle"

    def click(self, position: tuple[float, ...]) -> None:
        """Take a click in the viewer, in world coordinates."""
        if self.kind.currentText() == NUCLEUS and self._viewer.dims.ndisplay == 2:
            self._clicked = position
            self._show()
            self.changed.emit()

    def _choose(self) -> None:
        self._show()
        self.changed.emit()

    def _follow_camera(self) -> None:
        if self.kind.currentText() == VIEW_CENTRE:
            self.changed.emit()

    def _follow_layers(self, event: Event) -> None:
        if event.type == "inserted":
            self._follow_shapes(event.value)
        self._follow_drawing()

    def _follow_shapes(self, layer: Layer) -> None:
        if isinstance(layer, Shapes):
            follow(self, self._follow_drawing, layer.events.data, layer.selected_data.events.items_changed)

    def _follow_drawing(self) -> None:
        if self.kind.currentText() == RECTANGLE:
            self.changed.emit()

    def _show(self) -> None:
        chosen = self.kind.currentText()
        self.kind.setToolTip(TOOLTIPS[chosen] + (STITCHED if self.is_field else ""))
        hints = {NUCLEUS: "Click a nucleus in the image." if self._clicked is None else "Click another to go there."}
        show_text(self.hint, hints.get(chosen, ""))

    def _at_click(self, layer: Layer, frame: Frame) -> tuple[float, float]:
        if self._clicked is None or len(self._clicked) < layer.ndim:
            raise ImageError("Click a nucleus in the image.")
        return _inside(pixel_at(layer, frame, point=self._clicked), frame)

    def _view_centre(self, layer: Layer, frame: Frame) -> tuple[float, float]:
        dims, point = self._viewer.dims, list(self._viewer.dims.point)
        for axis, at in zip(dims.displayed[-2:], self._viewer.scene.camera.center[-2:], strict=True):
            point[axis] = at
        return pixel_at(layer, frame, point=tuple(point))

    def _region(self, layer: Layer, frame: Frame) -> Window:
        shapes = self._shapes()
        if shapes is None:
            raise ImageError("Draw a rectangle around the nuclei to predict.")
        drawn = shapes.data[max(shapes.selected_data, default=len(shapes.data) - 1)]  # (N, ndim)
        above = tuple(self._viewer.dims.point)[: max(layer.ndim - shapes.ndim, 0)]
        corners = [pixel_at(layer, frame, point=(*above, *shapes.data_to_world(corner))) for corner in drawn]
        low = np.clip(np.floor(np.min(corners, axis=0) + 0.5), 0, frame.shape).astype(int)
        high = np.clip(np.floor(np.max(corners, axis=0) + 0.5), 0, frame.shape).astype(int)
        if (high - low).min() < 1:
            raise ImageError(f"The rectangle lies outside {layer.name}. Draw it on the image.")
        return Window(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))

    def _shapes(self) -> Shapes | None:
        """Give the topmost layer with shapes, or None."""
        layers = [layer for layer in self._viewer.layers if isinstance(layer, Shapes) and len(layer.data)]
        return layers[-1] if layers else None


class _Clicks:
    """Tells a box of the clicks in a viewer, as long as the box is there; a drag is no click."""

    def __init__(self, box: PlaceBox, viewer: "Viewer") -> None:
        self._box, self._callbacks = ref(box), viewer.mouse_drag_callbacks
        self._callbacks.append(self.follow)

    def follow(self, viewer: Any, event: Any) -> Iterator[None]:  # noqa: ANN401 - napari's
        """Follow the mouse from press to release, as napari asks of its callbacks."""
        box = self._box()
        if box is None or not isalive(box):
            self._callbacks.remove(self.follow)
            return
        start = np.array(event.pos)
        yield
        while event.type == "mouse_move":
            yield
        if isalive(box) and event.button == 1 and np.abs(np.array(event.pos) - start).max() <= STILL:
            box.click(tuple(event.position))


def _inside(pixel: tuple[float, float], frame: Frame) -> tuple[float, float]:
    if not all(-0.5 <= at < n - 0.5 for at, n in zip(pixel, frame.shape, strict=True)):
        raise ImageError("The place that was clicked lies outside the image. Click a nucleus in it.")
    return pixel
