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
RENEWED = ("data", "scale", "translate", "rotate", "shear", "affine", "units", "axis_labels", "metadata", "name")


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The layers of one answer by kind, its probability map, and its nuclei before anybody painted them."""

    layers: dict[str, Layer]
    probability: np.ndarray
    nuclei: np.ndarray


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
            Give the layers of the last answer the new pixels: they stay where they are and look as they did. Nuclei
            that were painted are left alone.
        """
        made = {}
        for data, meta, layer_type in prediction_layers(answer, frame=frame, name=name, group=uuid4().hex):
            layer = Layer.create(data, meta, layer_type)
            if isinstance(layer, Labels):
                layer.contour = _outline(answer.nuclei)  # no keyword of Labels
            made[str(meta["metadata"]["celle"]["kind"])] = layer
        before = self._leftover(made) if replace else {}
        layers = {kind: _renewed(before[kind], by=made.pop(kind)) for kind in list(made) if kind in before}
        layers |= {kind: self._viewer.add_layer(layer) for kind, layer in made.items()}
        self._last = _Shown(layers, np.expand_dims(answer.probability, frame.hidden), np.array(layers["nuclei"].data))
        nuclei = layers["nuclei"]
        follow(self, self._wait, nuclei.events.labels_update, nuclei.events.paint, nuclei.events.set_data)

    def _leftover(self, made: dict[str, Layer]) -> dict[str, Layer]:
        """Give the last layers that can be renewed, by kind; remove those that no new layer takes the place of."""
        if self._last is None:
            return {}
        there = {kind: layer for kind, layer in self._last.layers.items() if layer in self._viewer.layers}
        if "nuclei" in there and not np.array_equal(there["nuclei"].data, self._last.nuclei):
            del there["nuclei"]  # painted: it is the user's now
        usable = {kind for kind, layer in there.items() if kind in made and made[kind].ndim == layer.ndim}
        for kind in there.keys() - usable:
            self._viewer.layers.remove(there[kind])
        return {kind: there[kind] for kind in usable}

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


def _renewed(layer: Layer, *, by: Layer) -> Layer:
    """Give a layer the pixels of another and where they lie, and leave its looks.

    Not taken away and added anew: after a layer that was hidden is removed, napari 0.9.2 can crash in the graphics
    driver.
    """
    for name in RENEWED:
        setattr(layer, name, getattr(by, name))
    if isinstance(layer, Labels):
        layer.features, layer.contour = by.features, by.contour
    else:
        layer.contrast_limits_range = by.contrast_limits_range
        layer.contrast_limits = by.contrast_limits
    return layer
