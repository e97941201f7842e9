"""What is said and offered when cellpose cannot be used."""

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QPushButton, QVBoxLayout, QWidget

from napari_celle.ui.texts import show_text, wrapped_label


class WeightsBox(QWidget):
    """Says how to get cellpose, and offers the two ways on: the built-in method, or a weight file."""

    built_in_wanted = Signal()
    file_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.message = wrapped_label()
        self.built_in_button = QPushButton("Use the built-in method")
        self.file_button = QPushButton("Choose the weight file…")
        self.built_in_button.setToolTip("Find the nuclei without cellpose; needs no weights")
        self.file_button.setToolTip("Use a weight file of cellpose 4 on this computer; it is checked first")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.message, self.built_in_button, self.file_button):
            column.addWidget(widget)
        self.built_in_button.clicked.connect(self.built_in_wanted)
        self.file_button.clicked.connect(self._choose)
        self.hide()

    def explain(self, text: str) -> None:
        """Say what is missing, and show the buttons; "" hides all."""
        show_text(self.message, text, is_error=True)
        self.setVisible(bool(text))

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Weight file of cellpose 4 (cpsam_v2)")
        if name:
            self.file_chosen.emit(Path(name))
