"""Where proteins go in mitosis: no envelope holds them, the chromosomes keep most of them out, a spindle stands.

Each function draws all cells as if they were in mitosis, (Y, X) float32 >= 0 in any unit, before optics.
"""

import numpy as np

from napari_celle.simulate.field import CellField
from napari_celle.simulate.noise import band_noise, ridges, smooth_noise
from napari_celle.simulate.optics import blur
from napari_celle.simulate.outlines import ANGLES
from napari_celle.simulate.places import add_at, add_by_depth, around_chromosomes, in_nucleus

_ON_CHROMOSOMES = 0.2  # chance that a protein of the nucleoplasm stays on the chromosomes, as histones do
_THREADS = 40  # in half a spindle


def spread(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Fill the whole cell but for the chromosomes."""
    clouds = np.exp(0.12 * smooth_noise(rng, len(field.cells), 3.0))
    return around_chromosomes(field, spared=rng.uniform(0.6, 0.95)) * clouds


def from_nucleoplasm(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Fill the cell; one protein in a few stays on the chromosomes."""
    around = spread(field, rng)
    return in_nucleus(field) + 0.08 * around if rng.random() < _ON_CHROMOSOMES else around


def from_nucleoli(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Fill the cell and coat the chromosomes."""
    coat = np.exp(-(((field.distance - 0.5) / 1.3) ** 2)) * (field.cells > 0)
    return np.asarray(spread(field, rng) + np.float32(rng.uniform(0.2, 1.2)) * coat, dtype=np.float32)


def from_speckles(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Fill the cell, with a few grains."""
    grains = np.maximum(band_noise(rng, len(field.cells), 1.3) - 2.0, 0.0)
    return spread(field, rng) * (1.0 + 2.0 * grains)


def net(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw the ER, which takes up the envelope: a net that is dense towards the outside."""
    mesh = 0.4 + ridges(band_noise(rng, len(field.cells), 1.6), 0.5)
    return around_chromosomes(field, spared=0.95) * mesh * (0.3 + np.clip(field.depth, 0.0, 1.0))


def worms(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw mitochondria in pieces all around the chromosomes."""
    lines = ridges(band_noise(rng, len(field.cells), 1.8), 0.3)
    present = np.clip(0.5 + 0.7 * smooth_noise(rng, len(field.cells), 3.0), 0.0, 1.0)
    return lines * present * around_chromosomes(field, spared=0.97)


def scattered(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Scatter spots around the chromosomes: a Golgi in pieces, vesicles, peroxisomes."""
    spots = np.zeros(field.cells.shape, np.float32)
    for row in np.flatnonzero(field.outlines.mitotic):
        count = int(rng.integers(40, 150))
        angles, depths = rng.uniform(0, 2 * np.pi, count), 0.95 * rng.random(count) ** 0.7
        add_by_depth(spots, field, int(row), angles, depths, rng.uniform(0.4, 1.6, count))
    return blur(spots, sigma=0.8) + 0.02 * around_chromosomes(field, spared=0.9)


def spindle(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw threads from two poles to the chromosomes."""
    threads = np.zeros(field.cells.shape, np.float32)
    along = np.linspace(0.0, 1.0, 30)
    for row in np.flatnonzero(field.outlines.mitotic):
        ends = _plate(field, int(row))
        for pole in poles(field, int(row)):
            goal = ends[0] + (ends[1] - ends[0]) * rng.random((_THREADS, 1))  # (threads, 2)
            bow = rng.normal(0.0, 0.08, (_THREADS, 1)) * np.sin(np.pi * along)
            path = pole + (goal - pole)[:, None, :] * along[:, None] + bow[..., None] * (ends[1] - ends[0])
            add_at(threads, field, int(row), path[..., 0].ravel(), path[..., 1].ravel(), np.ones(bow.size))
    return blur(threads, sigma=0.8) + 0.25 * around_chromosomes(field, spared=0.6)


def two_poles(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw a dot at each pole of the spindle."""
    dots = np.zeros(field.cells.shape, np.float32)
    for row in np.flatnonzero(field.outlines.mitotic):
        y, x = poles(field, int(row)).T
        add_at(dots, field, int(row), y, x, np.ones(2))
    return blur(dots, sigma=rng.uniform(0.8, 1.4)) + 1e-4 * around_chromosomes(field, spared=0.5)


def poles(field: CellField, row: int) -> np.ndarray:
    """Return the poles of the spindle of a cell, (2, 2) (y, x) px: on both sides of the plate, in the middle of it."""
    angle = _long_axis(field, row) + np.pi / 2
    direction = np.array([np.sin(angle), np.cos(angle)])
    away = 1.2 * float(np.sqrt(np.mean(field.outlines.radii[row] ** 2)))
    return np.asarray(field.outlines.centres[row] + np.array([[away], [-away]]) * direction)


def _plate(field: CellField, row: int) -> np.ndarray:
    """Return both ends of the plate of chromosomes, (2, 2) (y, x) px."""
    angle = _long_axis(field, row)
    half = 0.8 * float(field.outlines.radii[row].max())
    return np.asarray(
        field.outlines.centres[row] + np.array([[half], [-half]]) * np.array([np.sin(angle), np.cos(angle)])
    )


def _long_axis(field: CellField, row: int) -> float:
    """Return the direction in which the chromosomes stretch farthest, radians."""
    radii = field.outlines.radii[row]
    across = radii + np.roll(radii, ANGLES // 2)
    return float(np.argmax(across[: ANGLES // 2])) * 2 * np.pi / ANGLES
