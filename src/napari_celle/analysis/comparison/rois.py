"""Regions of interest for Fiji: outlines of nuclei and contours of a map in one .zip file."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from roifile import ROI_TYPE, ImagejRoi, roiwrite

from napari_celle.analysis.comparison.contours import Contour, Polygon, outlines
from napari_celle.analysis.comparison.export import whole
from napari_celle.errors import OutputError
from napari_celle.types import Window

_MOVE, _LINE, _CLOSE = 0.0, 1.0, 4.0  # of a path in ImageJ's format
_CENTRE = 0.5  # in Fiji a pixel's centre lies half a pixel from its corner, which is its position


def write_rois(path: Path | str, *, nuclei: np.ndarray, contours: Sequence[Contour] = (), window: Window) -> int:
    """Write one region for each nucleus and for each contour, as Fiji's ROI manager opens them; replaces the file.

    Parameters
    ----------
    path : Path or str
        The .zip file; its folder is made.
    nuclei : np.ndarray
        (Y, X) integer labels of the window, 0 for background. Their regions are called ``nucleus 0007``.
    contours : sequence of Contour
        Of the same window, called ``PDF 80 %``.
    window : Window
        Where both lie in the image: regions are for the whole image.

    Returns
    -------
    int
        Regions that were written.

    Raises
    ------
    OutputError
        There is nothing to write, or the file cannot be written.
    """
    corner = np.array([window.y, window.x], dtype=float)
    named = [(f"nucleus {label:04d}", polygons) for label, polygons in outlines(nuclei).items()]
    named += [(f"PDF {100 * contour.mass:g} %", contour.polygons) for contour in contours]
    if not named:
        raise OutputError("There are no nuclei and no contours, so there are no ROIs to write. Find the nuclei first.")
    path = Path(path)
    try:
        with whole(path) as scratch:
            rois = [_roi(name, (polygon + corner for polygon in polygons)) for name, polygons in named]
            roiwrite(scratch, rois, mode="w")
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"The ROIs cannot be written to {path}: {reason}. Choose another place.") from error
    return len(named)


def _roi(name: str, polygons: Iterable[Polygon]) -> ImagejRoi:
    """Return a polygon as Fiji's freehand region, several as a composite one, of which holes are holes."""
    rings = [(polygon[:-1, ::-1] + _CENTRE).astype(np.float32) for polygon in polygons]  # (N, 2) x, y; Fiji closes them
    roi = ImagejRoi.frompoints(np.concatenate(rings), name=name)
    if len(rings) == 1:
        return roi
    path = np.concatenate([_path(ring) for ring in rings])
    roi.roitype, roi.multi_coordinates, roi.shape_roi_size = ROI_TYPE.RECT, path, len(path)
    roi.integer_coordinates = roi.subpixel_coordinates = None
    roi.n_coordinates = 0
    return roi


def _path(ring: np.ndarray) -> np.ndarray:
    """Return a ring of (x, y) points as commands with their points, flat float32."""
    commands = np.column_stack([np.full(len(ring), _LINE), ring])
    commands[0, 0] = _MOVE
    return np.append(commands, _CLOSE).astype(np.float32)
