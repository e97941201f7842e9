"""Where a protein of each compartment is in a field of cells: one table of the drawings, at rest and in mitosis."""

from collections.abc import Callable

import numpy as np

from napari_celle.errors import CelleError
from napari_celle.simulate import cytoplasmic, fibres, mitotic, nuclear
from napari_celle.simulate.field import CellField

Draw = Callable[[CellField, np.random.Generator], np.ndarray]

_BRIGHTEST = 3.0  # a cell's units per drawn density, at most this many times the field's own

_DRAW: dict[str, tuple[Draw, Draw]] = {  # in interphase, in mitosis
    "nucleoplasm": (nuclear.nucleoplasm, mitotic.from_nucleoplasm),
    "nucleolus": (nuclear.nucleolus, mitotic.from_nucleoli),
    "speckles": (nuclear.speckles, mitotic.from_speckles),
    "nuclear_envelope": (nuclear.nuclear_envelope, mitotic.net),
    "cytosol": (cytoplasmic.cytosol, mitotic.spread),
    "er": (cytoplasmic.er, mitotic.net),
    "golgi": (cytoplasmic.golgi, mitotic.scattered),
    "mitochondria": (cytoplasmic.mitochondria, mitotic.worms),
    "vesicles": (cytoplasmic.vesicles, mitotic.scattered),
    "peroxisomes": (cytoplasmic.peroxisomes, mitotic.scattered),
    "plasma_membrane": (cytoplasmic.plasma_membrane, cytoplasmic.plasma_membrane),
    "cytoskeleton": (fibres.cytoskeleton, mitotic.spindle),
    "centrosome": (fibres.centrosome, mitotic.two_poles),
}
NUCLEAR = frozenset({"nucleoplasm", "nucleolus", "speckles", "nuclear_envelope"})
"""The compartments that are in the nucleus or around it, in a cell that does not divide."""

COMPARTMENTS: tuple[str, ...] = tuple(_DRAW)
"""Names for ``draw_compartment`` and ``draw_protein``."""


def draw_compartment(field: CellField, name: str, rng: np.random.Generator) -> np.ndarray:
    """Draw one unit of protein per cell, all of it in one compartment, before optics.

    In a cell in mitosis it is drawn where the protein goes then: what was in the nucleus is spread over the cell.

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
        resting, dividing = _DRAW[name]
    except KeyError:
        raise CelleError(f"Unknown compartment {name!r}. Choose from {', '.join(COMPARTMENTS)}.") from None
    divides = field.outlines.mitotic
    share = field.nucleus_share if name in NUCLEAR else field.cell_share
    density = _one_unit_per_cell(resting(field, rng), field.cells, np.where(divides, 0.0, share))
    if divides.any():
        density += _one_unit_per_cell(dividing(field, rng), field.cells, np.where(divides, field.cell_share, 0.0))
    return density


def _one_unit_per_cell(density: np.ndarray, cells: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Scale ``density``, (Y, X), so that each cell sums to its visible ``share``, (N,); a sliver stays a sliver."""
    drawn = np.bincount(cells.ravel().astype(np.intp), weights=density.ravel(), minlength=len(share) + 1)[1:]  # (N,)
    scale = np.zeros(len(share) + 1, np.float32)  # entry 0: outside cells
    present = (drawn > 0) & (share > 0)
    if present.any():
        usual = share[present].sum() / drawn[present].sum()
        scale[1:][present] = np.minimum(share[present] / drawn[present], _BRIGHTEST * usual)
    return np.asarray(density * scale[cells], dtype=np.float32)
