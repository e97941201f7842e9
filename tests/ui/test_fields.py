"""The sequence box reads along; the nucleus picker follows the viewer."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_celle.ui.fields import NucleusPicker, SequenceBox


@pytest.fixture
def box(qtbot):
    box = SequenceBox()
    qtbot.addWidget(box)
    box.set_window(50)
    box.show()
    return box


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def picker(qtbot, viewer):
    picker = NucleusPicker(viewer.layers)
    qtbot.addWidget(picker)
    return picker


def _names(picker):
    return [picker.itemText(at) for at in range(picker.count())]


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


def test_only_images_are_offered(picker, viewer):
    assert picker.layer is None
    assert picker.reason.startswith("Open an image")
    viewer.add_labels(np.zeros((8, 8), int), name="labels")
    viewer.add_image(np.zeros((8, 8)), name="DAPI")
    assert _names(picker) == ["DAPI"]
    assert picker.reason == ""


def test_the_selection_survives_insert_remove_reorder_and_rename(picker, viewer):
    for name in ("actin", "membrane", "DAPI"):  # the last would be the choice of the picker
        viewer.add_image(np.zeros((8, 8)), name=name)
    picker.setCurrentIndex(picker.findText("membrane"))
    chosen = viewer.layers["membrane"]
    viewer.layers.move(1, 0)
    assert picker.layer == chosen
    viewer.layers.remove("actin")
    assert picker.layer == chosen
    chosen.name = "stain"
    assert picker.currentText() == "stain"
    viewer.add_image(np.zeros((8, 8)), name="new")
    assert picker.currentText() == "stain"
    assert _names(picker) == ["stain", "DAPI", "new"]


def test_a_picker_whose_window_is_gone_ignores_the_viewer(qtbot, viewer):
    picker = NucleusPicker(viewer.layers)
    with qtbot.waitSignal(picker.destroyed):
        picker.deleteLater()
    viewer.add_image(np.zeros((8, 8)))  # napari drops callbacks of deleted widgets; raised if it did not


def test_when_the_chosen_layer_goes_another_takes_its_place(picker, viewer):
    viewer.add_image(np.zeros((8, 8)), name="DAPI")
    viewer.add_image(np.zeros((8, 8)), name="actin")
    picker.setCurrentIndex(0)
    viewer.layers.remove("DAPI")
    assert picker.currentText() == "actin"
    viewer.layers.clear()
    assert picker.layer is None


def test_our_own_predictions_are_not_offered_as_nuclei(picker, viewer):
    viewer.add_layer(Image(np.zeros((8, 8)), name="GFP PDF", metadata={"celle": {"kind": "PDF"}}))
    viewer.add_layer(Labels(np.zeros((8, 8), int), metadata={"celle": {"kind": "nuclei"}}))
    assert picker.count() == 0


def test_an_rgb_layer_is_offered_with_the_reason_why_it_cannot_be_used(picker, viewer):
    viewer.add_image(np.zeros((8, 8, 3), np.uint8), rgb=True, name="photo")
    assert "RGB photograph" in picker.reason


def test_at_first_a_layer_whose_name_speaks_of_nuclei_is_chosen(qtbot, viewer):
    for name in ("actin", "simulated Nucleus", "tubulin"):
        viewer.add_image(np.zeros((8, 8)), name=name)
    picker = NucleusPicker(viewer.layers)
    qtbot.addWidget(picker)
    assert picker.currentText() == "simulated Nucleus"
