"""A measured channel brought to the pixels of a prediction, however the two lie to each other."""

import numpy as np
from scipy import ndimage

from napari_celle.errors import ImageError
from napari_celle.types import Window

_SAME = 0.02  # px: two grids that differ by less are one
_COARSEST = 2.0  # channel pixels in one of the prediction; of more, interpolation would leave light out


def on_window(channel: np.ndarray, *, to_channel: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, Window]:
    """Return a channel that lies on the pixels of a prediction, and where in it the prediction's window is.

    Parameters
    ----------
    channel : np.ndarray
        (Y, X) whole channel.
    to_channel : np.ndarray
        (2, 3): pixel (row, column, 1) of the window to pixel (row, column) of the channel.
    shape : tuple of int
        (Y, X) of the window.

    Returns
    -------
    tuple of np.ndarray and Window
        The channel itself when it has the pixels of the window; otherwise the window alone, float32, interpolated
        linearly.

    Raises
    ------
    ImageError
        The window lies partly outside of the channel, or one of its pixels is more than two of the channel.

    Examples
    --------
    >>> channel = np.arange(12).reshape(3, 4)
    >>> on_window(channel, to_channel=np.array([[1, 0, 1], [0, 1, 2]]), shape=(2, 2))[1]
    Window(y=1, x=2, height=2, width=2)
    """
    to_channel = np.asarray(to_channel, float)
    rows, columns = np.array(shape) - 1
    corners = np.array([[0, 0, 1], [rows, 0, 1], [0, columns, 1], [rows, columns, 1]]) @ to_channel.T  # (4, 2)
    edge = np.array(channel.shape) - 1
    if (corners < -0.5 - _SAME).any() or (corners > edge + 0.5 + _SAME).any():
        raise ImageError(
            "The prediction lies partly outside of the measured channel. Choose a channel of the same image as the "
            "nuclei; if it is one, give both layers the same scale and translate."
        )
    straight = corners[0] + np.array([[0, 0], [rows, 0], [0, columns], [rows, columns]])
    if np.abs(corners - straight).max() < _SAME and np.abs(corners - corners.round()).max() < _SAME:
        y, x = (int(value) for value in corners[0].round())
        return channel, Window(y, x, *shape)
    return _resampled(channel, to_channel, shape), Window(0, 0, *shape)


def _resampled(channel: np.ndarray, to_channel: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    sizes = np.linalg.svd(to_channel[:, :2], compute_uv=False)  # channel pixels per pixel of the window
    if sizes.max() > _COARSEST:
        raise ImageError(
            f"One pixel of the prediction is {sizes.max():.3g} pixels of the measured channel. Choose a channel whose "
            "pixels are about as large as those of the nuclei, or make its pixels larger first."
        )
    pixels = np.asarray(channel, np.float32)
    return ndimage.affine_transform(
        pixels, to_channel[:, :2], offset=to_channel[:, 2], output_shape=shape, order=1, mode="nearest"
    )
