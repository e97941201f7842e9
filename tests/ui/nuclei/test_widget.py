"""The widget in a real viewer: a channel becomes a mask, and nothing that goes wrong or was painted is lost."""

import gc
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_celle.errors import CelleError, ImageError
from napari_celle.ui.nuclei import engines
from napari_celle.ui.nuclei.widget import NucleiWidget

from .conftest import PLACES, draw


def _names(viewer):
    return [layer.name for layer in viewer.layers]


def test_a_mask_appears_in_the_frame_of_the_channel(viewer, widget, run):
    run()
    assert _names(viewer) == ["DAPI", "DAPI nuclei"]
    source, mask = viewer.layers
    assert mask.data.dtype == np.int32
    assert sorted(np.unique(mask.data)) == [0, 1, 2, 3]
    assert mask.units == source.units
    assert mask.axis_labels == source.axis_labels
    np.testing.assert_allclose(mask.data_to_world((30, 40)), source.data_to_world((30, 40)))
    celle = mask.metadata["celle"]
    assert (celle["kind"], celle["channel"], celle["engine"]) == ("nuclei mask", "DAPI", "built-in")
    assert celle["options"]["neck"] == pytest.approx(0.88)
    assert widget.bar.status.text() == "3 nuclei in DAPI nuclei."
    assert widget.panel.mask.layer == mask


def test_what_stands_in_the_fields_is_asked_for(widget, run, fake):
    form = widget.fields.built_in
    form.diameter.spin.setValue(24)
    form.smallest.spin.setValue(50)
    form.sensitivity.setValue(2)
    form.edge.setValue(50)
    form.neck.setValue(0)
    run()
    options = fake.calls[0][1]
    assert (options.diameter, options.smallest, options.sensitivity, options.edge, options.neck) == (24, 50, 2, 0.5, 0)
    assert form.diameter.micrometres.text() == "= 12 µm"


def test_a_second_run_replaces_the_first_mask_in_its_place(viewer, widget, run):
    run()
    first = viewer.layers["DAPI nuclei"]
    first.opacity = 0.9
    viewer.layers["DAPI"].data = draw(PLACES[:2])
    run()
    assert _names(viewer) == ["DAPI", "DAPI nuclei"]
    assert viewer.layers["DAPI nuclei"] == first
    assert (first.data.max(), first.opacity) == (2, 0.9)


def test_without_replace_both_masks_stay(viewer, widget, run):
    widget.fields.replace_box.setChecked(False)
    run()
    run()
    assert _names(viewer) == ["DAPI", "DAPI nuclei", "DAPI nuclei [1]"]


@pytest.mark.parametrize("how", ["brush", "fill", "script"])
def test_a_mask_that_was_painted_is_kept_and_said_so(viewer, widget, run, how):
    run()
    mask = viewer.layers["DAPI nuclei"]
    if how == "brush":
        mask.paint((5, 5), 9)
    elif how == "fill":
        mask.fill((30, 40), 9)
    else:
        mask.data[100:110, 20:30] = 9
    run()
    assert _names(viewer) == ["DAPI", "DAPI nuclei", "DAPI nuclei [1]"]
    assert (mask.data == 9).any()
    assert "DAPI nuclei was painted, so it was kept" in widget.bar.status.text()


def test_painting_during_the_run_counts_and_painting_that_was_undone_does_not(qtbot, viewer, widget, run, fake):
    run()
    mask = viewer.layers["DAPI nuclei"]
    mask.paint((5, 5), 9)
    mask.undo()
    run()
    assert len(viewer.layers) == 2
    fake.hold = True
    widget.bar.run_button.click()
    mask.paint((5, 5), 9)
    fake.go.set()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=5000)
    assert len(viewer.layers) == 3


def test_cancel_leaves_everything_as_it_was(qtbot, viewer, widget, start_and_hold, run, fake):
    start_and_hold()
    since = time.monotonic()
    widget.bar.cancel_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=1000)
    assert time.monotonic() - since < 1
    assert _names(viewer) == ["DAPI"]
    assert widget.bar.status.text() == "Cancelled; no mask was added."
    assert widget.fields.preview_box.isEnabled()
    fake.hold = False
    run()
    assert len(viewer.layers) == 2


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RuntimeError("shapes differ"), "RuntimeError: shapes differ"),
        (torch.OutOfMemoryError("CUDA out of memory"), "Out of memory. Close other programs"),
        (ImageError("Not this image."), "Not this image."),
    ],
    ids=["runtime", "out-of-memory", "ours"],
)
def test_an_error_is_readable_and_a_second_run_works(viewer, widget, run, fake, error, text):
    fake.fail = error
    run()
    assert text in widget.bar.status.text()
    assert _names(viewer) == ["DAPI"]
    assert widget.bar.run_button.isEnabled()
    fake.fail = None
    run()
    assert len(viewer.layers) == 2


def test_the_mask_comes_even_when_the_channel_was_renamed_or_deleted(qtbot, viewer, widget, start_and_hold, fake):
    start_and_hold()
    viewer.layers["DAPI"].name = "blue"
    viewer.layers.remove("blue")
    fake.go.set()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=5000)
    assert _names(viewer) == ["DAPI nuclei"]
    assert not widget.bar.run_button.isEnabled()


def test_closing_the_viewer_half_way_does_not_crash(qtbot, viewer, widget, start_and_hold, fake):
    widget.fields.preview_box.setChecked(True)
    start_and_hold()
    job = widget.bar._job
    viewer.close()
    fake.go.set()
    qtbot.waitUntil(lambda: not job.is_running, timeout=5000)
    qtbot.wait(50)


def test_closing_the_dock_half_way_cancels_and_leaves_nothing_behind(qtbot, viewer, session, fake):
    widget = NucleiWidget(viewer, session, engines.CellposeShelf())
    dock = viewer.window.add_dock_widget(widget, name="Find nuclei")
    widget.fields.preview_box.setChecked(True)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=5000)
    fake.hold = True
    widget.bar.run_button.click()
    job = widget.bar._job
    dock.destroyOnClose()
    assert _names(viewer) == ["DAPI"]
    widget.deleteLater()
    del widget, dock
    gc.collect()
    qtbot.waitUntil(lambda: job.abort_requested and not job.is_running, timeout=5000)
    viewer.add_image(np.eye(8), name="later")
    viewer.scene.camera.zoom *= 2
    viewer.dims.ndisplay = 3
    assert _names(viewer) == ["DAPI", "later"]


def test_of_a_stack_the_plane_at_the_slider_is_looked_at_and_replaced(viewer, widget, run, image):
    viewer.layers.clear()
    stack = np.stack([draw(PLACES[:1]), image, draw(PLACES[:2])])
    viewer.add_image(stack, name="DAPI", scale=(2, 0.5, 0.5), units=("um",) * 3)
    counts = {}
    for plane in (1, 2, 2):
        viewer.dims.set_current_step(0, plane)
        run()
        mask = viewer.layers[-1]
        counts[plane] = mask.data.max(), mask.data.shape, tuple(mask.data_to_world((0, 5, 6)))
    assert counts == {1: (3, (1, 120, 160), (2.0, 2.5, 3.0)), 2: (2, (1, 120, 160), (4.0, 2.5, 3.0))}
    assert len(viewer.layers) == 3


def test_only_what_the_view_shows_can_be_looked_at(viewer, widget, run):
    source = viewer.layers["DAPI"]
    viewer.scene.camera.center = (0.0, *source.data_to_world((30, 40)))
    viewer.scene.camera.zoom = min(viewer.canvas.size) / (40 * 0.5)
    widget.fields.region.setCurrentText("What the view shows")
    run()
    mask = viewer.layers["DAPI nuclei"]
    assert mask.data.shape[0] < 120
    assert mask.data.max() == 1
    y, x = np.argwhere(mask.data).mean(axis=0)
    np.testing.assert_allclose(source.world_to_data(mask.data_to_world((y, x))), (30, 40), atol=1)


def test_a_large_lazy_image_is_refused_whole_with_a_way_out(viewer, widget, run, fake):
    da = pytest.importorskip("dask.array")
    viewer.layers.clear()
    large = da.zeros((20_000, 20_000), chunks=500, dtype=np.uint16)
    viewer.add_image(large, name="large", contrast_limits=(0, 1))
    assert "20,000 x 20,000" in widget.bar.status.text()
    assert not widget.bar.run_button.isEnabled()
    viewer.scene.camera.center = (0.0, 10_000, 10_000)
    viewer.scene.camera.zoom = min(viewer.canvas.size) / 200
    widget.fields.region.setCurrentText("What the view shows")
    assert widget.bar.run_button.isEnabled()
    run()
    assert "constant" in widget.bar.status.text()  # it was read, and only there


def test_without_nuclei_nothing_is_added(viewer, widget, run):
    viewer.layers["DAPI"].data = np.random.default_rng(0).normal(100, 10, (120, 160))
    run()
    assert _names(viewer) == ["DAPI"]
    assert widget.bar.status.text().startswith("No nuclei were found")


@pytest.mark.parametrize(
    ("data", "text"),
    [(np.zeros((32, 32, 3), np.uint8), "RGB photograph"), (None, "Open an image")],
    ids=["rgb", "nothing"],
)
def test_what_cannot_be_used_is_said_before(viewer, widget, data, text):
    viewer.layers.clear()
    if data is not None:
        viewer.add_image(data, rgb=True, name="photo")
    assert not widget.bar.run_button.isEnabled()
    assert text in widget.bar.status.text()
    widget.run()
    assert not widget.bar.is_running


@pytest.fixture
def no_weights(monkeypatch, tmp_path):
    monkeypatch.delenv("NAPARI_CELLE_CELLPOSE", raising=False)
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path))
    return tmp_path


def _take_cellpose(qtbot, widget):
    widget.fields.engine.setCurrentIndex(1)
    qtbot.waitUntil(lambda: not widget._lookup.is_busy, timeout=20_000)


def test_without_weights_the_file_is_named_and_the_built_in_method_offered(qtbot, widget, no_weights):
    _take_cellpose(qtbot, widget)
    assert str(no_weights / "cellpose" / "cpsam_v2") in widget.fields.weights.message.text()
    assert "huggingface.co" in widget.fields.weights.message.text()
    assert not widget.bar.run_button.isEnabled()
    widget.fields.weights.built_in_button.click()
    assert widget.fields.method == engines.BUILT_IN
    assert widget.fields.weights.isHidden()
    assert widget.bar.run_button.isEnabled()


def test_without_the_package_it_is_said_how_to_install_it(qtbot, widget, no_weights, monkeypatch):
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    _take_cellpose(qtbot, widget)
    assert "pip install 'napari-celle[cellpose]'" in widget.fields.weights.message.text()


def test_a_chosen_file_is_checked_before_it_is_used(qtbot, viewer, widget, no_weights, monkeypatch):
    _take_cellpose(qtbot, widget)
    answers = [CelleError("That is no network."), "network"]

    def load(path, device):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("napari_celle.segment.cellpose.load_cellpose", load)
    for is_good in (False, True):
        widget.fields.weights.file_chosen.emit(Path("mine"))
        qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=20_000)
        assert widget.bar.run_button.isEnabled() is is_good
        assert widget.fields.weights.isHidden() is is_good
        assert (widget.bar.status.text() == "That is no network.") is not is_good
    assert widget._shelf.chosen == Path("mine")


def test_a_real_cellpose_network_finds_nuclei_in_the_window(qtbot, viewer, widget, run, no_weights, weights):
    _take_cellpose(qtbot, widget)
    widget.fields.weights.file_chosen.emit(weights)
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=20_000)
    widget.fields.cellpose.cellprob.setValue(-0.2)
    widget.fields.cellpose.flow.setValue(0)
    widget.fields.cellpose.device_box.setCurrentText("CPU")
    run()
    celle = viewer.layers["DAPI nuclei"].metadata["celle"]
    assert (celle["engine"], celle["device"]) == ("cellpose 4", "cpu")
    assert celle["options"] == {"diameter": None, "flow_threshold": 0.0, "cellprob_threshold": -0.2}
    assert len(celle["weights_sha256"]) == 64
    assert viewer.layers["DAPI nuclei"].data.any()


def test_every_field_explains_itself_and_nothing_is_wider_than_the_dock(widget):
    fields = widget.fields
    for field in (
        *(fields.nucleus, fields.engine, fields.region, fields.preview_box, fields.preview_button, fields.replace_box),
        *(fields.built_in.diameter.spin, fields.built_in.smallest.spin, fields.built_in.sensitivity),
        *(fields.built_in.edge, fields.built_in.neck, fields.cellpose.diameter.spin, fields.cellpose.flow),
        *(fields.cellpose.cellprob, fields.cellpose.device_box, widget.panel.mask),
    ):
        assert field.toolTip()
    assert widget.minimumSizeHint().width() <= 360
