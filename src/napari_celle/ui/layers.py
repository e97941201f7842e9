"""Answers to layer data: wherever the nucleus layer lies in the world, its prediction lies on top of it."""

from typing import Any

import numpy as np
from napari.layers import Layer

from napari_celle.files.results import provenance
from napari_celle.types import Prediction
from napari_celle.ui.frames import Frame

LayerData = tuple[np.ndarray, dict[str, Any], str]
KINDS = ("threshold", "PDF", "nuclei")


def prediction_layers(prediction: Prediction, *, frame: Frame, name: str) -> list[LayerData]:
    """Make the threshold, PDF and nuclei layers of a prediction, in the order in which they are added.

    Parameters
    ----------
    prediction : Prediction
        The answer to a request whose nucleus is the plane of ``frame``.
    frame : Frame
        Of the layer the nucleus came from.
    name : str
        Name of the protein, the first word of the layer names; "" becomes "protein".

    Returns
    -------
    list of (data, keywords, type)
        As ``Layer.create`` takes them. The threshold is there but hidden: it would cover the PDF.
    """
    looks: list[tuple[np.ndarray, dict[str, Any], str]] = [
        (prediction.threshold, {"colormap": "magenta", "contrast_limits": (0, 1), "visible": False}, "image"),
        (prediction.probability, {"colormap": "inferno", "contrast_limits": _limits(prediction.probability)}, "image"),
        (prediction.nuclei, {"colormap": {None: "cyan", 0: "transparent"}, "opacity": 0.8}, "labels"),
    ]
    transforms = frame.transforms_at(prediction.window)
    # the PDF layer is the heat map over its sum; with the sum a comparison has the heat map again
    shared = {"heatmap_sum": float(prediction.heatmap.sum(dtype=np.float64)), "protein": name}
    layers = []
    for kind, (pixels, look, layer_type) in zip(KINDS, looks, strict=True):
        meta = {**transforms, **look, "name": f"{name or 'protein'} {kind}"}
        meta["metadata"] = {"celle": provenance(prediction, extra={"kind": kind, **shared})}
        if layer_type == "image":
            # additive, bright pixels below would change its colours
            meta |= {"blending": "translucent", "opacity": 0.85}
        layers.append((np.expand_dims(pixels, frame.hidden), meta, layer_type))
    return layers


def is_prediction(layer: Layer) -> bool:
    """Tell whether a layer is one of ours, or was made of such; nobody wants to choose it as a measured channel."""
    provenance_of = layer.metadata.get("celle")
    return isinstance(provenance_of, dict) and "kind" in provenance_of


def _limits(probability: np.ndarray) -> tuple[float, float]:
    return 0.0, float(probability.max()) or 1.0
