"""Compartments of the nucleus: the density of a protein in each, (Y, X) float32 >= 0 in any unit, before optics."""

import numpy as np

from napari_celle.simulate.field import CellField
from napari_celle.simulate.noise import band_noise, smooth_noise
from napari_celle.simulate.places import in_nucleus


def nucleoplasm(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Fill the nucleus with a fine grain, less so in the nucleoli."""
    spared = 1.0 - rng.uniform(0.2, 0.9) * field.nucleoli
    grain = 1.0 + rng.uniform(0.05, 0.25) * band_noise(rng, len(field.cells), rng.uniform(1.2, 2.5))
    return in_nucleus(field) * spared * np.maximum(grain, 0.0)


def nucleolus(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Fill the nucleoli, and the nucleoplasm a little."""
    grain = 1.0 + 0.2 * band_noise(rng, len(field.cells), 1.2)
    around = rng.uniform(0.0, 0.06) * in_nucleus(field)
    return field.nucleoli * np.maximum(grain, 0.0) + around


def speckles(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw irregular grains that are spread over the nucleus and spare nucleoli, on a dim ground."""
    diameter = 2.0 * float(field.outlines.radii.mean())
    grains = band_noise(rng, len(field.cells), diameter * rng.uniform(0.024, 0.036))
    bright = np.maximum(grains - rng.uniform(0.8, 1.2), 0.0) + rng.uniform(0.03, 0.12)
    return np.asarray(in_nucleus(field) * bright * (1.0 - 0.9 * field.nucleoli), dtype=np.float32)


def nuclear_envelope(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw a thin rim on the edge of the nucleus, uneven along it, and what is seen of its top and bottom."""
    size = len(field.cells)
    rim = np.exp(-(((field.distance + 1.0) / rng.uniform(0.9, 1.5)) ** 2)) * (field.cells > 0)
    uneven = np.exp(0.25 * smooth_noise(rng, size, 6.0))
    flat = rng.uniform(0.04, 0.1) + 0.3 * field.above_nucleus
    pores = np.maximum(1.0 + 0.3 * band_noise(rng, size, 1.2), 0.0)
    return np.asarray(rim * uneven + np.float32(flat) * in_nucleus(field) * pores, dtype=np.float32)
