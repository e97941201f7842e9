"""Answers to layer data: wherever the nucleus layer lies in the world, its prediction lies on top of it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from napari.layers import Layer

from napari_celle.ensemble_types import EnsemblePrediction
from napari_celle.field_types import FieldPrediction
from napari_celle.files.provenance import Answer, provenance
from napari_celle.ui.frames import Frame

LayerData = tuple[np.ndarray, dict[str, Any], str]
KINDS = ("threshold", "PDF", "nuclei")
"""What every answer has; that of several draws has more."""


def prediction_layers(answer: Answer, *, frame: Frame, name: str, group: str = "") -> list[LayerData]:
    """Make the layers of an answer, in the order in which they are added.

    Parameters
    ----------
    answer : Prediction, EnsemblePrediction or FieldPrediction
        The answer to a request whose nucleus is the plane of ``frame``.
    frame : Frame
        Of the pixels the answer is about.
    name : str
        Name of the protein, the first word of the layer names; "" becomes "protein".
    group : str
        What the layers of one answer share and no others have; "" is left out.

    Returns
    -------
    list of (data, keywords, type)
        As ``Layer.create`` takes them: threshold, PDF and nuclei, and of several draws their frequency, entropy and
        spread. Of the images all but the PDF are hidden: they would cover it.
    """
    transforms = frame.transforms_at(answer.window)
    # the PDF layer is the heat map over its sum; with the sum a comparison has the heat map again
    shared = {"protein": name, "heatmap_sum": _heatmap_sum(answer), **({"group": group} if group else {})}
    layers = []
    for kind, pixels, look in _pictures(answer):
        meta = {**transforms, **look, "name": f"{name or 'protein'} {kind}"}
        meta["metadata"] = {"celle": provenance(answer, extra={"kind": kind, **shared})}
        layer_type = "labels" if kind == "nuclei" else "image"
        if layer_type == "image":
            # additive, bright pixels below would change its colours
            meta |= {"blending": "translucent", "opacity": 0.85}
        layers.append((np.expand_dims(pixels, frame.hidden), meta, layer_type))
    return layers


def _pictures(answer: Answer) -> Iterator[tuple[str, np.ndarray, dict[str, Any]]]:
    """Give kind, pixels and looks of each layer."""
    if isinstance(answer, EnsemblePrediction):
        hidden = {"visible": False, "colormap": "viridis"}
        yield "spread", answer.spread, {**hidden, "contrast_limits": _limits(answer.spread)}
        yield "entropy", answer.entropy, {**hidden, "contrast_limits": (0, 1)}
        yield "frequency", answer.frequency, {**hidden, "contrast_limits": (0, 1)}
    yield "threshold", answer.threshold, {"colormap": "magenta", "contrast_limits": (0, 1), "visible": False}
    yield "PDF", answer.probability, {"colormap": "inferno", "contrast_limits": _limits(answer.probability)}
    look: dict[str, Any] = {"colormap": {None: "cyan", 0: "transparent"}, "opacity": 0.8}
    if isinstance(answer, FieldPrediction):
        look["features"] = nucleus_features(answer)
    yield "nuclei", answer.nuclei.copy(), look  # the user may paint them


def nucleus_features(answer: FieldPrediction) -> pd.DataFrame:
    """Make the table of a labels layer: a row for each nucleus of a field, by its label in the column ``index``."""
    rows = [(result.label, result.nuclear_fraction) for result in answer.results]
    return pd.DataFrame([(0, np.nan), *rows], columns=["index", "nuclear fraction of its window"])


def _heatmap_sum(answer: Answer) -> float | None:
    """Give the sum of the heat map; the mean of several draws has no heat map of its own."""
    if isinstance(answer, EnsemblePrediction):
        return None
    return float(answer.heatmap.sum(dtype=np.float64))


def is_prediction(layer: Layer) -> bool:
    """Tell whether a layer is one of ours, or was made of such; nobody wants to choose it as a measured channel."""
    provenance_of = layer.metadata.get("celle")
    return isinstance(provenance_of, dict) and "kind" in provenance_of


def _limits(probability: np.ndarray) -> tuple[float, float]:
    return 0.0, float(probability.max()) or 1.0
