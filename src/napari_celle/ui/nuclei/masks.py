"""Masks as layers: where a new one goes, which one it may replace, and which it must leave alone."""

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels, Layer

from napari_celle.types import Window
from napari_celle.ui.frames import Frame
from napari_celle.ui.nuclei.engines import FoundNuclei, checksum

if TYPE_CHECKING:
    from napari.components import LayerList

MASK, PREVIEW = "nuclei mask", "nuclei preview"
OPACITY = 0.4  # the nuclei show through, and what is painted is seen

_FRAME = ("scale", "translate", "rotate", "shear", "affine", "units", "axis_labels")


def is_mask(layer: Layer) -> bool:
    """Tell whether a layer holds labels that may be nuclei: any Labels layer but the preview."""
    return isinstance(layer, Labels) and _celle(layer).get("kind") != PREVIEW


def mask_layer(found: FoundNuclei, *, frame: Frame, window: Window, channel: str) -> Labels:
    """Make the layer of a mask, where its window lies in the world; it can be painted as any."""
    meta = {**frame.transforms_at(window), "opacity": OPACITY, "name": f"{channel} nuclei"}
    celle = {
        "kind": MASK,
        "channel": channel,
        "plane": plane_of(frame),
        "window": [window.y, window.x, window.height, window.width],
        **found.made_by,
        "checksum": found.checksum,
    }
    return Labels(np.expand_dims(found.labels, frame.hidden), **meta, metadata={"celle": celle})


def plane_of(frame: Frame) -> list[int | None]:
    """Say which plane of a layer it is: the index along each axis, None along those of the plane."""
    return [None if axis in frame.plane else at for axis, at in enumerate(frame.index)]


def last_mask(layers: "LayerList", *, channel: str, frame: Frame) -> Labels | None:
    """Give the mask that was found last in a plane of a channel, None if there is none."""
    same: dict[str, Any] = {"kind": MASK, "channel": channel, "plane": plane_of(frame)}
    found = [layer for layer in layers if is_mask(layer) and same.items() <= _celle(layer).items()]
    return found[-1] if found else None


def is_painted(layer: Labels) -> bool:
    """Tell whether a mask is no longer what was found; one that was painted and undone is."""
    data = layer.data
    return not isinstance(data, np.ndarray) or checksum(data) != _celle(layer).get("checksum")


def replace(old: Labels, new: Labels) -> None:
    """Put a mask into the layer of another; its name, colours and place in the list stay."""
    old.data = new.data
    for key in _FRAME:
        setattr(old, key, getattr(new, key))
    old.metadata = dict(new.metadata)
    old.refresh()


def _celle(layer: Layer) -> dict[str, Any]:
    celle = layer.metadata.get("celle")
    return celle if isinstance(celle, dict) else {}
