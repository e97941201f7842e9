"""Compartments of the cytoplasm: the density of a protein in each, (Y, X) float32 >= 0 in any unit, before optics."""

import numpy as np

from napari_celle.simulate.field import CellField
from napari_celle.simulate.noise import band_noise, ridges, smooth_noise
from napari_celle.simulate.optics import blur
from napari_celle.simulate.places import (
    add_by_depth,
    cell_edges,
    depths_of_spots,
    in_cytoplasm,
    in_nucleus,
    outside_nucleus,
)


def cytosol(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Fill the cell evenly; clouds and small holes where organelles are."""
    size = len(field.cells)
    holes = 1.0 - rng.uniform(0.1, 0.6) * np.maximum(band_noise(rng, size, rng.uniform(1.2, 2.2)) - 0.6, 0.0)
    texture = np.exp(0.15 * smooth_noise(rng, size, 3.0)) * np.maximum(holes, 0.0)
    above = field.above_nucleus * rng.uniform(0.6, 1.0)
    return outside_nucleus(field, above=above) * (1.0 - 0.3 * field.nucleoli) * texture


def er(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw a net that is densest at the nucleus, and the nucleus's rim."""
    size = len(field.cells)
    net = 0.35 + ridges(band_noise(rng, size, 1.6), 0.5) * np.exp(0.3 * smooth_noise(rng, size, 6.0))
    falling = np.exp(-rng.uniform(0.5, 1.6) * np.maximum(field.depth, 0.0))
    rim = rng.uniform(0.3, 0.9) * np.exp(-(((field.distance - 0.5) / 1.2) ** 2)) * (field.cells > 0)
    above = (0.04 + 0.6 * field.above_nucleus) * net * in_nucleus(field)
    return np.asarray(in_cytoplasm(field) * net * falling + rim + above, dtype=np.float32)


def mitochondria(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw worms, long or in pieces, away from the edge of the cell."""
    size = len(field.cells)
    worms = ridges(band_noise(rng, size, rng.uniform(1.8, 3.0)), rng.uniform(0.22, 0.34))
    present = np.clip(rng.uniform(0.4, 0.9) + 0.7 * smooth_noise(rng, size, 5.0), 0.0, 1.0)  # breaks lines into pieces
    away_from_edges = np.clip(4.0 * (0.9 - field.depth), 0.0, 1.0) * np.clip(field.distance / 2.0, 0.0, 1.0)
    falling = np.exp(-rng.uniform(0.5, 2.0) * np.maximum(field.depth, 0.0))
    above = 0.25 * field.above_nucleus * in_nucleus(field)
    return np.asarray(worms * present * (away_from_edges * falling + above), dtype=np.float32)


def golgi(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw a cluster of short ribbons at one side of each nucleus."""
    spots = np.zeros(field.cells.shape, np.float32)
    width, near = rng.uniform(0.2, 0.5), rng.uniform(0.1, 0.3)
    steps = np.linspace(-0.5, 0.5, 12)
    for row in range(len(field.outlines)):
        ribbons = int(rng.integers(3, 10))
        middle = rng.uniform(0, 2 * np.pi) + rng.normal(0.0, width, (ribbons, 1))
        depth = np.abs(rng.normal(near, 0.12, (ribbons, 1))) + 0.04
        angles = middle + rng.uniform(0.1, 0.45, (ribbons, 1)) * steps
        depths = np.maximum(depth + rng.normal(0.0, 0.15, (ribbons, 1)) * steps, 0.02)
        weights = np.broadcast_to(rng.uniform(0.4, 1.6, (ribbons, 1)), angles.shape)
        add_by_depth(spots, field, row, angles.ravel(), depths.ravel(), weights.ravel())
    return blur(spots, sigma=rng.uniform(0.8, 1.3)) * (field.distance > -1.0)


def vesicles(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Scatter spots, a few large ones among many small."""
    small, large = np.zeros((2, *field.cells.shape), np.float32)
    inward = rng.uniform(0.8, 2.0)
    for row in range(len(field.outlines)):
        for spots, count in ((small, int(rng.integers(30, 120))), (large, int(rng.integers(3, 15)))):
            depths = depths_of_spots(field, count, rng, inward=inward)
            add_by_depth(spots, field, row, rng.uniform(0, 2 * np.pi, count), depths, rng.uniform(0.4, 1.6, count))
    return np.asarray(blur(small, sigma=0.8) + blur(8.0 * large, sigma=1.6), dtype=np.float32)


def peroxisomes(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Scatter many small round spots of one size and brightness over the whole cytoplasm."""
    spots = np.zeros(field.cells.shape, np.float32)
    most = int(rng.integers(60, 220))
    for row in range(len(field.outlines)):
        count = int(rng.integers(most // 2, most))
        depths = depths_of_spots(field, count, rng, inward=0.9)
        add_by_depth(spots, field, row, rng.uniform(0, 2 * np.pi, count), depths, rng.uniform(0.8, 1.2, count))
    return blur(spots, sigma=0.75)


def plasma_membrane(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw a rim along the outline of the cell and a faint even surface."""
    rim = blur(cell_edges(field), sigma=0.8)
    ruffles = np.exp(0.35 * smooth_noise(rng, len(field.cells), 5.0))
    return (rim + rng.uniform(0.03, 0.08) + np.float32(rng.uniform(0.1, 0.3) * field.above_nucleus)) * ruffles
