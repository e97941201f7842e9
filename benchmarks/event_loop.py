"""A timer in the event loop of Qt: how long the window did not answer, and which part of that it computed itself."""

import faulthandler
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, thread_time

import numpy as np
from qtpy.QtCore import QEventLoop, QObject, Qt, QTimer

TICK_MS = 5
TARGET_MS = 100
PAINTED_MS = 60  # after which what was shown is painted
SCHEDULER = Path("/proc/thread-self/schedstat")  # of Linux: nanoseconds computed and waited for a core, and turns
_TELLS = SCHEDULER.is_file()


@dataclass(frozen=True, slots=True)
class Blocks:
    """What was measured of one thing.

    Attributes
    ----------
    longest_ms
        Longest time between two ticks.
    own_ms
        What the thread of the window computed of it.
    queued_ms
        What it waited of it for a core, which others had (0 where the system does not tell).
    undisturbed_ms
        Longest time between two ticks without the waiting for a core: computed, or waited for the lock of Python.
    percentile_99_ms
        Of the times between two ticks.
    over
        How many of them were longer than ``TARGET_MS``.
    seconds
        How long the whole took.
    """

    longest_ms: float
    own_ms: float
    queued_ms: float
    undisturbed_ms: float
    percentile_99_ms: float
    over: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Moment:
    """Seconds on the clock, and in this thread: computed, and waited for a core."""

    now: float
    own: float
    queued: float

    def __sub__(self, other: "_Moment") -> "_Moment":
        return _Moment(self.now - other.now, self.own - other.own, self.queued - other.queued)


class Heartbeat(QObject):
    """Ticks while the window is free; what lies between two ticks belongs to what :meth:`begin` named last.

    Parameters
    ----------
    traces : bool
        Write to stderr where all threads are, whenever the window has not answered for ``TARGET_MS``.
    """

    def __init__(self, *, traces: bool = False) -> None:
        super().__init__()
        self._traces = traces
        self._gaps: dict[str, list[_Moment]] = {}
        self._last = _moment()
        self._what = ""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    @property
    def what(self) -> str:
        """What is counted for now."""
        return self._what

    def begin(self, what: str) -> None:
        """Count what follows for something else."""
        self._tick()
        self._what = what
        if self._traces:
            print(f"== {what}", file=sys.stderr, flush=True)

    def wait(self, seconds: float) -> None:
        """Let the event loop run for a while."""
        until = monotonic() + seconds
        self.until(lambda: monotonic() >= until)

    def until(self, is_done: Callable[[], bool], *, seconds: float = 300) -> None:
        """Let the event loop run until something is so; raise TimeoutError if it never is."""
        loop, look = QEventLoop(), QTimer()
        end = monotonic() + seconds
        look.setInterval(4 * TICK_MS)
        look.timeout.connect(lambda: loop.quit() if is_done() or monotonic() > end else None)
        look.start()
        loop.exec()
        look.stop()
        if not is_done():
            raise TimeoutError(f"{self._what}: not done after {seconds} s")

    def found(self) -> dict[str, Blocks]:
        """Return what was measured, in the order of its beginning."""
        return {what: _blocks(gaps) for what, gaps in self._gaps.items() if what}

    def _tick(self) -> None:
        now = _moment()
        self._gaps.setdefault(self._what, []).append(now - self._last)
        self._last = now
        if self._traces:
            faulthandler.dump_traceback_later(TARGET_MS / 1000, file=sys.stderr)


class Listener(QObject):
    """Stands before the methods that a job tells of what it found, and gives what they do a line of its own.

    Parameters
    ----------
    beat : Heartbeat
        Counts.
    what, then : str
        Names of the job, and of what becomes of its answer.
    take, watch : callable
        What takes the answer, and what is shown before; of that only the first, for which a layer may be made, has a
        line of its own.
    """

    def __init__(
        self,
        beat: Heartbeat,
        what: str,
        then: str,
        *,
        take: Callable[..., object],
        watch: Callable[..., object] | None,
    ) -> None:
        super().__init__()
        self._beat, self._what, self._then, self._take, self._watch = beat, what, then, take, watch
        self._is_shown = False

    def take(self, value: object) -> None:
        """Take the answer."""
        self._beat.begin(self._then)
        self._take(value)

    def show(self, value: object) -> None:
        """Take what is shown meanwhile."""
        if not self._is_shown:
            self._beat.begin(f"{self._what}: first shown")
            QTimer.singleShot(PAINTED_MS, self._go_on)
        self._is_shown = True
        if self._watch is not None:
            self._watch(value)

    def _go_on(self) -> None:
        if self._beat.what == f"{self._what}: first shown":
            self._beat.begin(self._what)


def _moment() -> _Moment:
    return _Moment(perf_counter(), thread_time(), float(SCHEDULER.read_text().split()[1]) / 1e9 if _TELLS else 0.0)


def _blocks(gaps: list[_Moment]) -> Blocks:
    longest = max(gaps, key=lambda gap: gap.now)
    walls = [1000 * gap.now for gap in gaps]
    return Blocks(
        longest_ms=1000 * longest.now,
        own_ms=1000 * longest.own,
        queued_ms=1000 * longest.queued,
        undisturbed_ms=max(1000 * (gap.now - gap.queued) for gap in gaps),
        percentile_99_ms=float(np.percentile(walls, 99)),
        over=sum(wall > TARGET_MS for wall in walls),
        seconds=sum(walls) / 1000,
    )
