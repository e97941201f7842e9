import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.image import choose_window
from napari_celle.mosaic import MARGIN, Mosaic, blend_weights, cover, distinct, middle, most_central, well_inside
from napari_celle.types import Window

SHAPE = (300, 400)


@st.composite
def boxes(draw):
    """A bounding box anywhere in the image, at its borders too."""
    height, width = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    y, x = draw(st.integers(0, SHAPE[0] - height)), draw(st.integers(0, SHAPE[1] - width))
    return Window(y, x, height, width)


@given(st.lists(boxes(), min_size=1, max_size=20), st.integers(70, 200))
def test_every_nucleus_lies_well_inside_a_chosen_window_or_has_its_own(nuclei, size):
    windows = [choose_window(SHAPE, size=size, centre=middle(nucleus)) for nucleus in nuclei]
    chosen = cover(nuclei, windows, shape=SHAPE)
    assert list(chosen) == sorted(set(chosen))
    for place, nucleus in enumerate(nuclei):
        assert place in chosen or any(well_inside([nucleus], windows[i], shape=SHAPE)[0] for i in chosen)


def test_neighbours_share_a_window_and_those_far_away_do_not():
    nuclei = [Window(100, 100, 20, 20), Window(110, 125, 20, 20), Window(250, 350, 20, 20)]
    windows = [choose_window(SHAPE, size=100, centre=middle(nucleus)) for nucleus in nuclei]
    assert cover(nuclei, windows, shape=SHAPE) == (0, 2)


def test_a_margin_is_asked_for_inside_the_image_and_none_at_its_border():
    window = Window(0, 100, 80, 80)
    margin = int(MARGIN * 80)
    nuclei = [Window(y, 100 + x, 20, 20) for y, x in ((0, margin), (0, margin - 1), (60 - margin + 1, 30), (60, 30))]
    assert well_inside(nuclei, window, shape=SHAPE).tolist() == [True, False, False, False]
    assert well_inside(nuclei, window, shape=(80, 400)).tolist() == [True, False, True, True]


def test_each_nucleus_can_have_its_window_and_none_is_taken_twice():
    windows = [Window(0, 40, 9, 9), Window(0, 0, 9, 9), Window(0, 40, 9, 9)]
    assert distinct(windows, windows, shape=SHAPE) == (0, 1)


def test_a_nucleus_belongs_to_the_window_in_whose_middle_it_lies():
    windows = [Window(0, 0, 100, 100), Window(0, 40, 100, 100), Window(0, 40, 100, 100)]
    assert most_central(Window(40, 80, 20, 20), windows) == 1


@given(st.lists(boxes(), min_size=1, max_size=8), st.floats(0, 1, width=32))
def test_constant_pictures_make_a_constant_picture_and_what_has_no_window_is_zero(windows, value):
    region = Window(50, 60, 150, 200)
    mosaic, seen = Mosaic(region), np.zeros(SHAPE, bool)
    for window in windows:
        mosaic.add(window, {"a": np.full((window.height, window.width), value, np.float32)})
        seen[window.slices] = True
    np.testing.assert_array_equal(mosaic.covered, seen[region.slices])
    np.testing.assert_allclose(mosaic.blended("a"), np.where(seen[region.slices], value, 0), rtol=1e-5, atol=1e-30)


def test_no_seam_shows_where_a_window_of_another_brightness_begins():
    mosaic = Mosaic(Window(0, 0, 64, 160))
    mosaic.add(Window(0, 0, 64, 100), {"a": np.zeros((64, 100), np.float32)})
    mosaic.add(Window(0, 60, 64, 100), {"a": np.ones((64, 100), np.float32)})
    profile = mosaic.blended("a")[32]
    assert (profile[:60] == 0).all()
    assert (profile[100:] == 1).all()
    assert np.abs(np.diff(profile)).max() < 0.06  # an even ramp of 40 pixels has 0.025


@pytest.mark.parametrize("shape", [(1, 1), (7, 8), (256, 256)])
def test_weights_are_above_zero_and_the_same_seen_from_each_side(shape):
    weights = blend_weights(shape)
    assert (weights.shape, weights.dtype) == (shape, np.float32)
    assert 0 < weights.min() <= weights.max() <= 1
    np.testing.assert_allclose(weights, weights[::-1, ::-1], rtol=1e-4)
