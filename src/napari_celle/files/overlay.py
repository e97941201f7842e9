"""One picture of a prediction, for a slide or a lab book."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from skimage.measure import find_contours, regionprops

from napari_celle.image import normalise
from napari_celle.types import Prediction

_OUTLINE = "#00d5ff"  # seen on gray and on inferno, by colour-blind readers too


def write_overlay(prediction: Prediction, path: Path) -> None:
    """Write a PNG: the nucleus channel and the probability map side by side, nuclei outlined on both.

    Parameters
    ----------
    prediction : Prediction
        The answer to draw.
    path : Path
        File to write; an existing one is replaced.
    """
    figure = Figure(figsize=(9.2, 5.0), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    nucleus = normalise(prediction.request.nucleus[prediction.window.slices])
    left.imshow(nucleus, cmap="gray", interpolation="nearest")
    left.set_title("Nucleus channel, nuclei outlined", fontsize=10)
    percent_of_brightest = prediction.probability / max(float(prediction.probability.max()), np.finfo(float).tiny)
    heat = right.imshow(percent_of_brightest, cmap="inferno", vmin=0, vmax=1, interpolation="nearest")
    right.set_title("Where the protein goes", fontsize=10)
    for axes in (left, right):
        axes.set_axis_off()
        axes.add_collection(LineCollection(_outlines(prediction.nuclei), colors=_OUTLINE, linewidths=1.0))
        _add_scale_bar(axes, prediction)
    figure.colorbar(heat, ax=right, shrink=0.75, label="Probability, relative to its maximum")
    figure.suptitle(f"{prediction.nuclear_fraction:.0%} of the protein in the nuclei ({prediction.model})", fontsize=12)
    figure.savefig(path, format="png")


def _outlines(labels: np.ndarray) -> list[np.ndarray]:
    """Return the outline of each nucleus as (N, 2) points, x before y; touching nuclei keep both outlines."""
    lines = []
    for region in regionprops(labels):
        top, left = region.bbox[:2]
        for points in find_contours(np.pad(region.image_filled, 1).astype(float), 0.5):  # (N, 2), y before x
            lines.append(points[:, ::-1] + np.array([left - 1, top - 1]))
    return lines


def _add_scale_bar(axes: Axes, prediction: Prediction) -> None:
    """Draw a bar of a round length, about a fifth of the width, where the pixel size is known."""
    pixel_size = prediction.request.pixel_size_um
    if not pixel_size:
        return
    height, width = prediction.nuclei.shape
    wished = width * pixel_size / 5
    length_um = max((n * 10.0**e for e in range(-3, 5) for n in (1, 2, 5) if n * 10.0**e <= wished), default=wished)
    stop, y = 0.96 * width, 0.95 * height
    axes.plot((stop - length_um / pixel_size, stop), (y, y), color="white", linewidth=3, solid_capstyle="butt")
    axes.annotate(
        f"{length_um:g} µm", (stop - length_um / pixel_size / 2, y), xytext=(0, 4), textcoords="offset points",
        color="white", ha="center", fontsize=9,
    )  # fmt: skip
