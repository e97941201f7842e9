"""The layers of the answers in the viewer: added, put in place of the last ones, followed when nuclei are painted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
from napari.layers import Labels, Layer
from qtpy.QtCore import QObject, QTimer, Signal

from napari_celle.files.provenance import Answer
from napari_celle.segment import typical_diameter
from napari_celle.ui.following import follow
from napari_celle.ui.frames import Frame
from napari_celle.ui.layers import prediction_layers

if TYPE_CHECKING:
    from napari.viewer import Viewer

OUTLINE, THIN = 2, 1  # data pixels: shows the nuclei without covering the PDF
SMALL = 30.0  # px: nuclei below this diameter get a thin outline
PAUSE_MS = 100  # between a stroke of the brush and the new number
KEPT = ("visible", "opacity", "blending")


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The layers of one answer by kind, and its probability map."""

    layers: dict[str, Layer]
    probability: np.ndarray


class Results(QObject):
    """Puts answers into a viewer as layers.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where they go.
    parent : QObject
        With whose end it stops listening to the layers.
    """

    recounted = Signal(float)
    """The nuclei of the last answer were painted: the share of its probability map that lies in them now."""

    def __init__(self, viewer: "Viewer", parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._last: _Shown | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._recount)

    def show(self, answer: Answer, *, frame: Frame, name: str, replace: bool) -> None:
        """Add the layers of an answer.

        Parameters
        ----------
        answer : Prediction, EnsemblePrediction or FieldPrediction
            The answer.
        frame : Frame
            Of the pixels it is about.
        name : str
            Of the protein.
        replace : bool
            Take the layers of the last answer away; the new ones take their places and looks.
        """
        made = {}
        for data, meta, layer_type in prediction_layers(answer, frame=frame, name=name, group=uuid4().hex):
            layer = Layer.create(data, meta, layer_type)
            if isinstance(layer, Labels):
                layer.contour = _outline(answer.nuclei)  # no keyword of Labels
            made[str(meta["metadata"]["celle"]["kind"])] = layer
        before = self._take_away() if replace else {}
        layers = {kind: self._put_back(made.pop(kind), *before[kind]) for kind in list(before) if kind in made}
        layers |= {kind: self._viewer.add_layer(layer) for kind, layer in made.items()}
        self._last = _Shown(layers, np.expand_dims(answer.probability, frame.hidden))
        nuclei = layers["nuclei"]
        follow(self, self._wait, nuclei.events.labels_update, nuclei.events.paint, nuclei.events.set_data)

    def _put_back(self, layer: Layer, place: int, looks: dict[str, object]) -> Layer:
        """Insert a layer where another was, looking like it."""
        for name, value in looks.items():
            setattr(layer, name, value)
        self._viewer.layers.insert(min(place, len(self._viewer.layers)), layer)
        return layer

    def _take_away(self) -> dict[str, tuple[int, dict[str, object]]]:
        """Remove the last layers that are still there; give place and looks of each, by kind, the lowest first."""
        there = {} if self._last is None else self._last.layers
        found = {kind: layer for kind, layer in there.items() if layer in self._viewer.layers}
        places = {
            kind: (self._viewer.layers.index(layer), {name: getattr(layer, name) for name in KEPT})
            for kind, layer in found.items()
        }
        for layer in found.values():
            self._viewer.layers.remove(layer)
        return dict(sorted(places.items(), key=lambda item: item[1][0]))

    def _wait(self) -> None:
        self._timer.start()

    def _recount(self) -> None:
        from napari_celle.metrics import fraction_inside  # imports scipy.stats, as the job has done by now

        if self._last is not None:
            nuclei = np.asarray(self._last.layers["nuclei"].data)
            if nuclei.shape == self._last.probability.shape:
                self.recounted.emit(fraction_inside(self._last.probability, nuclei > 0))


def _outline(nuclei: np.ndarray) -> int:
    diameter = typical_diameter(nuclei)
    return THIN if diameter is not None and diameter < SMALL else OUTLINE
