"""What a run will do, or why it cannot, and what the model would see of the image: worked out in a thread."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_celle.run_times import RunTimes
from napari_celle.types import ModelInfo, OnStep
from napari_celle.ui.predict.asking import Question

if TYPE_CHECKING:
    from napari_celle.outlook import Outlook
    from napari_celle.preflight import Preflight

LARGEST = 2048 * 2048
"""Pixels of the largest field whose nuclei are counted before they are asked for."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known of a run before it starts.

    Attributes
    ----------
    outlook : Outlook or None
        What the model would see; None of a field too large to be looked at twice.
    preflight : Preflight
        What the run will do.
    """

    outlook: "Outlook | None"
    preflight: "Preflight"

    @property
    def problem(self) -> str:
        """Why there can be no run, or ""; a graphics card without memory is no reason, since the CPU is there."""
        return self.preflight.problem if self.preflight.device in ("", "cpu") else ""

    @property
    def text(self) -> str:
        """Lines for the user."""
        planned = self.preflight.problem or f"Next run: {self.preflight.text}."
        if self.outlook is None:
            return f"{planned}\nThe image is large: its nuclei are counted when it runs."
        return "\n".join([planned, self.outlook.text, *self.outlook.advice])


@dataclass(frozen=True, slots=True, eq=False)
class Outset:
    """What a run would start with.

    Attributes
    ----------
    question : Question
        What would be asked.
    info : ModelInfo
        The model.
    device : str
        As it was chosen, "auto" too.
    is_loaded : bool
        The model is in memory.
    times : RunTimes
        How long earlier runs took.
    """

    question: Question
    info: ModelInfo
    device: str
    is_loaded: bool
    times: RunTimes


def forecast(outset: Outset, on_step: OnStep, show: object = None) -> Forecast:
    """Look at the image and at the computer; called in the thread of a job.

    Raises
    ------
    ImageError
        The image cannot be predicted.
    Cancelled
        Something else is asked by now.
    """
    from napari_celle.outlook import look_ahead
    from napari_celle.preflight import check_run  # imports torch

    on_step("looking at the image", 0, 1)
    question = outset.question
    outlook = None if _is_too_large(question) else look_ahead(question.request(), outset.info)
    on_step("looking at the computer", 0, 1)
    is_field = question.place.kind == "field"
    preflight = check_run(
        question.sequence,
        model=question.model,
        windows=question.draws if outlook is None or not is_field else outlook.windows,
        nuclei=None if outlook is None or question.draws > 1 else outlook.nuclei,
        device=outset.device,
        steps=question.sampling.steps,
        is_loaded=outset.is_loaded,
        times=outset.times,
    )
    return Forecast(outlook, preflight)


def _is_too_large(question: Question) -> bool:
    region = question.place.region
    height, width = question.plane.shape if region is None else (region.height, region.width)
    return question.place.kind == "field" and height * width > LARGEST
