"""Examples for File > Open Sample: cells drawn by the simulator when they are asked for, and proteins."""

from pathlib import Path
from typing import Any

import numpy as np

from napari_celle.simulate import FieldStyle, draw_field, draw_protein
from napari_celle.ui.sequence.drop import fasta_reader

LayerData = tuple[np.ndarray, dict[str, Any], str]

PROTEINS = Path(__file__).parent / "samples" / "proteins.fasta"
_SEED = 2
_SIZE = 512  # px
_PIXEL_UM = 0.2
_STYLE = FieldStyle(
    nucleus_diameter=(58.0, 76.0),
    coverage=(0.32, 0.42),
    foci=(0.4, 0.9),
    defocus_chance=0.0,
    photons=(300.0, 500.0),
    background=(0.03, 0.06),
    saturation=(4.0, 4.0),
    gamma=(1.0, 1.0),
)
_AMOUNTS = {"nucleoplasm": 0.35, "cytosol": 0.65}


def simulated_cells() -> list[LayerData]:
    """Return the nucleus and protein channel of simulated live cells, as napari layer data.

    Returns
    -------
    list of tuple
        Two ``(data, keywords, "image")``; ``data`` is (Y, X) float32 >= 0, 512 x 512 px of 0.2 micrometres, the same
        on every call.
    """
    rng = np.random.default_rng(_SEED)
    field = draw_field(rng, size=_SIZE, style=_STYLE)
    protein = draw_protein(field, _AMOUNTS, rng, style=_STYLE)
    return [_layer(field.nucleus, "nucleus", "magenta"), _layer(protein, "protein", "green")]


def cells_and_proteins() -> list[LayerData]:
    """Return the simulated cells, and fill the sequence box with a handful of proteins; it opens if need be.

    napari takes no sample without a layer.
    """
    fasta_reader(str(PROTEINS))(str(PROTEINS))
    return simulated_cells()


def _layer(data: np.ndarray, name: str, colormap: str) -> LayerData:
    keywords = {
        "name": f"simulated {name}",
        "colormap": colormap,
        "blending": "additive",
        "contrast_limits": (float(data.min()), float(np.percentile(data, 99.8))),
        "scale": (_PIXEL_UM, _PIXEL_UM),
        "units": ("micrometer", "micrometer"),
        "axis_labels": ("y", "x"),
    }
    return data, keywords, "image"
