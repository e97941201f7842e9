"""From light in the sample to counts in a file: blur, haze, uneven light, photons, camera, gamma."""

import numpy as np
from scipy import fft, ndimage

from napari_celle.simulate.noise import gaussian_transfer
from napari_celle.simulate.style import FieldStyle, between, between_log

_PADDING = 32  # px mirrored on each side, so that light does not leave on the left and come in on the right
_HAZE_WIDTH = 14.0  # px
_WIDE = 2.0  # px; a narrower Gaussian is quicker done pixel by pixel than in Fourier space


def blur(image: np.ndarray, *, sigma: float, haze: float = 0.0) -> np.ndarray:
    """Blur a (Y, X) picture by a point spread function of a core and a wide halo.

    Parameters
    ----------
    image : np.ndarray
        (Y, X) float32, square.
    sigma : float
        Standard deviation of the core, px.
    haze : float
        Part of the light in the halo, in [0, 1].

    Returns
    -------
    np.ndarray
        (Y, X) float32 >= 0, with the light of ``image`` but for what crosses the border.
    """
    if not haze and sigma < _WIDE:
        return ndimage.gaussian_filter(image, sigma, output=np.float32, mode="mirror")
    padding = min(_PADDING, image.shape[0] - 1)
    padded = np.pad(image, padding, mode="reflect")
    size = padded.shape[0]
    transfer = (1.0 - haze) * gaussian_transfer(size, sigma)
    if haze:
        transfer += haze * gaussian_transfer(size, _HAZE_WIDTH)
    blurred = fft.irfft2(fft.rfft2(padded) * transfer, s=padded.shape)[padding:-padding, padding:-padding]
    return np.asarray(np.maximum(blurred, np.float32(0.0)), dtype=np.float32)


def acquire(light: np.ndarray, rng: np.random.Generator, *, style: FieldStyle) -> np.ndarray:
    """Take a picture of ``light``.

    Parameters
    ----------
    light : np.ndarray
        (Y, X) float32 >= 0, about 1 where the sample is bright.
    rng : np.random.Generator
        Draws the microscope's settings from ``style``, and the noise.
    style : FieldStyle
        Ranges of the settings.

    Returns
    -------
    np.ndarray
        (Y, X) float32 >= 0, counts.
    """
    sigma = between(rng, style.defocus if rng.random() < style.defocus_chance else style.blur)
    seen = blur(light, sigma=sigma, haze=between(rng, style.haze))
    photons = between_log(rng, style.photons)
    expected = seen * _illumination(rng, light.shape[0], loss=between(rng, style.shading)) * photons
    return _camera(expected, rng, photons=photons, style=style)


def _illumination(rng: np.random.Generator, size: int, *, loss: float) -> np.ndarray:
    """Return a broad light spot, (size, size) float32 in [1 - loss, 1], somewhere about the middle."""
    places = np.linspace(-1.0, 1.0, size, dtype=np.float32)
    top, left = rng.uniform(-0.7, 0.7, 2).astype(np.float32)
    return np.asarray(
        1.0 - loss * ((places[:, None] - top) ** 2 + (places[None, :] - left) ** 2) / np.float32(5.8), dtype=np.float32
    )


def _camera(expected: np.ndarray, rng: np.random.Generator, *, photons: float, style: FieldStyle) -> np.ndarray:
    """Count ``expected`` photons, (Y, X); photon noise is taken as normal, which holds from some ten photons on."""
    deviation = np.sqrt(expected + between(rng, style.read_noise) ** 2)
    counts = expected + deviation * rng.standard_normal(expected.shape, dtype=np.float32)
    counts += between(rng, style.background) * photons
    counts = np.clip(counts, 0.0, between(rng, style.saturation) * photons)
    picture = photons * (counts / photons) ** between(rng, style.gamma)
    return np.asarray(picture, dtype=np.float32)
