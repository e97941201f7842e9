"""A sequence box that saves in a folder of the test, and files that are dropped on it as the system does."""

import pytest
from qtpy.QtCore import QEvent, QMimeData, QPointF, Qt, QThreadPool, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication

from napari_celle.ui.sequence.box import SequenceBox
from napari_celle.ui.sequence.drop import _arrivals


@pytest.fixture(autouse=True)
def saved(tmp_path, monkeypatch):
    """The file of saved proteins: never that of who runs the tests."""
    path = tmp_path / "user" / "sequences.json"
    monkeypatch.setattr("napari_celle.ui.sequence.saved.saved_sequences_path", lambda: path)
    return path


@pytest.fixture
def box(qtbot):
    box = SequenceBox()
    qtbot.addWidget(box)
    box.set_window(50)
    box.show()
    yield box
    QThreadPool.globalInstance().waitForDone(5000)


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "two proteins.fasta"
    path.write_text(">gfp first\nMSKGEELFTG\n>nls\nKRPAATKKAGQAKKKK\n")
    return path


@pytest.fixture
def marked(qtbot, box):
    """Wait until the text of the box is marked."""

    def wait():
        qtbot.waitUntil(lambda: not box._pause.isActive(), timeout=2000)
        return box._marks

    return wait


@pytest.fixture
def drop():
    """Drop files on a widget, as the window system does; tells whether it wanted them."""

    def drop_on(widget, *paths):
        return _drop(widget, widget.rect().center(), paths)

    return drop_on


@pytest.fixture
def drop_through_window():
    """Drop files on the window above the middle of a widget: Qt finds out which widget takes them."""

    def drop_above(widget, *paths):
        window = widget.window()
        return _drop(window.windowHandle(), widget.mapTo(window, widget.rect().center()), paths)

    return drop_above


def _drop(receiver, at, paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    what = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(at, *what)
    enter.ignore()
    QApplication.sendEvent(receiver, enter)
    QApplication.sendEvent(receiver, QDropEvent(QPointF(at), *what, QEvent.Type.Drop))
    return enter.isAccepted()


@pytest.fixture(autouse=True)
def first_drop():
    """No file was dropped in a test before."""
    _arrivals.cache_clear()
