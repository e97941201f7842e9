import numpy as np
import pytest

from napari_celle.data.published import load_celle, load_celle2
from napari_celle.errors import ImageError

RNG = np.random.default_rng(3)
BYTES = RNG.integers(0, 256, (300, 320), dtype=np.uint8)
OTHER = RNG.integers(0, 256, (300, 320), dtype=np.uint8)
WORDS = RNG.integers(0, 5000, (300, 320)).astype(np.uint16)


def test_celle_takes_the_middle_of_8_bit_pictures_as_it_is():
    pictures = load_celle(BYTES, OTHER)
    middle = (slice(22, 278), slice(32, 288))
    np.testing.assert_array_equal(pictures.nucleus, BYTES[middle] / np.float32(255))
    np.testing.assert_array_equal(pictures.protein, OTHER[middle] / np.float32(255))
    np.testing.assert_array_equal(pictures.threshold, OTHER[middle] > OTHER[middle].mean())


@pytest.mark.parametrize(("edge", "first"), [(257, 0), (259, 2), (261, 2), (263, 4)])
def test_half_a_pixel_of_the_middle_is_rounded_to_even(edge, first):
    picture = np.zeros((edge, 256), np.uint8)
    picture[first] = 255
    assert load_celle(picture, picture).nucleus[0, 0] == 1


def test_a_corner_moves_the_crop():
    np.testing.assert_array_equal(load_celle(BYTES, OTHER, corner=(0, 64)).nucleus, BYTES[:256, 64:] / np.float32(255))


@pytest.mark.parametrize("corner", [(45, 0), (0, 65), (-1, 0)])
def test_a_crop_beyond_the_picture_is_named(corner):
    with pytest.raises(ImageError, match=r"crop of 256 pixels.*does not fit"):
        load_celle(BYTES, OTHER, corner=corner)


def test_a_picture_of_another_type_is_named():
    with pytest.raises(ImageError, match=r"type uint16.*type uint8"):
        load_celle(WORDS, WORDS)
    with pytest.raises(ImageError, match=r"type uint8.*type uint16"):
        load_celle2(BYTES, BYTES, dataset="OpenCell")


def test_celle2_counts_the_nucleus_from_the_mean_of_the_dataset():
    nucleus = load_celle2(BYTES, OTHER, shorter_edge=300).nucleus
    part = BYTES[22:278, 32:288] / 255 - 0.0655
    np.testing.assert_allclose(nucleus, part / np.abs(part).max(), atol=1e-6)
    assert nucleus.max() == 1


def test_celle2_resizes_the_shorter_edge_by_interpolation_alone():
    steps = np.repeat(np.arange(0, 200, 20, dtype=np.uint8), 120)[:, None].repeat(1500, axis=1)  # (1200, 1500)
    protein = load_celle2(steps, steps).protein  # every pixel between two of the picture
    assert protein.shape == (256, 256)
    assert len(np.unique(protein.round(5))) <= 6  # smoothing would give the steps a slope


@pytest.mark.parametrize(("shape", "resized"), [((500, 720), (600, 864)), ((720, 500), (864, 600))])
def test_celle2_keeps_the_proportions_of_a_picture(shape, resized):
    ramp = np.linspace(0, 255, shape[0] * shape[1]).reshape(shape).astype(np.uint8)
    last = (resized[0] - 256, resized[1] - 256)
    assert load_celle2(ramp, ramp, corner=last).nucleus.shape == (256, 256)
    with pytest.raises(ImageError, match=f"{resized[0]} x {resized[1]}"):
        load_celle2(ramp, ramp, corner=(last[0] + 1, last[1]))


def test_the_first_channel_of_a_colour_picture_is_used():
    colour = np.stack([BYTES, OTHER, OTHER], axis=-1)
    np.testing.assert_array_equal(load_celle2(colour, OTHER).nucleus, load_celle2(BYTES, OTHER).nucleus)


def test_outliers_of_opencell_are_clipped_and_those_of_hpa_are_not():
    hot = WORDS.copy()
    hot[150, 160] = 60000  # one of 96,000 pixels, in the middle
    clipped = load_celle2(hot, hot, dataset="OpenCell", shorter_edge=300)
    assert (clipped.protein > 0.9).mean() > 0.05
    bright = np.full_like(BYTES, 50)
    bright[150, 160] = 255
    assert (load_celle2(bright, bright, shorter_edge=300).protein > 0.9).sum() == 1


def test_16_bit_pixels_are_signed_on_request_only():
    bright = WORDS.copy()
    bright[100:200, 100:200] = 40000
    assert load_celle2(bright, bright, dataset="OpenCell").nucleus.max() == 1
    assert load_celle2(bright, bright, dataset="OpenCell", faithful="all").nucleus.min() == -1


def test_a_constant_picture_has_no_protein_and_no_nan():
    pictures = load_celle2(BYTES, np.full_like(OTHER, 7))
    assert not pictures.protein.any()
    assert not pictures.threshold.any()
