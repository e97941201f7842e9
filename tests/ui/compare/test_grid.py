"""The user's own view is kept and comes back exactly."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_celle.ui.compare.grid import bring_to_order, capture, restore


@pytest.fixture
def viewer(fill):
    viewer = fill(ViewerModel(), "GFP")
    viewer.layers["actin"].contrast_limits = (60, 120)
    viewer.layers["actin"].gamma = 0.7
    viewer.layers["DAPI"].visible = False
    viewer.layers["GFP nuclei"].blending = "additive"
    viewer.layers["DAPI"].name_overlay.visible = True
    viewer.layers.selection = {viewer.layers["actin"]}
    viewer.canvas.grid.stride, viewer.canvas.grid.spacing = 3, 0.1
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0, 12, 7), 3.3
    return viewer


def _plain(state):
    looks = [
        (layer.name, {key: str(value) for key, value in look.items()}, named) for layer, look, named in state.layers
    ]
    return looks, state.grid, state.camera, state.sliders, state.ndisplay, {layer.name for layer in state.selected}


def _spoil(viewer):
    for layer in viewer.layers:
        layer.visible = not layer.visible
        layer.blending = "opaque"
        layer.name_overlay.visible = not layer.name_overlay.visible
    for name in ("actin", "DAPI", "GFP PDF"):
        viewer.layers[name].contrast_limits = (0.1, 0.2)
        viewer.layers[name].colormap = "red"
        viewer.layers[name].opacity = 0.2
    viewer.layers.move(4, 0)
    viewer.layers.move(1, 3)
    viewer.layers.selection = {viewer.layers["GFP PDF"]}
    viewer.canvas.grid.enabled, viewer.canvas.grid.shape = True, (1, 4)
    viewer.canvas.grid.stride = -1
    viewer.dims.ndisplay = 3
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0, 0, 0), 1


def test_everything_comes_back_exactly(viewer):
    state = capture(viewer)
    _spoil(viewer)
    assert _plain(capture(viewer)) != _plain(state)
    restore(viewer, state)
    assert _plain(capture(viewer)) == _plain(state)


def test_what_was_removed_stays_away_and_what_was_added_stays_as_it_is(viewer):
    state = capture(viewer)
    _spoil(viewer)
    viewer.layers.remove("actin")
    later = viewer.add_image(np.eye(8), name="later", opacity=0.3)
    viewer.layers.move(viewer.layers.index(later), 1)
    viewer.layers["DAPI"].name = "renamed"
    restore(viewer, state)
    assert [layer.name for layer in viewer.layers] == ["renamed", "GFP threshold", "GFP PDF", "GFP nuclei", "later"]
    assert (later.opacity, later.visible, viewer.layers["renamed"].visible) == (0.3, True, False)


def test_sliders_come_back_unless_the_viewer_has_other_axes(viewer):
    viewer.add_image(np.zeros((5, 8, 8)))
    viewer.dims.set_current_step(0, 3)
    state = capture(viewer)
    viewer.dims.set_current_step(0, 1)
    restore(viewer, state)
    assert viewer.dims.current_step[0] == 3
    viewer.layers.pop()
    restore(viewer, state)
    assert viewer.dims.ndim == 2


def test_layers_go_to_their_places_and_the_others_keep_their_order(viewer):
    wanted = [viewer.layers["GFP nuclei"], viewer.layers["actin"]]
    bring_to_order(viewer, wanted, [0, 1])
    names = [layer.name for layer in viewer.layers]
    assert names == ["GFP nuclei", "actin", "DAPI", "GFP threshold", "GFP PDF"]
