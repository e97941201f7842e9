"""The fields that widgets share: a sequence box that reads along, and a nucleus picker that follows the viewer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari.layers import Image
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtGui import QFontDatabase
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from napari_celle.errors import SequenceError
from napari_celle.sequence import parse, read_part
from napari_celle.types import SequenceRecord
from napari_celle.ui.layers import is_prediction

if TYPE_CHECKING:
    from napari.components import LayerList

RED = "#ff6b6b"  # readable on napari's dark and on its light theme
GREY = "#7b8290"
NUCLEUS_WORDS = ("nucle", "dapi", "hoechst", "dna")


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


@dataclass(frozen=True, slots=True)
class Protein:
    """What stands in the sequence box.

    Attributes
    ----------
    record : SequenceRecord
        Name and cleaned sequence.
    first_residue : int
        0-based start of the part that the model reads.
    """

    record: SequenceRecord
    first_residue: int


class SequenceBox(QWidget):
    """Text box for a protein: plain letters or FASTA; a line below says what was understood.

    Of many records one is chosen in a list; of a sequence longer than the model reads, the first residue.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._records: tuple[SequenceRecord, ...] = ()
        self._window = 0
        self._problem = ""
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText("MSKGEELFTG… one-letter code or FASTA")
        self.text.setToolTip(
            "Protein in one-letter code, or FASTA with one or many records.\n"
            "White space, line numbers and a trailing * are cleaned."
        )
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        self.text.setStyleSheet(f"QPlainTextEdit {{ border: 1px solid {GREY}; border-radius: 2px; padding: 2px; }}")
        self.text.setFixedHeight(110)
        self.record = QComboBox()
        self.record.setToolTip("Record of the pasted FASTA to predict")
        self.record.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.first = QSpinBox()
        self.first.setToolTip("First residue that the model reads, counted from 1")
        self.status = wrapped_label()
        self._first_row = QWidget()
        self._lay_out()
        self.text.textChanged.connect(self._read)
        self.record.currentIndexChanged.connect(self._choose)
        self.first.valueChanged.connect(self._show)
        self._read()

    @property
    def protein(self) -> Protein | None:
        """What to predict, or None while there is nothing, or something that is no protein."""
        at = self.record.currentIndex()
        if not 0 <= at < len(self._records):
            return None
        return Protein(record=self._records[at], first_residue=self.first.value() - 1)

    @property
    def reason(self) -> str:
        """Why there is no protein, or ""."""
        return self._problem

    def set_window(self, residues: int) -> None:
        """Say how many residues the chosen model reads; 0 means any number."""
        self._window = residues
        self._choose()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._first_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel("Read from residue"))
        row.addWidget(self.first, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.text, self.record, self._first_row, self.status):
            column.addWidget(widget)

    def _read(self) -> None:
        """Parse the text anew."""
        text = self.text.toPlainText()
        self._records, self._problem = (), ""
        if text.strip():
            try:
                self._records = parse(text)
            except SequenceError as error:
                self._problem = str(error)
        else:
            self._problem = "Enter a protein sequence."
        with QSignalBlocker(self.record):
            self.record.clear()
            for number, record in enumerate(self._records, start=1):
                self.record.addItem(f"{record.name or f'record {number}'} ({len(record.sequence):,} residues)")
        self._choose()

    def _choose(self) -> None:
        """Another record or model: offer the first residue when only a part can be read."""
        protein = self.protein
        length = len(protein.record.sequence) if protein else 0
        is_long = 0 < self._window < length
        with QSignalBlocker(self.first):
            self.first.setRange(1, max(length, 1) if is_long else 1)
            self.first.setValue(1)
        self.record.setVisible(len(self._records) > 1)
        self._first_row.setVisible(is_long)
        self._show()

    def _show(self) -> None:
        """Tell what was understood."""
        protein = self.protein
        if protein is None:
            has_text = bool(self.text.toPlainText().strip())
            show_text(self.status, self._problem if has_text else "", is_error=True)
        else:
            show_text(self.status, self._summary(protein))
        self.changed.emit()

    def _summary(self, protein: Protein) -> str:
        length = len(protein.record.sequence)
        if not 0 < self._window < length:
            return f"{length:,} residues, all read by the model"
        start, stop = read_part(length, window=self._window, first_residue=protein.first_residue)
        return f"{length:,} residues; the model reads {start + 1:,} to {stop:,}"


class NucleusPicker(QComboBox):
    """The image layers of a viewer, by name; follows what is added, removed, moved and renamed.

    Until one is chosen, a layer whose name speaks of nuclei or DNA is.

    Layers are held as item data and compared with ``==``: what a widget gets from its viewer are proxies.
    """

    changed = Signal()

    def __init__(self, layers: "LayerList") -> None:
        super().__init__()
        self._layers = layers
        self.setToolTip("Image layer that shows the nuclei: one channel, for example DAPI or Hoechst")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        for event in (layers.events.inserted, layers.events.removed, layers.events.reordered, layers.events.renamed):
            event.connect(self._refresh)
        self.currentIndexChanged.connect(self.changed)
        self._refresh()

    @property
    def layer(self) -> Image | None:
        """The chosen layer, or None when there is no image."""
        return self.currentData()

    @property
    def reason(self) -> str:
        """Why there is no layer, or ""."""
        if self.layer is None:
            return "Open an image with a nucleus channel, or File > Open Sample."
        if self.layer.rgb:
            return f"{self.layer.name} is an RGB photograph. Right click it > Split RGB, and choose one channel."
        return ""

    def _refresh(self, event: object = None) -> None:
        """List the layers anew and keep the chosen one."""
        chosen = self.layer
        images = [layer for layer in self._layers if isinstance(layer, Image) and not is_prediction(layer)]
        with QSignalBlocker(self):
            self.clear()
            for layer in images:
                self.addItem(layer.name, layer)
            kept = [at for at, layer in enumerate(images) if layer == chosen]
            likely = [at for at, layer in enumerate(images) if any(w in layer.name.lower() for w in NUCLEUS_WORDS)]
            self.setCurrentIndex([*kept, *likely, 0][0] if images else -1)
        self.changed.emit()
