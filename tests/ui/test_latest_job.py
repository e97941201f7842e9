"""Never two at once, and the last one wins."""

import threading

import pytest
from qtpy.QtCore import QObject

from napari_celle.ui.latest_job import LatestJob


class Asker(QObject):
    """Starts the next of its calls whenever one is due."""

    def __init__(self, calls):
        super().__init__()
        self.calls, self.told = list(calls), []
        self.job = LatestJob(self, delay_ms=1)
        self.job.due.connect(self.start)
        self.job.shown.connect(self.take)
        self.job.returned.connect(self.take)
        self.job.failed.connect(self.take)

    def start(self):
        self.job.start(self.calls.pop(0))

    def take(self, value):
        self.told.append(value)


@pytest.fixture
def settle(qtbot):
    return lambda asker: qtbot.waitUntil(lambda: not asker.job.is_busy, timeout=5000)


def test_what_is_shown_comes_before_what_is_returned(qapp, settle):
    def call(on_step, show):
        show("first")
        return "second"

    asker = Asker([call])
    asker.job.ask()
    settle(asker)
    assert asker.told == ["first", "second"]


def test_many_changes_make_one_call(qapp, settle):
    asker = Asker([lambda on_step, show: 1, lambda on_step, show: 2])
    for _ in range(5):
        asker.job.ask()
    settle(asker)
    assert asker.told == [1]


def test_the_next_call_starts_only_when_the_one_before_has_stopped(qtbot, qapp, settle):
    go, started = threading.Event(), threading.Event()

    def slow_to_stop(on_step, show):
        started.set()
        go.wait(5)
        on_step("", 0, 1)
        return "first"

    asker = Asker([slow_to_stop, lambda on_step, show: "last"])
    asker.job.ask()
    qtbot.waitUntil(started.is_set, timeout=5000)
    asker.job.ask()
    qtbot.waitUntil(lambda: not asker.job._timer.isActive(), timeout=5000)
    assert len(asker.calls) == 1  # the second was not collected yet
    go.set()
    settle(asker)
    assert asker.told == ["last"]


def test_an_answer_that_was_under_way_when_it_was_stopped_is_not_told(qapp):
    asker = Asker([])
    asker.job.stop()
    for deliver in (asker.job._show, asker.job._return, asker.job._fail):
        deliver("late")
    assert asker.told == []


def test_nothing_is_told_after_stop(qtbot, qapp, settle):
    go, started = threading.Event(), threading.Event()

    def call(on_step, show):
        started.set()
        go.wait(5)
        show("shown")
        return "returned"

    asker = Asker([call])
    asker.job.ask()
    qtbot.waitUntil(started.is_set, timeout=5000)
    asker.job.stop()
    go.set()
    settle(asker)
    qtbot.wait(10)
    assert asker.told == []


def test_a_failure_is_told_and_the_next_call_works(qapp, settle):
    error = RuntimeError("no")

    def fail(on_step, show):
        raise error

    asker = Asker([fail, lambda on_step, show: "fine"])
    for _ in range(2):
        asker.job.ask()
        settle(asker)
    assert asker.told == [error, "fine"]
