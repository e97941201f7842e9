"""The sequence box: plain letters or FASTA, and what was understood of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from qtpy.QtCore import QSignalBlocker, QTimer, Signal
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from napari_celle.errors import SequenceError
from napari_celle.files.fasta import fasta_text
from napari_celle.motifs import Span
from napari_celle.sequence import parse, read_part
from napari_celle.types import SequenceRecord
from napari_celle.ui.job import explain
from napari_celle.ui.sequence.changes_rows import ChangesRows
from napari_celle.ui.sequence.construct import Construct
from napari_celle.ui.sequence.legend import Legend, grey_words
from napari_celle.ui.sequence.marks import Marks, find_marks
from napari_celle.ui.sequence.reading import MOST_LETTERS, FastaFiles, too_long
from napari_celle.ui.sequence.saved import SavedButton
from napari_celle.ui.sequence.text import SequenceText, local_files
from napari_celle.ui.texts import show_text, wrapped_label

PAUSE_MS = 150  # of typing, before marks are found anew


@dataclass(frozen=True, slots=True)
class Protein:
    """What is to be predicted.

    Attributes
    ----------
    record : SequenceRecord
        Name and cleaned sequence, with the tag, or scrambled, as chosen.
    first_residue : int
        0-based start of the part that the model reads.
    """

    record: SequenceRecord
    first_residue: int


class SequenceBox(QWidget):
    """Text box for a protein: plain letters or FASTA; a line below says what was understood.

    Of many records one is chosen in a list; of a sequence longer than the model reads, the first residue. A tag can be
    fused to it, its residues scrambled; what the model reads and what looks like a known signal is marked in the text.

    Parameters
    ----------
    saved : Path or None
        File of recent and favourite proteins; None takes that in the user's folder.
    """

    changed = Signal()

    def __init__(self, *, saved: Path | None = None) -> None:
        super().__init__()
        self._records: tuple[SequenceRecord, ...] = ()
        self._unreadable = self._problem = ""
        self._construct: Construct | None = None
        self._window = 0
        self._marks = Marks()
        self.used = 0.0  # when something changed here last: of several boxes that one takes a dropped file
        self.open_button = QPushButton("Open FASTA…")
        self.saved = SavedButton(saved)
        self.text = SequenceText()
        self.record, self.first = QComboBox(), QSpinBox()
        self.changes = ChangesRows()
        self.status, self.legend = wrapped_label(), Legend()
        self._first_row = QWidget()
        self._files = FastaFiles(self)
        self._pause = QTimer(self)
        self._lay_out()
        self._connect()
        self._read()

    @property
    def protein(self) -> Protein | None:
        """What to predict, or None while there is nothing, or something that is no protein."""
        if self._construct is None:
            return None
        return Protein(record=self._construct.record, first_residue=self.first.value() - 1)

    @property
    def reason(self) -> str:
        """Why there is no protein, or ""."""
        return self._problem

    def set_window(self, residues: int) -> None:
        """Say how many residues the chosen model reads; 0 means any number."""
        self._window = residues
        self._choose()

    def remember(self) -> None:
        """Put the protein at the top of the recent ones; call it when it is predicted."""
        self.saved.remember()

    def open_files(self, paths: Sequence[Path]) -> None:
        """Read FASTA files in the background; their records fill the box, or a line says what is wrong."""
        self._files.open(paths)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files of this computer."""
        mime = event.mimeData() if event is not None else None
        if event is not None and mime is not None and local_files(mime):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Read them."""
        mime = event.mimeData() if event is not None else None
        if event is not None and mime is not None:
            self.open_files(local_files(mime))
            event.acceptProposedAction()

    def _lay_out(self) -> None:
        self.setAcceptDrops(True)
        self.open_button.setToolTip("Read proteins from FASTA files; they can also be dropped here or on the image")
        self.record.setToolTip("Record of the FASTA to predict")
        self.record.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.first.setToolTip("First residue that the model reads, counted from 1 in the predicted protein")
        buttons, first = QHBoxLayout(), QHBoxLayout(self._first_row)
        buttons.addWidget(self.open_button, stretch=1)
        buttons.addWidget(self.saved, stretch=1)
        first.setContentsMargins(0, 0, 0, 0)
        first.addWidget(QLabel("Read from residue"))
        first.addWidget(self.first, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(buttons)
        for widget in (self.text, self.legend, self.record, self.changes, self._first_row, self.status):
            column.addWidget(widget)
        column.addStretch()

    def _connect(self) -> None:
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._mark)
        self.text.textChanged.connect(self._read)
        self.text.cursorPositionChanged.connect(self._tell)
        self.text.files_given.connect(self.open_files)
        self.record.currentIndexChanged.connect(self._pick)
        self.changes.changed.connect(self._choose)
        self.first.valueChanged.connect(self._show)
        self.open_button.clicked.connect(self._files.choose)
        self._files.read.connect(self.text.replace)
        self._files.failed.connect(self._fail)
        self.saved.chosen.connect(self._recall)
        self.saved.failed.connect(self._fail)

    def _read(self) -> None:
        """Parse the text anew; the same record stays chosen while their names are the same."""
        text = self.text.toPlainText()
        names = [record.name for record in self._records]
        self._records, self._unreadable = (), ""
        try:
            self._records = _parsed(text)
        except SequenceError as error:
            self._unreadable = str(error)
        at = self.record.currentIndex() if names == [record.name for record in self._records] else 0
        with QSignalBlocker(self.record):
            self.record.clear()
            for number, record in enumerate(self._records, start=1):
                self.record.addItem(f"{record.name or f'record {number}'} ({len(record.sequence):,} residues)")
            self.record.setCurrentIndex(at if self._records else -1)
        self._choose()

    def _pick(self) -> None:
        """Another record: bring it into view."""
        self._choose()
        self._mark()
        self.text.reveal(self._marks.first)

    def _choose(self) -> None:
        """Another protein, change or model: offer the first residue when only a part can be read."""
        self._problem, self._construct = self._unreadable, None
        at = self.record.currentIndex()
        if 0 <= at < len(self._records):
            try:
                self._construct = self.changes.changes.made(self._records[at])
            except SequenceError as error:
                self._problem = str(error)
        length = len(self._construct.record.sequence) if self._construct else 0
        is_long = 0 < self._window < length
        with QSignalBlocker(self.first):
            self.first.setRange(1, max(length, 1) if is_long else 1)
            self.first.setValue(1)
        self.record.setVisible(len(self._records) > 1)
        self._first_row.setVisible(is_long)
        self._show()

    def _show(self) -> None:
        """Tell what was understood."""
        self.used = monotonic()
        if self._construct is None:
            has_text = bool(self.text.toPlainText().strip())
            show_text(self.status, self._problem if has_text else "", is_error=True)
        else:
            show_text(self.status, self._construct.summary(self._part))
        self.saved.set_current(self._construct.record if self._construct else None)
        self._pause.start()
        self.changed.emit()

    @property
    def _part(self) -> Span:
        """Which residues of the predicted protein the model reads."""
        length = len(self._construct.record.sequence) if self._construct else 0
        if not 0 < self._window < length:
            return 0, length
        return read_part(length, window=self._window, first_residue=self.first.value() - 1)

    def _mark(self) -> None:
        """Find what is to be marked, and mark it."""
        self._marks = Marks()
        if self._construct is not None:
            self._marks = find_marks(
                self.text.toPlainText(),
                self._construct,
                record=self.record.currentIndex(),
                read=self._part,
            )
        self.text.mark(self._marks)
        self._tell()

    def _tell(self) -> None:
        """Say what the marks mean."""
        grey = grey_words(self._construct, read=self._part, several=len(self._records) > 1)
        self.legend.tell(self._marks, at_cursor=self.text.motifs_at_cursor(), grey=grey)

    def _fail(self, error: BaseException) -> None:
        show_text(self.status, explain(error), is_error=True)

    def _recall(self, record: SequenceRecord) -> None:
        """Put a saved protein in as it was predicted."""
        self.changes.reset()
        self.text.replace(fasta_text([record]) if record.name else record.sequence)


def _parsed(text: str) -> tuple[SequenceRecord, ...]:
    if not text.strip():
        raise SequenceError("Enter a protein sequence.")
    if len(text) > MOST_LETTERS:
        raise SequenceError(too_long("The text has", len(text)))
    return parse(text)
