import numpy as np
import pytest

from napari_celle.simulate import FieldStyle
from napari_celle.simulate.optics import acquire, blur

PLAIN = FieldStyle(
    blur=(1.0, 1.0),
    defocus_chance=0.0,
    haze=(0.0, 0.0),
    shading=(0.0, 0.0),
    photons=(100.0, 100.0),
    read_noise=(0.0, 0.0),
    background=(0.0, 0.0),
    saturation=(9.0, 9.0),
    gamma=(1.0, 1.0),
)


def point(size: int = 96) -> np.ndarray:
    image = np.zeros((size, size), np.float32)
    image[size // 2, size // 2] = 1.0
    return image


@pytest.mark.parametrize(("sigma", "haze"), [(0.5, 0.0), (2.0, 0.0), (1.0, 0.3)])
def test_blur_keeps_the_light(sigma: float, haze: float):
    assert blur(point(160), sigma=sigma, haze=haze).sum() == pytest.approx(1, abs=0.01)


def test_a_narrow_blur_does_not_ring():
    row = blur(point(), sigma=0.6)[48, 48:56]
    assert (np.diff(row[:4]) < 0).all()
    assert row[5:].max() < 1e-6


def test_blur_spreads_a_point_by_its_sigma():
    seen = blur(point(), sigma=2.0)
    away = np.arange(96) - 48
    assert np.sqrt((seen.sum(axis=0) * away**2).sum()) == pytest.approx(2, abs=0.05)


def test_light_does_not_leave_on_one_side_and_come_in_on_the_other():
    image = np.zeros((128, 128), np.float32)
    image[:, :2] = 1.0
    assert blur(image, sigma=2.0)[:, 100:].max() < 1e-5


def test_haze_reaches_far():
    assert blur(point(), sigma=1.0, haze=0.2)[48, 68] > 100 * blur(point(), sigma=1.0)[48, 68] + 1e-7


@pytest.mark.parametrize("size", [2, 8, 33])
def test_a_small_picture_is_blurred_too(size: int):
    ones = np.ones((size, size), np.float32)
    np.testing.assert_allclose(blur(ones, sigma=1.0), ones, rtol=1e-4)


def test_photon_noise_has_the_variance_of_its_mean():
    counts = acquire(np.full((256, 256), 0.5, np.float32), np.random.default_rng(0), style=PLAIN)
    assert counts.mean() == pytest.approx(50, rel=0.02)
    assert counts.var() == pytest.approx(50, rel=0.05)


def test_a_camera_offset_lifts_the_background_and_a_black_level_cuts_it():
    dark = np.zeros((64, 64), np.float32)
    lifted = FieldStyle(**{**_fields(PLAIN), "background": (0.1, 0.1)})
    cut = FieldStyle(**{**_fields(PLAIN), "background": (-0.1, -0.1)})
    assert acquire(dark, np.random.default_rng(0), style=lifted).mean() == pytest.approx(10, abs=0.5)
    assert acquire(dark + np.float32(0.05), np.random.default_rng(0), style=cut).mean() < 1


def test_a_saturated_camera_says_the_same_for_all_that_is_brighter():
    style = FieldStyle(**{**_fields(PLAIN), "saturation": (1.0, 1.0)})
    bright = acquire(np.full((64, 64), 3.0, np.float32), np.random.default_rng(0), style=style)
    np.testing.assert_allclose(bright, 100, rtol=1e-5)


def test_uneven_light_dims_a_part_of_the_picture():
    style = FieldStyle(**{**_fields(PLAIN), "shading": (0.35, 0.35)})
    counts = acquire(np.ones((128, 128), np.float32), np.random.default_rng(0), style=style)
    corners = [counts[y, x].mean() for y in (slice(8), slice(-8, None)) for x in (slice(8), slice(-8, None))]
    assert min(corners) < 0.9 * counts.max(initial=0, where=counts < 130)


def _fields(style: FieldStyle) -> dict[str, object]:
    return {name: getattr(style, name) for name in FieldStyle.__dataclass_fields__}
