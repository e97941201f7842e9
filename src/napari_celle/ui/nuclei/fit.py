"""What a mask amounts to, and whether its nuclei suit a model, in sentences; no Qt and no layer in here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from napari_celle.domain import check_domain
from napari_celle.framing import find_scale, is_known
from napari_celle.segment import as_labels
from napari_celle.segment.figures import NucleusFigures, nucleus_figures
from napari_celle.types import ModelInfo, OnStep, Window
from napari_celle.ui.frames import LayerPlane


@dataclass(frozen=True, slots=True, eq=False)
class MaskQuestion:
    """What is asked of a mask.

    Attributes
    ----------
    mask : LayerPlane
        The plane that is looked at.
    image : LayerPlane or None
        The nucleus channel; None when the mask does not lie on its pixels.
    window : Window
        The part of the channel that lies under the mask.
    models : callable
        Gives the models, the default first.
    """

    mask: LayerPlane
    image: LayerPlane | None
    window: Window
    models: Callable[[], tuple[ModelInfo, ...]]


@dataclass(frozen=True, slots=True)
class _Size:
    pixel_size_um: float | None
    nucleus_diameter_px: float | None = None


def measure(question: MaskQuestion, on_step: OnStep, show: Callable[[object], None]) -> str:
    """Show the figures of a mask as soon as they are known, and return whether it suits the model; runs in a job."""
    on_step("measuring the mask", 0, 2)
    height, width = question.mask.frame.shape
    labels = as_labels(question.mask[slice(None), slice(None)], shape=(height, width))
    figures = nucleus_figures(labels)
    show(say_figures(figures, question.mask.frame.pixel_size_um))
    on_step("measuring the mask", 1, 2)
    if figures.diameter_px is None:
        return ""
    return "\n".join(_suits(question, labels, figures.diameter_px, on_step))


def say_figures(figures: NucleusFigures, pixel_size_um: float | None) -> str:
    """Return the figures of a mask in a line.

    Examples
    --------
    >>> say_figures(NucleusFigures(count=40, at_border=10, diameter_px=12.0), 0.5)
    '40 nuclei, median diameter 12.0 px (6.0 µm), 25% cut by the border'
    """
    if figures.diameter_px is None:
        return "No nuclei in this mask."
    count = f"{figures.count:,} {'nucleus' if figures.count == 1 else 'nuclei'}"
    size = f"{figures.diameter_px:.1f} px"
    if pixel_size_um is not None:
        size += f" ({figures.diameter_px * pixel_size_um:.1f} µm)"
    return f"{count}, median diameter {size}, {figures.at_border / figures.count:.0%} cut by the border"


def _suits(question: MaskQuestion, labels: np.ndarray, diameter: float, on_step: OnStep) -> Iterator[str]:
    """Say whether size and image suit the default model."""
    info = question.models()[0]
    scale = find_scale(_Size(question.mask.frame.pixel_size_um), diameter, info)
    yield say_size(diameter, scale, info)
    on_step("measuring the mask", 2, 2)
    if question.image is not None:
        image = question.image[question.window.slices]
        for finding in check_domain(image, labels, info, scale=scale).findings:
            if not finding.what.startswith("nucleus diameter"):  # said already
                yield f"Unlike the training: {finding.advice}"


def say_size(diameter: float, scale: float, info: ModelInfo) -> str:
    """Return what a model makes of nuclei of a diameter, in image pixels, at a scale."""
    smallest, _, largest = info.nucleus_diameter_px
    seen = diameter * scale
    if is_known(seen, info):
        judged = "fits"
    else:
        judged = f"it knows {smallest:.0f} to {largest:.0f}, so do not trust it here. Check the pixel size"
    if abs(scale - 1) <= 0.005:
        return f"For {info.name} the nuclei are {seen:.0f} px wide: {judged}."
    resampled = f"the image will be resampled by {scale:.2g}"
    return f"For {info.name} {resampled}; the nuclei are then {seen:.0f} px wide: {judged}."
