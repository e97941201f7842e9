"""One job at a time: its buttons, its bar and its words are right before, during and after, whatever becomes of it."""

import threading

import pytest
from qtpy.QtCore import QThreadPool
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QDockWidget

from napari_celle.errors import CelleError, ImageError
from napari_celle.ui import run_bar
from napari_celle.ui.run_bar import RunBar


@pytest.fixture
def bar(qtbot):
    bar = RunBar("Find", tooltip="Find it", cancelled="Cancelled; nothing was found.")
    qtbot.addWidget(bar)
    bar.show()
    yield bar
    bar.cancel()
    QThreadPool.globalInstance().waitForDone(5000)


@pytest.fixture
def go():
    """Let a call that waits for it go on."""
    go = threading.Event()
    yield go
    go.set()


def _run(qtbot, bar, call, then=print, **options):
    with qtbot.waitSignal(bar.ended, timeout=5000):
        bar.start(call, then, **options)


def _wait_for(go):
    def call(on_step):
        while not go.wait(0.005):
            on_step("waiting", 1, 4)

    return call


def test_the_value_arrives_in_the_thread_of_the_window(qtbot, bar):
    found = []
    _run(qtbot, bar, lambda on_step: 42, lambda value: found.append((value, threading.current_thread())))
    assert found == [(42, threading.main_thread())]


def test_while_it_runs_only_cancel_can_be_pressed(qtbot, bar, go):
    bar.start(_wait_for(go), print)
    qtbot.waitUntil(lambda: bar.bar.format().startswith("waiting"))
    assert (bar.run_button.isEnabled(), bar.cancel_button.isEnabled(), bar.bar.isVisible()) == (False, True, True)
    assert (bar.bar.value(), bar.bar.maximum()) == (1, 4)
    with qtbot.waitSignal(bar.ended):
        go.set()
    assert (bar.run_button.isEnabled(), bar.cancel_button.isEnabled(), bar.bar.isVisible()) == (True, False, False)


def test_a_second_job_does_not_start_beside_the_first(qtbot, bar, go):
    started = []
    bar.start(_wait_for(go), print)
    bar.start(lambda on_step: started.append(1), print)
    with qtbot.waitSignal(bar.ended):
        go.set()
    assert started == []


def test_cancel_is_answered_within_a_second_and_says_so(qtbot, bar, go):
    found = []
    bar.start(_wait_for(go), found.append)
    qtbot.waitUntil(lambda: bar.bar.format().startswith("waiting"))
    with qtbot.waitSignal(bar.ended, timeout=1000):
        bar.cancel_button.click()
        assert bar.bar.format() == "Cancelling…"
    assert (found, bar.status.text()) == ([], "Cancelled; nothing was found.")


@pytest.mark.parametrize(
    ("error", "words", "has_details"),
    [
        (ImageError("The image is constant."), "The image is constant.", False),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero", True),
        (MemoryError(), "Out of memory", True),
    ],
)
def test_a_failure_is_one_sentence_and_its_details_can_be_copied(qtbot, bar, error, words, has_details):
    def call(on_step):
        raise error

    _run(qtbot, bar, call)
    assert words in bar.status.text()
    assert bar.details_button.isVisible() == has_details
    if has_details:
        bar.details_button.click()
        assert "in call" in QGuiApplication.clipboard().text()
    _run(qtbot, bar, lambda on_step: None)
    assert (bar.status.text(), bar.details_button.isVisible()) == ("", False)


def test_an_answer_that_cannot_be_shown_is_told_as_a_failure(qtbot, bar):
    def then(value):
        raise CelleError("The layer is gone.")

    _run(qtbot, bar, lambda on_step: 1, then)
    assert bar.status.text() == "The layer is gone."
    assert bar.run_button.isEnabled()


def test_what_is_shown_meanwhile_arrives_before_the_value(qtbot, bar):
    told = []

    def call(on_step, show):
        show("half")
        return "whole"

    _run(qtbot, bar, call, told.append, watch=told.append)
    assert told == ["half", "whole"]


def test_a_reason_holds_the_button_until_it_is_gone_also_after_a_job(qtbot, bar, go):
    bar.start(_wait_for(go), print)
    bar.allow("There is no image.")
    with qtbot.waitSignal(bar.ended):
        go.set()
    assert not bar.run_button.isEnabled()
    bar.allow()
    assert bar.run_button.isEnabled()


def test_the_time_that_is_left_is_told_when_it_is_long(qtbot, bar, monkeypatch):
    clock = iter([0.0, 10.0, 40.0])
    monkeypatch.setattr(run_bar, "monotonic", lambda: next(clock))
    bar.cancel_button.setEnabled(True)
    bar._progress("drawing", 0, 20)
    bar._progress("drawing", 5, 20)
    assert bar.bar.format() == "drawing %p%, 30 s left"
    bar._progress("drawing", 19, 20)
    assert bar.bar.format() == "drawing %p%"


def test_a_job_stops_when_its_widget_is_gone(qtbot, go):
    bar = RunBar(tooltip="Find it")
    bar.start(_wait_for(go), print)
    job = bar._job
    with qtbot.waitSignal(bar.destroyed):
        bar.deleteLater()
    qtbot.waitUntil(lambda: job.abort_requested and not job.is_running, timeout=1000)


def test_a_job_stops_when_its_dock_is_closed_and_the_widget_lives_on(qtbot, go):
    bar, dock = RunBar(tooltip="Find it"), QDockWidget()
    qtbot.addWidget(dock)
    dock.setWidget(bar)
    bar.start(_wait_for(go), print)
    with qtbot.waitSignal(bar.ended, timeout=1000):
        bar.setParent(None)
    qtbot.addWidget(bar)
    assert bar.status.text() == "Cancelled; nothing was added."
