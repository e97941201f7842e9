"""What each view shows, and that the user's own comes back."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_celle.ui.compare.grid import capture
from napari_celle.ui.compare.views import Views

LONGEST = len("twilight_shifted")  # of the names of napari's own colormaps


@pytest.fixture
def viewer(fill):
    return fill(ViewerModel(), "GFP", "H3")


@pytest.fixture
def pairs(viewer, compared):
    return compared(viewer)


@pytest.fixture
def views(viewer):
    return Views(viewer)


def _shown(viewer):
    return [layer.name for layer in viewer.layers if layer.visible]


def test_side_by_side_has_a_tile_for_the_channel_and_each_prediction(viewer, views, pairs):
    views.side_by_side(list(pairs.values()), "actin")
    shown = ["actin measured", "GFP outlines", "GFP PDF", "GFP nuclei", "H3 PDF", "H3 nuclei"]
    assert _shown(viewer) == shown
    grid = viewer.canvas.grid
    assert grid.enabled
    assert [grid.position(at, viewer.layers) for at in range(6)] == [(0, 0)] * 2 + [(0, 1)] * 2 + [(1, 0)] * 2
    pictures = [viewer.layers[name] for name in ("actin measured", "GFP PDF", "H3 PDF")]
    assert len({tuple(layer.contrast_limits) for layer in pictures}) == 1
    assert len({layer.colormap.name for layer in pictures}) == 1
    assert all(layer.name_overlay.visible for layer in pictures)
    assert pictures[0].data.sum() == pytest.approx(pictures[1].data.sum(), rel=1e-4)


def test_overlay_is_green_and_magenta_with_the_same_limits(viewer, views, pairs):
    views.side_by_side(list(pairs.values()), "actin")
    views.overlay(pairs["H3"], "actin")
    assert sorted(_shown(viewer)) == ["H3 PDF", "H3 nuclei", "actin measured"]
    assert not viewer.canvas.grid.enabled
    pdf, measured = viewer.layers["H3 PDF"], viewer.layers["actin measured"]
    assert (pdf.colormap.name, measured.colormap.name) == ("magenta", "green")
    assert (pdf.blending, measured.blending) == ("additive", "additive")
    assert tuple(pdf.contrast_limits) == tuple(measured.contrast_limits)
    assert viewer.layers["GFP PDF"].colormap.name == "inferno"  # as before


def test_difference_has_limits_as_far_below_zero_as_above(viewer, views, pairs):
    views.difference(pairs["GFP"], "actin")
    layer = viewer.layers["GFP minus actin"]
    np.testing.assert_array_equal(layer.data, pairs["GFP"].beside.compared.difference.signed)
    assert layer.contrast_limits[0] == -layer.contrast_limits[1] < 0
    middle = layer.colormap.map(np.array([0.0, 0.5, 1.0]))
    assert middle[1, :3].min() > 0.9  # white where both agree
    assert middle[0, 1] > middle[0, 0]  # green below
    assert middle[2, 0] > middle[2, 1]  # pink above


def test_contours_hold_their_part_of_the_mass(viewer, views, pairs):
    views.contours(pairs["GFP"], "actin")
    layer = viewer.layers["GFP contours"]
    assert set(layer.features["mass"]) == {0.5, 0.8, 0.95}
    assert _shown(viewer) == ["actin measured", "GFP contours"]
    assert len({tuple(colour) for colour in layer.edge_color}) == 3


@pytest.mark.parametrize("name", ["measured", "outlines", "minus", "contours"])
def test_every_layer_of_a_view_lies_on_the_window(viewer, views, pairs, name):
    views.side_by_side(list(pairs.values()), "actin")
    if name in ("minus", "contours"):
        (views.difference if name == "minus" else views.contours)(pairs["GFP"], "actin")
    (layer,) = [each for each in viewer.layers if name in each.name]
    pdf = viewer.layers["GFP PDF"]
    for corner in ((0, 0), (63, 0), (10, 63)):
        np.testing.assert_allclose(layer.data_to_world(corner), pdf.data_to_world(corner))
    assert (layer.units, layer.axis_labels) == (pdf.units, pdf.axis_labels)
    assert viewer.layers.units is not None


def test_the_users_view_comes_back_after_all_views(viewer, views, pairs):
    viewer.scene.camera.zoom = 2.2
    before = [(layer.name, layer.visible) for layer in viewer.layers]
    camera = capture(viewer).camera
    views.side_by_side(list(pairs.values()), "actin")
    views.difference(pairs["GFP"], "actin")
    views.contours(pairs["H3"], "actin")
    views.side_by_side(list(pairs.values()), "actin")
    views.overlay(pairs["GFP"], "actin")
    assert views.is_on
    views.back()
    assert not views.is_on
    after = [(layer.name, layer.visible) for layer in viewer.layers]
    kept = {"GFP minus actin", "H3 contours"}  # results stay, hidden
    assert [each for each in after if each[0] not in kept] == before
    assert {name for name, visible in after if name in kept and not visible} == kept
    assert capture(viewer).camera == camera
    views.back()  # nothing to give back


def test_a_second_view_of_a_kind_replaces_the_first(viewer, views, pairs):
    views.difference(pairs["GFP"], "actin")
    views.difference(pairs["GFP"], "actin")
    views.back()
    assert not viewer.layers["GFP minus actin"].visible
    views.difference(pairs["GFP"], "actin")
    assert [layer.name for layer in viewer.layers].count("GFP minus actin") == 1


def test_the_camera_stays_when_the_next_view_shows_the_same_place(viewer, views, pairs):
    views.overlay(pairs["GFP"], "actin")
    viewer.scene.camera.zoom = 17.0
    views.difference(pairs["GFP"], "actin")
    assert viewer.scene.camera.zoom == 17.0
    viewer.scene.camera.center = (0, 1e4, 1e4)
    views.overlay(pairs["GFP"], "actin")
    assert viewer.scene.camera.center[1] < 100


def test_layers_that_were_removed_in_a_view_do_not_stop_the_way_back(viewer, views, pairs):
    views.side_by_side(list(pairs.values()), "actin")
    viewer.layers.remove("actin measured")
    viewer.layers.remove("H3 PDF")
    views.back()
    assert "H3 PDF" not in viewer.layers
    assert viewer.layers["actin"].visible


def test_a_stack_is_shown_in_the_plane_of_the_prediction(nucleus_image, channel, add_prediction, compared):
    viewer = ViewerModel()
    dapi = viewer.add_image(np.stack([nucleus_image] * 4), name="DAPI", scale=(3, 1, 1))
    viewer.add_image(np.stack([channel] * 4), name="actin", scale=(3, 1, 1))
    add_prediction(viewer.layers, dapi, point=(6, 0, 0), displayed=(1, 2))
    pair = compared(viewer)["GFP"]
    viewer.dims.set_current_step(0, 0)
    views = Views(viewer)
    views.contours(pair, "actin")
    assert viewer.dims.point[0] == pytest.approx(6)
    assert viewer.layers["GFP contours"].ndim == 3
    views.back()
    assert viewer.dims.point[0] == pytest.approx(0)


def test_the_colours_of_the_difference_do_not_widen_the_layer_controls(viewer, views, pairs):
    views.difference(pairs["GFP"], "actin")
    name = next(layer.colormap.name for layer in viewer.layers if "minus" in layer.name)
    assert len(name) <= LONGEST
