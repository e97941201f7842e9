"""The predictions that lie in a viewer as layers: which layers belong together, and where their pixels lie."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels, Layer

from napari_celle.ui.frames import Frame, transforms_of
from napari_celle.ui.layers import KINDS

if TYPE_CHECKING:
    from napari.components import LayerList


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The three layers of one prediction.

    Attributes
    ----------
    key : str
        The same for the three layers, another for every other prediction.
    pdf, threshold : Image
        The probability map and the threshold image.
    nuclei : Labels
        The nuclei, edited or not.
    """

    key: str
    pdf: Image
    threshold: Image
    nuclei: Labels

    @property
    def provenance(self) -> Mapping[str, Any]:
        """What is known of the prediction, as ``metadata["celle"]`` has it."""
        return self.pdf.metadata["celle"]

    @property
    def name(self) -> str:
        """Name of the PDF layer without its last word, which follows when it is renamed."""
        name = str(self.pdf.name)
        return name.replace(" PDF", "", 1).strip() or name

    @property
    def model(self) -> str:
        """Name of the model that made it."""
        return str(self.provenance.get("model", ""))

    @property
    def frame(self) -> Frame:
        """Where its window lies: the plane are the two axes that have more than one pixel."""
        axes = [axis for axis, n in enumerate(self.pdf.data.shape) if n > 1]
        return Frame(plane=(axes[0], axes[1]), index=(0,) * self.pdf.data.ndim, transforms=transforms_of(self.pdf))


def predictions_in(layers: "LayerList") -> list[Found]:
    """List the predictions all of whose layers lie in a viewer, in the order of their PDF layers.

    Layers belong together when ``metadata["celle"]`` has the same ``group``; without one, when all that it says is the
    same but for the kind of the layer.

    Parameters
    ----------
    layers : LayerList
        Of the viewer.
    """
    groups: dict[str, dict[str, Layer]] = {}
    for layer in layers:
        known = layer.metadata.get("celle")
        if isinstance(known, Mapping) and known.get("kind") in KINDS:
            groups.setdefault(_key(known), {})[str(known["kind"])] = layer
    whole = [(key, group) for key, group in groups.items() if len(group) == len(KINDS)]
    found = [Found(key, pdf=g["PDF"], threshold=g["threshold"], nuclei=g["nuclei"]) for key, g in whole]
    found = [each for each in found if _is_one_plane(each)]
    return sorted(found, key=lambda each: layers.index(each.pdf))


def plane_of(layer: Image | Labels, frame: Frame) -> np.ndarray:
    """Copy the (Y, X) pixels of one layer of a prediction."""
    return np.array(layer.data[frame.slices])


def _key(known: Mapping[str, Any]) -> str:
    if known.get("group"):
        return str(known["group"])
    return json.dumps({name: value for name, value in known.items() if name != "kind"}, sort_keys=True, default=str)


def _is_one_plane(found: Found) -> bool:
    shapes = {tuple(layer.data.shape) for layer in (found.pdf, found.threshold, found.nuclei)}
    return len(shapes) == 1 and sum(n > 1 for n in next(iter(shapes))) == 2
