"""A viewer with a nucleus image, and a session whose predictor does what a test tells it."""

import threading

import numpy as np
import pytest
from qtpy.QtCore import QObject, Signal

from napari_celle.types import ModelInfo, Prediction, SamplingOptions, Window

INFO = ModelInfo(
    name="tiny",
    summary="A fake for tests.",
    licence="none",
    residues=50,
    image_size=64,
    pixel_size_um=0.2,
    nucleus_diameter_px=(10.0, 20.0, 30.0),
)


def answer(request, *, window=None):
    """Give a prediction for the middle 64x64 pixels, protein in its upper left quarter."""
    window = window or Window(y=16, x=8, height=64, width=64)
    heatmap = np.zeros((window.height, window.width), np.float32)
    heatmap[: window.height // 2, : window.width // 2] = 0.5
    return Prediction(
        request=request,
        window=window,
        threshold=(heatmap > 0).astype(np.uint8),
        probability=heatmap / heatmap.sum(),
        heatmap=heatmap,
        nuclei=(heatmap > 0).astype(np.int32),
        tokens=np.zeros((16, 16), np.int64),
        nuclear_fraction=1.0,
        sampling=SamplingOptions(seed=request.sampling.seed, steps=1, temperature=1.0),
        residues=(0, min(50, len(request.sequence))),
        scale=1.0,
        model="fake",
        weights_sha256="0" * 64,
        device="cpu",
        timings={"decode": 0.1},
        notes=("A note.",),
    )


class FakeSession(QObject):
    """Behaves as ``Session``; raises ``fail``; with ``hold`` a call goes on until ``go`` is set or it is cancelled."""

    models_changed, device_changed, memory_changed = Signal(), Signal(), Signal()
    device, loaded = "cpu", None

    def __init__(self):
        super().__init__()
        self.info = INFO
        self.fail = None
        self.hold = False
        self.go = threading.Event()
        self.requests = []

    def models(self):
        return (INFO,)

    def answer(self, name, ask, on_step):
        on_step("Loading weights", 0, 1)
        return ask(self, on_step)

    def __call__(self, request, on_step, *, on_sketch=None):
        self.requests.append(request)
        if self.fail is not None:
            raise self.fail
        on_step("Decoding", 1, 2)
        while self.hold and not self.go.wait(0.005):
            on_step("Decoding", 1, 2)
        return answer(request)


@pytest.fixture
def session():
    session = FakeSession()
    yield session
    session.go.set()


@pytest.fixture
def nucleus_image():
    yy, xx = np.mgrid[:96, :80]
    return (1000 * np.exp(-((yy - 48) ** 2 + (xx - 40) ** 2) / 200)).astype(np.uint16)


@pytest.fixture(autouse=True)
def _no_traces(monkeypatch, tmp_path):
    """Keep what widgets remember out of the user's own folders."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("napari_celle.ui.sequence.saved.saved_sequences_path", lambda: tmp_path / "sequences.json")
    monkeypatch.setattr("napari_celle.ui.predict.widget.run_times_path", lambda: tmp_path / "run_times.json")
