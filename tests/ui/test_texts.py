"""Words in a dock can be read on what lies behind them."""

import pytest
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_celle.ui.texts import RED_ON_DARK, RED_ON_LIGHT, show_text, wrapped_label


@pytest.fixture
def dock(qtbot):
    dock = QWidget()
    qtbot.addWidget(dock)
    QVBoxLayout(dock)
    return dock


@pytest.mark.parametrize(
    ("words", "behind", "red"), [("#f0f1f2", "#262930", RED_ON_DARK), ("#3b3a39", "#efebe9", RED_ON_LIGHT)]
)
def test_an_error_is_red_as_it_can_be_read_on_what_lies_behind(dock, words, behind, red):
    label = wrapped_label()
    dock.layout().addWidget(label)
    dock.setStyleSheet(f"QWidget {{ color: {words}; background-color: {behind}; }}")
    show_text(label, "It went wrong.", is_error=True)
    assert red in label.styleSheet()
    show_text(label, "All is well.")
    assert label.styleSheet() == ""


def test_a_label_that_is_nowhere_yet_can_tell_of_an_error(qtbot):
    label = wrapped_label()
    qtbot.addWidget(label)
    show_text(label, "It went wrong.", is_error=True)
    assert label.text() == "It went wrong."
    assert "color" in label.styleSheet()


def test_an_empty_text_takes_no_room(dock):
    label = wrapped_label()
    dock.layout().addWidget(label)
    show_text(label, "Words")
    assert not label.isHidden()
    show_text(label, "")
    assert label.isHidden()
