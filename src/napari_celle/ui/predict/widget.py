"""The dock widget "Predict localization": asks the question of its form in a job, and shows the answer."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.errors import CelleError
from napari_celle.field_types import FieldPrediction
from napari_celle.files.provenance import Answer
from napari_celle.run_times import RunTimes, run_times_path
from napari_celle.types import OnStep, Sketch
from napari_celle.ui.job import explain
from napari_celle.ui.latest_job import LatestJob
from napari_celle.ui.predict.asking import Question, answer
from napari_celle.ui.predict.forecast import Forecast, Outset, forecast
from napari_celle.ui.predict.form import PredictForm
from napari_celle.ui.predict.live_layer import LiveLayer
from napari_celle.ui.predict.results import Results
from napari_celle.ui.predict.summary import summary
from napari_celle.ui.preferences import Preferences, preferences
from napari_celle.ui.run_bar import RunBar
from napari_celle.ui.scrolling import scrolled
from napari_celle.ui.session import Session, shared_session
from napari_celle.ui.texts import show_text, wrapped_label

if TYPE_CHECKING:
    from napari.viewer import Viewer

KEEP, REPLACE = "Keep the last one too", "Replace the last one"
PAUSE_MS = 300  # between a change of the form and what is said of it


class PredictWidget(QWidget):
    """Type a protein, pick the nucleus channel, run: threshold, PDF and nuclei appear as layers.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
        Given by napari.
    session : Session, optional
        Where predictors come from; the one all widgets share when left out.
    times : RunTimes, optional
        How long earlier runs took; those of this user when left out.
    """

    def __init__(
        self, napari_viewer: "Viewer", session: Session | None = None, *, times: RunTimes | None = None
    ) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._session = session or shared_session()
        self._times = times or RunTimes(run_times_path())
        self._asked: Question | None = None
        self._answer: Answer | None = None
        self._reason = ""
        self.form = PredictForm(napari_viewer, self._session)
        self.keep = QComboBox()
        self.bar = RunBar(
            tooltip="Predict where the protein goes in these cells", cancelled="Cancelled; no layer was added."
        )
        self.outlook = wrapped_label()
        self._look = LatestJob(self, delay_ms=PAUSE_MS)
        self._results = Results(napari_viewer, self)
        self._lay_out()
        self._prefer(preferences())
        self._connect()
        self._update()

    def run(self) -> None:
        """Collect the question and start the job; what cannot be asked is said at once."""
        if self.form.reason or self.bar.is_running:
            return
        try:
            question = self.form.question()
        except CelleError as error:
            self.bar.fail(error)
            return
        self._look.stop()
        self._asked = question
        watched = self.form.more.watch.isChecked() and question.draws == 1 and question.place.kind == "window"
        live = LiveLayer(self._viewer, question.frame, name=question.name) if watched else None
        self.bar.start(
            partial(_answered, self._session, question),
            self._show,
            watch=None if live is None else live.show,
            finish=None if live is None else live.remove,
        )

    def _lay_out(self) -> None:
        self.keep.addItems([KEEP, REPLACE])
        self.keep.setToolTip("What becomes of the layers of the last prediction when the next one is there")
        self.keep.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.form.add_row("Layers", self.keep)
        inner = QWidget()
        fields = QVBoxLayout(inner)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.addWidget(self.form)
        fields.addStretch()
        column = QVBoxLayout(self)
        column.addWidget(scrolled(inner), stretch=1)
        column.addWidget(self.bar)
        column.addWidget(self.outlook)
        self.setMinimumWidth(340)

    def _prefer(self, wishes: Preferences) -> None:
        self.form.place.kind.setCurrentText(wishes.where)
        self.form.more.watch.setChecked(wishes.watch)
        self.keep.setCurrentText(REPLACE if wishes.replace else KEEP)

    def _connect(self) -> None:
        self.form.changed.connect(self._update)
        self.bar.pressed.connect(self.run)
        self.bar.ended.connect(self._update)
        self._look.due.connect(self._start_look)
        self._look.returned.connect(self._tell)
        self._look.failed.connect(self._warn)
        self._results.recounted.connect(self._recount)
        self._session.device_changed.connect(self._update)
        self._session.memory_changed.connect(self._update)

    def _update(self) -> None:
        """Run is possible when nothing is missing; otherwise the reason stands below."""
        before, self._reason = self._reason, self.form.reason
        self.bar.allow(self._reason)
        if self._reason or before:
            text = "" if self.form.is_read_elsewhere else self._reason
            show_text(self.outlook, text, is_error=self.form.model.is_broken)
        if self._reason:
            self._look.stop()
        elif not self.bar.is_running:
            self._look.ask()

    def _start_look(self) -> None:
        """Ask what a run would do, of the form as it stands."""
        info, loaded = self.form.model.info, self._session.loaded
        if self.form.reason or info is None or self.bar.is_running:
            return
        try:
            question = self.form.question()
        except CelleError as error:
            self._warn(error)
            return
        is_loaded = loaded is not None and loaded[0] == info.name
        outset = Outset(question, info, device=self._session.device, is_loaded=is_loaded, times=self._times)
        self._look.start(partial(forecast, outset))

    def _tell(self, seen: Forecast) -> None:
        self.bar.allow(seen.problem)
        show_text(self.outlook, seen.text, is_error=bool(seen.problem))
        if seen.outlook is not None:
            self.form.scale.offer(seen.outlook.diameter_px)

    def _warn(self, error: BaseException) -> None:
        show_text(self.outlook, explain(error), is_error=True)

    def _show(self, found: Answer) -> None:
        if self._asked is None:
            return
        replace = self.keep.currentText() == REPLACE
        self._results.show(found, frame=self._asked.frame, name=self._asked.name, replace=replace)
        self._times.remember(
            found, windows=len(found.windows) if isinstance(found, FieldPrediction) else self._asked.draws
        )
        self._answer = found
        fraction = found.nuclear_fraction
        self._recount(fraction if isinstance(fraction, float) else fraction.mean)
        self.form.sequence.remember()

    def _recount(self, fraction: float) -> None:
        """Say what was found, with the nuclei as they are painted now."""
        if self._answer is not None and self._asked is not None:
            self.bar.say(summary(self._answer, name=self._asked.name, fraction=fraction))


def _answered(
    session: Session, question: Question, on_step: OnStep, show: Callable[[Sketch], None] | None = None
) -> Answer:
    """Load the model if need be and ask it; runs in the thread of the job."""
    ask: Callable[..., Any] = partial(answer, question, show=show)
    return session.answer(question.model, ask, on_step)
