"""The plane of a layer: which pixels it has, how large they are, and where they lie in the world."""

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_celle.errors import ImageError
from napari_celle.types import Window
from napari_celle.ui.frames import Projection, frame_of, pixel_at, plane_of, plane_pixels


def _frame(layer, *, displayed=None, point=None, projection=None):
    displayed = displayed or tuple(range(layer.ndim))[-2:]
    return frame_of(layer, displayed=displayed, point=point or (0.0,) * layer.ndim, projection=projection)


@pytest.mark.parametrize(
    ("scale", "units", "expected"),
    [((0.2, 0.2), "um", 0.2), ((65, 65), "nm", 0.065), ((0.1, 0.4), "um", 0.2), ((0.2, 0.2), "pixel", None)],
)
def test_the_pixel_size_comes_from_scale_and_units(scale, units, expected):
    source = Image(np.eye(8), scale=scale, rotate=20, units=(units, units))
    assert _frame(source).pixel_size_um == pytest.approx(expected)


def test_an_affine_that_enlarges_counts_for_the_pixel_size():
    source = Image(np.eye(8), scale=(0.1, 0.1), affine=np.diag([2.0, 2.0, 1.0]), units=("um", "um"))
    assert _frame(source).pixel_size_um == pytest.approx(0.2)


def test_a_time_axis_does_not_count_for_the_pixel_size():
    source = Image(np.zeros((3, 8, 8)), scale=(5, 0.2, 0.2), units=("s", "um", "um"))
    assert _frame(source).pixel_size_um == pytest.approx(0.2)


def test_rgb_is_refused_with_what_to_do():
    with pytest.raises(ImageError, match=r"'photo' is an RGB photograph. Split it"):
        _frame(Image(np.zeros((8, 8, 3), np.uint8), name="photo", rgb=True))


def test_sliders_beside_the_stack_are_an_error_and_not_another_plane():
    with pytest.raises(ImageError, match="has no image where the sliders stand"):
        _frame(Image(np.zeros((3, 8, 8))), point=(7.0, 0.0, 0.0))


def test_of_a_multiscale_layer_the_full_resolution_is_taken():
    full = np.random.default_rng(0).random((64, 64))
    source = Image([full, full[::2, ::2]], multiscale=True)
    np.testing.assert_array_equal(plane_pixels(source, _frame(source)), full)


def test_of_lazy_data_only_the_plane_is_read():
    class Lazy:
        """An array that tells what was asked of it."""

        shape, ndim, dtype, size = (5, 16, 16), 3, np.dtype(float), 5 * 16 * 16
        asked: list = []  # noqa: RUF012

        def __getitem__(self, index):
            self.asked.append(index)
            return np.ones(self.shape)[index]

        def __array__(self, dtype=None, copy=None):
            raise AssertionError("the whole stack was read")

    source = Image(Lazy(), contrast_limits=(0, 1))
    Lazy.asked.clear()
    frame = _frame(source, point=(2.0, 0.0, 0.0))
    assert plane_pixels(source, frame).shape == (16, 16)
    assert Lazy.asked == [(2, slice(None), slice(None))]


def test_a_layer_below_a_stack_is_seen_by_its_own_axes():
    viewer = ViewerModel()
    viewer.add_image(np.zeros((5, 16, 16)))
    flat = viewer.add_image(np.eye(16))
    frame = frame_of(flat, displayed=tuple(viewer.dims.displayed), point=tuple(viewer.dims.point))
    assert (frame.plane, frame.index) == ((0, 1), (0, 0))


def test_the_pixels_are_a_copy():
    source = Image(np.zeros((16, 16)))
    pixels = plane_pixels(source, _frame(source))
    source.data[0, 0] = 5
    assert pixels[0, 0] == 0


@pytest.mark.parametrize("name", ["maximum", "mean"])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("lazy", [False, True], ids=["numpy", "dask"])
def test_a_projection_takes_all_planes_of_one_axis_and_the_slider_of_the_other(name, axis, lazy):
    pixels = np.random.default_rng(0).random((3, 4, 16, 17))
    source = Image(da.from_array(pixels, chunks=(1, 1, 16, 17)) if lazy else pixels)
    frame = _frame(source, point=(1.0, 2.0, 0.0, 0.0), projection=Projection(axis, name))
    at = [1, 2]
    at[axis] = slice(None)
    expected = {"maximum": np.max, "mean": np.mean}[name](pixels[tuple(at)], axis=0)
    np.testing.assert_allclose(plane_pixels(source, frame), expected)
    np.testing.assert_allclose(plane_of(source, frame)[2:9, 3:5], expected[2:9, 3:5])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")  # what napari shows of a turned stack
@given(
    scale=st.tuples(*[st.floats(0.2, 4)] * 3),
    translate=st.tuples(*[st.floats(-5, 5)] * 3),
    rotate=st.tuples(*[st.floats(-180, 180)] * 3),
    z=st.integers(0, 4),
    corner=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_what_comes_of_a_projection_is_seen_at_each_plane_of_the_stack(scale, translate, rotate, z, corner):
    source = Image(np.zeros((5, 20, 20)), scale=scale, translate=translate, rotate=rotate)
    frame = _frame(source, point=tuple(source.data_to_world((2, 0, 0))), projection=Projection(0, "maximum"))
    window = Window(*corner, 8, 8)
    made = Image(np.zeros((1, 8, 8)), **frame.transforms_at(window))
    at = made.world_to_data(source.data_to_world((z, corner[0] + 3, corner[1] + 4)))
    assert round(float(at[0]), 6) == pytest.approx((z - 2) / 5, abs=1e-4)  # within the one pixel of depth
    np.testing.assert_allclose(at[1:], (3, 4), atol=1e-4)


def test_a_part_of_a_plane_begins_at_its_own_pixel():
    source = Image(np.zeros((3, 30, 30)), scale=(1, 2, 2), translate=(0, 5, 5))
    part = _frame(source, point=(1.0, 5.0, 5.0)).moved(4, 6)
    made = Image(np.zeros((1, 8, 8)), **part.transforms_at(Window(1, 2, 8, 8)))
    np.testing.assert_allclose(source.world_to_data(made.data_to_world((0, 0, 0))), (1, 5, 8))


def test_the_planes_of_labels_and_of_zarr_are_read_as_those_of_images():
    labels = Labels(np.arange(48).reshape(3, 4, 4))
    np.testing.assert_array_equal(plane_pixels(labels, _frame(labels, point=(2.0, 0.0, 0.0))), labels.data[2])
    stored = Image(zarr.array(np.arange(48.0).reshape(3, 4, 4), chunks=(1, 2, 2)))
    assert plane_of(stored, _frame(stored, point=(1.0, 0.0, 0.0)))[1:2, 2:4].tolist() == [[22.0, 23.0]]


def test_a_place_in_the_world_has_its_pixel_in_the_plane():
    source = Image(np.zeros((3, 30, 30)), scale=(1, 0.5, 0.25), translate=(0, 1, 2))
    assert pixel_at(source, _frame(source, point=(0.0, 1.0, 2.0)), point=(0.0, 6.0, 4.0)) == (10.0, 8.0)


def test_an_axis_behind_the_plane_is_projected_too():
    pixels = np.random.default_rng(0).random((6, 7, 5))
    frame = _frame(Image(pixels), displayed=(0, 1), projection=Projection(2, "maximum"))
    np.testing.assert_array_equal(plane_pixels(Image(pixels), frame), pixels.max(axis=2))
