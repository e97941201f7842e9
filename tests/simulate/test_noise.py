import numpy as np
import pytest

from napari_celle.simulate.noise import band_noise, ridges, smooth_noise


@pytest.mark.parametrize("draw", [smooth_noise, band_noise])
@pytest.mark.parametrize("size", [64, 101])
def test_noise_has_mean_0_and_variance_1(draw, size: int):
    noise = draw(np.random.default_rng(0), size, 2.0)
    assert noise.shape == (size, size)
    assert noise.dtype == np.float32
    assert noise.mean() == pytest.approx(0, abs=1e-4)
    assert noise.std() == pytest.approx(1, abs=1e-3)


def test_a_wider_sigma_gives_coarser_noise():
    fine, coarse = (smooth_noise(np.random.default_rng(0), 256, sigma) for sigma in (1.0, 6.0))
    assert np.abs(np.diff(coarse)).mean() < 0.4 * np.abs(np.diff(fine)).mean()


def test_grains_are_about_four_sigma_apart():
    spectrum = np.abs(np.fft.rfft(band_noise(np.random.default_rng(0), 256, 3.0), axis=1)).mean(axis=0)
    assert 8 < 256 / np.argmax(spectrum) < 40
    assert spectrum[0] < spectrum.max() * 0.9


def test_ridges_run_where_noise_is_0():
    assert ridges(np.array([0.0, 5.0, -5.0]), 0.5) == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("draw", [smooth_noise, band_noise])
def test_noise_looks_the_same_along_both_axes(draw):
    power = np.mean(
        [np.abs(np.fft.fft2(draw(np.random.default_rng(seed), 64, 3.0))) ** 2 for seed in range(60)], axis=0
    )
    assert power[0, 1:6].sum() == pytest.approx(power[1:6, 0].sum(), rel=0.2)
