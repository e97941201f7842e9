"""Nuclei by smoothing, threshold and distance watershed."""

import numpy as np
from scipy import ndimage
from skimage import filters, measure, segmentation

from napari_celle.image import normalise


def segment(image: np.ndarray) -> np.ndarray:
    """Return nucleus labels, (Y, X) int32."""
    work = np.sqrt(ndimage.gaussian_filter(normalise(image), 1.0))
    mask = ndimage.binary_fill_holes(work > filters.threshold_otsu(work))
    labels: np.ndarray = measure.label(mask).astype(np.int32)
    return labels


def typical_diameter(labels: np.ndarray) -> float | None:
    """Return the median equivalent diameter in pixels of nuclei clear of the border, else of all; None if none."""
    regions = measure.regionprops(segmentation.clear_border(labels)) or measure.regionprops(labels)
    return float(np.median([region.equivalent_diameter_area for region in regions])) if regions else None
