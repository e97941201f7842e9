"""The sequence box: plain letters or FASTA, and what was understood of them."""

from dataclasses import dataclass

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtGui import QFontDatabase
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from napari_celle.errors import SequenceError
from napari_celle.sequence import parse, read_part
from napari_celle.types import SequenceRecord
from napari_celle.ui.texts import GREY, show_text, wrapped_label


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
