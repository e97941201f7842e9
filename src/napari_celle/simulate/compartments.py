"""Where a protein of each compartment is in a field of cells: one function per compartment, one table of them."""

from collections.abc import Callable

import numpy as np

from napari_celle.errors import CelleError
from napari_celle.simulate.field import CellField
from napari_celle.simulate.noise import band_noise, ridges, smooth_noise
from napari_celle.simulate.optics import blur
from napari_celle.simulate.outlines import ANGLES

Draw = Callable[[CellField, np.random.Generator], np.ndarray]

_BRIGHTEST = 3.0  # a cell's units per drawn density, at most this many times the field's own


def draw_compartment(field: CellField, name: str, rng: np.random.Generator) -> np.ndarray:
    """Draw one unit of protein per cell, all of it in one compartment, before optics.

    Parameters
    ----------
    field : CellField
        The cells.
    name : str
        One of ``COMPARTMENTS``.
    rng : np.random.Generator
        Draws texture, number and place of what is not given by ``field``.

    Returns
    -------
    np.ndarray
        (Y, X) float32 >= 0, 0 outside cells. It sums to 1 over each cell that is whole in the picture, and to about
        the visible part over one that the border cuts.

    Raises
    ------
    CelleError
        If ``name`` is no compartment.
    """
    try:
        draw = _DRAW[name]
    except KeyError:
        raise CelleError(f"Unknown compartment {name!r}. Choose from {', '.join(COMPARTMENTS)}.") from None
    share = field.nucleus_share if name in _NUCLEAR else field.cell_share
    return _one_unit_per_cell(draw(field, rng), field.cells, share)


def _one_unit_per_cell(density: np.ndarray, cells: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Scale ``density``, (Y, X), so that each cell sums to its visible ``share``, (N,); a sliver stays a sliver."""
    drawn = np.bincount(cells.ravel(), weights=density.ravel(), minlength=len(share) + 1)[1:]  # (N,)
    scale = np.zeros(len(share) + 1, np.float32)  # entry 0: outside cells
    present = drawn > 0
    if present.any():
        usual = share[present].sum() / drawn[present].sum()
        scale[1:][present] = np.minimum(share[present] / drawn[present], _BRIGHTEST * usual)
    return np.asarray(density * scale[cells], dtype=np.float32)


def _in_nucleus(field: CellField) -> np.ndarray:
    """Return 1 in nuclei, falling to 0 over the pixel at their edge, (Y, X) float32."""
    return np.clip(0.5 - field.distance, 0.0, 1.0)


def _in_cytoplasm(field: CellField) -> np.ndarray:
    """Return the thickness of the cytoplasm, (Y, X) float32 in [0, 1]: full at the nucleus, thin at the cell's edge."""
    return np.clip(field.distance + 0.5, 0.0, 1.0) * np.sqrt(np.clip(1.0 - field.depth, 0.0, 1.0))


def _nucleoplasm(field: CellField, rng: np.random.Generator) -> np.ndarray:
    spared = 1.0 - rng.uniform(0.2, 0.9) * field.nucleoli
    grain = 1.0 + 0.12 * band_noise(rng, len(field.cells), 2.0)
    return _in_nucleus(field) * spared * np.maximum(grain, 0.0)


def _nucleolus(field: CellField, rng: np.random.Generator) -> np.ndarray:
    grain = 1.0 + 0.2 * band_noise(rng, len(field.cells), 1.2)
    return field.nucleoli * np.maximum(grain, 0.0)


def _cytosol(field: CellField, rng: np.random.Generator) -> np.ndarray:
    over_nucleus = rng.uniform(0.1, 0.25) * _in_nucleus(field) * (1.0 - 0.5 * field.nucleoli)
    clouds = np.exp(0.15 * smooth_noise(rng, len(field.cells), 3.0))
    return (_in_cytoplasm(field) + over_nucleus) * clouds


def _er(field: CellField, rng: np.random.Generator) -> np.ndarray:
    size = len(field.cells)
    net = 0.35 + ridges(band_noise(rng, size, 1.6), 0.5) * np.exp(0.3 * smooth_noise(rng, size, 6.0))
    falling = np.exp(-rng.uniform(0.5, 1.6) * np.maximum(field.depth, 0.0))
    rim = rng.uniform(0.3, 0.9) * np.exp(-((field.distance / 1.3) ** 2))
    return np.asarray(_in_cytoplasm(field) * net * falling + rim + 0.12 * _in_nucleus(field), dtype=np.float32)


def _mitochondria(field: CellField, rng: np.random.Generator) -> np.ndarray:
    size = len(field.cells)
    worms = ridges(band_noise(rng, size, rng.uniform(2.0, 3.0)), 0.3)
    present = np.clip(0.7 + 0.7 * smooth_noise(rng, size, 5.0), 0.0, 1.0)  # breaks the lines into pieces
    away_from_edges = np.clip(4.0 * (0.9 - field.depth), 0.0, 1.0) * np.clip(field.distance / 2.0, 0.0, 1.0)
    return np.asarray(worms * present * away_from_edges * np.exp(-np.maximum(field.depth, 0.0)), dtype=np.float32)


def _golgi(field: CellField, rng: np.random.Generator) -> np.ndarray:
    spots = np.zeros(field.cells.shape, np.float32)
    for row in range(len(field.outlines)):
        count = int(rng.integers(40, 110))
        side = rng.uniform(0, 2 * np.pi)
        angles = side + rng.normal(0.0, rng.uniform(0.15, 0.45), count)
        depths = np.abs(rng.normal(rng.uniform(0.1, 0.3), 0.12, count)) + 0.04
        _add_points(spots, field, row, angles, depths, rng.exponential(1.0, count))
    return np.where(field.distance > -1.0, blur(spots, sigma=1.2), np.float32(0.0))


def _vesicles(field: CellField, rng: np.random.Generator) -> np.ndarray:
    small, large = np.zeros((2, *field.cells.shape), np.float32)
    inward = rng.uniform(0.8, 2.0)  # 1 is even along the ray; more gathers them about the nucleus
    for row in range(len(field.outlines)):
        for spots, count in ((small, int(rng.integers(30, 120))), (large, int(rng.integers(3, 15)))):
            depths = 0.95 * rng.random(count) ** inward
            angles = rng.uniform(0, 2 * np.pi, count)
            _add_points(spots, field, row, angles, depths, rng.uniform(0.4, 1.6, count))
    return np.asarray(blur(small, sigma=0.8) + blur(8.0 * large, sigma=1.6), dtype=np.float32)


def _plasma_membrane(field: CellField, rng: np.random.Generator) -> np.ndarray:
    cells = field.cells
    edge = np.zeros(cells.shape, np.float32)
    down, right = cells[1:] != cells[:-1], cells[:, 1:] != cells[:, :-1]
    edge[1:] += down
    edge[:-1] += down
    edge[:, 1:] += right
    edge[:, :-1] += right
    rim = blur(np.minimum(edge, 1.0), sigma=0.8)
    ruffles = np.exp(0.35 * smooth_noise(rng, len(cells), 5.0))
    return (rim + rng.uniform(0.06, 0.2)) * ruffles


def _add_points(
    spots: np.ndarray, field: CellField, row: int, angles: np.ndarray, depths: np.ndarray, weights: np.ndarray
) -> None:
    """Add ``weights`` to ``spots`` at ``angles``, radians, and cytoplasm ``depths``, 0 to 1, of one cell."""
    direction = np.floor(angles * (ANGLES / (2 * np.pi))).astype(np.intp) % ANGLES
    length = field.outlines.radii[row, direction] + depths * field.outlines.reach[row, direction]
    centre = field.outlines.centres[row]
    y = np.rint(centre[0] + length * np.sin(angles)).astype(np.intp)
    x = np.rint(centre[1] + length * np.cos(angles)).astype(np.intp)
    size = len(spots)
    seen = (y >= 0) & (y < size) & (x >= 0) & (x < size)
    y, x = y[seen], x[seen]
    own = field.cells[y, x] == row + 1
    np.add.at(spots, (y[own], x[own]), weights[seen][own].astype(np.float32))


_DRAW: dict[str, Draw] = {
    "nucleoplasm": _nucleoplasm,
    "nucleolus": _nucleolus,
    "cytosol": _cytosol,
    "er": _er,
    "golgi": _golgi,
    "mitochondria": _mitochondria,
    "vesicles": _vesicles,
    "plasma_membrane": _plasma_membrane,
}
_NUCLEAR = frozenset({"nucleoplasm", "nucleolus"})

COMPARTMENTS: tuple[str, ...] = tuple(_DRAW)
"""Names for ``draw_compartment`` and ``draw_protein``."""
