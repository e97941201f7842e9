import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from napari_celle.preprocess import (
    DATASETS,
    RECIPES,
    THRESHOLDS,
    above_median,
    above_otsu,
    is_mask,
    protein_frame,
)
from napari_celle.types import Window

RNG = np.random.default_rng(3)


@given(arrays.arrays(np.float32, (7, 8), elements=st.floats(0, 1, width=32)))
def test_at_most_half_of_the_pixels_lie_above_the_lower_median(picture):
    above = above_median(picture) > 0
    assert above.sum() <= picture.size // 2
    ordered = np.sort(picture, axis=None)
    np.testing.assert_array_equal(above, picture > ordered[27])  # of 56: the 28th, not the mean of two


def test_the_other_thresholds_of_the_published_configurations():
    picture = np.linspace(0, 1, 101, dtype=np.float32).reshape(1, 101)
    assert THRESHOLDS["mean"](picture).sum() == 50
    np.testing.assert_allclose(THRESHOLDS["1090_IQR"](picture), np.clip(picture, 0.1, 0.9), atol=1e-6)
    np.testing.assert_array_equal(THRESHOLDS["none"](picture), picture)


WINDOW = RNG.uniform(10, 200, (64, 64)).astype(np.float32)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "bool"])
def test_every_recipe_gives_float32_within_its_range(name, dtype):
    prepared = RECIPES[name].prepare(WINDOW, dtype=dtype)
    assert prepared.dtype == np.float32
    assert prepared.shape == WINDOW.shape
    assert np.abs(prepared).max() <= 1
    if name in ("celle", "percentile"):
        assert prepared.min() >= 0


@pytest.mark.parametrize("name", ["hpa", "opencell"])
def test_an_image_of_the_datasets_own_type_is_treated_as_the_dataset(name):
    data = DATASETS[name.upper() if name == "hpa" else "OpenCell"]
    expected = WINDOW / data.full_scale - data.nucleus_mean
    prepared = RECIPES[name].prepare(WINDOW, dtype=data.dtype)
    np.testing.assert_allclose(prepared, expected / np.abs(expected).max(), atol=1e-3)


@pytest.mark.parametrize("name", ["hpa", "opencell", "celle", "percentile"])
def test_brightness_and_offset_of_another_type_make_no_difference(name):
    prepare = RECIPES[name].prepare
    np.testing.assert_allclose(prepare(WINDOW, dtype="float32"), prepare(WINDOW * 30 + 500, dtype="float32"), atol=1e-4)


@pytest.mark.parametrize("name", ["hpa", "opencell"])
def test_an_image_of_another_type_is_centred_on_its_own_mean(name):
    prepared = RECIPES[name].prepare(WINDOW, dtype="float32")
    assert abs(prepared.mean()) < 1e-4
    assert np.abs(prepared).max() == 1


@pytest.mark.parametrize("name", ["hpa", "opencell"])
def test_a_constant_window_is_zero(name):
    assert not RECIPES[name].prepare(np.full((64, 64), 0.1, np.float32), dtype="float64").any()


def test_celle_divides_8_bit_pixels_by_255_and_stretches_others():
    np.testing.assert_array_equal(RECIPES["celle"].prepare(WINDOW, dtype="uint8"), WINDOW / np.float32(255))
    stretched = RECIPES["celle"].prepare(WINDOW, dtype="uint16")
    assert (stretched.min(), stretched.max()) == (0, 1)


def test_the_published_models_were_trained_without_antialiasing():
    assert [name for name, recipe in RECIPES.items() if recipe.anti_aliasing] == ["percentile"]


@pytest.mark.parametrize(
    ("picture", "mask"),
    [
        (np.ones((4, 4), bool), True),
        (np.eye(4, dtype=np.uint8) * 255, True),
        (np.zeros((4, 4)), True),
        (np.arange(16).reshape(4, 4), False),
    ],
)
def test_a_picture_of_two_values_is_a_mask(picture, mask):
    assert is_mask(picture) is mask


WHOLE = Window(y=0, x=0, height=64, width=64)


@pytest.mark.parametrize("value", [1, 255])
def test_a_painted_protein_stays_as_it_was_painted(value):
    painted = np.zeros((64, 64), np.uint8)
    painted[20:30, 5:50] = value
    frame = protein_frame(painted, WHOLE, size=64, scale=1, recipe=RECIPES["hpa"])
    np.testing.assert_array_equal(frame, painted > 0)


def test_a_mask_that_fills_the_picture_is_protein_everywhere():
    full = protein_frame(np.ones((64, 64), bool), WHOLE, size=64, scale=1, recipe=RECIPES["hpa"])
    assert full.all()


@pytest.mark.parametrize(("name", "share"), [("hpa", 0.5), ("celle", 0.25)])
def test_a_measured_protein_is_thresholded_as_the_model_learned_it(name, share):
    measured = RNG.uniform(0, 0.01, (64, 64))
    measured[:16] += 1
    frame = protein_frame(measured, WHOLE, size=64, scale=1, recipe=RECIPES[name])
    assert frame.mean() == share


def test_what_pads_a_small_protein_picture_is_empty_and_does_not_count():
    measured = RNG.uniform(100, 200, (64, 64))
    frame = protein_frame(measured, WHOLE, size=128, scale=1, recipe=RECIPES["hpa"])
    assert frame[:64, :64].mean() == 0.5
    assert not frame[64:].any()
    assert not frame[:, 64:].any()


def test_a_painted_protein_is_resampled():
    painted = np.zeros((64, 64), bool)
    painted[16:48, 16:48] = True
    frame = protein_frame(painted, WHOLE, size=128, scale=2, recipe=RECIPES["hpa"])
    np.testing.assert_array_equal(frame, painted.repeat(2, axis=0).repeat(2, axis=1))


def test_otsus_threshold_parts_bright_from_dark_where_the_median_does_not():
    picture = np.full((64, 64), 10.0)
    picture[:8] = 100.0  # an eighth is bright
    assert above_otsu(picture)[:7].all()
    assert not above_otsu(picture)[9:].any()
    assert not above_otsu(np.full((8, 8), 3.0)).any()
