"""The text draws its marks without touching the document, tells about them, and takes files."""

import pytest
from qtpy.QtCore import QEvent, QMimeData, QPoint, QUrl
from qtpy.QtGui import QColor, QHelpEvent
from qtpy.QtWidgets import QApplication, QToolTip

from napari_celle.motifs import find_motifs
from napari_celle.ui.sequence.marks import MarkedMotif, Marks
from napari_celle.ui.sequence.text import GREY, NLS, SequenceText

PROTEIN = "MSEEGPKKKRKVEDS"  # residues 7-11 look like a monopartite NLS
MARKS = Marks(unread=((0, 3), (13, 15)), motifs=(MarkedMotif(find_motifs(PROTEIN)[0], ((6, 11),)),))


@pytest.fixture
def text(qtbot):
    text = SequenceText()
    qtbot.addWidget(text)
    text.resize(240, 110)
    text.show()
    return text


def _hover(text, place, *, right=False):
    """Rest the mouse on the left or right half of a character."""
    cursor = text.textCursor()
    cursor.setPosition(place)
    box = text.cursorRect(cursor)
    width = text.fontMetrics().horizontalAdvance("K")
    at = QPoint(box.x() + (3 * width // 4 if right else width // 4 + 1), box.center().y())
    event = QHelpEvent(QEvent.Type.ToolTip, at, text.viewport().mapToGlobal(at))
    QApplication.sendEvent(text.viewport(), event)
    return QToolTip.text()


def test_marks_are_drawn_in_grey_and_underlined(text):
    text.setPlainText(PROTEIN)
    text.mark(MARKS)
    drawn = text.extraSelections()
    assert [one.cursor.selectedText() for one in drawn] == ["MSE", "DS", "KKKRK"]
    assert drawn[0].format.foreground().color() == QColor(GREY)
    assert drawn[2].format.underlineColor() == QColor(NLS)


def test_marks_leave_undo_alone(qtbot, text):
    qtbot.keyClicks(text, PROTEIN)
    text.mark(MARKS)
    qtbot.keyClicks(text, "K")
    text.mark(Marks())
    text.undo()
    while text.document().isUndoAvailable():
        text.undo()
    assert text.toPlainText() == ""
    while text.document().isRedoAvailable():
        text.redo()
    assert text.toPlainText() == f"{PROTEIN}K"


def test_what_is_put_in_can_be_undone(text):
    text.setPlainText(PROTEIN)
    text.replace("MSKG")
    assert text.toPlainText() == "MSKG"
    assert text.textCursor().position() == 0
    text.undo()
    assert text.toPlainText() == PROTEIN


def test_the_mouse_on_a_signal_shows_what_it_is_and_that_it_is_a_hint(text):
    text.setPlainText(PROTEIN)
    text.mark(MARKS)
    shown = _hover(text, 6).replace("\n", " ")
    assert shown.startswith("monopartite NLS, residues 7-11 (KKKRK)")
    assert "not a prediction" in shown
    assert max(map(len, QToolTip.text().splitlines())) <= 64


@pytest.mark.parametrize(("place", "right", "is_in"), [(5, True, False), (6, False, True), (10, True, True)])
def test_the_character_below_the_mouse_counts(text, place, right, is_in):
    text.setPlainText(PROTEIN)
    text.mark(MARKS)
    assert ("monopartite" in _hover(text, place, right=right)) is is_in


def test_the_cursor_in_a_signal_tells_too(text):
    text.setPlainText(PROTEIN)
    text.mark(MARKS)
    assert text.motifs_at_cursor() == ()
    cursor = text.textCursor()
    cursor.setPosition(8)
    text.setTextCursor(cursor)
    assert [motif.name for motif in text.motifs_at_cursor()] == ["monopartite NLS"]


def test_pasted_files_are_given_away_and_pasted_text_is_text(qtbot, text, tmp_path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.fasta"))])
    assert text.canInsertFromMimeData(mime)
    with qtbot.waitSignal(text.files_given) as given:
        text.insertFromMimeData(mime)
    assert given.args == [[tmp_path / "a.fasta"]]
    assert text.toPlainText() == ""
    words = QMimeData()
    words.setText(PROTEIN)
    text.insertFromMimeData(words)
    assert text.toPlainText() == PROTEIN


def test_what_is_revealed_is_at_the_top(text):
    text.setPlainText("\n".join(["MSKGEELFTG"] * 60))
    for line in (30, 10):  # from above and from below
        text.reveal(line * 11)
        assert text.textCursor().blockNumber() == line
        assert text.cursorRect().top() < text.fontMetrics().height()
