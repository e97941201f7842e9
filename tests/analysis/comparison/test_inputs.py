import numpy as np
import pytest

from napari_celle.analysis.comparison.inputs import check_channel, check_finite, check_map, check_same_pixels
from napari_celle.errors import ImageError


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        pytest.param(np.full((4, 4), 3.0), "constant: every pixel is 3", id="constant"),
        pytest.param(np.array([[0.0, np.nan]]), "1 pixels that are NaN", id="nan"),
        pytest.param(np.array([[0.0, 1e300]]), "1 pixels that are NaN or infinite", id="too large"),
        pytest.param(np.zeros((0, 4)), "has pixels", id="empty"),
        pytest.param(np.zeros((2, 4, 4)), r"shape \(2, 4, 4\)", id="stack"),
        pytest.param(np.array([["a"]]), "type <U1", id="text"),
        pytest.param(np.array([[1j]]), "type complex128", id="complex"),
    ],
)
def test_a_channel_that_cannot_be_compared_says_why(channel, message):
    with pytest.raises(ImageError, match=message):
        check_channel(channel)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.float64])
def test_a_channel_of_any_real_type_becomes_a_float32_copy(dtype):
    channel = np.eye(3, dtype=dtype)
    plane = check_channel(channel)
    assert plane.dtype == np.float32
    np.testing.assert_array_equal(plane, channel)
    assert not np.shares_memory(plane, channel)


def test_a_dark_channel_is_finite():
    assert not check_finite(np.zeros((3, 3))).any()


@pytest.mark.parametrize("pixel", [-1.0, np.nan, np.inf])
def test_a_map_is_finite_and_not_negative(pixel):
    with pytest.raises(ImageError, match="The predicted map has pixels that are negative"):
        check_map(np.array([[1.0, pixel]]), what="The predicted map")


def test_a_map_is_one_plane():
    with pytest.raises(ImageError, match="one plane"):
        check_map(np.zeros(3), what="The predicted map")


def test_shapes_that_differ_are_named():
    check_same_pixels(one=np.zeros((2, 3)), other=np.zeros((2, 3)))
    with pytest.raises(ImageError, match=r"one \(2, 3\), other \(3, 2\)"):
        check_same_pixels(one=np.zeros((2, 3)), other=np.zeros((3, 2)))
