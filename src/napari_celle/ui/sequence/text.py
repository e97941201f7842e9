"""The text of the sequence box: marks over it, words about them on hover, files that are dropped."""

from pathlib import Path
from textwrap import fill

from qtpy.QtCore import QEvent, QMimeData, QPoint, Signal
from qtpy.QtGui import QColor, QFontDatabase, QHelpEvent, QTextCharFormat, QTextCursor, QTextOption
from qtpy.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip

from napari_celle.motifs import Kind, Motif, Span
from napari_celle.ui.sequence.marks import Marks
from napari_celle.ui.texts import GREY

NLS, NES, OTHER = "#e0479e", "#1a9fc0", "#3c9f54"  # magenta, cyan, green: told apart by all, on dark and on light
LOOKS: dict[Kind, tuple[str, QTextCharFormat.UnderlineStyle]] = {
    "nls": (NLS, QTextCharFormat.UnderlineStyle.SingleUnderline),
    "nes": (NES, QTextCharFormat.UnderlineStyle.DashUnderline),
}
OTHER_LOOK = (OTHER, QTextCharFormat.UnderlineStyle.DotLine)
TOOLTIP_WIDTH = 64  # letters


def local_files(mime: QMimeData) -> list[Path]:
    """Return the files of this computer that are dragged or copied."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


class SequenceText(QPlainTextEdit):
    """Plain text whose marks are drawn over it: they are no part of the document, so undo knows nothing of them."""

    files_given = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()
        self.setPlaceholderText("MSKGEELFTG… one-letter code or FASTA")
        self.setToolTip(
            "Protein in one-letter code, or FASTA with one or many records.\n"
            "White space, line numbers and a trailing * are cleaned.\n"
            "FASTA files can be dropped here or on the image."
        )
        self.setAccessibleName("Protein sequence")
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setTabChangesFocus(True)
        self.setStyleSheet(f"QPlainTextEdit {{ border: 1px solid {GREY}; border-radius: 2px; padding: 2px; }}")
        self.setFixedHeight(110)

    def replace(self, text: str) -> None:
        """Put another text in; it can be undone."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.movePosition(QTextCursor.MoveOperation.Start)
        self.setTextCursor(cursor)

    def reveal(self, place: int) -> None:
        """Put the cursor at a place, and show it and what follows."""
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self.setTextCursor(cursor)  # from below, Qt scrolls no farther than to the first line
        cursor.setPosition(place)
        self.setTextCursor(cursor)

    def mark(self, marks: Marks) -> None:
        """Draw these marks, and no others."""
        self._marks = marks
        grey = QTextCharFormat()
        grey.setForeground(QColor(GREY))
        selections = [self._selection(span, grey) for span in marks.unread]
        for marked in marks.motifs:
            look = underline(marked.motif.kind)
            selections += [self._selection(span, look) for span in marked.spans]
        self.setExtraSelections(selections)

    def motifs_at_cursor(self) -> tuple[Motif, ...]:
        """Return the known signals where the cursor is."""
        return self._marks.at(self.textCursor().position())

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what is marked below the mouse."""
        if isinstance(event, QHelpEvent):
            motifs = self._marks.at(self._place(event.pos()))
            if motifs:
                text = "\n\n".join(fill(motif.text, TOOLTIP_WIDTH) for motif in motifs)
                QToolTip.showText(event.globalPos(), text, self.viewport())
                return True
        return bool(super().viewportEvent(event))

    def canInsertFromMimeData(self, source: QMimeData | None) -> bool:
        """Take files too."""
        return source is not None and (bool(local_files(source)) or bool(super().canInsertFromMimeData(source)))

    def insertFromMimeData(self, source: QMimeData | None) -> None:
        """Read files that are dropped or pasted, in place of writing their addresses into the text."""
        files = local_files(source) if source is not None else []
        if files:
            self.files_given.emit(files)
        else:
            super().insertFromMimeData(source)

    def _place(self, point: QPoint) -> int:
        """Return the place of the character below a point of the viewport."""
        cursor = self.cursorForPosition(point)  # the gap nearest to it
        return cursor.position() - int(self.cursorRect(cursor).x() > point.x())

    def _selection(self, span: Span, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(span[0])
        cursor.setPosition(span[1], QTextCursor.MoveMode.KeepAnchor)
        selection.cursor, selection.format = cursor, look
        return selection


def underline(kind: Kind) -> QTextCharFormat:
    """Return how a known signal is drawn."""
    colour, line = LOOKS.get(kind, OTHER_LOOK)
    look = QTextCharFormat()
    look.setUnderlineColor(QColor(colour))
    look.setUnderlineStyle(line)
    return look
