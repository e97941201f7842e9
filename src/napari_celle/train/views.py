"""What a training sees of a picture: a square part of it, in one of eight orientations, as the papers have it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class View:
    """A square part of a picture (Y, X), ``size`` pixels along its edge, in orientation ``way`` (0-7)."""

    top: int
    left: int
    size: int
    way: int = 0

    def of(self, picture: np.ndarray) -> np.ndarray:
        """Return the part (size, size) of a picture."""
        return turned(picture[self.top : self.top + self.size, self.left : self.left + self.size], self.way)


def draw_view(shape: tuple[int, ...], size: int, rng: np.random.Generator) -> View:
    """Return any part of a picture of some shape, in any orientation."""
    top, left = rng.integers(np.array(shape) - size + 1).tolist()
    return View(top, left, size, way=int(rng.integers(8)))


def middle(shape: tuple[int, ...], size: int) -> View:
    """Return the middle of a picture of some shape, as it is."""
    top, left = ((edge - size) // 2 for edge in shape)
    return View(top, left, size)


def turned(picture: np.ndarray, way: int) -> np.ndarray:
    """Return a square picture (Y, X) in one of its eight orientations, ``way`` in 0-7."""
    picture = np.rot90(picture, way % 4)
    return picture[:, ::-1] if way >= 4 else picture
