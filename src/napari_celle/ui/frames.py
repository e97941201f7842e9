"""Where a plane of a layer lies in the world, and how its pixels are read."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Layer
from napari.utils.transforms import Affine

from napari_celle.errors import ImageError


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


def frame_of(layer: Layer, *, displayed: tuple[int, ...], point: tuple[float, ...]) -> Frame:
    """Copy the frame of the plane of an image or labels layer that the viewer shows.

    Parameters
    ----------
    layer : napari.layers.Image or Labels
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
    if getattr(layer, "rgb", False):
        raise ImageError(
            f"Layer {layer.name!r} is an RGB photograph. Split it (right click > Split RGB) and choose one channel."
        )
    axes = sorted(axis - (len(point) - layer.ndim) for axis in displayed)
    on_layer = len(axes) == 2 and axes[0] >= 0
    plane = (axes[0], axes[1]) if on_layer else (layer.ndim - 2, layer.ndim - 1)
    at = np.round(layer.world_to_data(point)).astype(int)
    index = tuple(0 if axis in plane else int(at[axis]) for axis in range(layer.ndim))
    if any(not 0 <= i < size for i, size in zip(index, level0(layer).shape, strict=True)):
        raise ImageError(f"Layer {layer.name!r} has no image where the sliders stand. Move them to one of its planes.")
    return Frame(plane=plane, index=index, transforms=transforms_of(layer))


def pixel_at(layer: Layer, frame: Frame, *, point: tuple[float, ...]) -> tuple[float, float]:
    """Give the (y, x) pixel of the plane that lies at a point in world coordinates; it may lie outside."""
    position = layer.world_to_data(point)
    return float(position[frame.plane[0]]), float(position[frame.plane[1]])


def plane_pixels(layer: Image, frame: Frame) -> np.ndarray:
    """Copy the (Y, X) pixels of the plane at full resolution; of lazy data only that plane is read."""
    return np.array(level0(layer)[frame.slices])


def level0(layer: Layer) -> np.ndarray:
    """Give the full resolution of an image or of labels, multiscale or not; what is lazy stays so."""
    pixels: np.ndarray = layer.data[0] if layer.multiscale else layer.data  # numpy, or lazy and alike
    return pixels


def transforms_of(layer: Layer) -> dict[str, Any]:
    """Copy what says where a layer lies in the world, as napari's ``add_*`` take it."""
    return {
        "scale": np.array(layer.scale),
        "translate": np.array(layer.translate),
        "rotate": np.array(layer.rotate),
        "shear": np.array(layer.shear),
        "affine": Affine(affine_matrix=np.array(layer.affine.affine_matrix)),
        "units": tuple(layer.units),
        "axis_labels": tuple(layer.axis_labels),
    }
