"""Cells drawn from a seed: a field of nuclei as a microscope shows it, and the distribution of a protein in its cells.

>>> import numpy as np
>>> rng = np.random.default_rng(7)
>>> field = draw_field(rng, size=128)
>>> protein = draw_protein(field, {"nucleoplasm": 0.8, "cytosol": 0.2}, rng)
>>> protein.shape == field.nucleus.shape == (128, 128)
True
"""

from napari_celle.simulate.compartments import COMPARTMENTS, draw_compartment
from napari_celle.simulate.field import CellField, draw_field
from napari_celle.simulate.protein import draw_protein
from napari_celle.simulate.style import FIXED_CONFOCAL, LIVE_PROJECTION, FieldStyle

__all__ = [
    "COMPARTMENTS",
    "FIXED_CONFOCAL",
    "LIVE_PROJECTION",
    "CellField",
    "FieldStyle",
    "draw_compartment",
    "draw_field",
    "draw_protein",
]
