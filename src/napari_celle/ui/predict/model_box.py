"""List of the models to choose from, and what is known of the chosen one."""

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.types import ModelInfo
from napari_celle.ui.job import Job, explain
from napari_celle.ui.session import Session
from napari_celle.ui.texts import show_text, wrapped_label

LOOKING = "Looking up the models…"


class ModelBox(QWidget):
    """List of models, which follows what is installed and deleted; a summary of the chosen one, laid out elsewhere.

    Parameters
    ----------
    session : Session
        Knows the models.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._models: dict[str, ModelInfo] = {}
        self.reason = LOOKING
        self.name = QComboBox()
        self.about = wrapped_label()
        self.name.setToolTip("CELL-E model that predicts; more can be had in Plugins > CELL-E protein localization")
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.name.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.name)
        self.name.currentIndexChanged.connect(self._choose)
        session.models_changed.connect(self.refresh)
        self.refresh()

    @property
    def info(self) -> ModelInfo | None:
        """What is known of the chosen model; None while there is none."""
        return self._models.get(self.name.currentText())

    @property
    def is_broken(self) -> bool:
        """Whether ``reason``, why there is no model, is an error."""
        return self.reason not in ("", LOOKING)

    def refresh(self) -> None:
        """Look the models up in a job: it imports torch, which takes seconds the first time."""
        session = self._session
        job = Job(lambda _: session.models())
        job.returned.connect(self._offer)
        job.errored.connect(self._fail)
        job.start()

    def _offer(self, models: tuple[ModelInfo, ...]) -> None:
        chosen = self.name.currentText()
        self.reason = ""
        self._models = {info.name: info for info in models}
        with QSignalBlocker(self.name):
            self.name.clear()
            self.name.addItems(list(self._models))
            self.name.setCurrentText(chosen if chosen in self._models else self.name.itemText(0))
        self._choose()

    def _fail(self, error: BaseException) -> None:
        self.reason = explain(error)
        self.changed.emit()

    def _choose(self) -> None:
        info = self.info
        show_text(self.about, "" if info is None else info.summary)
        self.changed.emit()
