"""Where things can be in a cell, which the drawings of all compartments share: thickness, spots, threads."""

import numpy as np

from napari_celle.simulate.field import CellField
from napari_celle.simulate.outlines import ANGLES


def in_nucleus(field: CellField) -> np.ndarray:
    """Return 1 in nuclei, falling to 0 over the pixel at their edge, (Y, X) float32."""
    return np.clip(0.5 - field.distance, 0.0, 1.0)


def in_cytoplasm(field: CellField) -> np.ndarray:
    """Return the thickness of the cytoplasm, (Y, X) float32 in [0, 1]: full at the nucleus, thin at the cell's edge."""
    return np.clip(field.distance + 0.5, 0.0, 1.0) * np.sqrt(np.clip(1.0 - field.depth, 0.0, 1.0))


def outside_nucleus(field: CellField, *, above: float) -> np.ndarray:
    """Return the thickness of the cytoplasm, and ``above`` where it is seen above and below the nucleus, (Y, X)."""
    return np.asarray(in_cytoplasm(field) + np.float32(above) * in_nucleus(field), dtype=np.float32)


def around_chromosomes(field: CellField, *, spared: float) -> np.ndarray:
    """Return the thickness of a round cell in mitosis, (Y, X) float32 in [0, 1], less ``spared`` at its chromosomes."""
    round_cell = np.sqrt(np.clip(1.0 - np.maximum(field.depth, 0.0) ** 2, 0.0, 1.0))
    return np.asarray(round_cell * (1.0 - np.float32(spared) * in_nucleus(field)), dtype=np.float32)


def add_by_depth(
    spots: np.ndarray, field: CellField, row: int, angles: np.ndarray, depths: np.ndarray, weights: np.ndarray
) -> None:
    """Add ``weights`` to ``spots`` at ``angles``, radians, and ``depths`` of one cell.

    Depths are those of ``CellField.depth``: -1 in the centre of the nucleus, 0 at its edge, 1 at the edge of the free
    cell. What is out of the picture or in another cell is not added.
    """
    direction = np.floor(angles * (ANGLES / (2 * np.pi))).astype(np.intp) % ANGLES
    radius = field.outlines.radii[row, direction]
    length = radius + depths * np.where(depths > 0, field.outlines.reach[row, direction], radius)
    centre = field.outlines.centres[row]
    add_at(spots, field, row, centre[0] + length * np.sin(angles), centre[1] + length * np.cos(angles), weights)


def add_at(spots: np.ndarray, field: CellField, row: int, y: np.ndarray, x: np.ndarray, weights: np.ndarray) -> None:
    """Add ``weights`` to ``spots`` at (``y``, ``x``), px, where these lie in the picture and in cell ``row``."""
    size = len(spots)
    near_y, near_x = np.rint(y).astype(np.intp), np.rint(x).astype(np.intp)
    seen = (near_y >= 0) & (near_y < size) & (near_x >= 0) & (near_x < size)
    flat = (near_y * size + near_x)[seen]
    own = field.cells.ravel()[flat] == row + 1
    np.add.at(spots.reshape(-1), flat[own], weights[seen][own].astype(np.float32))


def depths_of_spots(field: CellField, count: int, rng: np.random.Generator, *, inward: float) -> np.ndarray:
    """Draw ``count`` depths, float64 in (-1, 0.95): even along the ray for ``inward`` 1, nearer to the nucleus above.

    Some lie above or below the nucleus, the more the deeper the picture looks.
    """
    depths = 0.95 * rng.random(count) ** inward
    above = rng.random(count) < 0.3 * field.above_nucleus
    return np.where(above, np.sqrt(rng.random(count)) - 1.0, depths)


def cell_edges(field: CellField) -> np.ndarray:
    """Return 1 on both sides of the lines between cells and around them, else 0, (Y, X) float32."""
    cells = field.cells
    edge = np.zeros(cells.shape, np.float32)
    down, right = cells[1:] != cells[:-1], cells[:, 1:] != cells[:, :-1]
    edge[1:] += down
    edge[:-1] += down
    edge[:, 1:] += right
    edge[:, :-1] += right
    return np.minimum(edge, 1.0)
