"""The fields of the predict widget, and the question that stands in them."""

from typing import TYPE_CHECKING

from napari.layers import Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from napari_celle.errors import CelleError
from napari_celle.ui.following import follow
from napari_celle.ui.frames import Frame, frame_of, plane_of
from napari_celle.ui.layer_picker import LayerPicker, NucleusPicker
from napari_celle.ui.nuclei.masks import is_mask
from napari_celle.ui.predict.asking import MovedPlane, Question
from napari_celle.ui.predict.model_box import ModelBox
from napari_celle.ui.predict.more_box import MoreBox
from napari_celle.ui.predict.own_nuclei import labels_on
from napari_celle.ui.predict.place_box import PlaceBox
from napari_celle.ui.predict.plane_box import PlaneBox
from napari_celle.ui.predict.scale_box import ScaleBox
from napari_celle.ui.sequence.box import SequenceBox
from napari_celle.ui.session import Session

if TYPE_CHECKING:
    from napari.viewer import Viewer

FOUND = "Found in the image"


class PredictForm(QWidget):
    """All that a prediction is asked for, field by field.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose layers, sliders and camera are meant.
    session : Session
        Knows the models.
    """

    changed = Signal()

    def __init__(self, viewer: "Viewer", session: Session) -> None:
        super().__init__()
        self._viewer = viewer
        self.nucleus = NucleusPicker(viewer.layers)
        self.plane = PlaneBox(viewer)
        self.place = PlaceBox(viewer)
        self.nuclei = LayerPicker(viewer.layers, accepts=is_mask, nothing=FOUND)
        self.scale = ScaleBox()
        self.sequence = SequenceBox()
        self.model = ModelBox(session)
        self.more = MoreBox()
        self._rows = QFormLayout()
        self._lay_out()
        self._connect()
        self._change_layer()

    @property
    def reason(self) -> str:
        """Why there is no question, or ""."""
        return self.model.reason or self.nucleus.reason or self.sequence.reason

    @property
    def is_read_elsewhere(self) -> bool:
        """Whether the reason stands at its field already."""
        return bool(self.reason) and self.reason == self.sequence.status.text()

    def question(self) -> Question:
        """Collect what stands in the fields.

        Raises
        ------
        CelleError
            It makes no question, and why.
        """
        layer, protein, info = self.nucleus.layer, self.sequence.protein, self.model.info
        if layer is None or protein is None or info is None:
            raise CelleError(self.reason)
        frame = self._frame(layer, is_image=True)
        pixel_size, diameter = self.scale.sizes(frame.pixel_size_um, info)
        return Question(
            name=protein.record.name,
            sequence=protein.record.sequence,
            first_residue=protein.first_residue,
            model=info.name,
            plane=plane_of(layer, frame),
            nuclei=self._own_nuclei(layer, frame),
            place=self.place.place(layer, frame),
            sampling=self.more.sampling,
            draws=1 if self.place.is_field else self.more.draws.value(),
            windows=self.more.field_windows,
            pixel_size_um=pixel_size,
            nucleus_diameter_px=diameter,
        )

    def add_row(self, text: str, field: QWidget) -> None:
        """Put one more field below the others."""
        self._rows.addRow(text, field)

    def _frame(self, layer: Layer, *, is_image: bool = False) -> Frame:
        dims, projection = self._viewer.dims, self.plane.projection if is_image else None
        return frame_of(layer, displayed=tuple(dims.displayed), point=tuple(dims.point), projection=projection)

    def _own_nuclei(self, layer: Layer, frame: Frame) -> MovedPlane | None:
        mask = self.nuclei.layer
        if mask is None:
            return None
        point = tuple(self._viewer.dims.point)
        return labels_on(mask, self._frame(mask), image=layer, image_frame=frame, point=point)

    def _lay_out(self) -> None:
        self.nuclei.setToolTip("Nuclei to use as mask: found by the built-in method, or any Labels layer on this image")
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for text, field in (
            ("Nucleus", self.nucleus),
            ("Plane", self.plane),
            ("Where", self.place),
            ("Mask", self.nuclei),
            ("Scale", self.scale),
            ("Protein", self.sequence),
            ("Model", self.model),
        ):
            self._rows.addRow(text, field)
        self._rows.addRow(self.model.about)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._rows)
        column.addWidget(self.more)

    def _connect(self) -> None:
        self.nucleus.changed.connect(self._change_layer)
        self.model.changed.connect(self._choose_model)
        self.place.kind.activated.connect(self._offer_rectangle)
        self.place.changed.connect(self._change_place)
        for field in (self.plane, self.nuclei, self.scale, self.sequence, self.more):
            field.changed.connect(self.changed)
        dims = self._viewer.dims.events
        follow(self, self._tell, dims.current_step)
        follow(self, self._change_layer, dims.order, dims.ndisplay)

    def _tell(self) -> None:
        self.changed.emit()

    def _change_layer(self) -> None:
        self.plane.offer(self.nucleus.layer)
        self._rows.setRowVisible(self.plane, self.plane.is_needed)
        self.changed.emit()

    def _change_place(self) -> None:
        self.more.set_field(is_field=self.place.is_field)
        self.changed.emit()

    def _choose_model(self) -> None:
        if self.model.info is not None:
            self.sequence.set_window(self.model.info.residues)
        self.changed.emit()

    def _offer_rectangle(self) -> None:
        if self.nucleus.layer is not None and not self.nucleus.reason:
            self.place.offer_rectangle(self.nucleus.layer)
