"""The sequence box reads along."""

import pytest

from napari_celle.ui.sequence.box import SequenceBox


@pytest.fixture
def box(qtbot):
    box = SequenceBox()
    qtbot.addWidget(box)
    box.set_window(50)
    box.show()
    return box


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
