"""What a model would see of an image, before it is asked: how many nuclei, how large, and whether it knows the like."""

from dataclasses import dataclass, replace

import numpy as np

from napari_celle.domain import check_domain
from napari_celle.field_types import FieldRequest
from napari_celle.framing import find_frame
from napari_celle.image import check_plane
from napari_celle.mosaic import CHOICES
from napari_celle.segment import typical_diameter
from napari_celle.survey import survey_field
from napari_celle.types import ModelInfo, PredictionRequest


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a model would see.

    Attributes
    ----------
    windows : int
        Windows that would be predicted.
    nuclei : int
        Nuclei in them.
    diameter_px : float or None
        Typical diameter of these in pixels of the image, None if there are none.
    scale : float
        Model pixels per image pixel.
    text : str
        One line for the user: how large the nuclei are, and how the image is resampled for the model.
    advice : tuple of str
        In what the image looks unlike the training, and what to do.
    """

    windows: int
    nuclei: int
    diameter_px: float | None
    scale: float
    text: str
    advice: tuple[str, ...]


def look_ahead(request: PredictionRequest | FieldRequest, info: ModelInfo) -> Outlook:
    """Look at an image as a prediction would, without a model.

    Parameters
    ----------
    request : PredictionRequest or FieldRequest
        The question; its sequence is not looked at.
    info : ModelInfo
        The model.

    Raises
    ------
    ImageError
        As the prediction itself.

    Examples
    --------
    >>> from napari_celle.models.registry import model_info
    >>> from napari_celle.simulate import draw_field
    >>> nucleus = draw_field(np.random.default_rng(0)).nucleus
    >>> look_ahead(PredictionRequest("M", nucleus), model_info("tiny")).windows
    1
    """
    if isinstance(request, FieldRequest):
        return _of_field(request, info)
    frame = find_frame(request, check_plane(request.nucleus), info)
    pixels = np.asarray(request.nucleus)[frame.window.slices]
    return _outlook(pixels, frame.nuclei, info, scale=frame.scale, windows=1)


def _of_field(request: FieldRequest, info: ModelInfo) -> Outlook:
    survey = survey_field(request, info)
    windows = CHOICES[request.windows](list(survey.boxes.values()), survey.windows, shape=request.nucleus.shape)
    pixels = np.asarray(request.nucleus[survey.region.slices])
    labels = survey.labels_of(survey.region)
    seen = _outlook(pixels, labels, info, scale=survey.scale, windows=len(windows))
    return replace(seen, nuclei=len(survey.boxes))  # those that get a result; what the region cuts may not


def _outlook(pixels: np.ndarray, labels: np.ndarray, info: ModelInfo, *, scale: float, windows: int) -> Outlook:
    diameter = typical_diameter(labels)
    return Outlook(
        windows=windows,
        nuclei=len(np.unique(labels[labels > 0])),
        diameter_px=diameter,
        scale=scale,
        text=_text(diameter, scale, info),
        advice=tuple(finding.advice for finding in check_domain(pixels, labels, info, scale=scale).findings),
    )


def _text(diameter: float | None, scale: float, info: ModelInfo) -> str:
    if diameter is None:
        return "No nucleus was found."
    smallest, _, largest = info.nucleus_diameter_px
    known = f"the model knows {smallest / scale:.0f} to {largest / scale:.0f}"
    return f"Nuclei about {diameter:.0f} px wide, {known}{_resampling(scale)}."


def _resampling(scale: float) -> str:
    if abs(scale - 1) <= 0.005:
        return ""
    return f"; the image is {'enlarged' if scale > 1 else 'reduced'} {max(scale, 1 / scale):.2g} times for it"
