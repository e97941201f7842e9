"""The list of predictions follows the layers."""

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt

from napari_celle.ui.compare.prediction_list import PredictionList


@pytest.fixture
def viewer(fill):
    return fill(ViewerModel(), "GFP", "H3")


@pytest.fixture
def listed(qtbot, viewer):
    listed = PredictionList(viewer.layers)
    qtbot.addWidget(listed)
    return listed


def _texts(listed):
    return [listed.item(at).text() for at in range(listed.count())]


def _names(listed):
    return [found.name for found in listed.checked]


def test_all_are_checked_and_the_last_is_chosen(listed):
    assert _texts(listed) == ["GFP (tiny)", "H3 (tiny)"]
    assert _names(listed) == ["H3", "GFP"]  # the chosen one first


def test_choices_outlive_new_moved_renamed_and_removed_layers(listed, viewer, add_prediction):
    listed.setCurrentRow(0)
    listed.item(1).setCheckState(Qt.CheckState.Unchecked)
    add_prediction(viewer.layers, viewer.layers["DAPI"], name="new", seed=5, point=(30, -20))
    viewer.layers["GFP PDF"].name = "wild type PDF"
    viewer.layers.move(viewer.layers.index("H3 PDF"), 0)
    assert _texts(listed) == ["wild type (tiny)", "H3 (tiny)", "new (tiny)"]
    assert _names(listed) == ["wild type", "new"]
    viewer.layers.remove("GFP threshold")
    assert _texts(listed) == ["H3 (tiny)", "new (tiny)"]
    assert _names(listed) == ["new"]


def test_that_another_is_chosen_is_told_also_when_the_chosen_one_goes(qtbot, listed, viewer):
    with qtbot.waitSignal(listed.picked):
        listed.setCurrentRow(0)
    with qtbot.waitSignal(listed.picked):
        viewer.layers.remove("GFP PDF")
    assert listed.found[listed.current].name == "H3"
