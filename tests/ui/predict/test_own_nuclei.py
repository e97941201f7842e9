"""Labels of the user lie on the image, all over it or over a part, or they are refused."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.layers import Image, Labels

from napari_celle.errors import ImageError
from napari_celle.types import Window
from napari_celle.ui.frames import frame_of
from napari_celle.ui.predict.own_nuclei import labels_on


def _frame(layer, point):
    return frame_of(layer, displayed=tuple(range(layer.ndim))[-2:], point=point)


def _on(labels, image, point=(0.0, 0.0)):
    return labels_on(labels, _frame(labels, point), image=image, image_frame=_frame(image, point), point=point)


def test_labels_of_the_same_pixels_are_taken_as_they_are():
    labels = np.random.default_rng(0).integers(0, 9, (30, 40))
    plane = _on(Labels(labels, scale=(2, 3), rotate=20), Image(np.zeros((30, 40)), scale=(2, 3), rotate=20))
    np.testing.assert_array_equal(plane[:, :], labels)
    np.testing.assert_array_equal(plane[3:9, 5:6], labels[3:9, 5:6])


@settings(max_examples=30, deadline=None)
@given(
    corner=st.tuples(st.integers(-12, 35), st.integers(-12, 45)),
    part=st.tuples(st.integers(0, 29), st.integers(0, 39), st.integers(1, 40), st.integers(1, 40)),
)
def test_labels_of_a_part_are_0_where_they_are_not(corner, part):
    labels = np.random.default_rng(0).integers(1, 9, (10, 12))
    image = Image(np.zeros((30, 40)), scale=(0.2, 0.3), translate=(7, -2), rotate=10)
    transforms = _frame(image, (7.0, -2.0)).transforms_at(Window(*corner, 10, 12))
    plane = _on(Labels(labels, **transforms), image, point=(7.0, -2.0))
    whole = np.zeros((60, 80), int)
    whole[12 + corner[0] : 22 + corner[0], 12 + corner[1] : 24 + corner[1]] = labels
    y, x, height, width = part
    expected = whole[12:42, 12:52][y : y + height, x : x + width]
    np.testing.assert_array_equal(plane[y : y + height, x : x + width], expected)


@pytest.mark.parametrize("other", [{"scale": (2, 2)}, {"rotate": 5}, {"translate": (0.5, 0)}])
def test_labels_on_other_pixels_are_refused_with_what_to_do(other):
    with pytest.raises(ImageError, match="do not lie on those of DAPI"):
        _on(Labels(np.ones((30, 40), int), **other), Image(np.zeros((30, 40)), name="DAPI"))


def test_flat_labels_lie_on_each_plane_of_a_stack():
    labels = np.random.default_rng(0).integers(0, 9, (30, 40))
    stack = Image(np.zeros((5, 30, 40)), scale=(3, 1, 1))
    point = (6.0, 0.0, 0.0)
    frame = frame_of(Labels(labels), displayed=(1, 2), point=point)
    plane = labels_on(Labels(labels), frame, image=stack, image_frame=_frame(stack, point), point=point)
    np.testing.assert_array_equal(plane[:, :], labels)


def test_of_lazy_labels_only_the_part_is_read():
    labels = da.from_array(np.arange(1200).reshape(30, 40), chunks=(10, 10))
    assert _on(Labels(labels), Image(np.zeros((30, 40))))[4:5, 6:8].tolist() == [[166, 167]]
