"""Lines of words in a dock: wrapped, selectable, red when they tell of an error."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

RED = "#ff6b6b"  # readable on napari's dark and on its light theme
GREY = "#7b8290"


def show_text(label: QLabel, text: str, *, is_error: bool = False) -> None:
    """Show a sentence, in red when it is an error; an empty one takes no room."""
    label.setStyleSheet(f"color: {RED};" if is_error else "")
    label.setText(text)
    label.setVisible(bool(text))


def wrapped_label() -> QLabel:
    """Make an empty label that breaks lines, and whose text can be selected and copied."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    label.hide()
    return label
