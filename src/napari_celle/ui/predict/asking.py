"""What the widget asks, with all that is needed to answer it in a thread; pixels are read there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_celle.field_types import FieldPrediction, FieldRequest, Plane, Windows
from napari_celle.types import OnStep, Prediction, PredictionRequest, SamplingOptions, Sketch, Window
from napari_celle.ui.frames import Frame, LayerPlane

if TYPE_CHECKING:
    from napari_celle.ensemble_types import EnsemblePrediction
    from napari_celle.predict import Predictor

NEIGHBOURHOOD = 1024
"""Edge, in pixels, of what is read around a window; :data:`napari_celle.framing.NEIGHBOURHOOD` looks at no more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a plane is predicted.

    Attributes
    ----------
    kind : str
        "window", one window around ``centre``, or "field", all nuclei of ``region``.
    centre : tuple of float or None
        (y, x) pixel of the plane; None is the middle.
    region : Window or None
        In pixels of the plane; None is all of it.
    """

    kind: Literal["window", "field"] = "window"
    centre: tuple[float, float] | None = None
    region: Window | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """All that a prediction is asked for, of layers that may change or vanish meanwhile.

    Attributes
    ----------
    name, sequence, first_residue
        Of the protein.
    model : str
        Name of the model.
    plane : LayerPlane
        The nucleus channel.
    nuclei : Plane or None
        Labels on the same pixels; None finds the nuclei.
    place : Place
        What is predicted of it.
    sampling : SamplingOptions
        How tokens are drawn.
    draws : int
        How often one window is drawn; more than 1 gives mean, spread and entropy.
    windows : str
        Of a field, as in :class:`napari_celle.field_types.FieldRequest`.
    pixel_size_um, nucleus_diameter_px : float or None
        As in :class:`napari_celle.types.PredictionRequest`.
    """

    name: str
    sequence: str
    first_residue: int
    model: str
    plane: LayerPlane
    nuclei: Plane | None
    place: Place
    sampling: SamplingOptions
    draws: int = 1
    windows: Windows = "cover"
    pixel_size_um: float | None = None
    nucleus_diameter_px: float | None = None

    @property
    def part(self) -> Window:
        """The part of the plane that a request of ours is about: of one window its neighbourhood."""
        shape = self.plane.frame.shape
        if self.place.kind == "field":
            return Window(0, 0, *shape)
        from napari_celle.image import choose_window  # imports skimage, as the forecast has done by now

        return choose_window(shape, size=NEIGHBOURHOOD, centre=self.place.centre)

    @property
    def frame(self) -> Frame:
        """Where that part lies in the world."""
        return self.plane.frame.moved(self.part.y, self.part.x)

    def request(self) -> PredictionRequest | FieldRequest:
        """Return the request; of one window the pixels around it are read, of a field none yet."""
        return self._of_field() if self.place.kind == "field" else self._of_window()

    def _of_field(self) -> FieldRequest:
        return FieldRequest(
            sequence=self.sequence,
            nucleus=self.plane,
            sampling=self.sampling,
            nuclei=self.nuclei,
            pixel_size_um=self.pixel_size_um,
            nucleus_diameter_px=self.nucleus_diameter_px,
            first_residue=self.first_residue,
            region=self.place.region,
            windows=self.windows,
        )

    def _of_window(self) -> PredictionRequest:
        part, centre = self.part, self.place.centre
        return PredictionRequest(
            sequence=self.sequence,
            nucleus=self.plane[part.slices],
            sampling=self.sampling,
            centre=None if centre is None else (centre[0] - part.y, centre[1] - part.x),
            pixel_size_um=self.pixel_size_um,
            nucleus_diameter_px=self.nucleus_diameter_px,
            nuclei=None if self.nuclei is None else np.asarray(self.nuclei[part.slices]),
            first_residue=self.first_residue,
        )


def answer(
    question: Question,
    predictor: "Predictor",
    on_step: OnStep | None,
    *,
    show: Callable[[Sketch], None] | None = None,
) -> "Prediction | EnsemblePrediction | FieldPrediction":
    """Answer a question; called in the thread of a job.

    Parameters
    ----------
    question : Question
        What is asked.
    predictor : Predictor
        The model.
    on_step : callable or None
        Told of progress; may raise to stop.
    show : callable or None
        Shown what is drawn so far, of a single draw of one window.
    """
    request = question.request()
    if isinstance(request, FieldRequest):
        from napari_celle.field import predict_field  # imports torch

        return predict_field(predictor, request, on_step)
    if question.draws > 1:
        from napari_celle.ensemble import predict_ensemble

        return predict_ensemble(predictor, request, on_step, draws=question.draws)
    return predictor(request, on_step, on_sketch=show)


@dataclass(frozen=True, slots=True, eq=False)
class MovedPlane:
    """A plane on the pixels of another, which it may cover in part only: 0 where it does not.

    Attributes
    ----------
    plane : LayerPlane
        The pixels.
    offset : tuple of int
        (y, x) of its first pixel on the other plane.
    shape : tuple of int
        (Y, X) of the other plane.
    """

    plane: LayerPlane
    offset: tuple[int, int]
    shape: tuple[int, ...]

    def __getitem__(self, window: tuple[slice, slice]) -> np.ndarray:
        """Read the part of two slices of the other plane."""
        asked = [at.indices(n)[:2] for at, n in zip(window, self.shape, strict=True)]
        part = np.zeros([stop - start for start, stop in asked], np.int32)
        here, there = [], []
        for (start, stop), first, n in zip(asked, self.offset, self.plane.shape, strict=True):
            low, high = max(start, first), max(min(stop, first + n), max(start, first))
            here.append(slice(low - start, high - start))
            there.append(slice(low - first, high - first))
        part[tuple(here)] = self.plane[there[0], there[1]]
        return part
