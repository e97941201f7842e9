"""FASTA files, read in the background for the sequence box."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_celle.errors import SequenceError
from napari_celle.files.fasta import fasta_text, read_fasta
from napari_celle.types import OnStep, SequenceRecord
from napari_celle.ui.job import Job

MOST_LETTERS = 200_000
"""Longest text that the box takes: about 400 proteins; longer ones make typing slow."""

FILTER = "FASTA (*.fasta *.fa *.faa *.FASTA *.FA *.FAA);;All files (*)"


class FastaFiles(QObject):
    """Reads FASTA files in a job; of two requests at once the later one counts."""

    read = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._next: tuple[Path, ...] = ()

    def choose(self) -> None:
        """Let the user choose files, and read them."""
        paths, _ = QFileDialog.getOpenFileNames(self.parent(), "Open FASTA", "", FILTER)
        if paths:
            self.open([Path(path) for path in paths])

    def open(self, paths: Sequence[Path]) -> None:
        """Read files in a thread; ``read`` brings all their proteins as one FASTA text, or ``failed`` an error."""
        if self._job is not None:
            self._next = tuple(paths)
            self._job.cancel()
            return
        self._job = Job(partial(_read, tuple(paths)), owner=self)
        self._job.returned.connect(self._take)
        self._job.errored.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()

    def _take(self, text: str) -> None:
        self.read.emit(text)

    def _fail(self, error: BaseException) -> None:
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None
        paths, self._next = self._next, ()
        if paths:
            self.open(paths)


def _read(paths: Sequence[Path], on_step: OnStep) -> str:
    """Return the proteins of files as one FASTA text; runs in the thread of the job."""
    records: list[SequenceRecord] = []
    for number, path in enumerate(paths):
        on_step("Reading", number, len(paths))
        records += _records(path)
    text = fasta_text(records)
    if len(text) > MOST_LETTERS:
        raise SequenceError(too_long(f"{len(records):,} proteins have together", len(text)))
    return text


def _records(path: Path) -> list[SequenceRecord]:
    """Return the proteins of a file; one without a name gets that of the file. Errors say the name, not the folder."""
    if path.is_file() and path.stat().st_size > 2 * MOST_LETTERS:
        raise SequenceError(too_long(f"{path.name} has", path.stat().st_size))
    try:
        return [replace(record, name=record.name or _word(path.stem)) for record in read_fasta(path)]
    except SequenceError as error:
        raise SequenceError(str(error).replace(str(path), path.name)) from None


def _word(stem: str) -> str:
    return "-".join(stem.split())


def too_long(what: str, letters: int) -> str:
    """Say that a text does not fit into the box, and what to do."""
    return (
        f"{what} {letters:,} letters; the box takes {MOST_LETTERS:,}, about 400 proteins. "
        "Cut out those you want, or predict them all with napari-celle predict --fasta."
    )
