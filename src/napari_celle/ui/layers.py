"""Answers to layer data: wherever the nucleus layer lies in the world, its prediction lies on top of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Layer
from napari.utils.transforms import Affine

from napari_celle.errors import ImageError
from napari_celle.files.results import provenance
from napari_celle.types import Prediction, Window

LayerData = tuple[np.ndarray, dict[str, Any], str]
KINDS = ("threshold", "PDF", "nuclei")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where the plane of a layer lies in the world; a copy, so that it outlives the layer.

    Attributes
    ----------
    plane : tuple of int
        The two axes of the layer that are looked at, in ascending order: the rows and the columns of the plane.
    index : tuple of int
        One data index for each axis of the layer; those of the plane are 0.
    transforms : dict
        scale, translate, rotate, shear, affine, units and axis_labels, as napari's ``add_*`` take them.
    """

    plane: tuple[int, int]
    index: tuple[int, ...]
    transforms: dict[str, Any]

    @property
    def slices(self) -> tuple[int | slice, ...]:
        """Index that cuts the (Y, X) plane out of the data of the layer."""
        return tuple(slice(None) if axis in self.plane else at for axis, at in enumerate(self.index))

    @property
    def data_to_physical(self) -> Affine:
        """Data indices to the layer's physical frame, before its own affine."""
        return Affine(**{key: self.transforms[key] for key in ("scale", "translate", "rotate", "shear")})

    @property
    def pixel_size_um(self) -> float | None:
        """Edge of a pixel in micrometres, or None when the layer has no length units.

        Rotation and shear leave it alone; for oblong pixels it is the edge of a square one of the same area.
        """
        units = [self.transforms["units"][axis] for axis in self.plane]
        if not all(unit.is_compatible_with("micrometer") for unit in units):
            return None
        linear = self.transforms["affine"].linear_matrix @ self.data_to_physical.linear_matrix
        in_plane = linear[:, self.plane]  # (ndim, 2)
        area = np.sqrt(np.linalg.det(in_plane.T @ in_plane))
        um = [(1 * unit).to("micrometer").magnitude for unit in units]
        return float(np.sqrt(area * um[0] * um[1]))


def frame_of(layer: Image, *, displayed: tuple[int, ...], point: tuple[float, ...]) -> Frame:
    """Copy the frame of the plane of an image layer that the viewer shows.

    Parameters
    ----------
    layer : napari.layers.Image
        Of two or more dimensions, multiscale or not.
    displayed : tuple of int
        ``viewer.dims.displayed``. When they are not two axes of this layer its last two are the plane.
    point : tuple of float
        ``viewer.dims.point``: the position of the sliders, in world coordinates.

    Raises
    ------
    ImageError
        The layer is RGB, or has nothing where the sliders stand.
    """
    if layer.rgb:
        raise ImageError(
            f"Layer {layer.name!r} is an RGB photograph. Split it (right click > Split RGB) and choose one channel."
        )
    axes = sorted(axis - (len(point) - layer.ndim) for axis in displayed)
    on_layer = len(axes) == 2 and axes[0] >= 0
    plane = (axes[0], axes[1]) if on_layer else (layer.ndim - 2, layer.ndim - 1)
    at = np.round(layer.world_to_data(point)).astype(int)
    index = tuple(0 if axis in plane else int(at[axis]) for axis in range(layer.ndim))
    if any(not 0 <= i < size for i, size in zip(index, _level0(layer).shape, strict=True)):
        raise ImageError(f"Layer {layer.name!r} has no image where the sliders stand. Move them to one of its planes.")
    return Frame(plane=plane, index=index, transforms=_transforms(layer))


def pixel_at(layer: Image, frame: Frame, *, point: tuple[float, ...]) -> tuple[float, float]:
    """Give the (y, x) pixel of the plane that lies at a point in world coordinates; it may lie outside."""
    position = layer.world_to_data(point)
    return float(position[frame.plane[0]]), float(position[frame.plane[1]])


def plane_pixels(layer: Image, frame: Frame) -> np.ndarray:
    """Copy the (Y, X) pixels of the plane at full resolution; of lazy data only that plane is read."""
    return np.array(_level0(layer)[frame.slices])


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
    transforms = _window_transforms(frame, prediction.window)
    hidden = tuple(axis for axis in range(len(frame.index)) if axis not in frame.plane)
    layers = []
    for kind, (pixels, look, layer_type) in zip(KINDS, looks, strict=True):
        meta = {**transforms, **look, "name": f"{name or 'protein'} {kind}"}
        meta["metadata"] = {"celle": provenance(prediction, extra={"kind": kind, "protein": name})}
        if layer_type == "image":
            # additive, bright pixels below would change its colours
            meta |= {"blending": "translucent", "opacity": 0.85}
        layers.append((np.expand_dims(pixels, hidden), meta, layer_type))
    return layers


def is_prediction(layer: Layer) -> bool:
    """Tell whether a layer is one of ours; nobody wants to choose it as a nucleus channel."""
    provenance_of = layer.metadata.get("celle")
    return isinstance(provenance_of, dict) and provenance_of.get("kind") in KINDS


def _level0(layer: Image) -> np.ndarray:
    pixels: np.ndarray = layer.data[0] if layer.multiscale else layer.data  # numpy, or lazy and alike
    return pixels


def _transforms(layer: Image) -> dict[str, Any]:
    return {
        "scale": np.array(layer.scale),
        "translate": np.array(layer.translate),
        "rotate": np.array(layer.rotate),
        "shear": np.array(layer.shear),
        "affine": Affine(affine_matrix=np.array(layer.affine.affine_matrix)),
        "units": tuple(layer.units),
        "axis_labels": tuple(layer.axis_labels),
    }


def _window_transforms(frame: Frame, window: Window) -> dict[str, Any]:
    # The first pixel of the window has to lie where the source has it: move by the offset, through scale, shear and
    # rotation; the affine comes after and stays as it is.
    corner = np.array(frame.index, float)
    corner[list(frame.plane)] = window.y, window.x
    return {**frame.transforms, "translate": np.asarray(frame.data_to_physical(corner))}


def _limits(probability: np.ndarray) -> tuple[float, float]:
    return 0.0, float(probability.max()) or 1.0
