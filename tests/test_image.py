import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from napari_celle.errors import ImageError
from napari_celle.image import check_plane, choose_window, fit_to_model, fit_to_window, normalise, resize
from napari_celle.types import Window

RNG = np.random.default_rng(0)
NOISE = RNG.normal(100, 5, (64, 48))


def blob(shape, *, centre, sigma):
    y, x = np.indices(shape)
    return np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / (2 * sigma**2)).astype(np.float32)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float16", "float64", ">f4", "bool"])
def test_real_dtypes_become_a_float32_copy(dtype):
    image = (NOISE > 100).astype(dtype) if dtype == "bool" else NOISE.astype(dtype)
    plane = check_plane(image)
    assert plane.dtype == np.float32
    assert plane.dtype.isnative
    np.testing.assert_array_equal(plane, image.astype(np.float32))
    assert not np.shares_memory(plane, image)


def test_a_float32_image_is_copied_too():
    image = NOISE.astype(np.float32)
    assert not np.shares_memory(check_plane(image), image)


def with_pixels(value, count):
    image = NOISE.copy()
    image.flat[:count] = value
    return image


@pytest.mark.parametrize(
    ("image", "said"),
    [
        pytest.param(np.zeros((64, 64, 3), np.uint8), "colour .RGB. image of 64 x 64 x 3.*Split", id="RGB"),
        pytest.param(np.zeros((64, 64, 4), np.uint8), "colour", id="RGBA"),
        pytest.param(np.zeros((5, 64, 64)), "3 axes .5 x 64 x 64.*one plane", id="stack"),
        pytest.param(np.zeros(64), "1 axes", id="line"),
        pytest.param(with_pixels(np.nan, 7), "7 pixels that are NaN", id="NaN"),
        pytest.param(with_pixels(np.inf, 2), "2 pixels that are NaN or infinite", id="infinite"),
        pytest.param(with_pixels(1e300, 3), "3 pixels", id="too large for float32"),
        pytest.param(np.full((64, 64), 3), "constant: every pixel is 3", id="constant"),
        pytest.param(np.ones((64, 64), bool), "constant", id="constant mask"),
        pytest.param(NOISE[:15], "15 x 48 pixels.*at least 16 x 16", id="tiny"),
        pytest.param(np.zeros((0, 0)), "0 x 0", id="empty"),
        pytest.param(NOISE.astype(complex), "complex128", id="complex"),
        pytest.param(NOISE.astype(object), "object", id="object"),
    ],
)
def test_what_is_no_nucleus_channel_is_named(image, said):
    with pytest.raises(ImageError, match=said):
        check_plane(image)


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e4), st.floats(-1e4, 1e4))
@settings(deadline=None, max_examples=25)
def test_normalised_pixels_lie_in_0_to_1_and_forget_gain_and_offset(seed, gain, offset):
    image = np.random.default_rng(seed).gamma(2, 1, (32, 32)).astype(np.float32)
    result = normalise(image)
    assert result.dtype == np.float32
    assert result.min() == 0
    assert result.max() == 1
    moved = normalise(image * np.float32(gain) + np.float32(offset))
    rounding = 1e-6 * (1 + abs(offset) / gain)
    np.testing.assert_allclose(moved, result, atol=10 * rounding)


def test_a_hot_pixel_does_not_darken_the_nuclei():
    image = NOISE + 300 * blob(NOISE.shape, centre=(30, 20), sigma=6)
    hot = image.copy()
    hot[3, 3] = 65_535
    np.testing.assert_allclose(normalise(hot)[4:], normalise(image)[4:], atol=0.02)


@pytest.mark.parametrize("hot_pixels", [0, 1])
def test_one_small_nucleus_in_an_empty_image_is_not_clipped_by_the_noise(hot_pixels):
    image = RNG.normal(100, 5, (256, 256))
    y, x = np.indices(image.shape)
    nucleus = (y - 90) ** 2 + (x - 120) ** 2 < 5**2  # 0.1 % of the pixels, fewer than the percentile cuts off
    image[nucleus] += 200
    image.flat[:hot_pixels] = 65_535
    result = normalise(image)
    assert np.median(result[nucleus]) > 0.8
    assert np.median(result[~nucleus]) < 0.2


def test_a_nucleus_without_background_noise_is_kept():
    image = np.zeros((256, 256))
    image[40:48, 40:48] = 9
    np.testing.assert_array_equal(normalise(image), image / 9)


@pytest.mark.parametrize("order", [0, 1])
def test_the_same_shape_is_an_exact_copy(order):
    image = NOISE.astype(np.float32)
    result = resize(image, shape=image.shape, order=order)
    np.testing.assert_array_equal(result, image)
    assert not np.shares_memory(result, image)


def test_labels_keep_their_values_and_dtype():
    labels = np.kron(np.array([[0, 7], [70_000, 3]]), np.ones((8, 8), int)).astype(np.int32)
    for shape in ((5, 5), (40, 33)):
        result = resize(labels, shape=shape, order=0)
        assert result.dtype == np.int32
        assert set(np.unique(result)) == {0, 3, 7, 70_000}
    np.testing.assert_array_equal(resize(labels, shape=(32, 32), order=0)[::2, ::2], labels)


def test_shrinking_averages_instead_of_picking():
    stripes = np.tile(np.array([0.0, 1.0], np.float32), (63, 32))[:, :63]
    np.testing.assert_allclose(resize(stripes, shape=(21, 21))[4:-4, 4:-4], 0.5, atol=0.1)


@pytest.mark.parametrize(
    ("centre", "expected"),
    [
        (None, Window(18, 43, 64, 64)),
        ((0, 0), Window(0, 0, 64, 64)),
        ((99.4, 149.4), Window(36, 86, 64, 64)),
        ((50, 60), Window(19, 29, 64, 64)),
    ],
)
def test_the_window_is_moved_to_lie_inside(centre, expected):
    assert choose_window((100, 150), size=64.3, centre=centre) == expected


def test_a_small_image_is_taken_whole():
    assert choose_window((40, 150), size=64) == Window(0, 43, 40, 64)


@given(st.tuples(st.integers(1, 300), st.integers(1, 300)), st.floats(0.1, 400), st.data())
def test_the_window_holds_its_centre_and_stays_inside(shape, size, data):
    centre = tuple(data.draw(st.floats(-0.5, n - 0.5, exclude_max=True)) for n in shape)
    window = choose_window(shape, size=size, centre=centre)
    for first, count, length, place in zip(
        (window.y, window.x), (window.height, window.width), shape, centre, strict=True
    ):
        assert 0 <= first <= first + count <= length
        assert first - 0.5 <= place <= first + count - 0.5


@pytest.mark.parametrize("centre", [(-1, 5), (5, 150), (100, 5)])
def test_a_centre_outside_the_image_is_refused(centre):
    with pytest.raises(ImageError, match="outside the image of 100 x 150"):
        choose_window((100, 150), size=64, centre=centre)


def test_at_scale_1_pixels_are_exact_copies_there_and_back():
    image = RNG.normal(0, 1, (90, 70)).astype(np.float32)
    window = choose_window(image.shape, size=64)
    frame = fit_to_model(image, window, size=64, scale=1)
    np.testing.assert_array_equal(frame, image[window.slices])
    np.testing.assert_array_equal(fit_to_window(frame, window, scale=1), image[window.slices])


def test_what_the_image_does_not_fill_is_background_at_the_bottom_and_right():
    image = np.full((40, 50), 5.0, np.float32)
    image[:20, :20] = 100
    frame = fit_to_model(image, choose_window(image.shape, size=64), size=64, scale=1)
    np.testing.assert_array_equal(frame[:40, :50], image)
    np.testing.assert_array_equal(frame[40:], 5)
    np.testing.assert_array_equal(frame[:, 50:], 5)
    assert fit_to_window(frame, Window(0, 0, 40, 50), scale=1).shape == (40, 50)


@given(st.floats(0.3, 4), st.tuples(st.floats(0.25, 0.75), st.floats(0.25, 0.75)), st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_blob_comes_back_where_it_was(scale, place, narrow):
    edge = round(128 / scale)
    shape = (edge, edge // 2 if narrow else edge)
    centre = (place[0] * shape[0], place[1] * shape[1])
    image = blob(shape, centre=centre, sigma=shape[1] / 12)
    window = choose_window(shape, size=128 / scale)
    frame = fit_to_model(image, window, size=128, scale=scale)
    there = ndimage.center_of_mass(frame)
    model_pixels = [((c + 0.5) * scale - 0.5) for c in centre]
    np.testing.assert_allclose(there, model_pixels, atol=0.5 * max(scale, 1) + 0.5)
    back = fit_to_window(frame, window, scale=scale)
    assert back.shape == shape
    np.testing.assert_allclose(ndimage.center_of_mass(back), ndimage.center_of_mass(image), atol=0.5)


def test_a_window_that_was_rounded_fills_the_frame_without_a_strip():
    image = RNG.uniform(50, 60, (100, 100)).astype(np.float32)
    window = choose_window(image.shape, size=256 / 3)
    frame = fit_to_model(image, window, size=256, scale=3)
    assert frame[-1].std() > 0
    assert frame[:, -1].std() > 0


def test_a_window_too_large_for_the_frame_is_refused():
    with pytest.raises(ImageError, match=r"does not fit in 64 model pixels.*at most 32"):
        fit_to_model(NOISE, Window(0, 0, 64, 48), size=64, scale=2)


def test_labels_go_back_by_the_nearest_pixel():
    frame = np.zeros((64, 64), np.uint8)
    frame[:32] = 1
    back = fit_to_window(frame, Window(0, 0, 100, 100), scale=0.64, order=0)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back[:50], 1)
    np.testing.assert_array_equal(back[50:], 0)


def test_without_antialiasing_a_smaller_picture_is_sampled_not_smoothed():
    stripes = np.zeros((90, 90), np.float32)
    stripes[1::3] = 3.0  # the middle one of three rows, which the pixel centres of a third of the size meet
    np.testing.assert_allclose(resize(stripes, shape=(30, 90), anti_aliasing=False), 3.0, atol=1e-5)
    assert resize(stripes, shape=(30, 90)).max() < 2.9
    whole = Window(y=0, x=0, height=90, width=90)
    sampled = fit_to_model(stripes, whole, size=30, scale=1 / 3, anti_aliasing=False)
    np.testing.assert_allclose(sampled, 3.0, atol=1e-5)
