"""The widget in a real viewer: a protein becomes three layers, and nothing that goes wrong leaves a trace."""

import gc

import numpy as np
import pytest
import torch
from qtpy.QtCore import QThreadPool

from napari_celle.errors import ImageError, WeightsError
from napari_celle.models.registry import model_info
from napari_celle.predict import Predictor
from napari_celle.ui.predict.widget import PredictWidget
from napari_celle.ui.session import Session

SEQUENCE = "MSKGEELFTGVVPILVELDGDVNGHKFSVSG"


@pytest.fixture
def viewer(make_napari_viewer, nucleus_image):
    viewer = make_napari_viewer()
    viewer.add_image(
        nucleus_image, name="DAPI", scale=(0.2, 0.2), rotate=10, units=("um", "um"), axis_labels=("y", "x")
    )
    return viewer


@pytest.fixture
def widget(qtbot, viewer, session):
    widget = PredictWidget(viewer, session)
    viewer.window.add_dock_widget(widget, name="Predict localization")
    qtbot.waitUntil(lambda: widget.form.model.name.count() > 0)
    widget.form.sequence.text.setPlainText(f">GFP\n{SEQUENCE}")
    yield widget
    session.go.set()
    QThreadPool.globalInstance().waitForDone(5000)


def _names(viewer):
    return [layer.name for layer in viewer.layers]


def _run(qtbot, widget):
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=5000)


def _start_and_hold(qtbot, widget, session):
    session.hold = True
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: widget.bar.bar.format().startswith("Decoding"), timeout=5000)


def test_three_layers_appear_in_the_frame_of_the_nucleus(qtbot, viewer, widget):
    _run(qtbot, widget)
    assert _names(viewer) == ["DAPI", "GFP threshold", "GFP PDF", "GFP nuclei"]
    source = viewer.layers["DAPI"]
    for layer in list(viewer.layers)[1:]:
        assert layer.units == source.units
        assert layer.metadata["celle"]["sequence"] == SEQUENCE
        np.testing.assert_allclose(source.world_to_data(layer.data_to_world((0, 0))), (16, 8), atol=1e-6)
    assert viewer.layers.units is not None
    assert "GFP: 100% in the nuclei" in widget.bar.status.text()
    assert "A note." in widget.bar.status.text()


def test_the_request_holds_what_stands_in_the_fields(qtbot, viewer, widget, session, nucleus_image):
    widget.form.more.seed.setValue(7)
    _run(qtbot, widget)
    (request,) = session.requests
    assert (request.sequence, request.sampling.seed) == (SEQUENCE, 7)
    assert request.pixel_size_um == pytest.approx(0.2)
    np.testing.assert_array_equal(request.nucleus, nucleus_image)


def test_the_definition_of_the_map_can_be_chosen(qtbot, widget, session):
    _run(qtbot, widget)
    widget.form.more.pdf.setCurrentText("As published")
    _run(qtbot, widget)
    assert [request.sampling.pdf for request in session.requests] == ["paper", "published"]


def test_the_window_can_be_where_the_view_is(qtbot, viewer, widget, session):
    _run(qtbot, widget)
    widget.form.place.kind.setCurrentText("Middle of the view")
    viewer.scene.camera.center = tuple(viewer.layers["DAPI"].data_to_world((30, 50)))
    _run(qtbot, widget)
    in_the_image, in_view = session.requests
    assert in_the_image.centre is None
    assert in_view.centre == pytest.approx((30, 50))


def test_a_bad_sequence_is_explained_and_cannot_be_run(viewer, widget):
    widget.form.sequence.text.setPlainText("MSK4GEEL")
    assert "'4' at position 4" in widget.form.sequence.status.text()
    assert not widget.bar.run_button.isEnabled()
    widget.run()
    assert _names(viewer) == ["DAPI"]


def test_without_an_image_the_reason_is_visible(viewer, widget):
    viewer.layers.clear()
    assert not widget.bar.run_button.isEnabled()
    assert widget.outlook.text().startswith("Open an image")
    viewer.add_image(np.eye(32))
    assert widget.bar.run_button.isEnabled()
    assert widget.outlook.isHidden()


def test_cancel_half_way_leaves_no_layer_and_a_usable_button(qtbot, viewer, widget, session):
    _start_and_hold(qtbot, widget, session)
    assert not widget.bar.run_button.isEnabled()
    assert not widget.bar.bar.isHidden()
    widget.bar.cancel_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=1000)
    assert _names(viewer) == ["DAPI"]
    assert widget.bar.status.text() == "Cancelled; no layer was added."
    assert widget.bar.run_button.isEnabled()
    assert not widget.bar.cancel_button.isEnabled()
    assert widget.bar.bar.isHidden()
    session.hold = False
    _run(qtbot, widget)
    assert len(viewer.layers) == 4


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RuntimeError("shapes differ"), "The prediction stopped: RuntimeError: shapes differ"),
        (torch.OutOfMemoryError("CUDA out of memory"), "Out of memory. Close other programs"),
        (ImageError("The nucleus image is constant."), "The nucleus image is constant."),
        (KeyError("token"), "The prediction stopped: KeyError: 'token'"),
    ],
    ids=["runtime", "out-of-memory", "ours", "bug"],
)
def test_an_error_is_readable_and_a_second_run_works(qtbot, viewer, widget, session, error, text):
    session.fail = error
    _run(qtbot, widget)
    assert text in widget.bar.status.text()
    assert "color" in widget.bar.status.styleSheet()
    assert _names(viewer) == ["DAPI"]
    assert widget.bar.run_button.isEnabled()
    assert widget.bar.bar.isHidden()
    session.fail = None
    _run(qtbot, widget)
    assert len(viewer.layers) == 4
    assert widget.bar.status.styleSheet() == ""


def test_the_result_comes_even_when_its_source_layer_was_deleted(qtbot, viewer, widget, session):
    _start_and_hold(qtbot, widget, session)
    viewer.layers.remove("DAPI")
    session.go.set()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=5000)
    assert _names(viewer) == ["GFP threshold", "GFP PDF", "GFP nuclei"]
    assert not widget.bar.run_button.isEnabled()


def test_closing_the_dock_half_way_cancels_the_job(qtbot, viewer, session):
    widget = PredictWidget(viewer, session)
    dock = viewer.window.add_dock_widget(widget, name="Predict localization")
    qtbot.waitUntil(lambda box=widget.form.model.name: box.count() > 0)
    widget.form.sequence.text.setPlainText(SEQUENCE)
    _start_and_hold(qtbot, widget, session)
    job = widget.bar._job
    dock.destroyOnClose()
    widget.deleteLater()
    del widget, dock
    gc.collect()
    qtbot.waitUntil(lambda: job.abort_requested and not job.is_running, timeout=5000)
    assert _names(viewer) == ["DAPI"]
    viewer.add_image(np.eye(8), name="later")  # the events of the viewer find no dead widget


def test_closing_the_viewer_half_way_does_not_crash(qtbot, viewer, widget, session):
    _start_and_hold(qtbot, widget, session)
    job = widget.bar._job
    viewer.close()
    session.go.set()
    qtbot.waitUntil(lambda: not job.is_running, timeout=5000)
    qtbot.wait(50)


def test_a_stack_is_read_at_the_sliders(qtbot, viewer, widget, session, nucleus_image):
    viewer.layers.clear()
    stack = np.stack([nucleus_image, nucleus_image + 1, nucleus_image + 2])
    viewer.add_image(stack, scale=(1, 0.2, 0.2), units=("um",) * 3)
    viewer.dims.set_current_step(0, 2)
    _run(qtbot, widget)
    np.testing.assert_array_equal(session.requests[0].nucleus, stack[2])
    assert viewer.layers["GFP PDF"].data.shape == (1, 64, 64)
    np.testing.assert_allclose(viewer.layers["GFP PDF"].translate, (2, 16 * 0.2, 8 * 0.2))


def test_an_rgb_photograph_cannot_be_run(viewer, widget):
    viewer.layers.clear()
    viewer.add_image(np.zeros((32, 32, 3), np.uint8), rgb=True, name="photo")
    assert not widget.bar.run_button.isEnabled()
    assert "RGB photograph" in widget.outlook.text()


def test_a_damaged_list_of_weights_is_said_and_the_widget_still_opens(qtbot, viewer, session):
    def lost():
        raise WeightsError("The list of weights cannot be read.")

    session.models = lost
    widget = PredictWidget(viewer, session)
    qtbot.addWidget(widget)
    widget.form.sequence.text.setPlainText(SEQUENCE)
    qtbot.waitUntil(lambda: widget.outlook.text() == "The list of weights cannot be read.")
    assert not widget.bar.run_button.isEnabled()


class TinySession(Session):
    """The real session with the toy model only."""

    def models(self):
        return (model_info("tiny"),)


@pytest.fixture
def real_widget(qtbot, make_napari_viewer, monkeypatch):
    """The widget as the plugin gives it, on the sample data, with real classes at toy size."""
    session = TinySession(device="cpu")
    monkeypatch.setattr("napari_celle.ui.predict.widget.shared_session", lambda: session)
    viewer = make_napari_viewer()
    viewer.open_sample("napari-celle", "simulated_cells")
    _, widget = viewer.window.add_plugin_dock_widget("napari-celle", "Predict localization")
    qtbot.waitUntil(lambda: widget.form.model.name.count() > 0, timeout=20_000)
    widget.form.sequence.text.setPlainText(SEQUENCE)
    return viewer, widget


def test_the_plugin_predicts_on_its_own_sample_as_the_library_does(qtbot, real_widget):
    viewer, widget = real_widget
    widget.form.more.seed.setValue(3)
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=20_000)
    source = viewer.layers["simulated nucleus"]
    layer = viewer.layers["protein PDF"]
    celle = layer.metadata["celle"]
    assert (celle["model"], celle["sampling"]["seed"], celle["pixel_size_um"]) == ("tiny", 3, pytest.approx(0.2))
    window = celle["window"]
    np.testing.assert_allclose(source.world_to_data(layer.data_to_world((0, 0))), (window["y"], window["x"]))
    assert layer.data.sum() == pytest.approx(1, abs=1e-4)
    assert viewer.layers["protein nuclei"].contour == 2


def test_cancel_stops_the_real_model(qtbot, real_widget, monkeypatch):
    viewer, widget = real_widget
    honest = Predictor.__call__

    def endless(self, request, on_step=None, **options):
        while True:
            honest(self, request, on_step)

    monkeypatch.setattr(Predictor, "__call__", endless)
    before = list(viewer.layers)
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: "placing" in widget.bar.bar.format(), timeout=20_000)
    widget.bar.cancel_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=1000)
    assert list(viewer.layers) == before
    assert widget.bar.run_button.isEnabled()
