"""What nuclei of a field look like, in a few numbers: to compare drawn fields with measured ones."""

from collections.abc import Iterable, Mapping

import numpy as np
from scipy import fft, ndimage
from skimage import measure, segmentation

from napari_celle.segment import segment_nuclei

STATISTICS: Mapping[str, str] = {
    "nuclei": "nuclei per 256 x 256 px, those at the border counted half",
    "diameter": "median diameter of a disc of the same area, px",
    "eccentricity": "median eccentricity",
    "solidity": "median area over the area of the convex hull",
    "background": "5 % quantile outside nuclei, relative to the median in nuclei",
    "haze": "median outside nuclei, relative to the median in nuclei",
    "dark": "5 % quantile in nuclei, relative to their median",
    "bright": "95 % quantile in nuclei, relative to their median",
    "unlike": "spread of the nuclei's own medians, standard deviation over mean",
    "texture": "median spread within a nucleus, standard deviation over mean",
    "slope": "slope of log power over log frequency, 4 to 64 cycles per 256 px",
    "coarse": "part of the power at 4 to 16 px",
    "fine": "part of the power below 4 px",
}
"""Name to meaning of each figure of :func:`nuclei_statistics`."""

Figures = dict[str, float]


def nuclei_statistics(image: np.ndarray) -> Figures:
    """Measure the nuclei of a field.

    Parameters
    ----------
    image : np.ndarray
        (Y, X) nucleus channel, any real dtype and range, at most a few hundred px along an axis.

    Returns
    -------
    dict
        A figure for each of ``STATISTICS``; NaN where a field has too few nuclei to tell. Shapes are measured on
        nuclei that are wholly in the picture.
    """
    picture = np.asarray(image, dtype=np.float64)
    labels = segment_nuclei(image)
    return _shapes(labels) | _brightness(picture, labels) | _spectrum(picture)


def quantile_ranges(
    figures: Iterable[Figures], *, low: float = 0.05, high: float = 0.95
) -> dict[str, tuple[float, float]]:
    """Return for each statistic the range between two quantiles over fields, without the fields that cannot tell."""
    rows = list(figures)
    return {
        name: tuple(np.nanquantile([row[name] for row in rows], (low, high)).tolist())
        for name in STATISTICS
        if any(np.isfinite(row[name]) for row in rows)
    }


def _shapes(labels: np.ndarray) -> Figures:
    whole = measure.regionprops(segmentation.clear_border(labels))
    cut = int(labels.max()) - len(whole)
    return {
        "nuclei": (len(whole) + 0.5 * cut) * 256**2 / labels.size,
        "diameter": _median([region.equivalent_diameter_area for region in whole]),
        "eccentricity": _median([region.eccentricity for region in whole]),
        "solidity": _median([region.solidity for region in whole]),
    }


def _brightness(picture: np.ndarray, labels: np.ndarray) -> Figures:
    present = np.unique(labels)[1:]
    outside = picture[ndimage.distance_transform_edt(labels == 0) > 3]
    if len(present) == 0 or outside.size == 0:
        return dict.fromkeys(("background", "haze", "dark", "bright", "unlike", "texture"), np.nan)
    inside = picture[labels > 0]
    typical = float(np.median(inside))
    background, haze = np.quantile(outside, (0.05, 0.5)) / typical
    dark, bright = np.quantile(inside, (0.05, 0.95)) / typical
    medians = ndimage.median(picture, labels, present)
    core = np.where(ndimage.distance_transform_edt(labels > 0) > 3, labels, 0)  # without the soft edge
    core = segmentation.relabel_sequential(core)[0]
    cores = np.arange(1, core.max() + 1)
    within = ndimage.standard_deviation(picture, core, cores) / ndimage.mean(picture, core, cores)
    return {
        "background": float(background),
        "haze": float(haze),
        "dark": float(dark),
        "bright": float(bright),
        "unlike": float(np.std(medians) / np.mean(medians)) if len(present) > 2 else np.nan,
        "texture": _median(within),
    }


def _spectrum(picture: np.ndarray) -> Figures:
    """Return how power falls with frequency, of the picture under a window that fades out its border."""
    window = np.outer(np.hanning(picture.shape[0]), np.hanning(picture.shape[1]))
    power = np.abs(fft.rfft2((picture - picture.mean()) * window)) ** 2  # (Y, X // 2 + 1)
    frequency = np.hypot(
        fft.fftfreq(picture.shape[0])[:, None], fft.rfftfreq(picture.shape[1])[None, :]
    )  # cycles per px
    bands = np.geomspace(4, 64, 13) / 256
    band = np.digitize(frequency, bands)
    mean = np.array([power[band == k].mean() for k in range(1, len(bands))])
    slope = np.polyfit(np.log(np.sqrt(bands[1:] * bands[:-1])), np.log(mean), 1)[0]
    total = power.sum()
    return {
        "slope": float(slope),
        "coarse": float(power[(frequency >= 1 / 16) & (frequency < 1 / 4)].sum() / total),
        "fine": float(power[frequency >= 1 / 4].sum() / total),
    }


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.median(found)) if found else np.nan
