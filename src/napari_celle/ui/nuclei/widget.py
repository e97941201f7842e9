"""The dock widget "Find nuclei": a channel becomes a mask that can be painted, and figures that follow it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari.layers import Layer
from napari.utils.events import EventEmitter
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QFrame, QVBoxLayout, QWidget

from napari_celle.errors import CelleError, ImageError
from napari_celle.survey import LARGEST
from napari_celle.types import Window
from napari_celle.ui.frames import Frame, frame_of, plane_of
from napari_celle.ui.job import explain
from napari_celle.ui.latest_job import LatestJob
from napari_celle.ui.nuclei.engines import (
    BUILT_IN,
    CELLPOSE,
    CellposeShelf,
    FoundNuclei,
    NucleiRequest,
    find_nuclei,
    shared_shelf,
)
from napari_celle.ui.nuclei.fields import VIEW, NucleiFields
from napari_celle.ui.nuclei.figures_panel import FiguresPanel
from napari_celle.ui.nuclei.masks import is_painted, last_mask, mask_layer, replace
from napari_celle.ui.nuclei.preview import Asked, Preview
from napari_celle.ui.nuclei.view import around, window_in_view
from napari_celle.ui.run_bar import RunBar
from napari_celle.ui.session import Session, shared_session
from napari_celle.ui.texts import show_text

if TYPE_CHECKING:
    from napari.viewer import Viewer

LOOKING, NOT_READY = "Looking for cellpose…", "Cellpose cannot be used yet: see above."
OUT_OF_DATE = "Press Update to see what these options do: cellpose is slow."
NONE_FOUND = "No nuclei were found, so nothing was added. Raise the sensitivity, or choose another channel."
PREVIEW_EDGES = {BUILT_IN: (512, 1024), CELLPOSE: (256, 512)}  # pixels, smallest and largest


class NucleiWidget(QWidget):
    """Pick the nucleus channel and find its nuclei: a Labels layer that can be painted.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
        Given by napari.
    session : Session, optional
        Knows the models; the one all widgets share when left out.
    shelf : CellposeShelf, optional
        Where cellpose is; the one all widgets share when left out.
    """

    def __init__(
        self, napari_viewer: "Viewer", session: Session | None = None, shelf: CellposeShelf | None = None
    ) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._shelf = shelf or shared_shelf()
        self._cellpose_problem = ""
        self._asked: Asked | None = None
        self.fields = NucleiFields(napari_viewer.layers)
        self.bar = RunBar(
            "Find nuclei",
            tooltip="Find the nuclei and add them as a Labels layer",
            cancelled="Cancelled; no mask was added.",
        )
        self.panel = FiguresPanel(napari_viewer, session or shared_session(), channel=self._channel)
        self._preview = Preview(self, napari_viewer.layers, shelf=self._shelf, collect=self._collect_preview)
        self._lookup = LatestJob(self, delay_ms=0)
        column = QVBoxLayout(self)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        for widget in (self.fields, self.bar, line, self.panel):
            column.addWidget(widget)
        column.addStretch()
        self.setMinimumWidth(320)
        self._connect()
        self._choose_engine()
        self._choose_channel()

    def run(self) -> None:
        """Collect the request and start the job."""
        if self._reason() or self.bar.is_running:
            return
        try:
            self._asked = self._collect(in_view=self.fields.in_view)
        except CelleError as error:
            self.bar.fail(error)
            return
        self._preview.stop()
        self.fields.preview_box.setEnabled(False)
        self.bar.start(partial(find_nuclei, self._shelf, self._asked.request), self._show)

    def event(self, event: QEvent) -> bool:
        """Let go of the viewer when the dock is closed, which leaves the widget without a parent."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self._leave()
        return bool(super().event(event))

    def _connect(self) -> None:
        self.fields.nucleus.changed.connect(self._choose_channel)
        self.fields.engine.currentIndexChanged.connect(self._choose_engine)
        self.fields.region.currentIndexChanged.connect(self._update)
        self.fields.options_changed.connect(self._change)
        self.fields.weights.file_chosen.connect(self._check_file)
        self.fields.preview_box.toggled.connect(self._toggle_preview)
        self.fields.preview_button.clicked.connect(self._preview.ask)
        self._preview.said.connect(self._say_preview)
        self._preview.taken.connect(self._lose_preview)
        self._lookup.due.connect(self._look)
        self._lookup.returned.connect(self._accept_cellpose)
        self._lookup.failed.connect(self._refuse_cellpose)
        self.bar.pressed.connect(self.run)
        self.bar.ended.connect(self._end)
        for emitter in self._emitters():
            emitter.connect(self._move)

    def _emitters(self) -> tuple[EventEmitter, ...]:
        """Give what tells of the view."""
        camera, dims = self._viewer.scene.camera.events, self._viewer.dims.events
        return camera.center, camera.zoom, dims.current_step, dims.order, dims.ndisplay

    def _leave(self) -> None:
        """Let go of the viewer: the dock was closed, and Qt may delete this before Python does."""
        self.fields.preview_box.setChecked(False)
        self.panel.leave()
        self._lookup.stop()
        self.bar.cancel()
        for emitter in self._emitters():
            emitter.disconnect(self._move)

    def _channel(self) -> Layer | None:
        return self.fields.nucleus.layer

    def _choose_channel(self) -> None:
        """Another channel: its pixel size, and its nuclei."""
        try:
            pixel_um = self._frame().pixel_size_um
        except CelleError:
            pixel_um = None
        self.fields.set_pixel_size(pixel_um)
        self.panel.refresh()
        self._change()

    def _choose_engine(self) -> None:
        """Another method: its fields, and whether it is here."""
        is_cellpose = self.fields.method == CELLPOSE
        self._cellpose_problem = LOOKING if is_cellpose else ""
        self.fields.weights.explain("")
        if is_cellpose:
            self._lookup.ask()
        else:
            self._lookup.stop()
        self._change()

    def _look(self) -> None:
        self._lookup.start(self._shelf.look)

    def _accept_cellpose(self, path: Path) -> None:
        self._cellpose_problem = ""
        self.fields.weights.explain("")
        self._change()

    def _refuse_cellpose(self, error: BaseException) -> None:
        self._cellpose_problem = NOT_READY
        self.fields.weights.explain(explain(error))
        self._update()

    def _check_file(self, path: Path) -> None:
        """Open a weight file that the user chose; only one that works is used."""
        self.bar.start(partial(self._shelf.choose, path, self.fields.form.device), self._accept_cellpose)

    def _change(self) -> None:
        """Something was chosen otherwise: the preview follows, if it is quick enough."""
        self._update()
        if not self.fields.preview_box.isChecked() or self.bar.is_running:
            return
        if self.fields.method == BUILT_IN:
            self._preview.ask()
        else:
            self._preview.stop()
            self._say_preview(OUT_OF_DATE, False)

    def _move(self, event: object = None) -> None:
        """Follow the view."""
        self.panel.refresh()
        self._preview_again()

    def _preview_again(self) -> None:
        if self.fields.preview_box.isChecked() and self.fields.method == BUILT_IN and not self.bar.is_running:
            self._preview.ask()

    def _update(self) -> None:
        """Run is possible when nothing is missing; otherwise the reason stands below."""
        reason = self._reason()
        self.bar.allow(reason)
        self.fields.preview_button.setEnabled(self.fields.preview_box.isChecked() and not self._cellpose_problem)
        if not self.bar.is_running:
            self.bar.say(reason)

    def _reason(self) -> str:
        """Say why it cannot run; "" when it can."""
        return self.fields.nucleus.reason or self._cellpose_problem or self._too_large()

    def _too_large(self) -> str:
        if self.fields.in_view:
            return ""
        try:
            height, width = self._frame().shape
        except CelleError as error:
            return str(error)
        if height * width <= LARGEST:
            return ""
        return (
            f"The image has {height:,} x {width:,} pixels, more than are looked at in one run "
            f"({LARGEST / 1e6:.0f} million). Choose {VIEW!r}, and zoom in."
        )

    def _toggle_preview(self, is_on: bool) -> None:
        self._update()
        if not is_on:
            self._preview.clear()
            self._say_preview("", False)
        elif not self._cellpose_problem:
            self._preview.ask()

    def _lose_preview(self) -> None:
        """Notice that the user deleted its layer."""
        self.fields.preview_box.setChecked(False)

    def _say_preview(self, text: str, is_error: bool) -> None:
        show_text(self.fields.preview_status, text, is_error=is_error)

    def _frame(self) -> Frame:
        dims = self._viewer.dims
        return frame_of(self._layer(), displayed=tuple(dims.displayed), point=tuple(dims.point))

    def _layer(self) -> Layer:
        if self.fields.nucleus.layer is None:
            raise ImageError(self.fields.nucleus.reason)
        return self.fields.nucleus.layer

    def _collect_preview(self) -> Asked:
        return self._collect(in_view=True, edges=PREVIEW_EDGES[self.fields.method])

    def _collect(self, *, in_view: bool, edges: tuple[int, int] | None = None) -> Asked:
        """Give what is asked for now; errors as ``frame_of`` and ``window_in_view``."""
        layer, frame = self._layer(), self._frame()
        window = window_in_view(self._viewer, layer, frame) if in_view else Window(0, 0, *frame.shape)
        if edges is not None:
            window = around(window, frame.shape, smallest=edges[0], largest=edges[1])
        form = self.fields.form
        request = NucleiRequest(plane_of(layer, frame), window, self.fields.method, form.options, form.device)
        return Asked(request, frame, layer.name)

    def _show(self, found: FoundNuclei) -> None:
        """Add the mask, or put it in the place of the last one that nobody painted."""
        if self._asked is None:
            return
        self.fields.preview_box.setChecked(False)
        if not found.labels.any():
            self.bar.say(NONE_FOUND)
            return
        frame, channel = self._asked.frame, self._asked.channel
        layer = mask_layer(found, frame=frame, window=self._asked.request.window, channel=channel)
        last = (
            last_mask(self._viewer.layers, channel=channel, frame=frame)
            if self.fields.replace_box.isChecked()
            else None
        )
        kept = last is not None and is_painted(last)
        if last is None or kept:
            layer = self._viewer.add_layer(layer)
        else:
            replace(last, layer)
            layer = last
        self.panel.mask.choose(layer)
        count = int(found.labels.max())
        words = [f"{count:,} {'nucleus' if count == 1 else 'nuclei'} in {layer.name}."]
        if last is not None and kept:
            words.append(f"{last.name} was painted, so it was kept.")
        self.bar.say(" ".join(words))

    def _end(self) -> None:
        """After success, failure or cancel: the preview can be switched on, or goes on."""
        self._asked = None
        self.fields.preview_box.setEnabled(True)
        self._preview_again()
