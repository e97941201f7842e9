"""The preview follows the options, and takes nothing from the user."""

import numpy as np
import pytest

from napari_celle.errors import ImageError
from napari_celle.ui.nuclei import engines


@pytest.fixture
def settle(qtbot, widget):
    return lambda: qtbot.waitUntil(lambda: not widget._preview._job.is_busy, timeout=5000)


@pytest.fixture
def preview(widget, settle):
    """Switch it on and wait for it."""
    widget.fields.preview_box.setChecked(True)
    settle()
    return widget._preview


def test_outlines_lie_on_the_nuclei_and_the_selection_stays(viewer, widget, settle):
    drawn = viewer.add_labels(np.zeros((20, 20), int), name="mine", units=("um", "um"))
    drawn.mode = "paint"
    widget.fields.preview_box.setChecked(True)
    settle()
    layer = viewer.layers["nuclei preview"]
    assert viewer.layers.selection.active == drawn
    assert drawn.mode == "paint"
    assert layer.contour == 1
    source = viewer.layers["DAPI"]
    for place in ((30, 40), (60, 120)):
        at = tuple(np.round(layer.world_to_data(source.data_to_world(place))).astype(int))
        assert layer.data[at] > 0
    assert viewer.layers.units is not None
    assert widget.fields.preview_status.text() == "Preview: 3 nuclei in 120 x 160 pixels around the middle of the view."
    assert widget.panel.mask.layer == drawn  # it is no mask to choose


def test_it_follows_the_options_and_is_one_layer(viewer, widget, preview, settle):
    layer = preview.layer
    widget.fields.built_in.smallest.spin.setValue(900)
    settle()
    assert not layer.data.any()
    assert widget.fields.preview_status.text().startswith("Preview: 0 nuclei")
    assert [viewer.layers.index(found) for found in viewer.layers if found == layer] == [1]


def test_a_place_that_is_as_before_is_not_set_again(widget, preview, settle):
    told = []
    for name in ("scale", "translate", "rotate", "shear", "affine", "units", "axis_labels"):
        preview.layer.events[name].connect(lambda event: told.append(event.type))
    before = preview.layer.data
    widget.fields.built_in.smallest.spin.setValue(900)
    settle()
    assert preview.layer.data is not before
    assert told == []


def test_many_changes_end_in_one_look_at_the_last_options(qtbot, widget, preview, settle, fake):
    fake.calls.clear()
    fake.hold = True
    for edge in range(40, 60):
        widget.fields.built_in.edge.setValue(edge)
        if edge == 50:
            qtbot.waitUntil(lambda: len(fake.calls) == 1, timeout=5000)
    fake.hold = False
    settle()
    assert [round(options.edge, 2) for _, options in fake.calls] == [0.5, 0.59]


def test_it_goes_when_it_is_switched_off(viewer, widget, preview, settle):
    widget.fields.preview_box.setChecked(False)
    assert [layer.name for layer in viewer.layers] == ["DAPI"]
    widget.fields.preview_box.setChecked(True)
    widget.fields.preview_box.setChecked(False)
    settle()
    assert [layer.name for layer in viewer.layers] == ["DAPI"]


def test_it_goes_when_a_run_has_found_the_mask_and_stays_when_it_was_cancelled(
    qtbot, viewer, widget, preview, start_and_hold, run, fake
):
    start_and_hold()
    assert not widget.fields.preview_box.isEnabled()
    widget.bar.cancel_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=5000)
    assert preview.layer in viewer.layers
    fake.hold = False
    run()
    assert [layer.name for layer in viewer.layers] == ["DAPI", "DAPI nuclei"]
    assert not widget.fields.preview_box.isChecked()


def test_deleting_the_layer_switches_it_off(viewer, widget, preview):
    viewer.layers.remove("nuclei preview")
    assert not widget.fields.preview_box.isChecked()
    assert preview.layer is None


def test_an_error_takes_the_layer_away_and_says_why(viewer, widget, preview, settle, fake):
    fake.fail = ImageError("Not this image.")
    widget.fields.built_in.edge.setValue(50)
    settle()
    assert widget.fields.preview_status.text() == "No preview. Not this image."
    assert preview.layer is None
    fake.fail = None
    widget.fields.built_in.edge.setValue(40)
    settle()
    assert preview.layer in viewer.layers


def test_it_follows_the_view(viewer, widget, preview, settle, fake):
    fake.calls.clear()
    viewer.scene.camera.zoom *= 1.1
    settle()
    assert len(fake.calls) == 1
    viewer.dims.ndisplay = 3
    settle()
    assert "Switch it to 2D" in widget.fields.preview_status.text()


def test_cellpose_is_looked_at_only_on_demand(qtbot, viewer, widget, settle, monkeypatch):
    calls = []

    def fake(shelf, request, plane, on_step):
        calls.append(request.options)
        return np.ones(plane.shape, np.int32), {}

    monkeypatch.setitem(engines._ENGINES, engines.CELLPOSE, fake)
    monkeypatch.setattr(engines.CellposeShelf, "look", lambda shelf, on_step, *_: "here")
    widget.fields.engine.setCurrentIndex(1)
    qtbot.waitUntil(lambda: widget.bar.run_button.isEnabled(), timeout=5000)
    widget.fields.preview_box.setChecked(True)
    settle()
    widget.fields.cellpose.flow.setValue(1)
    settle()
    assert len(calls) == 1
    assert "cellpose is slow" in widget.fields.preview_status.text()
    widget.fields.preview_button.click()
    settle()
    assert [options["flow_threshold"] for options in calls] == [0.4, 1]
