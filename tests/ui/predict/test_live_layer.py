"""What is being drawn is seen in one layer, which leaves no trace."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_celle.types import Sketch, Window
from napari_celle.ui.frames import frame_of
from napari_celle.ui.layers import is_prediction
from napari_celle.ui.predict.live_layer import LiveLayer


@pytest.fixture
def viewer():
    viewer = ViewerModel()
    viewer.add_image(np.zeros((3, 40, 40)), name="DAPI", scale=(1, 2, 2))
    return viewer


@pytest.fixture
def live(viewer):
    frame = frame_of(viewer.layers["DAPI"], displayed=(1, 2), point=(1.0, 0.0, 0.0))
    return LiveLayer(viewer, frame, name="GFP")


def _sketch(value):
    picture = np.full((10, 12), value, np.float32)
    picture[:5] = np.nan
    return Sketch(Window(4, 6, 10, 12), picture, 0.5)


def test_each_sketch_takes_the_place_of_the_one_before(viewer, live):
    live.show(_sketch(0.2))
    live.show(_sketch(0.7))
    (_, layer) = viewer.layers
    assert layer.name == "GFP, being drawn"
    np.testing.assert_array_equal(layer.data[0], _sketch(0.7).picture)
    np.testing.assert_allclose(layer.data_to_world((0, 0, 0)), (1, 8, 12))
    assert is_prediction(layer)


def test_the_layer_goes_away_and_the_selection_was_never_touched(viewer, live):
    viewer.layers.selection = {viewer.layers["DAPI"]}
    live.show(_sketch(0.2))
    assert viewer.layers.selection == {viewer.layers["DAPI"]}
    live.remove()
    assert [layer.name for layer in viewer.layers] == ["DAPI"]
    live.remove()


def test_a_layer_that_the_user_removed_stays_away(viewer, live):
    live.show(_sketch(0.2))
    viewer.layers.remove("GFP, being drawn")
    live.show(_sketch(0.4))
    live.remove()
    assert len(viewer.layers) == 1
