"""Windows over a field: which ones see every nucleus whole, and one picture out of those that overlap."""

from collections.abc import Callable, Sequence

import numpy as np

from napari_celle.types import Window

MARGIN = 0.125
"""A nucleus lies well inside a window if it keeps this part of the window's edge from it."""


def well_inside(nuclei: Sequence[Window], window: Window, *, shape: tuple[int, int]) -> np.ndarray:
    """Tell which nuclei lie in a window with a margin all round; at the border of the image none is asked for.

    Parameters
    ----------
    nuclei : sequence of Window
        Their bounding boxes, in pixels of the image.
    window : Window
        What a model sees, in pixels of the image.
    shape : tuple of int
        (Y, X) of the image.

    Returns
    -------
    np.ndarray
        (N,) bool, in the order of the nuclei.
    """
    rows = np.array([(nucleus.y, nucleus.y + nucleus.height) for nucleus in nuclei]).reshape(-1, 2)
    columns = np.array([(nucleus.x, nucleus.x + nucleus.width) for nucleus in nuclei]).reshape(-1, 2)
    fit: np.ndarray = _fit(rows, window.y, window.height, length=shape[0]) & _fit(
        columns, window.x, window.width, length=shape[1]
    )
    return fit


def cover(nuclei: Sequence[Window], windows: Sequence[Window], *, shape: tuple[int, int]) -> tuple[int, ...]:
    """Choose few windows such that each nucleus lies well inside one of them, or has its own.

    The window that serves most of the nuclei still without one is taken, again and again, the first of equals: the
    greedy set cover (Chvatal, Math Oper Res 1979, 4:233), never more than a logarithm worse than the fewest.

    Parameters
    ----------
    nuclei : sequence of Window
        Their bounding boxes, in pixels of the image.
    windows : sequence of Window
        The window that is centred on each of them, in the same order.
    shape : tuple of int
        (Y, X) of the image.

    Returns
    -------
    tuple of int
        Places in ``windows``, ascending.
    """
    serves = np.array([well_inside(nuclei, window, shape=shape) for window in windows])  # (window, nucleus)
    np.fill_diagonal(serves, True)
    chosen, waiting = [], np.ones(len(nuclei), bool)
    while waiting.any():
        best = int(np.argmax(serves[:, waiting].sum(axis=1)))
        chosen.append(best)
        waiting &= ~serves[best]
    return tuple(sorted(chosen))


def distinct(nuclei: Sequence[Window], windows: Sequence[Window], *, shape: tuple[int, int]) -> tuple[int, ...]:
    """Choose the window of each nucleus, but none twice; arguments and result as of :func:`cover`."""
    return tuple(sorted({window: place for place, window in reversed(list(enumerate(windows)))}.values()))


CHOICES: dict[str, Callable[..., tuple[int, ...]]] = {"cover": cover, "each": distinct}
"""Ways to choose the windows of a field."""


def most_central(nucleus: Window, windows: Sequence[Window]) -> int:
    """Return the place of the window in whose middle a nucleus lies most, the first of equals."""
    y, x = middle(nucleus)
    away = [max(abs(y - middle(window)[0]), abs(x - middle(window)[1])) for window in windows]
    return int(np.argmin(away))


def middle(window: Window) -> tuple[float, float]:
    """Return the (y, x) pixel in the middle of a window or of a bounding box."""
    return window.y + (window.height - 1) / 2, window.x + (window.width - 1) / 2


def blend_weights(shape: tuple[int, int]) -> np.ndarray:
    """Return how much each pixel of a window counts: (Y, X) float32 in (0, 1], 1 in the middle, nearly 0 at the edge.

    The square of a sine along each axis: where a window begins beside another nothing jumps, nor does the slope.
    """
    y, x = (np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 2 for count in shape)
    return np.outer(y, x).astype(np.float32)


class Mosaic:
    """Pictures of windows that overlap, put together: at each pixel their mean, weighted by :func:`blend_weights`.

    Parameters
    ----------
    region : Window
        The part of the image that is put together, in its pixels; what windows see outside of it is left out.
    """

    def __init__(self, region: Window) -> None:
        self._region = region
        self._weights = np.zeros((region.height, region.width), np.float32)
        self._sums: dict[str, np.ndarray] = {}

    def add(self, window: Window, pictures: dict[str, np.ndarray]) -> None:
        """Add the pictures of a window, (window.height, window.width) each, by name; the same names every time."""
        inside, part = _overlap(self._region, window)
        weights = blend_weights((window.height, window.width))[part]
        self._weights[inside] += weights
        for name, picture in pictures.items():
            total = self._sums.setdefault(name, np.zeros_like(self._weights))
            total[inside] += weights * picture[part]

    @property
    def covered(self) -> np.ndarray:
        """(Y, X) bool of the region: where there is a window at all."""
        return self._weights > 0

    def blended(self, name: str) -> np.ndarray:
        """Return a picture of the region: (Y, X) float32, 0 where there is no window."""
        blank = np.zeros_like(self._weights)
        mean: np.ndarray = np.divide(self._sums[name], self._weights, out=blank, where=self.covered)
        return mean


def _fit(spans: np.ndarray, first: int, count: int, *, length: int) -> np.ndarray:
    """Tell which (N, 2) spans, first pixel and the one after the last, a window holds along one axis."""
    margin = MARGIN * count
    low = first if first == 0 else first + margin
    high = first + count if first + count == length else first + count - margin
    fit: np.ndarray = (low <= spans[:, 0]) & (spans[:, 1] <= high)
    return fit


def _overlap(region: Window, window: Window) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return what region and window share, as an index of the region and one of the window."""
    top, left = max(region.y, window.y), max(region.x, window.x)
    bottom = max(min(region.y + region.height, window.y + window.height), top)
    right = max(min(region.x + region.width, window.x + window.width), left)
    inside, part = ((slice(top - of.y, bottom - of.y), slice(left - of.x, right - of.x)) for of in (region, window))
    return inside, part
