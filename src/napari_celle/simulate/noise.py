"""Random textures: noise drawn in Fourier space, where a Gaussian of any width costs little and a wide one less."""

import numpy as np
from scipy import fft

_NOTHING = 1e-3  # of the best passing frequency


def gaussian_transfer(size: int, sigma: float) -> np.ndarray:
    """Return the transfer function of a Gaussian of ``sigma`` px, (size, size // 2 + 1) float32, for ``rfft2``.

    It is that of the sampled kernel, so a narrow one neither rings nor changes the sum.
    """
    away = fft.fftfreq(size, 1.0 / size)  # (size,) px from the first sample, both ways round
    kernel = np.exp(-0.5 * (away / sigma) ** 2)
    rows = fft.fft(kernel / kernel.sum()).real.astype(np.float32)
    return np.outer(rows, rows[: size // 2 + 1])


def smooth_noise(rng: np.random.Generator, size: int, sigma: float) -> np.ndarray:
    """Draw clouds: Gaussian noise correlated over ``sigma`` px, (size, size) float32, mean 0, variance 1, periodic."""
    return _filtered(rng, size, gaussian_transfer(size, sigma))


def band_noise(rng: np.random.Generator, size: int, sigma: float) -> np.ndarray:
    """Draw grains about ``4 * sigma`` px apart, (size, size) float32, mean 0, variance 1, periodic."""
    return _filtered(rng, size, gaussian_transfer(size, sigma) - gaussian_transfer(size, 1.6 * sigma))


def ridges(noise: np.ndarray, width: float) -> np.ndarray:
    """Return lines along the zero crossings of ``noise``, same shape, float32 in [0, 1]; ``width`` in its own units."""
    return np.exp(-((noise / width) ** 2))


def _filtered(rng: np.random.Generator, size: int, transfer: np.ndarray) -> np.ndarray:
    """Draw white noise through ``transfer``, (size, size // 2 + 1), of which only what passes is drawn."""
    passing = int(np.flatnonzero(transfer[0] > _NOTHING * transfer.max())[-1]) + 1
    white = rng.standard_normal((2 * passing - 1, passing, 2), dtype=np.float32).view(np.complex64)[..., 0]
    white[:, 0] *= np.sqrt(2.0, dtype=np.float32)  # the inverse transform keeps the real half of these
    rows = np.arange(1 - passing, passing)  # frequencies of both signs
    spectrum = np.zeros(transfer.shape, np.complex64)
    spectrum[rows, :passing] = white * transfer[rows, :passing]
    spectrum[0, 0] = 0.0
    noise = fft.irfft2(spectrum, s=(size, size), overwrite_x=True).ravel()
    return np.asarray(noise * (size / np.sqrt(noise @ noise)), dtype=np.float32).reshape(size, size)
