"""Figures follow the mask while it is painted, in whatever way."""

import numpy as np
import pytest

from napari_celle.types import ModelInfo
from napari_celle.ui.nuclei.figures_panel import DELAY_MS, FiguresPanel


@pytest.fixture
def panel(qtbot, viewer, session):
    labels = np.zeros((120, 160), np.int32)
    labels[20:40, 30:50], labels[70:90, 30:50] = 1, 2
    source = viewer.layers["DAPI"]
    viewer.add_labels(labels, name="nuclei", scale=source.scale, rotate=source.rotate, units=source.units)
    panel = FiguresPanel(viewer, session, channel=lambda: viewer.layers["DAPI"])
    qtbot.addWidget(panel)
    qtbot.waitUntil(lambda: panel.fit.text() != "" and not panel._job.is_busy, timeout=5000)
    yield panel
    panel.leave()


@pytest.fixture
def settle(qtbot, panel):
    def _settle():
        assert panel._job.is_busy  # it has noticed
        qtbot.waitUntil(lambda: not panel._job.is_busy, timeout=5000)

    return _settle


def test_count_and_size_are_told_with_units_and_whether_the_model_knows_such(panel):
    assert DELAY_MS <= 200
    assert panel.figures.text() == "2 nuclei, median diameter 22.6 px (11.3 µm), 0% cut by the border"
    assert "For tiny the image will be resampled by 2.5; the nuclei are then 56 px wide" in panel.fit.text()
    assert "it knows 10 to 30" in panel.fit.text()


@pytest.mark.parametrize("how", ["brush", "fill", "erase", "undo", "set", "script"])
def test_every_way_to_change_the_mask_is_followed(qtbot, viewer, panel, settle, how):
    mask = viewer.layers["nuclei"]
    mask.brush_size = 4
    if how == "brush":
        mask.paint((100, 100), 7)
    elif how == "fill":
        mask.fill((5, 5), 7)
    elif how == "erase":
        mask.fill((30, 40), 0)
    elif how == "undo":
        mask.paint((100, 100), 7)
        settle()
        mask.undo()
    elif how == "set":
        mask.data = np.ones((120, 160), np.uint8)
    else:
        mask.data[100:110, 100:110] = 9
        mask.refresh()
    settle()
    counts = {"brush": 3, "fill": 3, "erase": 1, "undo": 2, "set": 1, "script": 3}
    assert panel.figures.text().startswith(f"{counts[how]} nucle")


def test_another_mask_is_followed_and_the_first_no_more(viewer, panel, settle):
    first = viewer.layers["nuclei"]
    other = viewer.add_labels(np.ones((5, 5), np.uint8), name="other", units=("um", "um"))
    panel.mask.choose(other)
    settle()
    assert panel.figures.text().startswith("1 nucleus, median diameter 5.6 px (5.6 µm), 100% cut")
    first.paint((100, 100), 7)
    assert not panel._job.is_busy
    other.data = np.zeros((5, 5), np.uint8)
    settle()
    assert panel.figures.text() == "No nuclei in this mask."
    assert panel.fit.text() == ""


def test_a_deleted_mask_leaves_no_figures(viewer, panel, settle):
    viewer.layers.remove("nuclei")
    settle()
    assert panel.figures.text() == "No mask yet."


def test_a_mask_of_no_plane_here_is_said(viewer, panel, settle):
    viewer.add_image(np.zeros((4, 9, 9)), units=("um",) * 3)
    stack = viewer.add_labels(np.ones((2, 9, 9), int), name="half", units=("um",) * 3)
    panel.mask.choose(stack)
    settle()
    viewer.dims.set_current_step(0, 3)
    panel.refresh()
    settle()
    assert "where the sliders stand" in panel.figures.text()


@pytest.mark.parametrize(("shift", "is_under"), [(0, True), (3, True), (0.4, False), (-50, False)])
def test_the_image_is_judged_only_where_the_mask_lies_on_its_pixels(viewer, panel, shift, is_under):
    mask, source = viewer.layers["nuclei"], viewer.layers["DAPI"]
    mask.data = mask.data[:50, :60]
    mask.translate = np.asarray(source.data_to_world((shift, shift)))
    question = panel._collect(mask)
    assert (question.image is not None) is is_under
    if is_under:
        window = question.window
        assert (window.y, window.x, window.height, window.width) == (shift, shift, 50, 60)


def test_nuclei_as_in_the_training_fit(qtbot, viewer, session, panel, settle):
    info = ModelInfo("other", "A fake.", "none", 50, 64, 0.5, (10.0, 20.0, 30.0))
    session.models = lambda: (info,)
    panel.refresh()
    settle()
    assert panel.fit.text().startswith("For other the nuclei are 23 px wide: fits.")


def test_closing_lets_go_of_the_mask(viewer, panel):
    panel.leave()
    viewer.layers["nuclei"].paint((100, 100), 7)
    assert not panel._job.is_busy
