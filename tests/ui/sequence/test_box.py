"""The sequence box reads along."""

import random
from time import perf_counter

from qtpy.QtCore import QCoreApplication, QEvent, Qt, QThreadPool
from qtpy.QtWidgets import QApplication

from napari_celle.files.saved_sequences import read_saved
from napari_celle.sequence import AMINO_ACIDS, MAX_RESIDUES
from napari_celle.tags import TAGS
from napari_celle.types import SequenceRecord
from napari_celle.ui.sequence.box import SequenceBox
from napari_celle.ui.sequence.reading import MOST_LETTERS

NLS = "MSEEGPKKKRKVEDS"
TWO = ">gfp\nMSKGEELFTG\n>nls\nMSEEGPKK\nKRKVEDS\n"


def test_an_empty_box_asks_for_a_sequence_without_shouting(box):
    assert box.protein is None
    assert box.reason == "Enter a protein sequence."
    assert not box.status.isVisible()


def test_a_pasted_sequence_is_cleaned_and_counted(box):
    box.text.setPlainText("  1 mskgeelftg vvpil*\n")
    assert box.protein.record.sequence == "MSKGEELFTGVVPIL"
    assert box.status.text() == "15 residues, all read by the model"
    assert box.reason == ""


def test_a_digit_inside_the_letters_is_named_in_red(box):
    box.text.setPlainText("MSK4GEEL")
    assert box.protein is None
    assert "'4' at position 4" in box.status.text()
    assert "color" in box.status.styleSheet()
    box.text.setPlainText("MSKGEEL")
    assert box.status.styleSheet() == ""


def test_of_a_long_sequence_the_first_residue_can_be_chosen(box):
    box.text.setPlainText("M" * 120)
    assert box.status.text() == "120 residues; the model reads 1 to 50"
    assert box.first.isVisible()
    box.first.setValue(101)
    assert box.status.text() == "120 residues; the model reads 101 to 120"
    assert box.protein.first_residue == 100
    box.text.setPlainText("MSKGEEL")
    assert not box.first.isVisible()
    assert box.protein.first_residue == 0


def test_of_many_records_one_is_chosen(box):
    box.text.setPlainText(">gfp\nMSKGEELFTG\n>nls\nKRPAATKKAGQAKKKK\n")
    assert box.record.isVisible()
    assert [box.record.itemText(i) for i in range(2)] == ["gfp (10 residues)", "nls (16 residues)"]
    box.record.setCurrentIndex(1)
    assert box.protein.record.name == "nls"
    assert box.status.text().startswith("16 residues")
    box.text.setPlainText("MSKGEELFTG")
    assert not box.record.isVisible()


def _grey(box):
    """Return what is grey in the text."""
    text = box.text.toPlainText()
    return [text[start:stop] for start, stop in box._marks.unread]


def test_the_chosen_record_stays_chosen_while_its_letters_are_typed(qtbot, box):
    box.text.setPlainText(TWO)
    box.record.setCurrentIndex(1)
    cursor = box.text.textCursor()
    cursor.setPosition(len(TWO) - 1)
    box.text.setTextCursor(cursor)
    qtbot.keyClicks(box.text, "W")
    assert box.protein.record == SequenceRecord("nls", f"{NLS}W")
    box.text.setPlainText(">other\nMSKG\n>nls\nMSKGE\n")
    assert box.protein.record.name == "other"


def test_what_the_model_reads_is_marked_in_the_chosen_record(box, marked):
    box.set_window(8)
    box.text.setPlainText(TWO)
    box.record.setCurrentIndex(1)
    box.first.setValue(5)
    marked()
    assert _grey(box) == [">gfp\nMSKGEELFTG\n>nls\nMSEE", "EDS\n"]
    assert "Grey: not read by the model" in box.legend.text()
    assert "NLS" in box.legend.text()


def test_a_record_that_is_chosen_comes_into_view(box):
    box.text.setPlainText("".join(f">p{number}\nMSKGEELFTG\n" for number in range(40)) + f">last\n{NLS}")
    box.record.setCurrentIndex(40)
    assert box.text.textCursor().block().text() == NLS
    assert box.text.verticalScrollBar().value() > 0


def test_the_cursor_in_a_signal_shows_it_in_the_legend(box, marked):
    box.text.setPlainText(NLS)
    marked()
    cursor = box.text.textCursor()
    cursor.setPosition(8)
    box.text.setTextCursor(cursor)
    assert "residues 7-11" in box.legend.text()


def test_marks_go_with_the_protein(box, marked):
    box.text.setPlainText(NLS)
    assert marked().motifs
    box.text.setPlainText("MSK4")
    assert not marked().motifs
    assert box.text.extraSelections() == []
    assert box.legend.isHidden()


def test_the_tagged_protein_is_predicted_and_named(box, marked):
    box.set_window(0)
    box.text.setPlainText(f">ACTB\n{NLS}")
    box.changes.tag.setCurrentText("eGFP")
    assert box.protein.record == SequenceRecord("ACTB-eGFP", NLS + TAGS["eGFP"].sequence[1:])
    assert box.status.text() == "253 residues with eGFP at the C terminus, all read by the model"
    box.changes.terminus.setCurrentText("at N terminus")
    assert box.protein.record.name == "eGFP-ACTB"
    marked()
    assert _grey(box) == [">ACTB\nM"]


def test_a_bad_linker_is_explained_and_stops_a_run(box):
    box.text.setPlainText(NLS)
    box.changes.tag.setCurrentText("HA")
    box.changes.linker.setEditText("G4")
    assert box.protein is None
    assert box.reason.startswith("Linker: '4' at position 2")
    assert "color" in box.status.styleSheet()
    box.changes.linker.setEditText("GG")
    assert box.reason == ""


def test_the_scrambled_control_is_predicted_and_said(box, marked):
    box.text.setPlainText(f">nls\n{NLS}")
    box.changes.scrambled.setChecked(True)
    marked()
    assert box.protein.record.name == "nls-scrambled"
    assert box.status.text() == "15 residues scrambled (seed 0), all read by the model"
    assert box.legend.text() == "Grey: predicted in random order, not in this one"


def test_a_remembered_protein_comes_back_as_it_was_predicted(box, saved):
    box.text.setPlainText(f">nls\n{NLS}")
    box.changes.tag.setCurrentText("HA")
    box.remember()
    predicted = box.protein
    assert read_saved(saved).recent == (predicted.record,)
    box.text.setPlainText("MSKG")
    box.saved.menu().aboutToShow.emit()
    box.saved.menu().actions()[-1].trigger()
    assert box.protein == predicted
    assert box.changes.changes.tag == ""
    box.text.undo()
    assert box.text.toPlainText() == "MSKG"


def test_nothing_is_remembered_while_there_is_no_protein(box, saved):
    box.text.setPlainText("MSK4")
    box.remember()
    assert not saved.exists()


def test_a_file_dropped_on_the_box_or_its_text_fills_it(qtbot, box, drop, fasta):
    assert drop(box, fasta)
    qtbot.waitUntil(lambda: box.record.count() == 2)
    box.text.clear()
    assert drop(box.text.viewport(), fasta)
    qtbot.waitUntil(lambda: box.record.count() == 2)
    assert box.protein.record == SequenceRecord("gfp", "MSKGEELFTG")


def test_a_bad_file_is_one_sentence_until_something_is_typed(qtbot, box, drop, tmp_path):
    box.text.setPlainText(NLS)
    drop(box, tmp_path / "none.fasta")
    qtbot.waitUntil(lambda: "There is no file none.fasta" in box.status.text())
    assert box.protein is not None
    qtbot.keyClicks(box.text, "M")
    assert box.status.text() == "16 residues, all read by the model"


def test_a_text_that_would_make_typing_slow_is_refused(box):
    box.text.setPlainText("M" * (MOST_LETTERS + 1))
    assert box.reason.startswith("The text has 200,001 letters; the box takes 200,000")


def test_typing_in_the_longest_protein_does_not_freeze_the_window(qtbot, box, marked):
    letters = "M" + "".join(random.Random(0).choices(AMINO_ACIDS, k=30_000))
    assert len(letters) < MAX_RESIDUES
    box.text.replace(letters)
    marked()
    seconds = []
    for _ in range(5):
        start = perf_counter()
        qtbot.keyClicks(box.text, "K")
        QApplication.processEvents()
        seconds.append(perf_counter() - start)
    start = perf_counter()
    box._mark()
    assert min(seconds) < 0.1
    assert perf_counter() - start < 0.3  # when the keys rest
    assert box.protein.record.sequence == "KKKKK" + letters


def test_a_pause_marks_once_and_not_for_each_letter(qtbot, box, marked, monkeypatch):
    calls = []
    monkeypatch.setattr(box.text, "mark", calls.append)
    qtbot.keyClicks(box.text, NLS)
    marked()
    assert len(calls) == 1


def test_tab_goes_through_all_fields_in_their_order(qtbot, box):
    box.text.setPlainText("M" * 120)
    box.changes.tag.setCurrentText("HA")
    box.changes.scrambled.setChecked(True)
    changes = box.changes
    order = [box.open_button, box.saved, box.text, changes.tag, changes.terminus, changes.linker]
    order += [changes.scrambled, changes.seed, box.first]
    box.open_button.setFocus()
    for field in order[1:]:
        qtbot.keyClick(box.focusWidget(), Qt.Key.Key_Tab)
        focused = box.focusWidget()
        assert focused is field or field.isAncestorOf(focused)
    assert "\t" not in box.text.toPlainText()


def test_every_field_has_a_tooltip_and_fits_a_narrow_dock(box):
    box.text.setPlainText(f">{'long_name_' * 9}\n" + "M" * 120 + "\n>b\nMSKG")
    box.changes.tag.setCurrentText("mNeonGreen2-11")
    box.changes.scrambled.setChecked(True)
    for field in (box.open_button, box.saved, box.text, box.record, box.first, box.legend):
        assert field.toolTip()
    assert box.minimumSizeHint().width() <= 240


def test_a_closed_dock_leaves_no_timer_and_no_thread_behind(qtbot, fasta):
    box = SequenceBox()
    box.text.setPlainText(NLS)
    box.open_files([fasta])
    gone = []
    box.destroyed.connect(lambda: gone.append(True))
    box.deleteLater()
    QCoreApplication.sendPostedEvents(box, QEvent.Type.DeferredDelete)
    assert gone
    assert QThreadPool.globalInstance().waitForDone(5000)
    qtbot.wait(200)  # what was queued for it arrives nowhere
