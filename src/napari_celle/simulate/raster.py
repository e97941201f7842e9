"""Outlines made into pixels: which nucleus and which cell a pixel belongs to, and how deep in it lies."""

from dataclasses import dataclass

import numpy as np

from napari_celle.simulate.outlines import ANGLES, Outlines


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The rectangle of a picture about a point, the centre of a nucleus for example.

    Attributes
    ----------
    slices : tuple of slice
        Where the patch lies in the picture.
    y, x : np.ndarray
        (H, 1) and (1, W) float32, px from the centre.
    """

    slices: tuple[slice, slice]
    y: np.ndarray
    x: np.ndarray

    def polar(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (H, W) float32 px from the centre and (H, W) intp columns of the outline tables, some negative."""
        turns = np.arctan2(self.y, self.x) * np.float32(ANGLES / (2 * np.pi))
        return np.sqrt(self.y * self.y + self.x * self.x), turns.astype(np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """The labels and distances of ``CellField``, see there."""

    nuclei: np.ndarray
    cells: np.ndarray
    distance: np.ndarray
    depth: np.ndarray


def cut_patch(centre: np.ndarray, radius: float, *, size: int) -> Patch | None:
    """Cut the square of ``radius`` px about ``centre``, (y, x), out of a picture; None if it is wholly outside."""
    first = np.maximum(np.floor(centre - radius), 0).astype(int)
    last = np.minimum(np.ceil(centre + radius) + 1, size).astype(int)
    if (first >= last).any():
        return None
    y = np.arange(first[0], last[0], dtype=np.float32)[:, None] - centre[0]
    x = np.arange(first[1], last[1], dtype=np.float32)[None, :] - centre[1]
    return Patch((slice(first[0], last[0]), slice(first[1], last[1])), y, x)


def rasterise(outlines: Outlines, *, size: int) -> Pixels:
    """Give each pixel to the cell it lies deepest in; nothing is given beyond a cell's reach."""
    pixels = Pixels(
        nuclei=np.zeros((size, size), np.int32),
        cells=np.zeros((size, size), np.int32),
        distance=np.full((size, size), np.float32(size)),
        depth=np.ones((size, size), np.float32),
    )
    for row, centre in enumerate(outlines.centres):
        extent = float((outlines.radii[row] + outlines.reach[row]).max())
        patch = cut_patch(centre, extent, size=size)
        if patch is not None:
            _claim(pixels, patch, row + 1, radii=outlines.radii[row], reach=outlines.reach[row])
    return pixels


def _claim(pixels: Pixels, patch: Patch, label: int, *, radii: np.ndarray, reach: np.ndarray) -> None:
    """Write into ``pixels`` where this cell is deeper than those before it."""
    length, direction = patch.polar()
    radius = radii[direction]
    distance = length - radius
    depth = distance / np.where(distance > 0, reach[direction], radius)
    mine = depth < pixels.depth[patch.slices]
    np.copyto(pixels.depth[patch.slices], depth, where=mine)
    np.copyto(pixels.distance[patch.slices], distance, where=mine)
    np.copyto(pixels.cells[patch.slices], np.int32(label), where=mine)
    np.copyto(pixels.nuclei[patch.slices], np.int32(label), where=mine & (distance <= 0))
