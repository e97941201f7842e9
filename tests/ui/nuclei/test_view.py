import numpy as np
import pytest
from napari.components import ViewerModel

from napari_celle.errors import ImageError
from napari_celle.types import Window
from napari_celle.ui.frames import frame_of
from napari_celle.ui.nuclei.view import around, window_in_view


def _window(viewer, layer):
    frame = frame_of(layer, displayed=tuple(viewer.dims.displayed), point=tuple(viewer.dims.point))
    return window_in_view(viewer, layer, frame)


@pytest.fixture
def viewer():
    viewer = ViewerModel()
    viewer.canvas.size = (400, 600)
    return viewer


def test_the_view_is_a_window_of_pixels(viewer):
    layer = viewer.add_image(np.zeros((1000, 2000)), scale=(0.5, 0.5), translate=(10, 20))
    viewer.scene.camera.center = (0, 10 + 0.5 * 500, 20 + 0.5 * 700)
    viewer.scene.camera.zoom = 4  # 400 x 600 canvas pixels are 100 x 150 of the world, 200 x 300 of the image
    window = _window(viewer, layer)
    np.testing.assert_allclose((window.y, window.x, window.height, window.width), (400, 550, 200, 300), atol=2)


def test_of_a_turned_layer_it_is_the_rectangle_around(viewer):
    layer = viewer.add_image(np.zeros((1000, 1000)), rotate=90)
    viewer.scene.camera.center = (0, *layer.data_to_world((500, 500)))
    viewer.scene.camera.zoom = 4
    window = _window(viewer, layer)
    np.testing.assert_allclose((window.height, window.width), (150, 100), atol=2)


def test_it_ends_with_the_image(viewer):
    layer = viewer.add_image(np.zeros((30, 40)))
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0, 15, 20), 1
    assert _window(viewer, layer) == Window(0, 0, 30, 40)


def test_a_view_beside_the_image_or_in_3d_shows_nothing(viewer):
    layer = viewer.add_image(np.zeros((5, 30, 40)))
    viewer.scene.camera.center = (0, 5000, 5000)
    with pytest.raises(ImageError, match="shows nothing"):
        _window(viewer, layer)
    viewer.dims.ndisplay = 3
    with pytest.raises(ImageError, match="2D"):
        _window(viewer, layer)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(500, 500, 10, 20), Window(255, 260, 500, 500)),
        (Window(0, 0, 10, 20), Window(0, 0, 500, 500)),
        (Window(0, 0, 2000, 2000), Window(600, 600, 800, 800)),
        (Window(700, 700, 600, 300), Window(700, 550, 600, 600)),
    ],
)
def test_around_a_window_neither_too_little_nor_too_much_is_seen(window, expected):
    found = around(window, (2000, 2000), smallest=500, largest=800)
    assert (found.height, found.width) == (expected.height, expected.width)
    np.testing.assert_allclose((found.y, found.x), (expected.y, expected.x), atol=1)
