"""Each way through the predict widget in a real viewer, with the real classes at toy size."""

import time

import dask.array as da
import numpy as np
import pytest
from qtpy.QtCore import QThreadPool

from napari_celle.models.registry import model_info
from napari_celle.predict import Predictor
from napari_celle.run_times import RunTimes
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest
from napari_celle.ui.predict.place_box import FIELD, NUCLEUS, RECTANGLE, VIEW_CENTRE
from napari_celle.ui.predict.widget import REPLACE, PredictWidget
from napari_celle.ui.session import Session

PROTEIN = "MSKGEELFTGVVPILVELDGDVNGHKFSVSG"


class TinySession(Session):
    """The real session with the toy model only."""

    def models(self):
        return (model_info("tiny"),)


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=400).nucleus


@pytest.fixture
def viewer(make_napari_viewer, nucleus):
    viewer = make_napari_viewer()
    viewer.add_image(
        nucleus, name="DAPI", scale=(0.2, 0.2), translate=(5, 7), units=("um", "um"), axis_labels=("y", "x")
    )
    return viewer


@pytest.fixture
def widget(qtbot, viewer):
    widget = PredictWidget(viewer, TinySession(device="cpu"), times=RunTimes())
    viewer.window.add_dock_widget(widget, name="Predict localization")
    qtbot.waitUntil(lambda: widget.form.model.name.count() > 0, timeout=20_000)
    widget.form.sequence.text.setPlainText(f">GFP\n{PROTEIN}")
    yield widget
    widget.bar.cancel()
    QThreadPool.globalInstance().waitForDone(10_000)


def _run(qtbot, widget):
    widget.bar.run_button.click()
    assert widget.bar.is_running, widget.bar.status.text()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=60_000)
    assert "color" not in widget.bar.status.styleSheet(), widget.bar.status.text()


def _names(viewer):
    return [layer.name for layer in viewer.layers]


def _pixel(viewer, layer, at=(0, 0)):
    """Give the pixel of the nucleus layer on which a pixel of a layer lies."""
    return viewer.layers["DAPI"].world_to_data(viewer.layers[layer].data_to_world(at))


def test_the_whole_image_becomes_layers_of_its_size(qtbot, viewer, widget, nucleus):
    widget.form.place.kind.setCurrentText(FIELD)
    _run(qtbot, widget)
    for kind in ("threshold", "PDF", "nuclei"):
        assert viewer.layers[f"GFP {kind}"].data.shape == nucleus.shape
    np.testing.assert_allclose(_pixel(viewer, "GFP PDF"), (0, 0), atol=1e-6)
    assert viewer.layers["GFP PDF"].data.sum() == pytest.approx(1, abs=1e-3)
    assert "nuclei in" in widget.bar.status.text()


def test_a_rectangle_becomes_layers_of_its_size_at_its_place(qtbot, viewer, widget):
    widget.form.place.kind.setCurrentText(RECTANGLE)
    widget.form.place.kind.activated.emit(0)  # as a choice by the user
    viewer.layers["Part to predict"].add_rectangles(np.array([[50, 60], [50, 260], [210, 260], [210, 60]]))
    _run(qtbot, widget)
    assert viewer.layers["GFP PDF"].data.shape == (160, 200)
    np.testing.assert_allclose(_pixel(viewer, "GFP PDF"), (50, 60), atol=1e-6)


def test_the_window_goes_where_the_click_was(qtbot, viewer, widget):
    widget.form.place.kind.setCurrentText(NUCLEUS)
    widget.form.place.click(tuple(viewer.layers["DAPI"].data_to_world((250, 270))))
    _run(qtbot, widget)
    middle = np.array(viewer.layers["GFP PDF"].data.shape) / 2
    np.testing.assert_allclose(_pixel(viewer, "GFP PDF", middle), (250, 270), atol=2)


def test_nothing_clicked_yet_is_told_and_nothing_runs(qtbot, viewer, widget):
    widget.form.place.kind.setCurrentText(NUCLEUS)
    widget.bar.run_button.click()
    assert not widget.bar.is_running
    assert widget.bar.status.text() == "Click a nucleus in the image."


def test_what_a_run_will_do_is_said_before_and_the_time_after_the_first(qtbot, viewer, widget):
    qtbot.waitUntil(lambda: "1 window" in widget.outlook.text(), timeout=20_000)
    assert "time unknown" in widget.outlook.text()
    assert "px wide" in widget.outlook.text()
    _run(qtbot, widget)
    qtbot.waitUntil(lambda: "about 1 s" in widget.outlook.text(), timeout=20_000)


def test_a_layer_that_cannot_be_predicted_is_told_before_it_runs(qtbot, viewer, widget):
    viewer.layers.clear()
    viewer.add_image(np.full((64, 64), np.nan), contrast_limits=(0, 1))
    qtbot.waitUntil(lambda: "NaN or infinite" in widget.outlook.text(), timeout=20_000)
    assert "color" in widget.outlook.styleSheet()


def test_several_draws_give_their_spread_and_entropy(qtbot, viewer, widget):
    widget.form.more.draws.setValue(3)
    _run(qtbot, widget)
    for kind in ("PDF", "spread", "entropy", "frequency", "threshold", "nuclei"):
        assert f"GFP {kind}" in _names(viewer)
    assert "3 draws, seeds 0 to 2" in widget.bar.status.text()


def test_the_drawing_is_watched_in_a_layer_that_goes_away(qtbot, viewer, widget):
    seen = []
    viewer.layers.events.inserted.connect(lambda event: seen.append(event.value.name))
    widget.form.more.watch.setChecked(True)
    widget.form.more.steps.setValue(4)
    _run(qtbot, widget)
    assert seen[0] == "GFP, being drawn"
    assert _names(viewer) == ["DAPI", "GFP threshold", "GFP PDF", "GFP nuclei"]


@pytest.mark.parametrize("end", ["cancel", "failure"])
def test_a_watched_drawing_leaves_nothing_when_it_does_not_end_well(qtbot, viewer, widget, monkeypatch, end):
    honest = Predictor.__call__

    def endless(self, request, on_step=None, **options):
        honest(self, request, on_step, **options)
        if end == "failure":
            raise RuntimeError("shapes differ")
        while True:
            on_step("waiting", 0, 1)

    monkeypatch.setattr(Predictor, "__call__", endless)
    widget.form.more.watch.setChecked(True)
    widget.form.more.steps.setValue(4)
    widget.bar.run_button.click()
    if end == "cancel":
        qtbot.waitUntil(lambda: "GFP, being drawn" in _names(viewer), timeout=20_000)
        widget.bar.cancel_button.click()
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=20_000)
    assert _names(viewer) == ["DAPI"]
    assert widget.bar.run_button.isEnabled()


def test_a_second_run_replaces_or_keeps_as_chosen(qtbot, viewer, widget):
    _run(qtbot, widget)
    _run(qtbot, widget)
    assert len(viewer.layers) == 7
    widget.keep.setCurrentText(REPLACE)
    widget.form.more.seed.setValue(5)
    _run(qtbot, widget)
    assert len(viewer.layers) == 7
    assert viewer.layers[-1].metadata["celle"]["sampling"]["seed"] == 5


def test_the_users_own_nuclei_are_the_mask(qtbot, viewer, widget, nucleus):
    mine = np.zeros(nucleus.shape, int)
    mine[180:230, 190:240] = 7
    source = viewer.layers["DAPI"]
    labels = viewer.add_labels(mine, name="mine", scale=source.scale, translate=source.translate, units=source.units)
    widget.form.nuclei.choose(labels)
    _run(qtbot, widget)
    assert set(np.unique(viewer.layers["GFP nuclei"].data)) == {0, 7}
    assert viewer.layers["GFP nuclei"].data.sum() == mine.sum()


def test_painting_the_nuclei_changes_the_number_at_once(qtbot, viewer, widget):
    _run(qtbot, widget)
    layer = viewer.layers["GFP nuclei"]
    before = widget.bar.status.text()
    layer.data = np.ones_like(layer.data)
    qtbot.waitUntil(lambda: "GFP: 100% in the nuclei" in widget.bar.status.text(), timeout=1000)
    assert before != widget.bar.status.text()


def test_a_maximum_of_a_stack_is_predicted_and_seen_at_each_plane(qtbot, viewer, widget, nucleus):
    viewer.layers.clear()
    viewer.add_image(np.stack([nucleus * 0, nucleus, nucleus / 2]), name="DAPI", scale=(1, 0.2, 0.2))
    assert widget.form.plane.isVisible() or widget.form.plane.is_needed
    widget.form.plane.setCurrentIndex(1)
    _run(qtbot, widget)
    expected = Predictor.load("tiny", device="cpu")(PredictionRequest(PROTEIN, nucleus))
    layer = viewer.layers["GFP PDF"]
    np.testing.assert_allclose(layer.data[0], expected.probability, rtol=1e-4, atol=1e-9)
    assert layer.scale[0] == 3


def test_of_a_large_lazy_image_only_the_part_around_the_window_is_read(qtbot, viewer, widget):
    read = []

    def chunk(block_info=None):
        place = block_info[None]["array-location"]
        read.append(tuple(start for start, _ in place))
        yy, xx = np.mgrid[place[0][0] : place[0][1], place[1][0] : place[1][1]]
        return (100 + 900 * (np.hypot(yy % 128 - 64, xx % 128 - 64) < 30)).astype(np.uint16)

    viewer.layers.clear()
    lazy = da.map_blocks(chunk, chunks=((512,) * 16, (512,) * 16), dtype=np.uint16)
    viewer.add_image(lazy, name="DAPI", contrast_limits=(0, 1000), multiscale=False)
    viewer.scene.camera.center = (4_000, 4_000)
    widget.form.place.kind.setCurrentText(VIEW_CENTRE)
    qtbot.waitUntil(lambda: not widget._look.is_busy, timeout=20_000)
    read.clear()
    _run(qtbot, widget)
    assert 1 <= len(set(read)) <= 9
    np.testing.assert_allclose(_pixel(viewer, "GFP PDF", (128, 128)), (4_000, 4_000), atol=3)


class HeldSession(TinySession):
    """Goes no further once a stage is reached, but for being cancelled."""

    stage, reached = "", False

    def answer(self, name, ask, on_step=None):
        def hold(stage, done, total):
            on_step(stage, done, total)
            while stage == self.stage:
                self.reached = True
                time.sleep(0.005)
                on_step(stage, done, total)

        return super().answer(name, ask, hold)


@pytest.mark.parametrize(
    ("stage", "place", "draws"),
    [
        ("reading the sequence", VIEW_CENTRE, 1),
        ("finding nuclei", VIEW_CENTRE, 1),
        ("encoding the nucleus", VIEW_CENTRE, 1),
        ("reading the protein", VIEW_CENTRE, 1),
        ("placing the protein", VIEW_CENTRE, 1),
        ("drawing the picture", VIEW_CENTRE, 1),
        ("drawing samples", VIEW_CENTRE, 3),
        ("finding nuclei", FIELD, 1),
        ("predicting the windows", FIELD, 1),
        ("putting the windows together", FIELD, 1),
    ],
)
def test_cancel_is_answered_within_a_second_at_each_stage(qtbot, viewer, stage, place, draws):
    session = HeldSession(device="cpu")
    session.stage = stage
    widget = PredictWidget(viewer, session, times=RunTimes())
    qtbot.addWidget(widget)
    qtbot.waitUntil(lambda: widget.form.model.name.count() > 0, timeout=20_000)
    widget.form.sequence.text.setPlainText(PROTEIN)
    widget.form.place.kind.setCurrentText(place)
    widget.form.more.draws.setValue(draws)
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: session.reached, timeout=30_000)
    with qtbot.waitSignal(widget.bar.ended, timeout=1000):
        widget.bar.cancel_button.click()
    assert _names(viewer) == ["DAPI"]
    assert widget.bar.status.text() == "Cancelled; no layer was added."
    assert widget.bar.run_button.isEnabled()
    assert not widget.bar.cancel_button.isEnabled()
    assert widget.bar.bar.isHidden()


def test_a_layer_renamed_while_it_is_predicted_is_still_meant(qtbot, viewer):
    session = HeldSession(device="cpu")
    session.stage = "placing the protein"
    widget = PredictWidget(viewer, session, times=RunTimes())
    qtbot.addWidget(widget)
    qtbot.waitUntil(lambda: widget.form.model.name.count() > 0, timeout=20_000)
    widget.form.sequence.text.setPlainText(f">GFP\n{PROTEIN}")
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: session.reached, timeout=30_000)
    viewer.layers["DAPI"].name = "Hoechst"
    session.stage = ""
    qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=30_000)
    assert _names(viewer) == ["Hoechst", "GFP threshold", "GFP PDF", "GFP nuclei"]
    assert widget.form.nucleus.currentText() == "Hoechst"
    assert viewer.layers["GFP PDF"].units == viewer.layers["Hoechst"].units


def test_closing_the_dock_while_a_drawing_is_watched_takes_its_layer_away(qtbot, viewer, monkeypatch):
    honest = Predictor.__call__

    def endless(self, request, on_step=None, **options):
        honest(self, request, on_step, **options)
        while True:
            time.sleep(0.005)
            on_step("waiting", 0, 1)

    monkeypatch.setattr(Predictor, "__call__", endless)
    widget = PredictWidget(viewer, TinySession(device="cpu"), times=RunTimes())
    dock = viewer.window.add_dock_widget(widget, name="Predict localization")
    qtbot.waitUntil(lambda box=widget.form.model.name: box.count() > 0, timeout=20_000)
    widget.form.sequence.text.setPlainText(f">GFP\n{PROTEIN}")
    widget.form.more.watch.setChecked(True)
    widget.form.more.steps.setValue(4)
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: "GFP, being drawn" in _names(viewer), timeout=20_000)
    job = widget.bar._job
    dock.destroyOnClose()
    del widget, dock
    qtbot.waitUntil(lambda: _names(viewer) == ["DAPI"], timeout=5_000)
    qtbot.waitUntil(lambda: not job.is_running, timeout=1_000)
