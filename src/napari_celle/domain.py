"""Does an image look unlike what a model was trained on? Asked before a prediction, of nuclei and pixels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

from napari_celle.framing import TOLERANCE
from napari_celle.image import check_plane, choose_window, resize
from napari_celle.segment import as_labels, typical_diameter
from napari_celle.types import ModelInfo

DRAWN: Mapping[str, tuple[float, float]] = {
    "crowding": (0.0, 20.0),
    "saturation": (0.0, 0.24),
    "contrast": (6.0, float("inf")),
    "skewness": (0.12, 10.0),
    "coarse": (0.0, 0.187),
    "fine": (0.0007, 0.109),
}
"""Middle 99.8 % of 1,000 fields as the training draws them, ``draw_field(default_rng((5, k)))`` with found nuclei.

An end is 0 or inf where only the other side is unlike. Of each nucleus channel: nuclei per 256 x 256 model
pixels; share of pixels at the maximum; medians of nuclei and background apart, in standard deviations of the
background (by its median absolute deviation); skewness of the pixels; share of the power at 4 to 16 and below 4
model pixels. docs/simulator.md has such ranges beside those of real fields.
"""

FEWEST_LEVELS = 32
"""Grey levels of an image that has been exported well; real 8-bit fields that use a third of their range have 90."""

_LARGEST = 1024  # model pixels of an edge that are looked at, in the middle


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in which an image is unlike the training.

    Attributes
    ----------
    what : str
        What was measured, with its unit.
    measured, low, high : float
        Its value and the range of the training.
    advice : str
        What it may mean and what to do, for the user.
    """

    what: str
    measured: float
    low: float
    high: float
    advice: str


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """Whether an image looks like the training (``ok``), and the findings that say no: nuclei first, then pixels."""

    ok: bool
    findings: tuple[Finding, ...]


def check_domain(image: np.ndarray, nuclei: np.ndarray, info: ModelInfo, *, scale: float = 1.0) -> DomainCheck:
    """Compare an image with what a model was trained on.

    That nuclei are of another size is also a note of a prediction: show this before a run, the notes after it.

    Parameters
    ----------
    image : np.ndarray
        (Y, X) nucleus channel, any real dtype and range. Of a large one the middle is looked at.
    nuclei : np.ndarray
        (Y, X) integer labels, 0 for background.
    info : ModelInfo
        The model.
    scale : float
        Model pixels per image pixel that a prediction would use, above 0.

    Raises
    ------
    ImageError
        As :func:`napari_celle.image.check_plane` and :func:`napari_celle.segment.as_labels`.
    """
    plane = check_plane(image)
    labels = as_labels(nuclei, shape=plane.shape)
    middle = choose_window(plane.shape, size=_LARGEST / scale).slices
    found = (*_of_nuclei(plane[middle], labels[middle], info, scale), *_of_pixels(plane[middle], scale))
    findings = tuple(finding for finding in found if not finding.low <= finding.measured <= finding.high)
    return DomainCheck(not findings, findings)


def _of_nuclei(plane: np.ndarray, labels: np.ndarray, info: ModelInfo, scale: float) -> Iterator[Finding]:
    diameter, count = typical_diameter(labels), len(np.unique(labels[labels > 0]))
    crowding = count * 256**2 / (labels.size * scale**2)
    if diameter is None:
        advice = "No nucleus was found. Choose the nucleus channel, or draw the nuclei."
        yield Finding("nuclei", 0.0, 1.0, float("inf"), advice)
        return
    smallest, typical, largest = info.nucleus_diameter_px
    yield Finding(
        "nucleus diameter in model pixels",
        diameter * scale,
        smallest / TOLERANCE,
        largest * TOLERANCE,
        f"Nuclei have another size than in the training. Resample the image by {typical / diameter:.3g}, or check the "
        "pixel size.",
    )
    yield _finding(
        "crowding", "nuclei per 256 x 256 model pixels", crowding, "Check the nuclei: are they split, or debris?"
    )
    yield _finding(
        "contrast",
        "contrast of nuclei to background noise",
        _contrast(plane, labels > 0),
        "Nuclei hardly stand out. Is this the nucleus channel? A longer exposure or a background correction helps.",
    )


def _of_pixels(plane: np.ndarray, scale: float) -> Iterator[Finding]:
    levels = len(np.unique(plane))
    yield Finding(
        "grey levels",
        levels,
        FEWEST_LEVELS,
        float("inf"),
        "The image has few grey levels. Use the original file, not one that was exported with a wide display range.",
    )
    yield _finding(
        "saturation",
        "share of saturated pixels",
        float(np.mean(plane == plane.max())),
        "Many pixels are at the maximum: what is in them is lost. Use the original file, or a shorter exposure.",
    )
    yield _finding_of_two(
        "skewness",
        "skewness of the pixels",
        float(stats.skew(plane, axis=None)),
        low="Nuclei should be bright on a dark ground. Is the image inverted?",
        high="A few spots outshine the nuclei. Is this the nucleus channel?",
    )
    coarse, fine = _detail(_resampled(plane, scale))
    yield _finding(
        "coarse",
        "share of structure of 4 to 16 model pixels",
        coarse,
        "Nuclei should be smooth blobs. Is this the nucleus channel? If so, check the pixel size.",
    )
    yield _finding_of_two(
        "fine",
        "share of structure below 4 model pixels",
        fine,
        low="The image is blurred for the model, as all that is enlarged. If there is a sharper plane, choose that.",
        high="The image is noisy. Smooth it, or expose it longer.",
    )


def _finding(name: str, what: str, measured: float, advice: str) -> Finding:
    return Finding(what, measured, *DRAWN[name], advice)


def _finding_of_two(name: str, what: str, measured: float, *, low: str, high: str) -> Finding:
    """Return a finding that says other things of what lies below and what lies above the training."""
    return _finding(name, what, measured, low if measured < DRAWN[name][0] else high)


def _contrast(plane: np.ndarray, inside: np.ndarray) -> float:
    """Return how far nuclei are above the background, in its standard deviations."""
    if inside.all():
        return 0.0
    ground = np.median(plane[~inside])
    spread = 1.4826 * np.median(np.abs(plane[~inside] - ground))
    above = float(np.median(plane[inside]) - ground)
    if spread > 0:
        return above / float(spread)
    return float("inf") if above > 0 else 0.0  # a background of one value


def _resampled(plane: np.ndarray, scale: float) -> np.ndarray:
    height, width = (max(round(edge * scale), 1) for edge in plane.shape)
    return resize(plane, shape=(height, width))


def _detail(plane: np.ndarray) -> tuple[float, float]:
    """Return the share of the power at 4 to 16 pixels and below 4, of the picture faded out towards its border."""
    window = np.outer(np.hanning(plane.shape[0]), np.hanning(plane.shape[1]))
    power = np.abs(fft.rfft2((plane - plane.mean(dtype=np.float64)) * window)) ** 2
    frequency = np.hypot(fft.fftfreq(plane.shape[0])[:, None], fft.rfftfreq(plane.shape[1])[None, :])
    total = max(float(power.sum()), np.finfo(np.float64).tiny)
    return (
        float(power[(frequency >= 1 / 16) & (frequency < 1 / 4)].sum()) / total,
        float(power[frequency >= 1 / 4].sum()) / total,
    )
