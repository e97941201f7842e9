import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_celle.analysis.comparison.difference import difference
from napari_celle.errors import ImageError

MAPS = hnp.arrays(np.float32, (6, 7), elements=st.floats(0, 1e4, width=32))


@given(MAPS, MAPS)
def test_all_lies_on_one_scale(predicted, measured):
    found = difference(predicted, measured)
    for picture in (found.predicted, found.measured):
        assert picture.dtype == np.float32
        assert picture.min() >= 0
        assert picture.max() <= 1
    assert np.abs(found.signed).max() <= 1
    assert np.isnan(found.misplaced) or 0 <= found.misplaced <= 1


@given(MAPS, MAPS)
def test_the_difference_changes_its_sign_when_the_two_are_swapped(predicted, measured):
    one, other = difference(predicted, measured), difference(measured, predicted)
    np.testing.assert_array_equal(one.signed, -other.signed)
    assert one.misplaced == pytest.approx(other.misplaced, nan_ok=True)


@given(MAPS, st.sampled_from([0.5, 16.0, 1024.0]))
def test_brightness_does_not_matter(picture, gain):
    found = difference(picture, gain * picture)
    assert np.abs(found.signed).max() < 1e-6
    if picture.any():
        assert found.misplaced == pytest.approx(0, abs=1e-9)


def test_too_much_is_above_zero_and_too_little_below():
    found = difference(np.array([[4.0, 0.0, 1.0]]), np.array([[0.0, 40.0, 10.0]]))
    np.testing.assert_array_equal(np.sign(found.signed), [[1, -1, 0]])
    assert found.misplaced == pytest.approx(0.8)


def test_pictures_that_share_no_pixel_have_to_be_moved_wholly():
    assert difference(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])).misplaced == 1


def test_a_hot_pixel_does_not_darken_the_rest():
    predicted, measured = np.ones((50, 50)), np.ones((50, 50))
    measured[0, 0] = 100
    assert difference(predicted, measured).predicted.min() > 0.9


def test_of_a_dark_picture_nothing_is_misplaced():
    found = difference(np.ones((3, 3)), np.zeros((3, 3)))
    assert np.isnan(found.misplaced)
    assert (found.signed == 1).all()


def test_other_pixels_are_refused():
    with pytest.raises(ImageError, match="same pixels"):
        difference(np.ones((3, 3)), np.ones((3, 4)))
    with pytest.raises(ImageError, match="The measured map"):
        difference(np.ones((3, 3)), -np.ones((3, 3)))
