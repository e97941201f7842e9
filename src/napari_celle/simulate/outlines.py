"""Where the cells of a field are and how their nuclei and cells are outlined, as tables of radii, before any pixel."""

from dataclasses import dataclass

import numpy as np

from napari_celle.simulate.style import FieldStyle, between, between_log

ANGLES = 360
"""Directions in an outline table; entry k is the direction ``2 * pi * k / ANGLES`` from +x towards +y."""

_DIRECTIONS = np.arange(ANGLES) * (2.0 * np.pi / ANGLES)  # (ANGLES,), never written to
_DIRECTIONS.setflags(write=False)
_ORDERS = np.arange(14)[:, None] * _DIRECTIONS  # (14, ANGLES)
_COSINES, _SINES = np.cos(_ORDERS), np.sin(_ORDERS)
_COSINES.setflags(write=False)
_SINES.setflags(write=False)
_TRIES = 12  # proposals for a place before a cell is left out
_MOST = 12 / 256**2  # nuclei per px


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """N cells; the cell with label i is row i - 1 of each array.

    Attributes
    ----------
    centres : np.ndarray
        (N, 2) float32, (y, x) of the nuclei in px; some lie outside the picture.
    radii : np.ndarray
        (N, ANGLES) float32, from the centre to the edge of the nucleus, px.
    reach : np.ndarray
        (N, ANGLES) float32, from the edge of the nucleus to the edge of the free cell, px.
    mitotic : np.ndarray
        (N,) bool, True for a cell in mitosis.
    """

    centres: np.ndarray
    radii: np.ndarray
    reach: np.ndarray
    mitotic: np.ndarray

    def __len__(self) -> int:
        return len(self.centres)


def draw_outlines(rng: np.random.Generator, *, size: int, style: FieldStyle) -> Outlines:
    """Place cells in and around a picture of ``size`` x ``size`` px and draw their outlines; at least one is inside."""
    mean = between_log(rng, style.nucleus_diameter)
    margin = 1.1 * mean
    wanted = min(between(rng, style.coverage) / (np.pi / 4 * mean**2), _MOST) * (size + 2 * margin) ** 2
    spread = np.clip(rng.standard_normal(max(1, round(wanted))), -2.0, 2.0)
    diameters = np.clip(mean * (1.0 + style.diameter_spread * spread), *style.nucleus_diameter)
    centres, diameters = _place(rng, diameters, size=size, margin=margin)
    mitotic = rng.random(len(centres)) < style.mitotic_chance
    bean_chance = between(rng, style.bean_chance)
    reach_mean = between(rng, style.cell_reach)
    elongation, irregularity = between_log(rng, style.elongation), between(rng, style.irregularity)
    radii = np.stack(
        [
            _mitotic_radii(rng, d / 2)
            if m
            else _nucleus_radii(rng, d / 2, elongation=elongation, irregularity=irregularity, bean_chance=bean_chance)
            for d, m in zip(diameters, mitotic, strict=True)
        ]
    )
    reach = np.stack(
        [
            _round_reach(rng, r, d / 2) if m else _reach(rng, reach_mean * d / 2)
            for r, d, m in zip(radii, diameters, mitotic, strict=True)
        ]
    )
    return Outlines(centres.astype(np.float32), radii.astype(np.float32), reach.astype(np.float32), mitotic)


def visible_share(centres: np.ndarray, radii: np.ndarray, *, size: int) -> np.ndarray:
    """Return which part of each outlined area lies in the picture, (N,) float32 in [0, 1], from (N, ANGLES) radii."""
    steps = np.sqrt((np.arange(12) + 0.5) / 12)  # radii of rings of equal area
    some = slice(None, None, 8)
    lengths = radii[:, some, None] * steps  # (N, ANGLES / 8, 12)
    y = centres[:, 0, None, None] + lengths * np.sin(_DIRECTIONS[some])[:, None]
    x = centres[:, 1, None, None] + lengths * np.cos(_DIRECTIONS[some])[:, None]
    inside = ((y >= 0) & (y < size) & (x >= 0) & (x < size)).mean(axis=2)  # (N, ANGLES / 8)
    weights = radii[:, some] ** 2
    return np.asarray((inside * weights).sum(axis=1) / weights.sum(axis=1), dtype=np.float32)


def _place(
    rng: np.random.Generator, diameters: np.ndarray, *, size: int, margin: float
) -> tuple[np.ndarray, np.ndarray]:
    """Throw nuclei on the field, the first one well inside; return (N, 2) centres and the (N,) diameters that fit."""
    gap = between(rng, (0.88, 1.25))  # smallest distance of two centres, in sums of their radii
    clustering = between(rng, (0.0, 0.7))  # chance to be put beside another nucleus
    centres = [rng.uniform(0.2 * size, 0.8 * size, 2)]
    kept = [diameters[0]]
    for diameter in diameters[1:]:
        for _ in range(_TRIES):
            place = rng.uniform(-margin, size + margin, 2)
            if rng.random() < clustering:
                beside = int(rng.integers(len(centres)))
                angle, stretch = rng.uniform(0, 2 * np.pi), gap * rng.uniform(1.0, 1.25)
                step = stretch * (diameter + kept[beside]) / 2
                place = centres[beside] + step * np.array([np.sin(angle), np.cos(angle)])
            away = np.hypot(*(np.array(centres) - place).T)
            if (
                place.min() > -margin
                and place.max() < size + margin
                and (away >= 0.999 * gap * (np.array(kept) + diameter) / 2).all()
            ):
                centres.append(place)
                kept.append(diameter)
                break
    return np.array(centres), np.array(kept)


def _nucleus_radii(
    rng: np.random.Generator, radius: float, *, elongation: float, irregularity: float, bean_chance: float
) -> np.ndarray:
    """Draw a nucleus with the area of a disc of ``radius``: an ellipse, some waves, at times a dent; (ANGLES,)."""
    ratio = 1.0 + (elongation - 1.0) * rng.uniform(0.2, 1.4)
    turned = _DIRECTIONS - rng.uniform(0, np.pi)
    radii = 1.0 / np.sqrt(np.cos(turned) ** 2 / ratio + np.sin(turned) ** 2 * ratio)
    radii = radii * (1.0 + _waves(rng, amplitude=irregularity, orders=range(2, 6)))
    if rng.random() < bean_chance:
        side = np.pi / 2 * rng.choice([1.0, 3.0]) + rng.normal(0.0, 0.3)
        radii = radii * (1.0 - between(rng, (0.12, 0.32)) * _bump(turned - side, width=between(rng, (0.35, 0.6))))
    return np.asarray(radii * radius / np.sqrt(np.mean(radii**2)))


def _mitotic_radii(rng: np.random.Generator, radius: float) -> np.ndarray:
    """Draw condensed chromosomes: about half as wide as the nucleus, a ragged plate or a clump; (ANGLES,)."""
    ratio = rng.uniform(1.0, 2.6)
    turned = _DIRECTIONS - rng.uniform(0, np.pi)
    radii = 1.0 / np.sqrt(np.cos(turned) ** 2 / ratio + np.sin(turned) ** 2 * ratio)
    radii = radii * (1.0 + _waves(rng, amplitude=0.1, orders=range(3, 10)))
    return np.asarray(radii * radius * rng.uniform(0.45, 0.65) / np.sqrt(np.mean(radii**2)))


def _reach(rng: np.random.Generator, mean: float) -> np.ndarray:
    """Draw how far a cell stretches beyond its nucleus: farther to one side or two, with wobbles; (ANGLES,)."""
    length = mean * np.exp(rng.normal(0.0, 0.15))
    sides = rng.normal(0.0, 0.28) * np.cos(_DIRECTIONS - rng.uniform(0, 2 * np.pi))
    ends = rng.normal(0.0, 0.28) * np.cos(2 * (_DIRECTIONS - rng.uniform(0, np.pi)))
    wobbles = _waves(rng, amplitude=0.14, orders=range(3, 9))
    return np.asarray(length * np.maximum(1.0 + sides + ends + wobbles, 0.25))


def _round_reach(rng: np.random.Generator, radii: np.ndarray, radius: float) -> np.ndarray:
    """Draw how far a cell in mitosis stretches beyond its chromosomes: it is nearly a disc; (ANGLES,)."""
    outline = radius * rng.uniform(1.15, 1.45) * (1.0 + _waves(rng, amplitude=0.03, orders=range(2, 6)))
    return np.asarray(np.maximum(outline - radii, 0.15 * radius))


def _waves(rng: np.random.Generator, *, amplitude: float, orders: range) -> np.ndarray:
    """Draw a closed wavy line about 0, (ANGLES,), of standard deviation about ``amplitude``, long waves strongest."""
    order = np.array(orders, dtype=float)
    height = rng.standard_normal(len(order)) / order
    height *= amplitude * np.sqrt(2.0 / np.sum(order**-2.0))
    phase = rng.uniform(0, 2 * np.pi, len(order))
    rows = slice(orders.start, orders.stop)
    return np.asarray((height * np.cos(phase)) @ _COSINES[rows] - (height * np.sin(phase)) @ _SINES[rows])


def _bump(angles: np.ndarray, *, width: float) -> np.ndarray:
    """Return a smooth bump about angle 0, 1 at the top, ``width`` in radians."""
    return np.asarray(np.exp((np.cos(angles) - 1.0) / width**2))
