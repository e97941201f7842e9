"""One background call: it reports progress, can be cancelled, and ends in exactly one of three ways.

A generator ``thread_worker`` swallows every ``RuntimeError``, out of memory among them; a ``WorkerBase`` subclass does
not, so a job is one. Nothing of Qt or napari is touched in its thread but the emission of its signals.
"""

import atexit
from collections.abc import Callable
from weakref import WeakSet, ref

from napari.qt.threading import WorkerBase, WorkerBaseSignals
from qtpy.compat import isalive
from qtpy.QtCore import QObject, QThreadPool, Signal

from napari_celle.errors import Cancelled, CelleError

PATIENCE_MS = 10_000  # how long the end of the program waits for jobs to stop


class JobSignals(WorkerBaseSignals):
    """What a job tells: exactly one of ``returned``, ``errored``, ``aborted``, and ``finished`` last of all."""

    progressed = Signal(str, int, int)
    shown = Signal(object)
    aborted = Signal()


class Job(WorkerBase):
    """Run ``call(on_step)`` in a thread of the pool.

    Parameters
    ----------
    call : callable
        Takes the ``on_step`` it must call often; its value arrives through ``returned``, its error through ``errored``.
    owner : QObject or None
        Once it is gone, with its dock or the viewer, the job stops at its next step. (Not by ``destroyed``: that of a
        child, with a Python object at the other end, can end the process under PyQt6.)
    shows : bool
        The call takes ``show`` too: what it gives to that arrives through ``shown``.
    """

    def __init__(self, call: Callable[..., object], *, owner: QObject | None = None, shows: bool = False) -> None:
        super().__init__(SignalsClass=JobSignals)
        self._call, self._shows = call, shows
        self.finish: object = None
        self._owner = None if owner is None else ref(owner)
        _jobs.add(self)

    def work(self) -> object:
        """Make the call; called by Qt in the thread. An answer that comes after ``cancel`` is dropped."""
        result: object = None
        try:
            result = self._call(self._report, *([self.signals.shown.emit] if self._shows else []))
        except Cancelled:
            self.cancel()
        if self.abort_requested:
            self.signals.aborted.emit()
        return result

    def cancel(self) -> None:
        """Ask to stop; ``aborted`` follows at the next step of the call. Safe from any thread, and twice."""
        self.quit()

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._is_orphan():
            self.cancel()
        if self.abort_requested:
            raise Cancelled("Cancelled.")
        self.signals.progressed.emit(stage, done, total)

    def _is_orphan(self) -> bool:
        if self._owner is None:
            return False
        owner = self._owner()
        return owner is None or not isalive(owner)


_jobs: WeakSet[Job] = WeakSet()


@atexit.register
def _stop_all() -> None:
    """Stop what runs when the program ends: a thread that goes on computing would take the process down."""
    for job in list(_jobs):
        job.cancel()
    QThreadPool.globalInstance().waitForDone(PATIENCE_MS)


def explain(error: BaseException) -> str:
    """Turn what a job raised into one sentence for the user.

    Examples
    --------
    >>> explain(RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB"))
    'Out of memory. Close other programs that use the device, or choose a smaller model, and run again.'
    """
    if isinstance(error, CelleError):
        return str(error)
    # torch.OutOfMemoryError is a RuntimeError; MPS and the CPU allocator raise plain ones
    words = str(error).lower()
    if isinstance(error, MemoryError) or "out of memory" in words or "allocate memory" in words:
        return "Out of memory. Close other programs that use the device, or choose a smaller model, and run again."
    first_line = (str(error).splitlines() or ["no details"])[0]
    return f"The prediction stopped: {type(error).__name__}: {first_line}"
