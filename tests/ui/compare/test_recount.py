"""Numbers follow the brush."""

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QObject, QThreadPool

from napari_celle.analysis.comparison.territories import RING
from napari_celle.errors import ImageError
from napari_celle.ui.compare import recount
from napari_celle.ui.compare.recount import Follower


@pytest.fixture
def pair(fill, compared):
    return compared(fill(ViewerModel(), "GFP"))["GFP"]


@pytest.fixture
def follower(qtbot, pair):
    owner = QObject()
    follower = Follower(pair, cytoplasm=RING, parent=owner)
    qtbot.waitUntil(lambda: not follower._rest.isActive())
    yield follower
    follower.stop()
    QThreadPool.globalInstance().waitForDone(5000)
    del owner


def test_a_stroke_of_the_brush_is_counted_once(qtbot, follower, pair):
    heard = []
    follower.counted.connect(lambda key, beside: heard.append((key, beside)))
    nuclei = pair.found.nuclei
    with qtbot.waitSignal(follower.counted, timeout=3000):
        for column in range(50, 58):
            nuclei.paint((10, column), 77)
    qtbot.waitUntil(lambda: follower._job is None)
    ((key, beside),) = heard
    assert key == pair.found.key
    assert list(beside.table["label"]) == [4, 9, 30, 77]
    assert follower.pair.beside is beside


@pytest.mark.parametrize("way", ["fill", "undo", "data"])
def test_every_way_of_editing_is_followed(qtbot, follower, pair, way):
    nuclei = pair.found.nuclei
    if way == "undo":
        with qtbot.waitSignal(follower.counted, timeout=3000):
            nuclei.fill((14, 16), 0)
        qtbot.waitUntil(lambda: follower._job is None)
    with qtbot.waitSignal(follower.counted, timeout=3000) as counted:
        if way == "fill":
            nuclei.fill((14, 16), 5)
        elif way == "undo":
            nuclei.undo()
        else:
            nuclei.data = np.where(nuclei.data == 4, 5, nuclei.data)
    first = counted.args[1].table["label"].iloc[0]
    assert first == (4 if way == "undo" else 5)


def test_what_changes_no_pixel_is_not_counted(qtbot, follower, pair, monkeypatch):
    monkeypatch.setattr(recount, "Job", None)  # would fail
    pair.found.nuclei.refresh()
    assert follower._rest.isActive()
    qtbot.waitUntil(lambda: not follower._rest.isActive())
    assert follower._job is None


def test_a_failure_is_told_and_the_next_stroke_is_counted(qtbot, follower, pair, monkeypatch):
    def fail(*args, **kwargs):
        raise ImageError("no")

    honest = recount.recount
    monkeypatch.setattr(recount, "recount", fail)
    with qtbot.waitSignal(follower.failed, timeout=3000):
        pair.found.nuclei.paint((10, 50), 77)
    qtbot.waitUntil(lambda: follower._job is None)
    monkeypatch.setattr(recount, "recount", honest)
    with qtbot.waitSignal(follower.counted, timeout=3000):
        pair.found.nuclei.paint((40, 5), 78)


def test_after_stop_nothing_is_followed(qtbot, pair):
    owner = QObject()
    follower = Follower(pair, cytoplasm=RING, parent=owner)
    follower.stop()
    pair.found.nuclei.paint((10, 50), 77)
    assert not follower._rest.isActive()
