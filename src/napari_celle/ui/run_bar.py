"""Run, Cancel, progress and a line of words: what every widget shows of its one background job."""

import traceback
from collections.abc import Callable
from time import monotonic
from typing import Any

from qtpy.QtCore import QTimer, Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QDockWidget, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from napari_celle.errors import CelleError
from napari_celle.ui.job import Job, explain
from napari_celle.ui.texts import show_text, wrapped_label

GUARD_MS = 200  # between looks whether the dock is still there
LONG = 3.0  # seconds left from which on they are told


class RunBar(QWidget):
    """Buttons, bar and words of one job at a time.

    A widget connects ``pressed`` to what collects its question, and gives :meth:`start` what is to be done. Whatever
    becomes of the job, success, failure or cancel, the buttons are as before when ``ended`` is emitted; closing the
    dock cancels it.

    Parameters
    ----------
    text : str
        On the button.
    tooltip : str
        Of the button.
    cancelled : str
        What is said after a cancel.
    """

    pressed = Signal()
    ended = Signal()

    def __init__(self, text: str = "Run", *, tooltip: str, cancelled: str = "Cancelled; nothing was added.") -> None:
        super().__init__()
        self.run_button = QPushButton(text)
        self.cancel_button = QPushButton("Cancel")
        self.details_button = QPushButton("Copy details")
        self.bar = QProgressBar()
        self.status = wrapped_label()
        self.run_button.setToolTip(tooltip)
        self.cancel_button.setToolTip("Stop; nothing is added")
        self.details_button.setToolTip("Copy the technical details of the failure, to paste them into a report")
        self._cancelled = cancelled
        self._job: Job | None = None
        self._then: Callable[[Any], None] | None = None
        self._reason, self._details = "", ""
        self._stage, self._since = "", 0.0
        self._was_docked = False
        self._guard = QTimer(self)
        self._guard.setInterval(GUARD_MS)
        self._guard.timeout.connect(self._stop_if_closed)
        self._lay_out()
        self.run_button.clicked.connect(self.pressed)
        self.cancel_button.clicked.connect(self.cancel)
        self.details_button.clicked.connect(self._copy_details)

    @property
    def is_running(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    def start(
        self,
        call: Callable[..., Any],
        then: Callable[[Any], None],
        *,
        watch: Callable[[Any], None] | None = None,
        finish: Callable[[], None] | None = None,
    ) -> None:
        """Do something in a thread; nothing happens while another job is under way.

        Parameters
        ----------
        call : callable
            Called in the thread with the ``on_step`` that it must call often, and with ``show`` if there is a
            ``watch``; it touches nothing of Qt or napari.
        then : callable
            Takes its value, in the thread of the window.
        watch : callable or None
            Takes what ``call`` gives to ``show`` meanwhile, in the thread of the window: a method of a QObject.
        finish : callable or None
            Called when the job has ended, also when this widget is gone by then: a method of a QObject.
        """
        if self._job is not None:
            return
        self._then = then
        self._job = Job(call, owner=self, shows=watch is not None)
        # Bound methods of this widget only: those Qt runs in the thread of the window, whatever the binding.
        self._job.progressed.connect(self._progress)
        if watch is not None:
            self._job.shown.connect(watch)
        if finish is not None:
            self._job.finished.connect(finish)
            self._job.finish = finish  # keeps its object, which may outlive this widget
        self._job.returned.connect(self._return)
        self._job.errored.connect(self.fail)
        self._job.aborted.connect(self._say_cancelled)
        self._job.finished.connect(self._end)
        self.run_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.bar.setRange(0, 0)
        self.bar.setFormat("Starting")
        self.bar.show()
        self.say("")
        self._was_docked = self._is_docked
        self._guard.start()
        self._job.start()

    def cancel(self) -> None:
        """Ask the job to stop; the buttons come back once it has."""
        if self._job is not None:
            self._job.cancel()
            self.cancel_button.setEnabled(False)
            self.bar.setFormat("Cancelling…")

    def allow(self, reason: str = "") -> None:
        """Let the button be pressed, or not for a reason, which is not shown here."""
        self._reason = reason
        self.run_button.setEnabled(not reason and not self.is_running)

    def say(self, text: str, *, is_error: bool = False) -> None:
        """Show a line of words below the buttons, in place of the one before."""
        self.details_button.hide()
        show_text(self.status, text, is_error=is_error)

    def fail(self, error: BaseException) -> None:
        """Say what went wrong; the details of what is none of our errors can be copied."""
        self.say(explain(error), is_error=True)
        self._details = "".join(traceback.format_exception(error))
        self.details_button.setVisible(not isinstance(error, CelleError))

    @property
    def _is_docked(self) -> bool:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QDockWidget):
            parent = parent.parentWidget()
        return parent is not None

    def _stop_if_closed(self) -> None:
        """Cancel when the dock was closed: napari takes the widget out of it, and may keep it for long."""
        if self._was_docked and not self._is_docked:
            self.cancel()

    def _lay_out(self) -> None:
        self.cancel_button.setEnabled(False)
        self.details_button.hide()
        self.bar.hide()
        buttons = QHBoxLayout()
        buttons.addWidget(self.run_button, stretch=2)
        buttons.addWidget(self.cancel_button, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(buttons)
        for widget in (self.bar, self.status, self.details_button):
            column.addWidget(widget)

    def _progress(self, stage: str, done: int, total: int) -> None:
        if not self.cancel_button.isEnabled():
            return
        if stage != self._stage or done == 0:
            self._stage, self._since = stage, monotonic()
        self.bar.setRange(0, total if total > 1 else 0)  # a stage without steps only shows that it works
        self.bar.setValue(done)
        self.bar.setFormat(f"{stage} %p%{self._left(done, total)}" if total > 1 else stage)

    def _left(self, done: int, total: int) -> str:
        """Say how long the stage still takes, from what is done of it."""
        seconds = (monotonic() - self._since) / done * (total - done) if done else 0.0
        return f", {seconds:.0f} s left" if seconds >= LONG else ""

    def _return(self, value: object) -> None:
        try:
            if self._then is not None:
                self._then(value)
        except CelleError as error:
            self.fail(error)

    def _say_cancelled(self) -> None:
        self.say(self._cancelled)

    def _end(self) -> None:
        """Bring the buttons back; the last word in the status line stays."""
        self._job = self._then = None  # lets go of the job and its pixels
        self._stage = ""
        self._guard.stop()
        self.cancel_button.setEnabled(False)
        self.bar.hide()
        self.allow(self._reason)
        self.ended.emit()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
