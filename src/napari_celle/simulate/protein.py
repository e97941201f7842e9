"""The protein channel of a field: a mixture of compartments, cells that express more or less, and the microscope."""

from collections.abc import Mapping

import numpy as np

from napari_celle.errors import CelleError
from napari_celle.simulate.compartments import draw_compartment
from napari_celle.simulate.field import CellField
from napari_celle.simulate.optics import acquire
from napari_celle.simulate.style import FieldStyle, between


def draw_protein(
    field: CellField,
    amounts: Mapping[str, float],
    rng: np.random.Generator,
    *,
    style: FieldStyle | None = None,
) -> np.ndarray:
    """Draw the picture of a protein in the cells of ``field``.

    Parameters
    ----------
    field : CellField
        The cells.
    amounts : Mapping of str to float
        Part of the protein in each compartment, each >= 0, summing to 1; compartments left out hold none.
    rng : np.random.Generator
        Draws expression, textures, microscope and noise.
    style : FieldStyle or None
        Ranges of the microscope's settings; None takes ``FieldStyle()``.

    Returns
    -------
    np.ndarray
        (Y, X) float32 >= 0, counts.

    Raises
    ------
    CelleError
        If the amounts are negative or do not sum to 1, or a name is no compartment.
    """
    if min(amounts.values(), default=0.0) < 0 or abs(sum(amounts.values()) - 1.0) > 1e-3:
        raise CelleError(f"The amounts {dict(amounts)} must be 0 or more and sum to 1. Divide them by their sum.")
    density = np.zeros(field.cells.shape, np.float32)
    for name, amount in amounts.items():
        if amount > 0:
            density += np.float32(amount) * draw_compartment(field, name, rng)
    light = density * _expression(field, rng)[field.cells]
    light = _expose(light) + between(rng, (0.0, 0.06)) * np.sqrt(np.clip(1.0 - field.depth, 0.0, 1.0))
    return acquire(light, rng, style=style or FieldStyle())


def _expose(light: np.ndarray) -> np.ndarray:
    """Scale ``light``, (Y, X), so that a typical place of the protein, be it small or wide, is at 0.8."""
    total = float(light.sum())
    return light * (0.8 * total / float((light * light).sum())) if total > 0 else light


def _expression(field: CellField, rng: np.random.Generator) -> np.ndarray:
    """Draw how much each cell makes, (N + 1,) float32, by label; entry 0 is the background."""
    levels = np.exp(rng.normal(0.0, rng.uniform(0.1, 0.5), len(field.outlines) + 1))
    return levels.astype(np.float32)
