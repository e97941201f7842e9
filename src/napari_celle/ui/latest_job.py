"""A job that follows what the user does: started a moment after the last change, and anew after the next."""

from collections.abc import Callable

from qtpy.QtCore import QObject, QTimer, Signal

from napari_celle.ui.job import Job


class LatestJob(QObject):
    """One background call at a time, of which only the last asked for matters.

    A widget calls :meth:`ask` whenever something changes. ``due`` follows once nothing has changed for a while and the
    call before has stopped; its slot collects the question and gives :meth:`start` what is to be done.

    Parameters
    ----------
    parent : QObject
        Whose end stops the call.
    delay_ms : int
        How long nothing must change.
    """

    due = Signal()
    shown = Signal(object)
    returned = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject, *, delay_ms: int) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._is_wanted = self._is_due = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay_ms)
        self._timer.timeout.connect(self._come_due)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way, or about to be."""
        return self._job is not None or self._timer.isActive()

    def ask(self) -> None:
        """Say that something changed: what is under way stops, and ``due`` follows."""
        self.stop()
        self._timer.start()

    def stop(self) -> None:
        """Stop what is under way or about to be; nothing of it is told."""
        self._timer.stop()
        self._is_wanted = self._is_due = False
        if self._job is not None:
            self._job.cancel()

    def start(self, call: Callable[..., object]) -> None:
        """Do something in a thread, with ``on_step`` and ``show``; called by the slot of ``due`` only."""
        if self._job is not None:
            return
        self._is_wanted = True
        self._job = Job(call, owner=self, shows=True)
        self._job.shown.connect(self._show)
        self._job.returned.connect(self._return)
        self._job.errored.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()

    def _come_due(self) -> None:
        self._is_due = self._job is not None
        if not self._is_due:
            self.due.emit()

    def _show(self, value: object) -> None:
        if self._is_wanted:
            self.shown.emit(value)

    def _return(self, value: object) -> None:
        if self._is_wanted:
            self.returned.emit(value)

    def _fail(self, error: BaseException) -> None:
        if self._is_wanted:
            self.failed.emit(error)

    def _end(self) -> None:
        self._job = None  # lets go of the job and its pixels
        if self._is_due:
            self._is_due = False
            self.due.emit()
