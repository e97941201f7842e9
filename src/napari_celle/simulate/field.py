"""A field with its cells: outlines made into pixels, and the nucleus channel a microscope shows of them."""

from dataclasses import dataclass

import numpy as np

from napari_celle.simulate.nuclei import draw_nucleoli, draw_stain
from napari_celle.simulate.optics import acquire
from napari_celle.simulate.outlines import Outlines, draw_outlines, visible_share
from napari_celle.simulate.raster import rasterise
from napari_celle.simulate.style import FieldStyle, between


@dataclass(frozen=True, slots=True, eq=False)
class CellField:
    """Cells and the picture of their nuclei; every array is (Y, X), square, unless it says otherwise.

    Attributes
    ----------
    nucleus : np.ndarray
        float32 >= 0, the nucleus channel as measured, in counts.
    nuclei : np.ndarray
        int32 labels of the nuclei, 0 for background; a label may be missing when its nucleus is out of the picture.
    cells : np.ndarray
        int32 labels of the whole cells, nucleus included; a cell has the label of its nucleus.
    distance : np.ndarray
        float32, from the edge of the cell's own nucleus along the ray from its centre, px; negative in the nucleus.
    depth : np.ndarray
        float32, -1 in the centre of a nucleus, 0 at its edge, 1 at the edge of the free cell and outside cells.
    nucleoli : np.ndarray
        float32 in [0, 1], 1 inside nucleoli.
    outlines : Outlines
        The cells before they were pixels; the cell with label i is row i - 1.
    nucleus_share, cell_share : np.ndarray
        (N,) float32 in [0, 1], the part of each nucleus and of each cell that lies in the picture.
    above_nucleus : float
        Light of the cytoplasm above and below the nuclei, relative to that beside them: what a projection or a
        widefield microscope shows and a confocal section does not.
    """

    nucleus: np.ndarray
    nuclei: np.ndarray
    cells: np.ndarray
    distance: np.ndarray
    depth: np.ndarray
    nucleoli: np.ndarray
    outlines: Outlines
    nucleus_share: np.ndarray
    cell_share: np.ndarray
    above_nucleus: float


def draw_field(rng: np.random.Generator, *, size: int = 256, style: FieldStyle | None = None) -> CellField:
    """Draw a field of cells and the picture of its nuclei.

    Parameters
    ----------
    rng : np.random.Generator
        Source of all randomness: a generator in the same state gives the same field.
    size : int
        Edge of the square picture, px.
    style : FieldStyle or None
        Ranges of everything that varies from field to field; None takes ``FieldStyle()``.

    Returns
    -------
    CellField
        One to about a dozen nuclei at the default size and style, some of them cut by the border.
    """
    style = style or FieldStyle()
    outlines = draw_outlines(rng, size=size, style=style)
    pixels = rasterise(outlines, size=size)
    nucleoli = draw_nucleoli(rng, outlines, pixels.nuclei)
    stain = draw_stain(rng, outlines, nucleoli, style=style)
    return CellField(
        nucleus=acquire(stain, rng, style=style),
        nuclei=pixels.nuclei,
        cells=pixels.cells,
        distance=pixels.distance,
        depth=pixels.depth,
        nucleoli=nucleoli,
        outlines=outlines,
        nucleus_share=visible_share(outlines.centres, outlines.radii, size=size),
        cell_share=visible_share(outlines.centres, outlines.radii + outlines.reach, size=size),
        above_nucleus=between(rng, style.above_nucleus),
    )
