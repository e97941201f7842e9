import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.restoration import rolling_ball

from napari_celle.analysis.comparison.background import Percentile, Region, RollingBall, subtract_background
from napari_celle.errors import ImageError


@pytest.fixture(scope="module")
def spots():
    """Spots of radius 4 on a ramp, and the spots alone."""
    rows, columns = np.mgrid[:120, :120]
    alone = 80.0 * sum(np.hypot(rows - y, columns - x) < 4 for y, x in ((30, 30), (30, 90), (90, 60)))
    return alone + 10 + 0.15 * columns, alone


@pytest.mark.parametrize("radius", [12, 40])
def test_a_ball_takes_a_ramp_off_and_leaves_the_spots(spots, radius):
    picture, alone = spots
    left = subtract_background(picture, RollingBall(radius))
    assert left[alone == 0].mean() < 4
    assert np.abs(left[alone > 0] - 80).mean() < 12


def test_a_large_ball_is_rolled_as_it_would_be_under_the_full_picture():
    rows, columns = np.mgrid[:160, :160]
    hill = np.exp(-((rows - 80.0) ** 2 + (columns - 80.0) ** 2) / (2 * 15**2))
    picture = 255 * hill
    left = subtract_background(picture, RollingBall(40))
    assert left.max() > 50
    np.testing.assert_allclose(left, picture - rolling_ball(picture, radius=40), atol=6)


@pytest.mark.parametrize("background", [RollingBall(12), Percentile(20)])
def test_gain_and_offset_of_the_camera_do_not_matter(spots, background):
    picture = spots[0]
    left = subtract_background(picture, background)
    np.testing.assert_allclose(subtract_background(300 * picture + 1000, background) / 300, left, atol=0.02)


def test_a_percentile_is_the_same_everywhere():
    channel = np.arange(101.0).reshape(1, 101)
    np.testing.assert_array_equal(subtract_background(channel, Percentile(10)), np.maximum(channel - 10, 0))


@pytest.mark.parametrize(("statistic", "expected"), [("median", 2), ("mean", 4)])
def test_a_drawn_region_is_the_background(statistic, expected):
    channel = np.array([[1, 2, 9, 20]], np.uint8)
    mask = np.array([[True, True, True, False]])
    left = subtract_background(channel, Region(mask, statistic=statistic))
    np.testing.assert_array_equal(left, np.maximum(channel.astype(float) - expected, 0))


@given(
    hnp.arrays(np.uint16, (9, 11)).filter(lambda a: a.min() < a.max()),
    st.one_of(st.builds(RollingBall, st.floats(1, 30)), st.builds(Percentile, st.floats(0, 100))),
)
def test_what_is_left_is_float32_not_negative_and_no_more_than_there_was(channel, background):
    left = subtract_background(channel, background)
    assert left.dtype == np.float32
    assert left.shape == channel.shape
    assert left.min() >= 0
    assert (left <= channel - float(channel.min()) + 0.05).all()


@pytest.mark.parametrize(
    ("background", "message"),
    [
        (RollingBall(0.5), "at least 1 pixel"),
        (RollingBall(float("nan")), "at least 1 pixel"),
        (Percentile(101), "from 0 to 100"),
        (Region(np.zeros((3, 3), bool)), "no pixels"),
        (Region(np.ones((2, 3), bool)), "Draw it on this channel"),
    ],
)
def test_an_option_of_no_use_says_why(background, message):
    with pytest.raises(ImageError, match=message):
        subtract_background(np.eye(3), background)


def test_an_unknown_statistic_lists_the_known():
    with pytest.raises(ValueError, match="mean, median"):
        subtract_background(np.eye(3), Region(np.ones((3, 3), bool), statistic="mode"))


def test_a_constant_channel_is_refused():
    with pytest.raises(ImageError, match="constant"):
        subtract_background(np.ones((5, 5)), Percentile())
