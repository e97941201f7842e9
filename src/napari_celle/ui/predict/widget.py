"""The dock widget "Predict localization": collects a request, starts a job, shows the answer."""

from functools import partial
from typing import TYPE_CHECKING

from napari.layers import Image, Layer
from qtpy.QtWidgets import QComboBox, QFormLayout, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from napari_celle.errors import CelleError
from napari_celle.types import ModelInfo, OnStep, Pdf, Prediction, PredictionRequest, SamplingOptions
from napari_celle.ui.frames import Frame, frame_of, pixel_at, plane_pixels
from napari_celle.ui.job import Job, explain
from napari_celle.ui.layer_picker import NucleusPicker
from napari_celle.ui.layers import prediction_layers
from napari_celle.ui.run_bar import RunBar
from napari_celle.ui.sequence.box import SequenceBox
from napari_celle.ui.session import Session, shared_session
from napari_celle.ui.texts import show_text, wrapped_label

if TYPE_CHECKING:
    from napari.viewer import Viewer


HIDDEN = "The threshold layer is hidden: click its eye to see it."
LOOKING = "Looking up the models…"
IMAGE_CENTRE, VIEW_CENTRE = "Middle of the image", "Middle of the view"
PDFS: dict[str, Pdf] = {"Probabilities": "paper", "As published": "published"}
OUTLINE = 2  # data pixels: shows the nuclei without covering the PDF


class PredictWidget(QWidget):
    """Type a protein, pick the nucleus channel, run: threshold, PDF and nuclei appear as layers.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
        Given by napari.
    session : Session, optional
        Where predictors come from; the one all widgets share when left out.
    """

    def __init__(self, napari_viewer: "Viewer", session: Session | None = None) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._session = session or shared_session()
        self._models: dict[str, ModelInfo] = {}
        self._broken = LOOKING
        self._frame: Frame | None = None
        self._name = ""
        self.nucleus = NucleusPicker(napari_viewer.layers)
        self.centre = QComboBox()
        self.sequence = SequenceBox()
        self.model = QComboBox()
        self.about_model = wrapped_label()
        self.seed = QSpinBox()
        self.pdf = QComboBox()
        self.bar = RunBar(
            tooltip="Predict where the protein goes in these cells", cancelled="Cancelled; no layer was added."
        )
        self._fill()
        self._lay_out()
        self._connect()
        self._list_models()

    def run(self) -> None:
        """Collect the request and start the job; what cannot be asked is said at once."""
        protein, layer = self.sequence.protein, self.nucleus.layer
        if protein is None or layer is None or self._reason() or self.bar.is_running:
            return
        dims = self._viewer.dims
        try:
            frame = frame_of(layer, displayed=tuple(dims.displayed), point=tuple(dims.point))
        except CelleError as error:
            self.bar.fail(error)
            return
        request = PredictionRequest(
            sequence=protein.record.sequence,
            nucleus=plane_pixels(layer, frame),
            sampling=SamplingOptions(seed=self.seed.value(), pdf=self.pdf.currentData()),
            centre=self._view_centre(layer, frame) if self.centre.currentText() == VIEW_CENTRE else None,
            pixel_size_um=frame.pixel_size_um,
            first_residue=protein.first_residue,
        )
        self._start(request, frame=frame, name=protein.record.name)

    def _fill(self) -> None:
        self.centre.addItems([IMAGE_CENTRE, VIEW_CENTRE])
        self.centre.setToolTip(
            "The model looks at a window of about 50 x 50 µm, a few cells.\n"
            "Move the view to the cells you want, or leave it in the middle of the image."
        )
        self.model.setToolTip("CELL-E model that predicts")
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setToolTip("Seed of the random draws: the same seed gives the same prediction")
        for text, definition in PDFS.items():
            self.pdf.addItem(text, definition)
        self.pdf.setToolTip(
            "Probabilities: how probable each picture element is, decoded (the definition in the paper).\n"
            "As published: what the authors' code draws from the model's raw scores, for comparison."
        )
        for field in (self.nucleus, self.centre, self.model, self.seed, self.pdf):
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("Nucleus", self.nucleus)
        form.addRow("Window", self.centre)
        form.addRow("Protein", self.sequence)
        form.addRow("Model", self.model)
        form.addRow("", self.about_model)
        form.addRow("Seed", self.seed)
        form.addRow("Map", self.pdf)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.bar)
        column.addStretch()
        self.setMinimumWidth(320)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def _connect(self) -> None:
        self.nucleus.changed.connect(self._update)
        self.sequence.changed.connect(self._update)
        self.model.currentIndexChanged.connect(self._choose_model)
        self.bar.pressed.connect(self.run)

    def _list_models(self) -> None:
        """Look the models up in a worker: it imports torch, which takes seconds the first time."""
        session = self._session
        job = Job(lambda _: session.models())
        job.returned.connect(self._offer_models)
        job.errored.connect(self._offer_no_models)
        job.start()
        self._update()

    def _offer_models(self, models: tuple[ModelInfo, ...]) -> None:
        self._broken = ""
        self._models = {info.name: info for info in models}
        self.model.addItems(list(self._models))

    def _offer_no_models(self, error: BaseException) -> None:
        self._broken = explain(error)
        self._update()

    def _choose_model(self) -> None:
        info = self._models[self.model.currentText()]
        show_text(self.about_model, info.summary)
        self.sequence.set_window(info.residues)

    def _update(self) -> None:
        """Run is possible when nothing is missing; otherwise the reason stands below."""
        reason = self._reason()
        self.bar.allow(reason)
        if not self.bar.is_running:
            shown_already = reason == self.sequence.status.text()
            self.bar.say("" if shown_already else reason, is_error=reason == self._broken != LOOKING)

    def _reason(self) -> str:
        """Say why it cannot run; "" when it can."""
        return self._broken or self.nucleus.reason or self.sequence.reason

    def _view_centre(self, layer: Image, frame: Frame) -> tuple[float, float]:
        dims, point = self._viewer.dims, list(self._viewer.dims.point)
        for axis, at in zip(dims.displayed[-2:], self._viewer.scene.camera.center[-2:], strict=True):
            point[axis] = at
        return pixel_at(layer, frame, point=tuple(point))

    def _start(self, request: PredictionRequest, *, frame: Frame, name: str) -> None:
        self._frame, self._name = frame, name
        self.bar.start(partial(_predict, self._session, self.model.currentText(), request), self._show)

    def _show(self, prediction: Prediction) -> None:
        if self._frame is None:
            return
        for data, meta, layer_type in prediction_layers(prediction, frame=self._frame, name=self._name):
            layer = Layer.create(data, meta, layer_type)
            if layer_type == "labels":
                layer.contour = OUTLINE  # no keyword of Labels
            self._viewer.add_layer(layer)
        fraction = f"{self._name or 'The protein'}: {prediction.nuclear_fraction:.0%} in the nuclei"
        where = f"seed {prediction.sampling.seed}, {prediction.device}"
        self.bar.say("\n".join([f"{fraction} ({where}).", *prediction.notes, HIDDEN]))


def _predict(session: Session, model: str, request: PredictionRequest, on_step: OnStep) -> Prediction:
    """Load the model if need be and ask it; runs in the thread of the job."""
    return session.predictor(model, on_step)(request, on_step)
