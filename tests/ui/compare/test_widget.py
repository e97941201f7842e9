"""The widget in a real viewer: what is compared is shown, followed and given back."""

import gc
import threading

import numpy as np
import pandas as pd
import pytest
from napari.components import ViewerModel
from napari.utils._proxies import PublicOnlyProxy
from qtpy.QtCore import Qt, QThreadPool

from napari_celle.errors import ImageError
from napari_celle.ui.compare import widget as module
from napari_celle.ui.compare.background_box import PERCENTILE
from napari_celle.ui.compare.grid import capture
from napari_celle.ui.compare.widget import CompareWidget


@pytest.fixture
def viewer(make_napari_viewer, fill):
    return fill(make_napari_viewer(), "GFP", "H3")


@pytest.fixture
def widget(viewer):
    widget = CompareWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Compare with experiment")
    widget.fields.background.kind.setCurrentText(PERCENTILE)
    yield widget
    QThreadPool.globalInstance().waitForDone(5000)


@pytest.fixture
def hold(monkeypatch):
    """Comparisons wait, and can be cancelled, until this event is set."""
    go = threading.Event()
    honest = module.compare_all

    def slow(*args, on_step, **keywords):
        while not go.wait(0.005):
            on_step("Comparing", 0, 1)
        return honest(*args, on_step=on_step, **keywords)

    monkeypatch.setattr(module, "compare_all", slow)
    yield go
    go.set()


def _compare(qtbot, widget):
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=30_000)


def _settled(qtbot, widget):
    qtbot.waitUntil(lambda: not any(f._rest.isActive() or f._job for f in widget._followers.values()), timeout=5000)


def _names(viewer):
    return [layer.name for layer in viewer.layers]


def _labels(widget):
    return list(widget.nuclei.table.numbers.frame["label"])


def test_compare_shows_numbers_and_writes_features_and_no_layer(qtbot, viewer, widget):
    before = _names(viewer)
    assert widget.fields.measured.layer.name == "actin"
    assert not widget.export.isEnabled()
    _compare(qtbot, widget)
    assert _names(viewer) == before
    assert _labels(widget) == [4, 9, 30]
    assert list(widget.images.numbers.frame["prediction"]) == ["H3", "GFP"]
    for name in ("GFP nuclei", "H3 nuclei"):
        assert list(viewer.layers[name].features["index"]) == [4, 9, 30]
    assert "H3: " in widget.bar.status.text()
    assert "in the nuclei" in widget.bar.status.text()
    assert widget.export.isEnabled()


def test_the_shown_table_is_that_of_the_chosen_prediction(qtbot, viewer, widget):
    _compare(qtbot, widget)
    of_h3 = widget.nuclei.table.numbers.frame["pearson"].to_numpy()
    widget.fields.predictions.setCurrentRow(0)
    of_gfp = widget.nuclei.table.numbers.frame["pearson"].to_numpy()
    assert not np.allclose(of_h3, of_gfp)
    widget.images.chosen.emit("H3")
    assert widget.fields.predictions.current == widget._pairs()[0].found.key
    np.testing.assert_array_equal(widget.nuclei.table.numbers.frame["pearson"], of_h3)


def test_only_checked_predictions_are_compared(qtbot, viewer, widget):
    widget.fields.predictions.item(1).setCheckState(Qt.CheckState.Unchecked)
    _compare(qtbot, widget)
    assert list(widget.images.numbers.frame["prediction"]) == ["GFP"]
    assert _labels(widget) == [4, 9, 30]  # the compared one was chosen
    widget.fields.predictions.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not widget.bar.run_button.isEnabled()
    assert widget.bar.status.text() == "Check at least one prediction."


def test_painting_a_nucleus_changes_all_numbers(qtbot, viewer, widget):
    _compare(qtbot, widget)
    _settled(qtbot, widget)
    fraction = widget.images.numbers.frame.set_index("prediction")["fraction_map"]
    nuclei = viewer.layers["H3 nuclei"]
    nuclei.brush_size = 9
    nuclei.paint((12, 50), 77)
    qtbot.waitUntil(lambda: _labels(widget) == [4, 9, 30, 77], timeout=3000)
    assert list(nuclei.features["index"]) == [4, 9, 30, 77]
    after = widget.images.numbers.frame.set_index("prediction")["fraction_map"]
    assert after["H3"] != fraction["H3"]
    assert after["GFP"] == fraction["GFP"]


def test_what_was_painted_during_the_comparison_counts(qtbot, viewer, widget, hold):
    widget.bar.run_button.click()
    viewer.layers["H3 nuclei"].fill((34, 40), 0)
    hold.set()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=30_000)
    qtbot.waitUntil(lambda: _labels(widget) == [4, 30], timeout=3000)


def test_a_click_in_the_sorted_table_goes_to_the_right_nucleus(qtbot, viewer, widget):
    _compare(qtbot, widget)
    table = widget.nuclei.table
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)  # by area: 9, 30, 4
    table.selectRow(0)
    qtbot.waitUntil(lambda: not widget._flight.is_under_way, timeout=3000)
    nuclei = viewer.layers["H3 nuclei"]
    assert nuclei.selected_label == 9
    np.testing.assert_allclose(viewer.scene.camera.center[-2:], nuclei.data_to_world((34, 40)), atol=1e-6)
    assert widget.plots._label == 9


def test_a_label_selected_in_the_layer_chooses_its_row_and_leaves_the_camera(qtbot, viewer, widget):
    _compare(qtbot, widget)
    centre = viewer.scene.camera.center
    viewer.layers["H3 nuclei"].selected_label = 30
    assert widget.nuclei.table.current == 30
    viewer.layers["GFP nuclei"].selected_label = 4  # not the chosen one
    assert widget.nuclei.table.current == 30
    assert viewer.scene.camera.center == centre
    viewer.layers["H3 nuclei"].selected_label = 500
    assert widget.nuclei.table.current is None


def test_nuclei_can_be_coloured_follow_an_edit_and_go_back(qtbot, viewer, widget):
    _compare(qtbot, widget)
    _settled(qtbot, widget)
    nuclei = viewer.layers["H3 nuclei"]
    before = nuclei.colormap
    widget.nuclei.colour_by.setCurrentText("Agreement")
    assert "only" in widget.nuclei.classes.text()
    widget.nuclei.colour_by.setCurrentText("Pearson")
    assert (nuclei.contour, widget.nuclei.low.text() != "") == (0, True)
    grey = nuclei.get_color(77)
    nuclei.paint((12, 50), 77)
    qtbot.waitUntil(lambda: _labels(widget) == [4, 9, 30, 77], timeout=3000)
    assert not np.array_equal(nuclei.get_color(77), grey)
    widget.nuclei.colour_by.setCurrentText("Plain")
    assert (nuclei.colormap, nuclei.contour) == (before, 2)


def test_views_and_the_way_back(qtbot, viewer, widget):
    assert not widget.views.side.isEnabled()
    _compare(qtbot, widget)
    before, names = capture(viewer), _names(viewer)
    for button in (widget.views.side, widget.views.overlay, widget.views.difference, widget.views.contours):
        button.click()
    assert "H3 minus actin" in _names(viewer)
    assert "yellow" in widget.bar.status.text()
    assert [layer.name for layer in widget.fields.measured._layers if layer.name == "actin measured"]
    assert widget.fields.measured.count() == 2  # what we made is not offered
    widget.views.back.click()
    after = capture(viewer)
    assert (after.camera, after.grid) == (before.camera, before.grid)
    assert [name for name in _names(viewer) if name in names] == names
    assert not widget.views.back.isEnabled()


def test_a_deleted_layer_takes_its_numbers_with_it(qtbot, viewer, widget):
    _compare(qtbot, widget)
    widget.views.overlay.click()
    viewer.layers.remove("H3 nuclei")
    assert list(widget.images.numbers.frame["prediction"]) == ["GFP"]
    viewer.layers.remove("GFP PDF")
    assert not widget.views.side.isEnabled()
    assert not widget.export.isEnabled()
    assert widget.bar.status.text().startswith("There is no prediction here yet")
    widget.views.back.click()
    assert viewer.layers["actin"].visible


def test_a_layer_deleted_mid_way_is_left_out(qtbot, viewer, widget, hold):
    widget.bar.run_button.click()
    viewer.layers.remove("H3 PDF")
    viewer.layers.remove("actin")
    hold.set()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=30_000)
    assert list(widget.images.numbers.frame["prediction"]) == ["GFP"]


def test_cancel_leaves_all_as_it_was(qtbot, viewer, widget, hold):
    before = _names(viewer)
    widget.bar.run_button.click()
    widget.bar.cancel_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=1000)
    assert widget.bar.status.text() == "Cancelled."
    assert (_names(viewer), _labels_or_none(widget)) == (before, None)
    hold.set()
    _compare(qtbot, widget)
    assert _labels(widget) == [4, 9, 30]


def _labels_or_none(widget):
    frame = widget.nuclei.table.numbers.frame
    return None if frame.empty else list(frame["label"])


def test_a_failure_is_readable_and_the_next_comparison_works(qtbot, viewer, widget, monkeypatch):
    def fail(*args, **keywords):
        raise ImageError("The measured channel is constant.")

    with monkeypatch.context() as patch:
        patch.setattr(module, "compare_all", fail)
        _compare(qtbot, widget)
    assert widget.bar.status.text() == "The measured channel is constant."
    assert widget.bar.run_button.isEnabled()
    _compare(qtbot, widget)
    assert widget.bar.status.styleSheet() == ""


def test_a_channel_that_does_not_reach_the_prediction_is_said(qtbot, viewer, widget):
    viewer.layers["actin"].translate = (3000, 0)
    _compare(qtbot, widget)
    assert "same scale and translate" in widget.bar.status.text()


def test_reasons_stand_there_until_nothing_is_missing(viewer, widget):
    viewer.layers.remove("actin")
    viewer.layers.remove("DAPI")
    assert widget.bar.status.text().startswith("Open an image with a measured protein channel")
    assert not widget.bar.run_button.isEnabled()
    viewer.add_image(np.eye(8), name="anything")
    assert widget.bar.run_button.isEnabled()


def test_closing_the_dock_gives_the_view_back_and_leaves_nothing_behind(qtbot, viewer, widget):
    _compare(qtbot, widget)
    nuclei = viewer.layers["H3 nuclei"]
    before, colormap = capture(viewer), nuclei.colormap
    widget.views.overlay.click()
    widget.nuclei.colour_by.setCurrentText("Pearson")
    viewer.window.remove_dock_widget(widget)
    after = capture(viewer)
    assert (after.camera, after.grid) == (before.camera, before.grid)
    assert "actin measured" not in _names(viewer)
    assert (nuclei.colormap, nuclei.contour) == (colormap, 2)
    widget.deleteLater()
    gc.collect()
    nuclei.paint((12, 50), 77)
    viewer.theme = "light"
    viewer.add_image(np.eye(8), name="later")  # the events of the viewer find no dead widget
    qtbot.wait(200)
    assert 77 not in list(nuclei.features["index"])


def test_closing_the_viewer_mid_way_does_not_crash(qtbot, viewer, widget, hold):
    widget.bar.run_button.click()
    job = widget.bar._job
    viewer.close()
    qtbot.waitUntil(lambda: not job.is_running, timeout=5000)
    hold.set()
    qtbot.wait(50)


def test_closing_the_viewer_in_a_view_does_not_crash(qtbot, viewer, widget):
    _compare(qtbot, widget)
    widget.views.overlay.click()
    viewer.layers["H3 nuclei"].paint((12, 50), 77)
    viewer.close()
    qtbot.wait(200)


def test_tables_are_saved_as_they_are_shown(qtbot, viewer, widget, tmp_path):
    _compare(qtbot, widget)
    viewer.layers["H3 nuclei"].fill((34, 40), 0)
    qtbot.waitUntil(lambda: _labels(widget) == [4, 30], timeout=3000)
    widget.export.save_nuclei(tmp_path / "nuclei.csv")
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=5000)
    table = pd.read_csv(tmp_path / "nuclei.csv")
    assert list(table["label"]) == [4, 30, 4, 9, 30]


def test_it_works_with_the_proxies_that_a_plugin_gets(qtbot, fill):
    viewer = PublicOnlyProxy(fill(ViewerModel(), "GFP", "H3"))
    before = _looks(viewer)
    widget = CompareWidget(viewer)
    qtbot.addWidget(widget)
    _compare(qtbot, widget)
    for button in (widget.views.side, widget.views.contours, widget.views.overlay):
        button.click()
    widget.nuclei.colour_by.setCurrentText("Pearson")
    widget.views.back.click()
    widget.nuclei.colour_by.setCurrentText("Plain")
    widget.nuclei.table.selectRow(1)
    qtbot.waitUntil(lambda: not widget._flight.is_under_way, timeout=3000)
    assert viewer.layers["H3 nuclei"].selected_label == 9
    assert _looks(viewer) == before
    viewer.layers["H3 nuclei"].paint((12, 50), 77)
    qtbot.waitUntil(lambda: _labels(widget) == [4, 9, 30, 77], timeout=5000)
    widget._leave()
    QThreadPool.globalInstance().waitForDone(5000)


def _looks(viewer):
    colours = [
        layer.get_color(9) if layer.name.endswith("nuclei") else layer.colormap.name
        for layer in viewer.layers
        if layer.name != "H3 contours"
    ]
    return [(layer.name, layer.visible) for layer in viewer.layers if layer.name != "H3 contours"], str(colours)


def test_the_camera_shows_a_fragment_among_whole_nuclei(qtbot, viewer, widget):
    _compare(qtbot, widget)
    table, zooms = widget.nuclei.table, []
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)  # by area
    for row in (0, 1):  # the smallest, the median
        table.selectRow(row)
        qtbot.waitUntil(lambda: not widget._flight.is_under_way, timeout=3000)
        zooms.append(viewer.scene.camera.zoom)
    assert zooms[0] == pytest.approx(zooms[1])
