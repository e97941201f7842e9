"""Lines of words in a dock: wrapped, selectable, red when they tell of an error."""

from qtpy.QtCore import Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QLabel, QSizePolicy

RED_ON_DARK, RED_ON_LIGHT = "#ff6b6b", "#b3261e"  # contrast above 5 on napari's themes
GREY = "#7b8290"


def show_text(label: QLabel, text: str, *, is_error: bool = False) -> None:
    """Show a sentence, in red when it is an error; an empty one takes no room."""
    label.setStyleSheet(f"color: {red_for(label)};" if is_error else "")
    label.setText(text)
    label.setVisible(bool(text))


def red_for(label: QLabel) -> str:
    """Choose the red that can be read on what lies behind a label: the words beside it are light where that is dark."""
    beside = label.parentWidget()
    if beside is None:
        return RED_ON_LIGHT
    beside.ensurePolished()  # only then it has the colours of the theme
    words = beside.palette().color(QPalette.ColorRole.WindowText)
    return RED_ON_DARK if words.lightnessF() > 0.5 else RED_ON_LIGHT


def wrapped_label() -> QLabel:
    """Make an empty label that breaks lines, and whose text can be selected and copied."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    label.hide()
    return label
