"""Outlines of the nuclei in the view, which follow every change of the options."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

from napari_celle.errors import CelleError
from napari_celle.segment.figures import nucleus_figures
from napari_celle.types import OnStep
from napari_celle.ui.frames import Frame
from napari_celle.ui.job import explain
from napari_celle.ui.latest_job import LatestJob
from napari_celle.ui.nuclei.engines import CellposeShelf, NucleiRequest, find_nuclei
from napari_celle.ui.nuclei.masks import PREVIEW

if TYPE_CHECKING:
    from napari.components import LayerList

DELAY_MS = 250
LOOKING = "Preview: looking for nuclei…"
_THIN = 30.0  # pixels of diameter for each pixel of the outline


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a preview or a run is asked for: the request, where its plane lies, and the name of the channel."""

    request: NucleiRequest
    frame: Frame
    channel: str


@dataclass(frozen=True, slots=True, eq=False)
class _Outlines:
    asked: Asked
    labels: np.ndarray
    count: int
    thickness: int


class Preview(QObject):
    """One Labels layer with outlines, which never takes the selection and goes when it is switched off.

    Parameters
    ----------
    parent : QObject
        Whose end stops the work.
    layers : LayerList
        Of the viewer.
    shelf : CellposeShelf
        Where cellpose is.
    collect : callable
        Gives what to look at now; raises a ``CelleError`` when there is nothing.
    """

    said = Signal(str, bool)
    taken = Signal()  # the user deleted the layer

    def __init__(
        self, parent: QObject, layers: "LayerList", *, shelf: CellposeShelf, collect: Callable[[], Asked]
    ) -> None:
        super().__init__(parent)
        self._layers, self._shelf, self._collect = layers, shelf, collect
        self._held: list[Labels] = []  # the one layer, or none
        self._job = LatestJob(self, delay_ms=DELAY_MS)
        self._job.due.connect(self._start)
        self._job.returned.connect(self._show)
        self._job.failed.connect(self._fail)
        layers.events.removed.connect(self._notice)

    @property
    def layer(self) -> Labels | None:
        """The layer, None while there is none."""
        return self._held[0] if self._held else None

    def ask(self) -> None:
        """Say that something changed."""
        self.said.emit(LOOKING, False)
        self._job.ask()

    def stop(self) -> None:
        """Stop looking; the layer stays."""
        self._job.stop()

    def clear(self) -> None:
        """Stop, and take the layer out."""
        self.stop()
        _take_out(self._layers, self._held)

    def _start(self) -> None:
        try:
            asked = self._collect()
        except CelleError as error:
            self._fail(error)
            return
        self._job.start(partial(_find, self._shelf, asked))

    def _show(self, found: _Outlines) -> None:
        request, frame = found.asked.request, found.asked.frame
        where = frame.transforms_at(request.window)
        data = np.expand_dims(found.labels, frame.hidden)
        if self.layer is not None and self.layer.ndim != data.ndim:
            _take_out(self._layers, self._held)
        if self.layer is None:
            self._add(_new_layer(data, where, found.thickness))
        else:
            _change(self._held[0], data, where, found.thickness)
        pixels = f"{request.window.height:,} x {request.window.width:,} pixels"
        count = f"{found.count:,} {'nucleus' if found.count == 1 else 'nuclei'}"
        self.said.emit(f"Preview: {count} in {pixels} around the middle of the view.", False)

    def _add(self, layer: Labels) -> None:
        """Add the layer on top and give the selection back."""
        selected = list(self._layers.selection)
        self._held.append(layer)
        self._layers.append(layer)
        self._layers.selection.clear()
        self._layers.selection.update(selected)

    def _fail(self, error: BaseException) -> None:
        _take_out(self._layers, self._held)
        self.said.emit(f"No preview. {explain(error)}", True)

    def _notice(self, event: object) -> None:
        if self._held and self._held[0] not in self._layers:
            self._held.clear()
            self.stop()
            self.taken.emit()


def _new_layer(data: np.ndarray, where: dict[str, Any], thickness: int) -> Labels:
    layer = Labels(
        data,
        **where,
        name="nuclei preview",
        colormap={None: "cyan", 0: "transparent"},
        opacity=0.9,
        metadata={"celle": {"kind": PREVIEW}},
    )
    layer.contour = thickness  # no keyword of Labels
    return layer


def _change(layer: Labels, data: np.ndarray, where: dict[str, Any], thickness: int) -> None:
    """Show other outlines; what is as before is not set, for napari then looks through all layers of the viewer."""
    layer.data = data
    for key, value in where.items():
        before = getattr(layer, key)
        if before != value if isinstance(value, tuple) else not np.array_equal(before, value):
            setattr(layer, key, value)
    if layer.contour != thickness:
        layer.contour = thickness


def _find(shelf: CellposeShelf, asked: Asked, on_step: OnStep, show: object) -> _Outlines:
    """Find the nuclei and how thick their outlines should be; runs in the thread of the job."""
    labels = find_nuclei(shelf, asked.request, on_step).labels
    figures = nucleus_figures(labels)
    return _Outlines(asked, labels, figures.count, max(round((figures.diameter_px or 0) / _THIN), 1))


def _take_out(layers: "LayerList", held: list[Labels], *_: object) -> None:
    """Take the layer out of the list, if it is still there."""
    while held:
        layer = held.pop()
        if layer in layers:
            layers.remove(layer)
