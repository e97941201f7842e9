"""The camera goes to the right place in the world."""

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QObject

from napari_celle.ui.compare.flight import Flight


def _fly(qtbot, viewer, layer, position, diameter=8):
    owner = QObject()
    flight = Flight(viewer, owner)
    flight.to_nucleus(layer, position, diameter=diameter)
    qtbot.waitUntil(lambda: not flight.is_under_way, timeout=3000)


@pytest.mark.parametrize(
    "transforms",
    [{}, {"scale": (0.5, 0.5), "translate": (30, -20), "rotate": 25}, {"scale": (2, 2), "affine": np.diag([3, 3, 1])}],
    ids=["plain", "turned", "affine"],
)
def test_the_nucleus_is_in_the_middle_and_a_fifth_of_the_view(qtbot, transforms):
    viewer = ViewerModel()
    layer = viewer.add_labels(np.zeros((64, 64), int), **transforms)
    _fly(qtbot, viewer, layer, (20.0, 50.0))
    camera = viewer.scene.camera
    np.testing.assert_allclose(camera.center[-2:], layer.data_to_world((20, 50)), atol=1e-6)
    pixel = np.linalg.norm(np.subtract(layer.data_to_world((1, 0)), layer.data_to_world((0, 0))))
    assert 8 * pixel * camera.zoom == pytest.approx(min(viewer.canvas.size) / 5)


def test_in_a_stack_the_sliders_go_to_its_plane(qtbot):
    viewer = ViewerModel()
    viewer.add_image(np.zeros((6, 64, 64)), scale=(2, 1, 1))
    layer = viewer.add_labels(np.zeros((1, 64, 64), int), scale=(2, 1, 1), translate=(8, 0, 0))
    viewer.dims.set_current_step(0, 0)
    _fly(qtbot, viewer, layer, (0, 20, 50))
    assert viewer.dims.point[0] == pytest.approx(8)
    np.testing.assert_allclose(viewer.scene.camera.center[-2:], (20, 50), atol=1e-6)


def test_in_a_grid_it_is_a_fifth_of_a_tile(qtbot):
    viewer = ViewerModel()
    for _ in range(4):
        layer = viewer.add_labels(np.zeros((64, 64), int))
    viewer.canvas.grid.enabled = True
    _fly(qtbot, viewer, layer, (20.0, 50.0))
    assert 8 * viewer.scene.camera.zoom == pytest.approx(min(viewer.canvas.size) / 2 / 5)
