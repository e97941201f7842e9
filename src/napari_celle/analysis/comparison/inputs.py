"""What is checked before pictures are compared: a measured channel, and that arrays lie on the same pixels."""

import numpy as np

from napari_celle.errors import ImageError


def check_channel(channel: np.ndarray) -> np.ndarray:
    """Return a measured channel as (Y, X) float32 copy, or say why nothing can be compared with it.

    Parameters
    ----------
    channel : np.ndarray
        (Y, X), any real numeric dtype and range; a mask (bool) is fine.

    Raises
    ------
    ImageError
        It is no plane, has no pixels, is no real number, has NaN or infinite pixels, or is the same everywhere.
    """
    plane = check_finite(channel)
    if plane.min() == plane.max():
        raise ImageError(
            f"The measured channel is constant: every pixel is {plane.flat[0]:g}. Choose the channel of the protein."
        )
    return plane


def check_finite(channel: np.ndarray) -> np.ndarray:
    """Return as :func:`check_channel`, but let a constant picture pass: nothing may be left of a channel."""
    channel = np.asarray(channel)
    if channel.dtype.kind not in "biuf":
        raise ImageError(f"The measured channel has pixels of type {channel.dtype}. Use integers or real numbers.")
    if channel.ndim != 2 or channel.size == 0:
        raise ImageError(f"The measured channel has shape {channel.shape}. Choose one plane (Y, X) that has pixels.")
    with np.errstate(over="ignore"):  # what is too large for float32 is reported below
        plane: np.ndarray = channel.astype(np.float32)
    bad = int(np.count_nonzero(~np.isfinite(plane)))
    if bad:
        raise ImageError(
            f"The measured channel has {bad:,} pixels that are NaN or infinite. Replace them, for example by 0."
        )
    return plane


def check_map(picture: np.ndarray, *, what: str) -> np.ndarray:
    """Return a map that is not negative as (Y, X) float64.

    Parameters
    ----------
    picture : np.ndarray
        (Y, X): a heat map, a probability map, or a channel without its background.
    what : str
        What to call it in a message, for example "The predicted map".

    Raises
    ------
    ImageError
        It is no plane, or a pixel of it is negative or no finite number.
    """
    plane = np.asarray(picture, dtype=np.float64)
    if plane.ndim != 2 or plane.size == 0:
        raise ImageError(f"{what} has shape {plane.shape}. Give one plane, with axes Y and X and some pixels.")
    if not np.isfinite(plane).all() or plane.min() < 0:
        raise ImageError(f"{what} has pixels that are negative, NaN or infinite, so it has no parts to compare.")
    return plane


def check_same_pixels(**arrays: np.ndarray) -> None:
    """Raise an ImageError unless all arrays, by name, have the shape of the first."""
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ImageError(f"These do not lie on the same pixels: {listed}. Cut all of them to the prediction's window.")
