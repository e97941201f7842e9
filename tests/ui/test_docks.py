"""What holds for every dock: each field says what it is, can be reached by keyboard, and takes no key of the viewer."""

import pytest
from qtpy.QtCore import Qt, QThreadPool
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
)

from napari_celle.models.registry import model_info
from napari_celle.ui.session import Session

DOCKS = ("Predict localization", "Find nuclei", "Compare with experiment", "Models and devices")
FIELDS = (QAbstractSpinBox, QCheckBox, QComboBox, QPlainTextEdit, QPushButton, QTextEdit, QLineEdit)


class TinySession(Session):
    """Knows the toy model only."""

    def models(self):
        return (model_info("tiny"),)


@pytest.fixture(params=DOCKS)
def dock(request, make_napari_viewer, monkeypatch):
    session = TinySession(device="cpu")
    for name in ("predict", "nuclei", "models"):
        monkeypatch.setattr(f"napari_celle.ui.{name}.widget.shared_session", lambda: session)
    viewer = make_napari_viewer()
    _, widget = viewer.window.add_plugin_dock_widget("napari-celle", request.param)
    yield viewer, widget
    QThreadPool.globalInstance().waitForDone(10_000)


def _fields(widget):
    """Give the fields, without the parts that Qt makes fields of."""
    found = [field for kind in FIELDS for field in widget.findChildren(kind)]
    return [field for field in found if not isinstance(field.parentWidget(), FIELDS)]


def test_every_field_says_what_it_is(dock):
    _, widget = dock
    fields = _fields(widget)
    assert len(fields) >= 5
    assert [field for field in fields if not field.toolTip()] == []


def test_every_field_can_be_reached_by_keyboard(dock):
    _, widget = dock
    assert [field for field in _fields(widget) if not field.focusPolicy() & Qt.FocusPolicy.TabFocus] == []


def test_no_dock_takes_a_key_of_the_viewer(dock, make_napari_viewer):
    viewer, _ = dock
    assert viewer.keymap == make_napari_viewer().keymap


def test_every_dock_fits_beside_the_image(dock):
    _, widget = dock
    assert widget.minimumSizeHint().width() <= 400
    assert widget.minimumSizeHint().height() <= 700
