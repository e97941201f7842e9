"""What is inside a nucleus: nucleoli, chromatin, and the light of a DNA stain."""

import numpy as np

from napari_celle.simulate.noise import band_noise, smooth_noise
from napari_celle.simulate.outlines import ANGLES, Outlines
from napari_celle.simulate.raster import Patch, cut_patch
from napari_celle.simulate.style import FieldStyle, between


def draw_nucleoli(rng: np.random.Generator, outlines: Outlines, nuclei: np.ndarray) -> np.ndarray:
    """Draw one to four nucleoli into each nucleus that is not in mitosis, (Y, X) float32 in [0, 1]."""
    size = nuclei.shape[0]
    nucleoli = np.zeros((size, size), np.float32)
    seen = np.bincount(nuclei.ravel(), minlength=len(outlines) + 1)[1:] > 0  # (N,)
    for row in np.flatnonzero(seen & ~outlines.mitotic):
        radius = float(outlines.radii[row].mean())
        for _ in range(int(rng.integers(1, 5))):
            direction = int(rng.integers(ANGLES))
            away = outlines.radii[row, direction] * 0.62 * np.sqrt(rng.random())
            angle = direction * 2 * np.pi / ANGLES
            centre = outlines.centres[row] + away * np.array([np.sin(angle), np.cos(angle)], np.float32)
            _add_blob(nucleoli, rng, centre, radius=radius * rng.uniform(0.08, 0.26))
    return nucleoli * (nuclei > 0)


def draw_stain(rng: np.random.Generator, outlines: Outlines, nucleoli: np.ndarray, *, style: FieldStyle) -> np.ndarray:
    """Draw the light of a DNA stain before optics, (Y, X) float32 >= 0, about 1 in a typical nucleus.

    Nuclei that overlap add up more or less, fully so in a projection.
    """
    size = nucleoli.shape[0]
    spread, overlap = between(rng, style.brightness_spread), np.float32(between(rng, style.overlap))
    rim, dome = between(rng, (0.0, 0.25)), between(rng, (0.0, 0.5))
    stain = np.zeros((size, size), np.float32)
    for row, mitotic in enumerate(outlines.mitotic):
        brightness = np.exp(rng.normal(0.0, spread)) * (rng.uniform(1.8, 3.5) if mitotic else 1.0)
        fades = rng.random() < style.fade_chance
        patch = cut_patch(outlines.centres[row], float(outlines.radii[row].max()) + 1, size=size)
        if patch is None:
            continue
        light = brightness * _slab(patch, outlines.radii[row], rim=rim, dome=dome)
        if fades:
            light *= _fade(rng, patch, radius=float(outlines.radii[row].mean()))
        there = stain[patch.slices]
        stain[patch.slices] = np.maximum(there, light) + overlap * np.minimum(there, light)
    stain *= 1.0 - between(rng, style.nucleolus_depth) * nucleoli
    stain *= _chromatin(rng, size, diameter=2.0 * float(outlines.radii.mean()), style=style)
    if rng.random() < style.debris_chance:
        stain += _debris(rng, size)
    return stain


def _chromatin(rng: np.random.Generator, size: int, *, diameter: float, style: FieldStyle) -> np.ndarray:
    """Draw the texture of the DNA, (size, size) float32 > 0, mean 1: clouds, grains and bright foci."""
    contrast = between(rng, style.chromatin)
    clouds = smooth_noise(rng, size, diameter * rng.uniform(0.045, 0.09))
    grains = band_noise(rng, size, diameter * rng.uniform(0.015, 0.033))
    foci = np.maximum(band_noise(rng, size, diameter * rng.uniform(0.02, 0.042)) + 0.5 * clouds - 1.0, 0.0)
    texture = np.exp(contrast * (0.6 * clouds + 0.8 * grains)) + between(rng, style.foci) * foci
    return np.asarray(texture / texture.mean(), dtype=np.float32)


def _debris(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw one to four specks of stain anywhere, (size, size) float32 >= 0."""
    specks = np.zeros((size, size), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        _add_blob(specks, rng, rng.uniform(0, size, 2).astype(np.float32), radius=rng.uniform(0.8, 4.0))
    return specks * np.float32(rng.uniform(0.1, 1.2))


def _slab(patch: Patch, radii: np.ndarray, *, rim: float, dome: float) -> np.ndarray:
    """Return the height of a nucleus, (H, W) float32 >= 0: about 1, ``rim`` more at the edge, which is a pixel soft."""
    length, direction = patch.polar()
    radius = radii[direction]
    edge = np.clip(radius - length + 0.5, 0.0, 1.0)
    outward = np.minimum(length / radius, 1.0) ** 2
    return np.asarray(edge * (np.sqrt(1.0 - dome * outward) + rim * outward**6), dtype=np.float32)


def _fade(rng: np.random.Generator, patch: Patch, *, radius: float) -> np.ndarray:
    """Return a soft shadow over one side of a nucleus, (H, W) float32 in (0, 1]."""
    angle = rng.uniform(0, 2 * np.pi)
    along = (patch.y * np.float32(np.sin(angle)) + patch.x * np.float32(np.cos(angle))) / radius
    return 1.0 - rng.uniform(0.6, 0.95) / (1.0 + np.exp(-(along - rng.uniform(0.2, 0.7)) / rng.uniform(0.06, 0.2)))


def _add_blob(image: np.ndarray, rng: np.random.Generator, centre: np.ndarray, *, radius: float) -> None:
    """Add a round-edged ellipse about ``centre`` to ``image``, which stays within [0, 1]."""
    ratio, angle = rng.uniform(1.0, 1.8), rng.uniform(0, np.pi)
    patch = cut_patch(centre, 2.2 * radius + 2, size=image.shape[0])
    if patch is None:
        return
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    along, across = patch.x * cos + patch.y * sin, patch.y * cos - patch.x * sin
    away = np.sqrt(along**2 / ratio + across**2 * ratio)
    blob = np.clip((radius - away) / max(1.5, 0.5 * radius) + 0.5, 0.0, 1.0)
    np.maximum(image[patch.slices], blob, out=image[patch.slices])
