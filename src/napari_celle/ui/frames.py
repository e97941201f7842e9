"""Where a plane of a layer lies in the world, and how its pixels are read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from napari.layers import Image, Layer
from napari.utils.transforms import Affine

from napari_celle.errors import ImageError
from napari_celle.types import Window

PROJECTIONS: dict[str, Callable[..., np.ndarray]] = {"maximum": np.max, "mean": np.mean}


@dataclass(frozen=True, slots=True)
class Projection:
    """How the planes along an axis of a layer become one: the axis, and a name in ``PROJECTIONS``."""

    axis: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where the plane of a layer lies in the world; a copy, so that it outlives the layer.

    Attributes
    ----------
    plane : tuple of int
        The two axes of the layer that are looked at, in ascending order: the rows and the columns of the plane.
    index : tuple of int
        One data index for each axis of the layer; those of the plane are the plane's first pixel, as a rule 0.
    transforms : dict
        scale, translate, rotate, shear, affine, units and axis_labels, as napari's ``add_*`` take them.
    sizes : tuple of int
        Pixels along each axis of the layer; () if nobody asks for them.
    projection : Projection or None
        The planes along another axis become one.
    """

    plane: tuple[int, int]
    index: tuple[int, ...]
    transforms: dict[str, Any]
    sizes: tuple[int, ...] = ()
    projection: Projection | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(Y, X) of the plane."""
        return self.sizes[self.plane[0]], self.sizes[self.plane[1]]

    @property
    def hidden(self) -> tuple[int, ...]:
        """The axes of the layer that are not in the plane."""
        return tuple(axis for axis in range(len(self.index)) if axis not in self.plane)

    @property
    def slices(self) -> tuple[int | slice, ...]:
        """Index that cuts the plane, or the planes to be projected, out of the data of the layer."""
        through = () if self.projection is None else (self.projection.axis,)
        return tuple(slice(None) if axis in (*self.plane, *through) else at for axis, at in enumerate(self.index))

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

    def moved(self, y: int, x: int) -> "Frame":
        """Return the frame of a part of the plane that begins at this pixel."""
        index = list(self.index)
        index[self.plane[0]] += y
        index[self.plane[1]] += x
        return replace(self, index=tuple(index))

    def transforms_at(self, window: Window) -> dict[str, Any]:
        """Return the transforms of a layer whose first pixel is that of the window.

        It has one pixel along the hidden axes. Along one that was projected this pixel is as long as the axis, so that
        the layer is seen at each of its planes.
        """
        # The first pixel has to lie where the source has it: move by the offset, through scale, shear and rotation; the
        # affine comes after and stays as it is.
        corner = np.array(self.moved(window.y, window.x).index, float)
        scale = np.array(self.transforms["scale"])
        if self.projection is not None:
            axis = self.projection.axis
            corner[axis] = (self.sizes[axis] - 1) / 2
            scale[axis] *= self.sizes[axis]
        return {**self.transforms, "scale": scale, "translate": np.asarray(self.data_to_physical(corner))}


@dataclass(frozen=True, slots=True, eq=False)
class LayerPlane:
    """The (Y, X) pixels of a plane, read where they are asked for; outlives its layer, and may be read in a thread.

    Attributes
    ----------
    data : array
        Of the layer at full resolution: numpy, or lazy as those of dask and zarr.
    frame : Frame
        Which plane.
    """

    data: Any
    frame: Frame

    @property
    def shape(self) -> tuple[int, ...]:
        """(Y, X)."""
        return self.frame.shape

    def __getitem__(self, window: tuple[slice, slice]) -> np.ndarray:
        """Read the part of two slices: a copy."""
        index = list(self.frame.slices)
        index[self.frame.plane[0]], index[self.frame.plane[1]] = window
        part = np.array(self.data[tuple(index)])
        projection = self.frame.projection
        if projection is None:
            return part
        kept = [axis for axis, at in enumerate(index) if isinstance(at, slice)]
        return PROJECTIONS[projection.name](part, axis=kept.index(projection.axis))


def frame_of(
    layer: Image,
    *,
    displayed: tuple[int, ...],
    point: tuple[float, ...],
    projection: Projection | None = None,
) -> Frame:
    """Copy the frame of the plane of an image or labels layer that the viewer shows.

    Parameters
    ----------
    layer : napari.layers.Image
        Of two or more dimensions, multiscale or not; or Labels.
    displayed : tuple of int
        ``viewer.dims.displayed``. When they are not two axes of this layer its last two are the plane.
    point : tuple of float
        ``viewer.dims.point``: the position of the sliders, in world coordinates.
    projection : Projection or None
        Along one of the other axes, in place of the plane at the slider.

    Raises
    ------
    ImageError
        The layer is RGB, or has nothing where the sliders stand.
    """
    if getattr(layer, "rgb", False):
        raise ImageError(
            f"Layer {layer.name!r} is an RGB photograph. Split it (right click > Split RGB) and choose one channel."
        )
    plane, sizes = plane_axes(layer, displayed=displayed, sliders=len(point)), level0(layer).shape
    at = np.round(layer.world_to_data(point)).astype(int)
    through = () if projection is None else (projection.axis,)
    index = tuple(0 if axis in (*plane, *through) else int(at[axis]) for axis in range(layer.ndim))
    if any(not 0 <= i < size for i, size in zip(index, sizes, strict=True)):
        raise ImageError(f"Layer {layer.name!r} has no image where the sliders stand. Move them to one of its planes.")
    return Frame(plane=plane, index=index, transforms=transforms_of(layer), sizes=tuple(sizes), projection=projection)


def plane_axes(layer: Layer, *, displayed: tuple[int, ...], sliders: int) -> tuple[int, int]:
    """Return the two axes of a layer that are its plane, as :func:`frame_of`; ``sliders`` is how many there are."""
    axes = sorted(axis - (sliders - layer.ndim) for axis in displayed)
    on_layer = len(axes) == 2 and axes[0] >= 0
    return (axes[0], axes[1]) if on_layer else (layer.ndim - 2, layer.ndim - 1)


def pixel_at(layer: Layer, frame: Frame, *, point: tuple[float, ...]) -> tuple[float, float]:
    """Give the (y, x) pixel of the plane that lies at a point in world coordinates; it may lie outside."""
    position = layer.world_to_data(point)
    return float(position[frame.plane[0]]), float(position[frame.plane[1]])


def plane_of(layer: Layer, frame: Frame) -> LayerPlane:
    """Return the plane of a layer, of which nothing is read yet."""
    return LayerPlane(level0(layer), frame)


def plane_pixels(layer: Layer, frame: Frame) -> np.ndarray:
    """Copy the (Y, X) pixels of the plane at full resolution; of lazy data only that plane is read."""
    return plane_of(layer, frame)[:, :]


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
