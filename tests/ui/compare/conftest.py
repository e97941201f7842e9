"""A field with three nuclei, a measured channel, and predictions of it as layers."""

import numpy as np
import pytest
from napari.layers import Layer

import napari_celle.models.registry  # noqa: F401  # torch is slow to import: not in the first test
from napari_celle.analysis.comparison.beside import compare_all
from napari_celle.types import Prediction, PredictionRequest, SamplingOptions, Window
from napari_celle.ui.compare.asking import channel_of, predicted_of
from napari_celle.ui.compare.found import predictions_in
from napari_celle.ui.compare.views import Pair
from napari_celle.ui.frames import frame_of
from napari_celle.ui.layers import prediction_layers

WINDOW = Window(y=16, x=8, height=64, width=64)
TURNED = {
    "scale": (0.5, 0.5),
    "translate": (30, -20),
    "rotate": 25,
    "units": ("um", "um"),
    "axis_labels": ("y", "x"),
}


@pytest.fixture(scope="session")
def nuclei():
    """Labels of the window: 4 is small, 9 large, 30 cut by the border."""
    rows, columns = np.mgrid[:64, :64]
    labels = np.zeros((64, 64), np.int32)
    for label, row, column, radius in ((4, 14, 16, 6), (9, 34, 40, 9), (30, 60, 14, 7)):
        labels[np.hypot(rows - row, columns - column) < radius] = label
    return labels


@pytest.fixture(scope="session")
def nucleus_image(nuclei):
    image = np.full((96, 80), 100.0, np.float32)
    image[WINDOW.slices] += 500 * (nuclei > 0)
    return image


@pytest.fixture(scope="session")
def channel(nuclei):
    """Brightest around nucleus 9, with noise and an offset."""
    rng = np.random.default_rng(0)
    image = 50 + rng.random((96, 80))
    rows, columns = np.mgrid[:64, :64]
    image[WINDOW.slices] += 300 * np.exp(-(np.hypot(rows - 34, columns - 40) ** 2) / 200)
    return image.astype(np.float32)


@pytest.fixture(scope="session")
def prediction(nuclei, nucleus_image):
    """Give a prediction by its seed: in the nuclei, with some noise."""

    def predict(seed=0, *, window=WINDOW, model="tiny"):
        rng = np.random.default_rng(seed)
        heatmap = (0.7 * (nuclei > 0) + 0.2 * rng.random(nuclei.shape)).astype(np.float32)
        return Prediction(
            request=PredictionRequest("MSKGEELFTG", nucleus_image, sampling=SamplingOptions(seed=seed)),
            window=window,
            threshold=(heatmap > 0.5).astype(np.uint8),
            probability=heatmap / heatmap.sum(),
            heatmap=heatmap,
            nuclei=nuclei.copy(),
            tokens=np.zeros((16, 16), np.int64),
            nuclear_fraction=0.9,
            sampling=SamplingOptions(seed=seed, steps=1, temperature=1.0),
            residues=(0, 10),
            scale=1.0,
            model=model,
            weights_sha256="0" * 64,
            device="cpu",
            timings={"decode": 0.1 + seed},
        )

    return predict


@pytest.fixture(scope="session")
def add_prediction(prediction):
    """Add the three layers of a prediction to the layers of a viewer, as the Predict widget does."""

    def add(layers, source, *, name="GFP", seed=0, point=None, displayed=(0, 1), **changes):
        frame = frame_of(source, displayed=displayed, point=point or (0.0,) * source.ndim)
        added = []
        for data, meta, kind in prediction_layers(prediction(seed, **changes), frame=frame, name=name):
            layer = Layer.create(data, meta, kind)
            if kind == "labels":
                layer.contour = 2
            layers.append(layer)
            added.append(layer)
        return added

    return add


@pytest.fixture
def fill(nucleus_image, channel, add_prediction):
    """Fill a viewer: nuclei, channel, and predictions of these names, all turned and shifted in the world."""

    def fill(viewer, *names):
        dapi = viewer.add_image(nucleus_image, name="DAPI", **TURNED)
        viewer.add_image(channel, name="actin", **TURNED)
        point = tuple(dapi.data_to_world((0, 0)))
        for seed, name in enumerate(names):
            add_prediction(viewer.layers, dapi, name=name, seed=seed, point=point)
        return viewer

    return fill


@pytest.fixture
def compared():
    """Compare all predictions of a viewer with its layer "actin", without a widget: pairs by name."""

    def compare(viewer):
        pairs = {}
        for found in predictions_in(viewer.layers):
            point = tuple(viewer.dims.point)
            asked = channel_of(found, viewer.layers["actin"], point=point)
            predicted = predicted_of(found, viewer.layers["actin"], point=point)
            pairs[found.name] = Pair(found, compare_all(asked, [predicted])[0])
        return pairs

    return compare
