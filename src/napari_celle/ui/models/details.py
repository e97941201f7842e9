"""What is known of the chosen weights, and where they are: folder, address and hash to open and to copy."""

from typing import TYPE_CHECKING

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices, QGuiApplication
from qtpy.QtWidgets import QFormLayout, QGroupBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from napari_celle.ui.models.words import spoken_bytes
from napari_celle.ui.texts import show_text, wrapped_label

if TYPE_CHECKING:
    from napari_celle.models.checkpoints.inventory import Weights

NOWHERE = "No public address is known. Ask its authors for the files, then import them."


class ShownText(QWidget):
    """A line of text that may be longer than the dock, to read, select and copy, with a button.

    Parameters
    ----------
    button : str
        Text of the button.
    tooltip : str
        Of the button.
    """

    def __init__(self, button: str, *, tooltip: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setReadOnly(True)
        self.line.setMinimumWidth(40)
        self._tooltip = tooltip
        self.show_line("")
        self.button = QPushButton(button)
        self.button.setToolTip(tooltip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, stretch=1)
        row.addWidget(self.button)

    def show_line(self, text: str) -> None:
        """Show a text from its beginning."""
        self.line.setText(text)
        self.line.setCursorPosition(0)
        self.line.setToolTip(text or self._tooltip)


class WeightsDetails(QGroupBox):
    """Details of the weights that are chosen in the list."""

    def __init__(self) -> None:
        super().__init__("Details")
        self._weights: Weights | None = None
        self.summary, self.facts, self.licence = wrapped_label(), wrapped_label(), wrapped_label()
        self.folder = ShownText("Open folder", tooltip="Show the files in the computer's own window of files")
        self.link = ShownText("Copy the link", tooltip="Copy the direct address of each file, one a line")
        self.sha256 = ShownText("Copy", tooltip="Copy the SHA-256 over all files")
        self._form = QFormLayout(self)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._form.addRow(self.summary)
        self._form.addRow(self.facts)
        self._form.addRow(self.licence)
        for name, row in (("Folder", self.folder), ("Address", self.link), ("SHA-256", self.sha256)):
            self._form.addRow(name, row)
        self.folder.button.clicked.connect(self._open_folder)
        self.link.button.clicked.connect(self._copy_link)
        self.sha256.button.clicked.connect(self._copy_hash)
        self.show_weights(None)

    def show_weights(self, weights: "Weights | None") -> None:
        """Show other weights, or none."""
        self._weights = weights
        self.setTitle(weights.name if weights else "Details")
        show_text(self.summary, _summary(weights), is_error=bool(weights and weights.problem))
        show_text(self.facts, _facts(weights) if weights else "")
        show_text(self.licence, f"Licence: {weights.licence}" if weights and weights.licence else "")
        addresses = list((weights.addresses or {}).values()) if weights else []
        self._show_row(self.folder, str(weights.folder) if weights and weights.folder else "")
        self._show_row(self.link, addresses[0] if addresses else "")
        self._show_row(self.sha256, weights.sha256 if weights else "")

    def _show_row(self, row: ShownText, text: str) -> None:
        row.show_line(text)
        self._form.setRowVisible(row, bool(text))

    def _open_folder(self) -> None:
        if self._weights is not None and self._weights.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._weights.folder)))

    def _copy_link(self) -> None:
        if self._weights is not None:
            QGuiApplication.clipboard().setText("\n".join((self._weights.addresses or {}).values()))

    def _copy_hash(self) -> None:
        QGuiApplication.clipboard().setText(self.sha256.line.text())


def _summary(weights: "Weights | None") -> str:
    if weights is None:
        return "Choose a row to see more of it."
    nowhere = f" {NOWHERE}" if weights.state == "not known where" and "No public address" not in weights.summary else ""
    return weights.problem or weights.summary + nowhere


def _facts(weights: "Weights") -> str:
    """Return what is read and seen, and what has come of it, in a line."""
    facts = []
    if weights.kind == "model" and not weights.problem:
        reads = f"Reads up to {weights.residues:,} residues" if weights.residues else "Reads no sequence"
        facts.append(f"{reads}; its window is {weights.window_um:.0f} x {weights.window_um:.0f} µm.")
    if weights.kind == "language model":
        facts.append("For published models whose files lack it; fetched with them if it is not here.")
    if weights.arrived:
        facts.append(f"{spoken_bytes(weights.arrived)} have come already: Fetch goes on from there.")
    return " ".join(facts)
