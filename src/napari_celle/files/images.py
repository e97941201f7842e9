"""Read one plane of any picture: TIFF, OME-TIFF, PNG, JPEG or npy."""

import logging
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import tifffile
from PIL import Image

from napari_celle.errors import ImageError

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # its remarks on damaged files would go to the console

_MICROMETRES = {
    "µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0, "\\u00b5m": 1.0,
    "nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "å": 1e-4, "inch": 25_400.0, "in": 25_400.0,
}  # fmt: skip
_PLAUSIBLE_UM = (0.001, 20.0)  # a resolution tag outside means print: 72 dots per inch are 353 µm
_DAMAGED = (
    OSError, ValueError, TypeError, KeyError, IndexError, EOFError, SyntaxError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
_COLOURS = ("red", "green", "blue", "alpha")


@dataclass(frozen=True, slots=True, eq=False)
class NucleusImage:
    """One plane of a picture.

    Attributes
    ----------
    pixels : np.ndarray
        (Y, X), the dtype and values of the file.
    pixel_size_um : float or None
        Edge of a pixel in micrometres, where the file says it.
    path : Path
        The file.
    """

    pixels: np.ndarray
    pixel_size_um: float | None
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """All that a file holds: an array, a letter for each of its axes (S for colour samples), and its pixel size."""

    pixels: np.ndarray
    axes: str
    pixel_size_um: float | None = None


def read_image(path: Path | str, *, channel: int | None = None, plane: int | None = None) -> NucleusImage:
    """Return one plane of a TIFF, OME-TIFF, PNG, JPEG or npy file.

    A colour picture whose channels are equal is read as gray; of a palette picture the colours count. PNG with 16
    bits a colour is read with 8 bits; gray keeps its 16 bits. Of a TIFF with several series the first is read.

    Parameters
    ----------
    path : Path or str
        The file; its content decides on the format, not its name.
    channel : int or None
        0-based place along the channel axis (C), or the colour (S); None where there is only one.
    plane : int or None
        0-based place among the planes, all axes but channel, Y and X, the last running fastest; None where there
        is only one.

    Raises
    ------
    ImageError
        Missing or damaged file, folder, no image; a colour picture or stack without the choice; a choice that is
        not there.
    """
    path = Path(path)
    stack = _read(path)
    planes = _as_planes(stack, path=path, by_channel=channel is not None and plane is None)
    if channel is None:
        planes = _gray(planes, colour="S" in stack.axes)
    p, c = _choice(planes, _describe(stack, path=path), colour="S" in stack.axes, channel=channel, plane=plane)
    return NucleusImage(pixels=np.ascontiguousarray(planes[p, c]), pixel_size_um=stack.pixel_size_um, path=path)


def count_planes(path: Path | str) -> int:
    """Return how many planes (Y, X) a file holds, channels and colours included; errors as :func:`read_image`."""
    path = Path(path)
    return prod(_as_planes(_read(path), path=path, by_channel=False).shape[:2])


def _read(path: Path) -> _Stack:
    """Read the whole file by the reader that its first bytes ask for."""
    if path.is_dir():
        raise ImageError(f"{path} is a folder. Give one image file.")
    if not path.exists():
        raise ImageError(f"There is no file {path}. Check the path of the image.")
    try:
        with path.open("rb") as file:
            start = file.read(8)
        reader = next((read for magic, read in _READERS.items() if start.startswith(magic)), None)
        if reader is not None:
            return reader(path)
    except MemoryError:
        raise ImageError(
            f"{path} is too large for the memory of this computer. Save the plane you need alone."
        ) from None
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise ImageError(f"{path} cannot be read as an image ({error}). It may be damaged: save it again.") from error
    raise ImageError(f"{path} is not an image that can be read. Use TIFF, OME-TIFF, PNG, JPEG or npy.")


def _read_tiff(path: Path) -> _Stack:
    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        return _Stack(series.asarray(), series.axes, pixel_size_um=_tiff_pixel_size(file))


def _read_picture(path: Path) -> _Stack:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large pictures, odd metadata
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            if picture.mode == "P":
                pixels = np.asarray(picture.convert("RGBA"))[..., :3]
            elif picture.mode in ("CMYK", "YCbCr", "PA"):
                pixels = np.asarray(picture.convert("RGB"))
            else:
                pixels = np.asarray(picture)
    return _Stack(pixels, "YX" if pixels.ndim == 2 else "YXS")


def _read_npy(path: Path) -> _Stack:
    pixels = np.load(path, allow_pickle=False)
    if pixels.ndim == 3 and pixels.shape[-1] in (3, 4):
        return _Stack(pixels, "YXS")
    return _Stack(pixels, "QRTZYX"[-pixels.ndim :] if 2 <= pixels.ndim <= 6 else "?" * pixels.ndim)


_READERS: dict[bytes, Callable[[Path], _Stack]] = {
    b"II*\0": _read_tiff,
    b"MM\0*": _read_tiff,
    b"II+\0": _read_tiff,
    b"MM\0+": _read_tiff,
    b"\x89PNG": _read_picture,
    b"\xff\xd8\xff": _read_picture,
    b"\x93NUMPY": _read_npy,
}


def _as_planes(stack: _Stack, *, path: Path, by_channel: bool) -> np.ndarray:
    """Return the pixels as (plane, channel, Y, X); ``by_channel`` takes the planes of an unnamed axis for channels."""
    axes = stack.axes
    if "Y" not in axes or "X" not in axes or not stack.pixels.size:
        raise ImageError(f"{path} holds an array of shape {stack.pixels.shape}, not an image with axes Y and X.")
    channel = next((axis for axis in "SC" if axis in axes), "")
    order = [axis for axis in axes if axis not in f"YX{channel}"]
    pixels = stack.pixels.transpose([axes.index(axis) for axis in [*order, *channel, "Y", "X"]])
    planes = prod(pixels.shape[: len(order)])
    pixels = pixels.reshape(planes, -1, *pixels.shape[-2:])  # (P, C, Y, X)
    return pixels.swapaxes(0, 1) if by_channel and pixels.shape[1] == 1 else pixels


def _gray(planes: np.ndarray, *, colour: bool) -> np.ndarray:
    """Return gray saved as colour with its one channel: (P, 1, Y, X); other images as they are. Alpha is ignored."""
    if not colour:
        return planes
    last = planes.shape[1] - 1 if planes.shape[1] in (2, 4) else planes.shape[1]
    return planes[:, :1] if np.all(planes[:, :last] == planes[:, :1]) else planes


def _choice(planes: np.ndarray, what: str, *, colour: bool, channel: int | None, plane: int | None) -> tuple[int, int]:
    """Return which plane and channel of (P, C, Y, X) to take."""
    n_planes, n_channels = planes.shape[:2]
    missing = []
    if plane is None and n_planes > 1:
        missing.append(f"one plane with --plane (0 to {n_planes - 1})")
    if channel is None and n_channels > 1:
        names = ", ".join(f"{i} {name}" for i, name in enumerate(_COLOURS[:n_channels])) if colour else ""
        missing.append(f"the nuclei with --channel ({names or f'0 to {n_channels - 1}'})")
    if missing:
        raise ImageError(f"{what}. Choose {' and '.join(missing)}.")
    for option, chosen, count in (("--plane", plane, n_planes), ("--channel", channel, n_channels)):
        if chosen is not None and not 0 <= chosen < count:
            raise ImageError(f"{what}: {option} {chosen} is not there. Choose from 0 to {count - 1}.")
    return plane or 0, channel or 0


def _describe(stack: _Stack, *, path: Path) -> str:
    """Say what a file holds, for example "cells.tif is a stack with axes Z 12, Y 512, X 512"."""
    sizes = ", ".join(f"{axis} {size}" for axis, size in zip(stack.axes, stack.pixels.shape, strict=True))
    kind = "a colour (RGB) picture" if "S" in stack.axes else "a stack" if stack.pixels.ndim > 2 else "one plane"
    return f"{path} is {kind} with axes {sizes}"


def _tiff_pixel_size(file: tifffile.TiffFile) -> float | None:
    """Return the pixel size in micrometres from OME-XML, from ImageJ's unit, or from the resolution tags."""
    if file.is_ome and file.ome_metadata:
        return _ome_pixel_size(file.ome_metadata)
    tags = file.pages[0].tags
    if "XResolution" not in tags or not all(tags["XResolution"].value):
        return None
    pixels, per = tags["XResolution"].value
    inch_or_cm = {2: "inch", 3: "cm"}.get(int(tags["ResolutionUnit"].value) if "ResolutionUnit" in tags else 0, "")
    unit = str((file.imagej_metadata or {}).get("unit", inch_or_cm))
    return _micrometres(per / pixels, unit=unit)


def _ome_pixel_size(xml: str) -> float | None:
    for element in ElementTree.fromstring(xml).iter():
        if element.tag.endswith("}Pixels") and "PhysicalSizeX" in element.attrib:
            return _micrometres(
                float(element.attrib["PhysicalSizeX"]), unit=element.attrib.get("PhysicalSizeXUnit", "µm")
            )
    return None


def _micrometres(size: float, *, unit: str) -> float | None:
    """Return a length in micrometres; None for an unknown unit such as "pixel", or when it can be no pixel size."""
    size *= _MICROMETRES.get(unit.strip().lower(), 0.0)
    return size if _PLAUSIBLE_UM[0] <= size <= _PLAUSIBLE_UM[1] else None
