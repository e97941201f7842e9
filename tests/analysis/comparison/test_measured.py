import numpy as np
import pytest

from napari_celle.analysis.comparison.measured import as_probability, measured_protein
from napari_celle.errors import ImageError
from napari_celle.preprocess import RECIPES, THRESHOLDS
from napari_celle.types import Window


@pytest.fixture(scope="module")
def channel():
    return np.random.default_rng(0).gamma(2.0, 100.0, (50, 70)).astype(np.float32)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_threshold_is_the_models_own_of_the_window(channel, recipe):
    window = Window(5, 8, 32, 32)
    found = measured_protein(channel, window=window, size=32, scale=1.0, recipe=RECIPES[recipe])
    expected = THRESHOLDS[RECIPES[recipe].threshold](channel[window.slices])
    np.testing.assert_array_equal(found.threshold, expected)
    np.testing.assert_array_equal(found.intensity, channel[window.slices])
    assert found.threshold.dtype == np.uint8


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.5])
def test_a_window_larger_than_the_model_is_one_picture(channel, scale):
    window = Window(0, 0, *channel.shape)
    found = measured_protein(channel, window=window, size=16, scale=scale, recipe=RECIPES["hpa"])
    assert found.threshold.shape == channel.shape
    assert 0.3 < found.threshold.mean() < 0.7  # above the median


def test_a_window_is_seen_at_the_models_scale():
    rows, columns = np.mgrid[:64, :64]
    noise = np.random.default_rng(0).uniform(0, 10, (64, 64))
    channel = noise + 100.0 * (np.hypot(rows - 30, columns - 30) < 15)
    window = Window(0, 0, 64, 64)
    found = measured_protein(channel, window=window, size=256, scale=4.0, recipe=RECIPES["percentile"])
    assert (found.threshold != (channel > 50)).mean() < 0.02


def test_the_probability_has_sum_one_and_the_intensity_is_not_negative(channel):
    found = measured_protein(
        channel - 150, window=Window(0, 0, 50, 50), size=50, scale=1.0, recipe=RECIPES["percentile"]
    )
    assert found.intensity.min() == 0
    assert found.probability.sum(dtype=float) == pytest.approx(1)
    np.testing.assert_allclose(found.probability * found.intensity.sum(), found.intensity, rtol=1e-4)


def test_a_dark_window_has_no_protein_and_is_even():
    found = measured_protein(
        np.zeros((20, 20)), window=Window(0, 0, 20, 10), size=20, scale=1.0, recipe=RECIPES["celle"]
    )
    assert not found.threshold.any()
    assert found.probability.sum() == pytest.approx(1)
    assert np.ptp(found.probability) == 0


@pytest.mark.parametrize("window", [Window(40, 0, 20, 20), Window(0, -1, 20, 20)])
def test_a_window_outside_the_channel_is_refused(channel, window):
    with pytest.raises(ImageError, match="50 x 70 pixels"):
        measured_protein(channel, window=window, size=20, scale=1.0, recipe=RECIPES["celle"])


def test_a_dark_window_of_a_bright_channel_has_no_protein(channel):
    channel = channel.copy()
    channel[:20, :20] = 0
    for recipe in RECIPES.values():
        found = measured_protein(channel, window=Window(0, 0, 20, 20), size=20, scale=1.0, recipe=recipe)
        assert not found.threshold.any()


def test_only_the_window_is_kept(channel):
    found = measured_protein(channel, window=Window(0, 0, 20, 20), size=20, scale=1.0, recipe=RECIPES["celle"])
    assert found.intensity.base is None


def test_a_stack_is_no_channel(channel):
    with pytest.raises(ImageError, match="one plane"):
        measured_protein(
            np.stack([channel] * 60), window=Window(0, 0, 20, 20), size=20, scale=1.0, recipe=RECIPES["celle"]
        )


def test_the_picture_that_was_given_is_left_alone(channel):
    found = measured_protein(channel, window=Window(0, 0, 20, 20), size=20, scale=1.0, recipe=RECIPES["celle"])
    found.intensity[:] = 0
    assert channel.all()
    assert as_probability(channel).dtype == np.float32
