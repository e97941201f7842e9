"""A viewer with three nuclei, and a built-in method that does what a test tells it."""

import threading

import numpy as np
import pytest
import torch
from qtpy.QtCore import QThreadPool
from scipy import ndimage

from napari_celle.native import load_triton
from napari_celle.segment.classical import segment
from napari_celle.ui.nuclei import engines
from napari_celle.ui.nuclei.widget import NucleiWidget

PLACES = [(30, 40), (80, 40), (60, 120)]


def draw(places, *, shape=(120, 160), radius=12):
    y, x = np.indices(shape)
    light = sum(100.0 * (np.hypot(y - a, x - b) < radius) for a, b in places)
    return ndimage.gaussian_filter(light, 1.5) + np.random.default_rng(0).normal(10, 1, shape)


class FakeSegment:
    """Behaves as ``segment``, which it is until it shall ``fail`` or ``hold`` on."""

    def __init__(self):
        self.fail, self.hold, self.go, self.calls = None, False, threading.Event(), []

    def __call__(self, image, *, options, on_step):
        self.calls.append((image, options))
        if self.fail is not None:
            raise self.fail
        on_step("holding", 1, 2)
        while self.hold and not self.go.wait(0.005):
            on_step("holding", 1, 2)
        return segment(image, options=options, on_step=on_step)


@pytest.fixture
def fake(monkeypatch):
    fake = FakeSegment()
    monkeypatch.setattr(engines, "segment", fake)
    yield fake
    fake.go.set()


@pytest.fixture
def image():
    return draw(PLACES)


@pytest.fixture
def viewer(make_napari_viewer, image):
    viewer = make_napari_viewer()
    viewer.add_image(image, name="DAPI", scale=(0.5, 0.5), rotate=10, units=("um", "um"), axis_labels=("y", "x"))
    return viewer


@pytest.fixture
def widget(qtbot, viewer, session, fake):
    widget = NucleiWidget(viewer, session, engines.CellposeShelf())
    viewer.window.add_dock_widget(widget, name="Find nuclei")
    yield widget
    fake.go.set()
    QThreadPool.globalInstance().waitForDone(5000)


@pytest.fixture
def run(qtbot, widget):
    def _run():
        widget.bar.run_button.click()
        qtbot.waitUntil(lambda: not widget.bar.is_running, timeout=5000)

    return _run


@pytest.fixture
def start_and_hold(qtbot, widget, fake):
    def _start():
        fake.hold = True
        widget.bar.run_button.click()
        qtbot.waitUntil(lambda: widget.bar.bar.format().startswith("holding"), timeout=5000)

    return _start


def small_sam(checkpoint=None):
    """Build the backbone of cellpose with two narrow layers, by its own code."""
    from segment_anything.build_sam import _build_sam

    return _build_sam(
        encoder_embed_dim=32,
        encoder_depth=2,
        encoder_num_heads=2,
        encoder_global_attn_indexes=[1],
        checkpoint=checkpoint,
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Save a real cellpose network with few random weights as cellpose does."""
    load_triton()  # before cellpose, beside the drivers of a window
    from cellpose import vit

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vit.sam_model_registry, "vit_l", small_sam)
        torch.manual_seed(0)
        path = tmp_path_factory.mktemp("weights") / "cpsam_v2"
        vit.CPSAM().save_model(path)
        yield path
