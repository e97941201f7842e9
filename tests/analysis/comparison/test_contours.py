import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.measure import points_in_poly

from napari_celle.analysis.comparison.contours import MASSES, contour_ladder, outlines
from napari_celle.errors import ImageError

MAPS = hnp.arrays(
    np.float32, (9, 8), elements=st.sampled_from([0.0, 0.125, 0.25, 1.0, 3.0]) | st.floats(0, 8, width=16)
)


def covered(polygons, shape):
    """Pixels whose centres lie inside an odd number of polygons."""
    centres = np.argwhere(np.ones(shape))
    inside = np.zeros(len(centres), int)
    for polygon in polygons:
        inside += points_in_poly(centres, polygon)
    return (inside % 2 == 1).reshape(shape)


@given(MAPS, st.floats(0.01, 0.99))
def test_a_contour_holds_its_mass_and_no_smaller_one_does(picture, mass):
    for contour in contour_ladder(picture, masses=(mass,)):
        whole = picture.astype(float)
        assert whole[contour.mask].sum() >= mass * whole.sum() * (1 - 1e-12)
        assert whole[contour.mask & (whole > contour.level)].sum() < mass * whole.sum()
        assert whole[contour.mask].min() == contour.level > whole[~contour.mask].max(initial=0)


@given(MAPS)
def test_contours_lie_in_each_other(picture):
    for inner, outer in zip(contour_ladder(picture), contour_ladder(picture)[1:], strict=False):
        assert (inner.mask <= outer.mask).all()


@given(MAPS)
def test_polygons_are_closed_and_cover_what_the_mask_covers(picture):
    for contour in contour_ladder(picture):
        for polygon in contour.polygons:
            np.testing.assert_array_equal(polygon[0], polygon[-1])
            assert polygon.min() >= -0.5
            assert (polygon.max(axis=0) <= np.array(picture.shape) - 0.5).all()
        np.testing.assert_array_equal(covered(contour.polygons, picture.shape), contour.mask)


def test_a_ladder_has_a_rung_for_each_mass():
    ladder = contour_ladder(np.arange(1.0, 101).reshape(10, 10))
    assert tuple(contour.mass for contour in ladder) == MASSES


def test_an_even_map_is_one_contour_around_all_of_it():
    (contour,) = contour_ladder(np.ones((4, 6)), masses=(0.5,))
    assert contour.mask.all()
    assert len(contour.polygons) == 1


def test_a_dark_map_has_no_contours():
    assert contour_ladder(np.zeros((4, 4))) == ()


@pytest.mark.parametrize("mass", [0.0, 1.0, -1.0, float("nan")])
def test_a_mass_is_between_0_and_1(mass):
    with pytest.raises(ImageError, match="between 0 and 1"):
        contour_ladder(np.ones((4, 4)), masses=(mass,))


def test_a_map_that_is_no_map_is_refused():
    with pytest.raises(ImageError, match="The probability map"):
        contour_ladder(np.array([[1.0, -1.0]]))


@given(hnp.arrays(np.int32, (9, 8), elements=st.sampled_from([0, 0, 2, 5])))
def test_outlines_cover_their_labels(labels):
    found = outlines(labels)
    assert set(found) == set(np.unique(labels).tolist()) - {0}
    for label, polygons in found.items():
        np.testing.assert_array_equal(covered(polygons, labels.shape), labels == label)
