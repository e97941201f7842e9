"""Lists of layers follow the viewer and keep what was chosen."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_celle.ui.layer_picker import LayerPicker, NucleusPicker


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


def test_who_chose_no_layer_keeps_none_when_a_likely_one_comes(qtbot, viewer):
    picker = LayerPicker(viewer.layers, accepts=lambda layer: True, likely=("mask",), nothing="None")
    qtbot.addWidget(picker)
    viewer.add_image(np.eye(4), name="other")
    assert picker.layer is None
    viewer.add_image(np.eye(4), name="my mask")
    assert picker.layer.name == "my mask"
    picker.setCurrentIndex(0)
    picker.activated.emit(0)  # as a choice by the user
    viewer.add_image(np.eye(4), name="another mask")
    assert picker.layer is None


def test_a_layer_can_be_chosen_by_the_program(viewer, picker):
    for name in ("first", "second"):
        viewer.add_image(np.eye(4), name=name)
    picker.choose(viewer.layers["second"])
    assert picker.layer == viewer.layers["second"]
    picker.choose(Image(np.eye(4)))
    assert picker.layer == viewer.layers["second"]
