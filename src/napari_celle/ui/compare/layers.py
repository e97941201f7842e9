"""What a comparison shows as layer data, on the pixels of the prediction's window."""

from typing import Any

import numpy as np
from napari.utils.colormaps import Colormap

from napari_celle.analysis.comparison.beside import Beside
from napari_celle.analysis.comparison.contours import MASSES, contour_ladder
from napari_celle.ui.compare.found import Found
from napari_celle.ui.frames import Frame

LayerData = tuple[np.ndarray | list[np.ndarray], dict[str, Any], str]

DIVERGING = Colormap(
    [
        [0.10, 0.42, 0.10],
        [0.30, 0.65, 0.15],
        [0.70, 0.88, 0.50],
        [0.97, 0.97, 0.97],
        [0.95, 0.66, 0.83],
        [0.80, 0.20, 0.55],
        [0.56, 0.02, 0.32],
    ],
    name="green to pink",  # a long name widens napari's layer controls for good: they list all colormaps
)
"""Green where more was measured, white where both agree, pink where more was predicted; safe for the colour-blind."""

LADDER = {0.5: "#fde725", 0.8: "#ff9d3b", 0.95: "#e0529c"}
"""Colours of the contours by the part of the mass that they hold."""


def measured_layer(beside: Beside, *, found: Found, channel: str) -> LayerData:
    """Make the measured channel without its background as a share of the protein: the scale of the PDF layer."""
    name = f"{channel} measured"
    return _image(beside.compared.measured.probability, found, name=name, kind="measured")


def outline_layer(found: Found) -> LayerData:
    """Make a second picture of the nuclei, of the same pixels in memory, so that it is always theirs."""
    look = {"colormap": {None: "cyan", 0: "transparent"}, "opacity": 0.8}
    return found.nuclei.data, {**_meta(found, name=f"{found.name} outlines", kind="outlines"), **look}, "labels"


def difference_layer(beside: Beside, *, found: Found, channel: str) -> LayerData:
    """Make predicted minus measured, with limits as far below 0 as above."""
    signed = beside.compared.difference.signed
    limit = float(np.abs(signed).max()) or 1.0
    data, meta, layer_type = _image(signed, found, name=f"{found.name} minus {channel}", kind="difference")
    return data, {**meta, "colormap": DIVERGING, "contrast_limits": (-limit, limit)}, layer_type


def contour_layer(beside: Beside, *, found: Found) -> LayerData:
    """Make the contours of the PDF as closed lines, with the part of the mass that they hold as feature."""
    frame = found.frame
    paths, masses = [], []
    for contour in contour_ladder(beside.predicted.heatmap, masses=MASSES):
        for polygon in contour.polygons:
            paths.append(_in_plane(polygon, frame))
            masses.append(contour.mass)
    meta = _meta(found, name=f"{found.name} contours", kind="contours")
    look = {
        "shape_type": "path",
        "edge_color": [LADDER[mass] for mass in masses] or "white",
        "opacity": 1.0,
        "edge_width": max(min(beside.predicted.heatmap.shape) / 250, 0.3),  # data pixels
        "features": {"mass": np.array(masses)},
    }
    return paths, {**meta, **look, "ndim": len(frame.index)}, "shapes"


def bright_level(beside: Beside) -> tuple[float, float]:
    """Give the contrast limits that show prediction and measurement, both as shares of the protein, alike."""
    shares = beside.compared.measured.probability, beside.predicted.heatmap
    high = max(float(np.percentile(share, 99.8) / (share.sum(dtype=np.float64) or 1.0)) for share in shares)
    return 0.0, high or 1.0


def _image(pixels: np.ndarray, found: Found, *, name: str, kind: str) -> LayerData:
    frame = found.frame
    hidden = tuple(axis for axis in range(len(frame.index)) if axis not in frame.plane)
    meta = _meta(found, name=name, kind=kind)
    return np.expand_dims(pixels, hidden), {**meta, "blending": "translucent_no_depth"}, "image"


def _meta(found: Found, *, name: str, kind: str) -> dict[str, Any]:
    known = {"kind": kind, "compared": found.name, "model": found.model}
    return {**found.frame.transforms, "name": name, "metadata": {"celle": known}}


def _in_plane(polygon: np.ndarray, frame: Frame) -> np.ndarray:
    """Return (N, ndim) data coordinates of (N, 2) rows and columns."""
    points = np.zeros((len(polygon), len(frame.index)))
    points[:, list(frame.plane)] = polygon
    return points
