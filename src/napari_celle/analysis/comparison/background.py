"""The background of a measured channel taken off, so that 0 means no protein."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from skimage.draw import polygon2mask
from skimage.restoration import rolling_ball

from napari_celle.analysis.comparison.inputs import check_channel
from napari_celle.errors import ImageError
from napari_celle.image import resize

_GREY_LEVELS = 255.0  # a ball is as high as it is wide, so its size needs grey levels: those of an 8-bit picture
_BALL_PX = 10  # a larger ball is rolled under a smaller picture: its work grows with the square of the radius

STATISTICS: Mapping[str, Callable[[np.ndarray], float]] = {
    "median": lambda pixels: float(np.median(pixels)),
    "mean": lambda pixels: float(np.mean(pixels, dtype=np.float64)),
}
"""What of a drawn region is its background."""


@dataclass(frozen=True, slots=True)
class RollingBall:
    """A ball rolled under the picture (Sternberg 1983): uneven background; things wider than the ball go with it.

    Attributes
    ----------
    radius_px : float
        Radius of the ball in pixels, at least 1; take more than a cell's.
    """

    radius_px: float = 50.0


@dataclass(frozen=True, slots=True)
class Percentile:
    """The same value everywhere.

    Attributes
    ----------
    percent : float
        This part of the pixels is at most as bright as the background, in [0, 100].
    """

    percent: float = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The same value everywhere, measured where the user drew.

    Attributes
    ----------
    mask : np.ndarray
        (Y, X) bool of the whole channel: a place without cells.
    statistic : str
        A name in ``STATISTICS``.
    """

    mask: np.ndarray
    statistic: str = "median"


Background = RollingBall | Percentile | Region


def drawn_region(polygons: Sequence[np.ndarray], *, shape: tuple[int, int]) -> Region:
    """Return the region inside of drawn outlines.

    Parameters
    ----------
    polygons : sequence of np.ndarray
        Each (N, 2) row and column in pixels of the channel, N at least 3; what lies outside of the channel is left out.
    shape : tuple of int
        (Y, X) of the channel.

    Examples
    --------
    >>> int(drawn_region([np.array([[0, 0], [0, 2], [2, 2], [2, 0]])], shape=(4, 4)).mask.sum())
    9
    """
    mask = np.zeros(shape, bool)
    for polygon in polygons:
        mask |= polygon2mask(shape, polygon)
    return Region(mask)


def subtract_background(channel: np.ndarray, background: Background) -> np.ndarray:
    """Return a channel without its background: (Y, X) float32, not negative.

    Parameters
    ----------
    channel : np.ndarray
        (Y, X) whole channel, any real dtype and range.
    background : RollingBall or Percentile or Region
        How the background is found.

    Raises
    ------
    ImageError
        As :func:`napari_celle.analysis.comparison.inputs.check_channel`; a radius, percentage or region of no use.
    ValueError
        Unknown statistic.

    Examples
    --------
    >>> subtract_background(np.array([[7, 9], [9, 19]]), Percentile(50))
    array([[ 0.,  0.],
           [ 0., 10.]], dtype=float32)
    """
    plane = check_channel(channel)
    without: np.ndarray = np.maximum(plane - _background(plane, background), 0).astype(np.float32)
    return without


def _background(plane: np.ndarray, background: Background) -> np.ndarray | float:
    if isinstance(background, RollingBall):
        return _under_ball(plane, radius=background.radius_px)
    if isinstance(background, Percentile):
        if not 0 <= background.percent <= 100:
            raise ImageError(f"{background.percent:g} % is no part of the pixels. Give a percentage from 0 to 100.")
        return float(np.percentile(plane, background.percent))
    return _in_region(plane, background)


def _under_ball(plane: np.ndarray, *, radius: float) -> np.ndarray:
    """Return the top of a ball that touches the picture from below, whatever the range of its pixels."""
    if not 1 <= radius < float("inf"):
        raise ImageError(f"A ball of radius {radius:g} pixels cannot be rolled. Give a radius of at least 1 pixel.")
    low, high = float(plane.min()), float(plane.max())
    levels = (plane - low) * (_GREY_LEVELS / (high - low))
    shrink = max(radius / _BALL_PX, 1.0)
    shape = (max(round(plane.shape[0] / shrink), 1), max(round(plane.shape[1] / shrink), 1))
    # heights shrink with the picture, so the ball stays a ball
    under = rolling_ball(resize(levels, shape=shape) / shrink, radius=radius / shrink) * shrink
    full: np.ndarray = resize(under, shape=plane.shape) * ((high - low) / _GREY_LEVELS) + low
    return full


def _in_region(plane: np.ndarray, region: Region) -> float:
    mask = np.asarray(region.mask)
    if region.statistic not in STATISTICS:
        raise ValueError(f"Unknown statistic {region.statistic!r}. Choose from {', '.join(sorted(STATISTICS))}.")
    if mask.shape != plane.shape:
        raise ImageError(f"The region has shape {mask.shape}, the channel {plane.shape}. Draw it on this channel.")
    if not mask.any():
        raise ImageError("The background region has no pixels. Draw it where there are no cells.")
    return STATISTICS[region.statistic](plane[mask > 0])
