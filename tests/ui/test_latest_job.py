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
        self.job.shown.connect(self.told.append)
        self.job.returned.connect(self.told.append)
        self.job.failed.connect(self.told.append)

    def start(self):
        self.job.start(self.calls.pop(0))


@pytest.fixture
def settle(qtbot):
    return lambda asker: qtbot.waitUntil(lambda: not asker.job.is_busy, timeout=5000)


def test_what_is_shown_comes_before_what_is_returned(qapp, settle):
    asker = Asker([lambda on_step, show: show("first") or "second"])
    asker.job.ask()
    settle(asker)
    assert asker.told == ["first", "second"]


def test_many_changes_make_one_call(qapp, settle):
    asker = Asker([lambda on_step, show: 1, lambda on_step, show: 2])
    for _ in range(5):
        asker.job.ask()
    settle(asker)
    assert asker.told == [1]


def test_a_change_stops_the_call_and_the_next_one_starts_when_it_has_stopped(qtbot, qapp, settle):
    at_work, most, lock = [0], [0], threading.Lock()
    started = threading.Event()

    def long(on_step, show):
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        started.set()
        try:
            while True:
                on_step("", 0, 1)
        finally:
            with lock:
                at_work[0] -= 1

    def last(on_step, show):
        most[0] = max(most[0], at_work[0] + 1)
        return "last"

    asker = Asker([long, long, last])
    for _ in range(3):
        started.clear()
        asker.job.ask()
        qtbot.waitUntil(lambda: started.is_set() or bool(asker.told), timeout=5000)
    settle(asker)
    assert asker.told == ["last"]
    assert most == [1]


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
