"""The cytoskeleton and what it grows from: threads, (Y, X) float32 >= 0 in any unit, before optics."""

import numpy as np

from napari_celle.simulate.field import CellField
from napari_celle.simulate.noise import smooth_noise
from napari_celle.simulate.optics import blur
from napari_celle.simulate.places import add_at, add_by_depth, cell_edges, outside_nucleus

_STEPS = 1.1  # points per px of the longest way from the middle of a cell to its edge


def cytoskeleton(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw either microtubules or actin, one kind in all cells of a field."""
    return microtubules(field, rng) if rng.random() < 0.6 else actin(field, rng)


def microtubules(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw threads that run outward from about the nucleus, curved around it."""
    threads = np.zeros(field.cells.shape, np.float32)
    count, swirl = int(rng.integers(40, 90)), rng.uniform(0.3, 1.4)
    for row in range(len(field.outlines)):
        longest = float((field.outlines.radii[row] + field.outlines.reach[row]).max())
        along = np.linspace(0.0, 1.0, max(int(_STEPS * longest), 2))
        first = rng.uniform(0, 2 * np.pi, (count, 1))
        bend = rng.normal(0.0, swirl, (count, 1))
        wave = 0.06 * np.sin(rng.uniform(3, 9, (count, 1)) * along + rng.uniform(0, 6, (count, 1)))
        begin, end = rng.uniform(-0.5, 0.4, (count, 1)), rng.uniform(0.5, 1.0, (count, 1))
        depths = begin + (end - begin) * along
        weights = np.where(depths < 0, 0.7 * field.above_nucleus, 1.0)
        add_by_depth(threads, field, row, (first + bend * along + wave).ravel(), depths.ravel(), weights.ravel())
    ground = rng.uniform(0.1, 0.4) * outside_nucleus(field, above=0.7 * field.above_nucleus)
    return np.asarray(blur(threads, sigma=0.7) + ground, dtype=np.float32)


def actin(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw bundles of straight fibres through each cell and a rim along its outline."""
    threads = np.zeros(field.cells.shape, np.float32)
    count = int(rng.integers(6, 22))
    for row in range(len(field.outlines)):
        extent = float((field.outlines.radii[row] + field.outlines.reach[row]).max())
        angle = rng.uniform(0, np.pi) + rng.normal(0.0, 0.12, (count, 1))
        beside, middle = rng.uniform(-extent, extent, (2, count, 1))
        along = middle + rng.uniform(0.3, 1.2, (count, 1)) * np.arange(-extent, extent, 0.8)
        centre = field.outlines.centres[row]
        y = centre[0] + along * np.sin(angle) + beside * np.cos(angle)
        x = centre[1] + along * np.cos(angle) - beside * np.sin(angle)
        add_at(threads, field, row, y.ravel(), x.ravel(), np.ones(y.size))
    threads *= outside_nucleus(field, above=0.7 * field.above_nucleus)
    rim = rng.uniform(0.3, 2.0) * blur(cell_edges(field), sigma=1.0)
    ground = rng.uniform(0.1, 0.3) * outside_nucleus(field, above=0.7 * field.above_nucleus)
    uneven = np.exp(0.3 * smooth_noise(rng, len(field.cells), 6.0))
    return np.asarray((blur(threads, sigma=0.8) + rim + ground) * uneven, dtype=np.float32)


def centrosome(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw one dot or a pair at one side of each nucleus, with a few satellites."""
    dots = np.zeros(field.cells.shape, np.float32)
    satellites = int(rng.integers(0, 25))
    for row in range(len(field.outlines)):
        pair = int(rng.integers(1, 3))
        angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.3)
        angles = angle + np.append(0.08 * np.arange(pair), rng.normal(0.0, 0.3, satellites))
        depths = np.append(np.full(pair, depth), np.abs(depth + rng.normal(0.0, 0.15, satellites)))
        weights = np.append(np.ones(pair), rng.uniform(0.0, 0.1, satellites))
        add_by_depth(dots, field, row, angles, np.minimum(depths, 0.95), weights)
    return blur(dots, sigma=rng.uniform(0.8, 1.4))
