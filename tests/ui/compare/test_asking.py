"""Where a prediction lies on a channel, whatever their transforms."""

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel

from napari_celle.analysis.comparison.beside import compare_all
from napari_celle.errors import ImageError
from napari_celle.ui.compare.asking import channel_of, outlines_on, predicted_of
from napari_celle.ui.compare.found import predictions_in


@pytest.fixture
def viewer(fill):
    return fill(ViewerModel(), "GFP")


def _asked(viewer, name="actin"):
    (found,) = predictions_in(viewer.layers)
    layer, point = viewer.layers[name], tuple(viewer.dims.point)
    return channel_of(found, layer, point=point), predicted_of(found, layer, point=point)


def test_the_window_lies_where_it_was_cut(viewer, prediction, channel):
    asked, predicted = _asked(viewer)
    np.testing.assert_allclose(predicted.to_channel, [[1, 0, 16], [0, 1, 8]], atol=1e-6)
    np.testing.assert_allclose(predicted.heatmap, prediction().heatmap, rtol=1e-5)
    (beside,) = compare_all(asked, [predicted])
    np.testing.assert_array_equal(beside.compared.measured.intensity, channel[16:80, 8:72])
    assert beside.table["area_um2"].iloc[0] == pytest.approx(beside.table["area_px"].iloc[0] / 4)


def test_a_channel_that_was_shifted_is_measured_where_it_lies_in_the_world(viewer, channel):
    actin = viewer.layers["actin"]
    corner = actin.data_to_world((10, 4))
    actin.data = channel[10:, 4:]
    actin.translate = corner
    _, predicted = _asked(viewer)
    np.testing.assert_allclose(predicted.to_channel, [[1, 0, 6], [0, 1, 4]], atol=1e-6)


def test_without_the_sum_of_the_heat_map_its_brightest_place_is_one(viewer, prediction):
    for layer in list(viewer.layers)[2:]:
        del layer.metadata["celle"]["heatmap_sum"]
    _, predicted = _asked(viewer)
    assert predicted.heatmap.max() == pytest.approx(1)


def test_of_a_whole_field_only_its_windows_are_covered(viewer):
    for layer in list(viewer.layers)[2:]:
        layer.metadata["celle"]["windows"] = [{"y": 6, "x": 8, "height": 20, "width": 30}]
    _, predicted = _asked(viewer)
    assert predicted.covered.sum() == 10 * 30
    assert predicted.covered[:10, :30].all()


def test_a_stack_is_compared_in_the_plane_of_the_prediction(nucleus_image, channel, add_prediction):
    viewer = ViewerModel()
    move = {"scale": (2, 0.5, 0.5), "translate": (5, 30, -20), "units": ("um",) * 3}
    dapi = viewer.add_image(np.stack([nucleus_image] * 4), name="DAPI", **move)
    stack = da.from_array(np.stack([channel + z for z in range(4)]), chunks=(1, 96, 80))
    viewer.add_image(stack, name="actin", contrast_limits=(0, 500), **move)
    add_prediction(viewer.layers, dapi, point=(5 + 2 * 2, 0, 0), displayed=(1, 2))
    viewer.dims.set_current_step(0, 0)
    asked, predicted = _asked(viewer)
    assert asked.index == (2, slice(None), slice(None))
    (beside,) = compare_all(asked, [predicted])
    np.testing.assert_array_equal(beside.compared.measured.intensity, channel[16:80, 8:72] + 2)


def test_a_channel_without_that_plane_says_so(nucleus_image, channel, add_prediction):
    viewer = ViewerModel()
    dapi = viewer.add_image(np.stack([nucleus_image] * 4), name="DAPI")
    viewer.add_image(channel[None], name="actin")
    add_prediction(viewer.layers, dapi, point=(3, 0, 0), displayed=(1, 2))
    with pytest.raises(ImageError, match="actin has no plane where the prediction lies"):
        _asked(viewer)


def test_a_stack_beside_a_prediction_of_its_projection_is_refused(nucleus_image, channel, add_prediction):
    viewer = ViewerModel()
    dapi = viewer.add_image(nucleus_image[None], name="DAPI", scale=(4, 1, 1), translate=(1.5, 0, 0))
    add_prediction(viewer.layers, dapi, point=(1.5, 0, 0), displayed=(1, 2))
    viewer.add_image(np.stack([channel] * 4), name="actin")
    with pytest.raises(ImageError, match="Project it the same way"):
        _asked(viewer)
    viewer.layers["actin"].data = channel[None]
    viewer.layers["actin"].scale, viewer.layers["actin"].translate = dapi.scale, dapi.translate
    assert _asked(viewer)[0].index == (0, slice(None), slice(None))


def test_drawn_shapes_are_outlines_in_pixels_of_the_channel(viewer):
    actin = viewer.layers["actin"]
    square = np.array([[2, 3], [2, 9], [8, 9], [8, 3]])
    world = np.array([actin.data_to_world(corner) for corner in square])
    shapes = viewer.add_shapes([world, square, square[:2]], shape_type=["polygon", "ellipse", "line"])
    first, oval = outlines_on(shapes, actin, axes=(0, 1))
    np.testing.assert_allclose(first, square, atol=1e-4)  # shapes are float32
    assert len(oval) > 20


def test_a_lazy_channel_is_not_read_by_asking(viewer):
    pixels = da.from_array(np.zeros((96, 80)), chunks=(96, 80))
    dapi = viewer.layers["DAPI"]
    viewer.add_image(pixels, name="lazy", contrast_limits=(0, 1), scale=dapi.scale, units=dapi.units)
    viewer.layers["lazy"].translate, viewer.layers["lazy"].rotate = dapi.translate, dapi.rotate
    asked, _ = _asked(viewer, "lazy")
    assert asked.pixels is pixels
