"""Pixels: check, normalise, resample and crop a nucleus channel; numpy in, numpy out.

Coordinates are those of napari: pixel (0, 0) has its centre at (0.0, 0.0) and reaches from -0.5 to 0.5.
"""

import math

import numpy as np
from scipy import ndimage
from skimage.transform import resize as _skimage_resize

from napari_celle.errors import ImageError
from napari_celle.types import Window

SMALLEST_EDGE = 16
"""Fewest pixels along an axis of a nucleus image."""


def check_plane(image: np.ndarray) -> np.ndarray:
    """Return an image as (Y, X) float32 copy, or say why it cannot be a nucleus channel.

    Parameters
    ----------
    image : np.ndarray
        (Y, X), any real numeric dtype and range, at least 16 pixels along each axis; a mask (bool) is fine.

    Raises
    ------
    ImageError
        A colour photograph, a stack, a dtype that is not a real number, an empty or tiny image, NaN or infinite
        pixels, or a constant image.
    """
    image = np.asarray(image)
    if image.dtype.kind not in "biuf":
        raise ImageError(f"The nucleus image has pixels of type {image.dtype}. Use integers or real numbers.")
    check_shape(image.shape)
    with np.errstate(over="ignore"):  # what is too large for float32 is reported below
        plane: np.ndarray = image.astype(np.float32)
    bad = int(np.count_nonzero(~np.isfinite(plane)))
    if bad:
        raise ImageError(
            f"The nucleus image has {bad:,} pixels that are NaN or infinite. Replace them, for example by 0."
        )
    if plane.min() == plane.max():
        raise ImageError(
            f"The nucleus image is constant: every pixel is {plane.flat[0]:g}. Choose a channel that shows nuclei."
        )
    return plane


def normalise(image: np.ndarray, *, low: float = 1.0, high: float = 99.8) -> np.ndarray:
    """Return the image as (Y, X) float32 in [0, 1], dark background to bright nuclei.

    The range goes from the ``low`` to the ``high`` percentile, so single hot pixels are clipped. In a nearly empty
    image the ``high`` percentile lies in the background, less than five times the pixel noise above the median;
    then the range goes up to the brightest spot that survives a 3x3 median filter, which one hot pixel does not.

    Parameters
    ----------
    image : np.ndarray
        (Y, X) as :func:`check_plane` returns it: finite and not constant.
    low, high : float
        Percentiles in [0, 100].
    """
    image = np.asarray(image, dtype=np.float32)
    lower, middle, upper = (float(value) for value in np.percentile(image, (low, 50.0, high)))
    smooth = ndimage.median_filter(image, size=3, mode="nearest")
    noise = 1.4826 * float(np.median(np.abs(image - smooth)))
    if upper <= middle + 5 * noise:
        upper = max(upper, float(smooth.max()))
    if upper <= lower:
        lower, upper = float(image.min()), float(image.max())
    scaled: np.ndarray = np.clip((image - lower) / (upper - lower), 0.0, 1.0).astype(np.float32)
    return scaled


def resize(image: np.ndarray, *, shape: tuple[int, int], order: int = 1, anti_aliasing: bool = True) -> np.ndarray:
    """Return the image resampled to another number of pixels; outer edges, not pixel centres, stay in place.

    Parameters
    ----------
    image : np.ndarray
        (Y, X), any real dtype.
    shape : tuple of int
        (Y, X) of the result.
    order : int
        1 interpolates, 0 takes the nearest pixel, as labels need.
    anti_aliasing : bool
        Whether axes that shrink are smoothed before order 1 interpolates.

    Returns
    -------
    np.ndarray
        ``shape``, float32 for order 1, the dtype of the image for order 0; an exact copy when the shape is the same.
    """
    dtype = image.dtype if order == 0 else np.dtype(np.float32)
    if image.shape == tuple(shape):
        return image.astype(dtype)
    work = image if order == 0 else image.astype(np.float32)
    smaller = any(new < old for new, old in zip(shape, image.shape, strict=True))
    smooth = anti_aliasing and order > 0 and smaller
    resized: np.ndarray = _skimage_resize(
        work, shape, order=order, mode="edge", anti_aliasing=smooth, preserve_range=True
    )
    return resized.astype(dtype)


def choose_window(shape: tuple[int, int], *, size: float, centre: tuple[float, float] | None = None) -> Window:
    """Return a square of ``size`` image pixels around ``centre``, moved to lie inside the image.

    Parameters
    ----------
    shape : tuple of int
        (Y, X) of the image.
    size : float
        Edge in image pixels, rounded; an axis that is shorter is taken whole.
    centre : tuple of float or None
        (y, x) in pixels; None is the middle of the image.

    Raises
    ------
    ImageError
        The centre lies outside the image.
    """
    if centre is not None and not all(-0.5 <= c < n - 0.5 for c, n in zip(centre, shape, strict=True)):
        raise ImageError(
            f"The window's centre (y {centre[0]:g}, x {centre[1]:g}) lies outside the image of "
            f"{shape[0]} x {shape[1]} pixels. Choose a place inside it."
        )
    middle = centre or ((shape[0] - 1) / 2, (shape[1] - 1) / 2)
    y, height = _place(shape[0], size=size, centre=middle[0])
    x, width = _place(shape[1], size=size, centre=middle[1])
    return Window(y=y, x=x, height=height, width=width)


def fit_to_model(
    image: np.ndarray, window: Window, *, size: int, scale: float, anti_aliasing: bool = True
) -> np.ndarray:
    """Return the window of an image in the frame of a model: (size, size) float32.

    The window is resampled to ``scale`` model pixels per image pixel and lies at the top left; what is left free
    at the bottom and right is filled with background, the median of the darkest tenth of the window. At scale 1
    the pixels are exact copies.

    Parameters
    ----------
    image : np.ndarray
        (Y, X), any real dtype.
    window : Window
        Its part to use, at most ``size / scale`` pixels along an axis, as :func:`choose_window` makes it.
    size : int
        Edge of the model's frame in model pixels.
    scale : float
        Model pixels per image pixel.
    anti_aliasing : bool
        As for :func:`resize`.

    Raises
    ------
    ImageError
        The window does not fit in the frame.
    """
    part = image[window.slices]
    height, width = fitted_shape(window, size=size, scale=scale)
    frame = np.full((size, size), np.percentile(part, 5), dtype=np.float32)
    frame[:height, :width] = resize(part, shape=(height, width), anti_aliasing=anti_aliasing)
    return frame


def fit_to_window(array: np.ndarray, window: Window, *, scale: float, order: int = 1) -> np.ndarray:
    """Return what a model drew in its frame in the pixels of the window: the way back of :func:`fit_to_model`.

    Parameters
    ----------
    array : np.ndarray
        (size, size), the model's frame; the padding is cut off.
    window : Window
        Of the image.
    scale : float
        Model pixels per image pixel, as on the way there.
    order : int
        As for :func:`resize`.

    Returns
    -------
    np.ndarray
        (window.height, window.width); dtype as for :func:`resize`.
    """
    height, width = fitted_shape(window, size=array.shape[0], scale=scale)
    return resize(array[:height, :width], shape=(window.height, window.width), order=order)


def fitted_shape(window: Window, *, size: int, scale: float) -> tuple[int, int]:
    """Return the (Y, X) model pixels that a window covers; a window cut for the whole frame fills it.

    Raises
    ------
    ImageError
        The window does not fit in the frame of (size, size) model pixels.
    """
    return _fitted(window.height, size=size, scale=scale), _fitted(window.width, size=size, scale=scale)


def check_shape(shape: tuple[int, ...]) -> None:
    """Raise an ImageError unless the shape is that of one (Y, X) plane of useful size."""
    sizes = " x ".join(str(n) for n in shape)
    if len(shape) == 3 and shape[-1] in (3, 4):
        raise ImageError(
            f"This is a colour (RGB) image of {sizes}, not a nucleus channel. Split its channels and choose the nuclei."
        )
    if len(shape) != 2:
        raise ImageError(
            f"The nucleus image has {len(shape)} axes ({sizes}). Choose one plane of it, with axes Y and X."
        )
    if min(shape) < SMALLEST_EDGE:
        raise ImageError(
            f"The nucleus image has {sizes} pixels. Use one of at least {SMALLEST_EDGE} x {SMALLEST_EDGE} pixels."
        )


def _place(length: int, *, size: float, centre: float) -> tuple[int, int]:
    """Return first pixel and number of pixels of the window along an axis of so many pixels."""
    count = min(max(round(size), 1), length)
    first = math.floor(centre - (count - 1) / 2 + 0.5)
    return min(max(first, 0), length - count), count


def _fitted(pixels: int, *, size: int, scale: float) -> int:
    exact = pixels * scale
    if abs(exact - size) <= max(scale, 1.0) / 2:  # the window's edge was rounded to whole image pixels
        return size
    if exact > size:
        raise ImageError(
            f"A window of {pixels} pixels at {scale:g} model pixels each does not fit in {size} model pixels. "
            f"Use a window of at most {int(size / scale)} pixels."
        )
    return max(round(exact), 1)
