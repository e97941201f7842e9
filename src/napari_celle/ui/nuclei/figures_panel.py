"""Figures of a mask that follow it while it is painted, and whether its nuclei suit the model."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Layer
from qtpy.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from napari_celle.errors import CelleError
from napari_celle.types import Window
from napari_celle.ui.frames import Frame, LayerPlane, frame_of, plane_of
from napari_celle.ui.job import explain
from napari_celle.ui.latest_job import LatestJob
from napari_celle.ui.layer_picker import LayerPicker
from napari_celle.ui.nuclei.fit import MaskQuestion, measure
from napari_celle.ui.nuclei.masks import is_mask
from napari_celle.ui.nuclei.options import caption
from napari_celle.ui.session import Session
from napari_celle.ui.texts import show_text, wrapped_label

if TYPE_CHECKING:
    from napari.viewer import Viewer

DELAY_MS = 100
_CHANGES = ("data", "set_data", "labels_update", "paint", "scale", "affine", "units", "translate", "rotate", "shear")
_CLOSE = 1e-3  # pixels: a mask lies on the pixels of an image


class FiguresPanel(QWidget):
    """A picker of masks, and below it what the mask amounts to now.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Given by napari.
    session : Session
        Knows the models.
    channel : callable
        Gives the nucleus channel, or None.
    """

    def __init__(self, viewer: "Viewer", session: Session, *, channel: Callable[[], Layer | None]) -> None:
        super().__init__()
        self._viewer, self._session, self._channel = viewer, session, channel
        self._watched: Layer | None = None
        self._job = LatestJob(self, delay_ms=DELAY_MS)
        self.mask = LayerPicker(viewer.layers, accepts=is_mask, likely=("nucle",))
        self.mask.setToolTip("Labels layer whose nuclei are counted and measured: any, found or painted")
        self.figures, self.fit = wrapped_label(), wrapped_label()
        self.figures.setToolTip("Diameters are those of discs of the same area, of nuclei that are not cut")
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(caption("Mask"), self.mask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(self.figures)
        column.addWidget(self.fit)
        self.mask.changed.connect(self._watch)
        self._job.due.connect(self._start)
        self._job.shown.connect(self._show_figures)
        self._job.returned.connect(self._show_fit)
        self._job.failed.connect(self._fail)
        self._watch()

    def refresh(self, event: object = None) -> None:
        """Measure the mask anew, a moment after the last call."""
        self._job.ask()

    def leave(self) -> None:
        """Let go of the viewer."""
        self._listen(None)
        self._job.stop()

    def _watch(self) -> None:
        self._listen(self.mask.layer)
        self.refresh()

    def _listen(self, chosen: Layer | None) -> None:
        """Listen to a mask, and to no other."""
        if self._watched is not None and self._watched != chosen:
            for name in _CHANGES:
                getattr(self._watched.events, name).disconnect(self.refresh)
            self._watched = None
        if chosen is not None and self._watched is None:
            for name in _CHANGES:
                getattr(chosen.events, name).connect(self.refresh)
            self._watched = chosen

    def _start(self) -> None:
        layer = self.mask.layer
        if layer is None:
            show_text(self.figures, "No mask yet.")
            show_text(self.fit, "")
            return
        try:
            question = self._collect(layer)
        except CelleError as error:
            self._fail(error)
            return
        self._job.start(partial(measure, question))

    def _collect(self, layer: Layer) -> MaskQuestion:
        frame = self._frame(layer)
        image, window = self._under(layer, frame)
        return MaskQuestion(mask=plane_of(layer, frame), image=image, window=window, models=self._session.models)

    def _frame(self, layer: Layer) -> Frame:
        dims = self._viewer.dims
        return frame_of(layer, displayed=tuple(dims.displayed), point=tuple(dims.point))

    def _under(self, mask: Layer, frame: Frame) -> tuple[LayerPlane | None, Window]:
        """Give the nucleus channel and its part under the mask, one pixel under each; no channel when there is none."""
        height, width = frame.shape
        nothing, channel = (None, Window(0, 0, height, width)), self._channel()
        if channel is None:
            return nothing
        try:
            of_image = self._frame(channel)
        except CelleError:
            return nothing
        corners = np.array([(0, 0), (0, width - 1), (height - 1, width - 1)])
        under = np.array([_carried(mask, frame, channel, of_image, at) for at in corners])
        first = np.round(under[0]).astype(int)
        is_inside = (first >= 0).all() and (first + corners[2] < of_image.shape).all()
        if not is_inside or np.abs(under - first - corners).max() > _CLOSE:
            return nothing
        return plane_of(channel, of_image), Window(int(first[0]), int(first[1]), height, width)

    def _show_figures(self, text: str) -> None:
        show_text(self.figures, text)

    def _show_fit(self, text: str) -> None:
        show_text(self.fit, text)

    def _fail(self, error: BaseException) -> None:
        show_text(self.figures, explain(error), is_error=True)
        show_text(self.fit, "")


def _carried(mask: Layer, frame: Frame, channel: Layer, of_image: Frame, at: np.ndarray) -> np.ndarray:
    """Give the (y, x) pixel of the image under a pixel of the mask."""
    index = np.array(frame.index, float)
    index[list(frame.plane)] = at
    position = np.asarray(channel.world_to_data(mask.data_to_world(index)))
    return position[list(of_image.plane)]
