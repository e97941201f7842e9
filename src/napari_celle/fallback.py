"""What a run does when memory runs out: less and less, and it says so.

First what torch keeps for later is freed and the run repeated; then half precision, if the device has it; then the CPU.
A smaller batch, the usual step between, has no meaning here: every prediction is made by itself.
"""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeVar

from torch import nn

from napari_celle.device import choose_device, clear_cache, out_of_memory
from napari_celle.ensemble_types import EnsemblePrediction
from napari_celle.errors import CelleError, OutOfMemory
from napari_celle.field_types import FieldPrediction
from napari_celle.models.half import half_precision, narrow
from napari_celle.models.registry import LoadedModel, load_model
from napari_celle.predict import Predictor
from napari_celle.preflight import spoken_device
from napari_celle.types import OnStep, Prediction, SequencePrediction

AnswerT = TypeVar("AnswerT", Prediction, FieldPrediction, EnsemblePrediction, SequencePrediction)

FULL = "float32"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model computes, as torch names it, and how precisely: "float32", "bfloat16" or "float16"."""

    device: str
    precision: str = FULL

    def __str__(self) -> str:
        device = spoken_device(self.device)
        return device if self.precision == FULL else f"{device} with half precision"


class Keeper:
    """Loads predictors, keeps the last one, and goes on with less when memory runs out.

    What worked for a model is remembered, so that its next run does not fail again in the same way. Safe to be asked
    from several threads.

    Parameters
    ----------
    device : str
        "auto", or a device as torch names it.
    """

    def __init__(self, device: str = "auto") -> None:
        self.device = device
        self._loading = Lock()
        self._loaded: tuple[str, Place, Predictor] | None = None
        self._worked: dict[str, Place] = {}
        self._times_forgotten = 0

    @property
    def loaded(self) -> tuple[str, Place] | None:
        """Name of the model that is loaded, and where it is; None if none is."""
        kept = self._loaded
        return None if kept is None else kept[:2]

    def predictor(self, name: str, on_step: OnStep | None = None) -> Predictor:
        """Return the predictor of a model where it last worked, loaded if need be.

        Raises
        ------
        WeightsError, DeviceError
            If it cannot be loaded.
        """
        return self._load(name, self._place(name), on_step)

    def answer(
        self, name: str, ask: Callable[[Predictor, OnStep | None], AnswerT], on_step: OnStep | None = None
    ) -> AnswerT:
        """Ask a model something, with less and less if memory runs out.

        Parameters
        ----------
        name : str
            Of the model.
        ask : callable
            ``ask(predictor, on_step)``; called again after each step down.
        on_step : callable or None
            Told of progress, and of each step down; what it raises stops.

        Returns
        -------
        Prediction, FieldPrediction, EnsemblePrediction or SequencePrediction
            What ``ask`` gave; its notes begin with what was done about the memory.

        Raises
        ------
        OutOfMemory
            If nothing helped; the text says what was tried.
        WeightsError, DeviceError
            If the model cannot be loaded.
        """
        wished, place, times = Place(choose_device(self.device).name), self._place(name), self._times_forgotten
        tried: list[Place] = []
        while True:
            try:
                answer: AnswerT = ask(self._load(name, place, on_step), on_step)
                break
            except (CelleError, RuntimeError) as error:
                if not _ran_out(error, place.device):
                    raise
                problem = _what_failed(error, place)
            # Only here, with the error gone, are the tensors gone that its frames held.
            _collect()
            tried.append(place)
            following = place if len(tried) == 1 else _after(place)
            if following is None:
                raise OutOfMemory(f"{problem} Tried: {', '.join(map(str, dict.fromkeys(tried)))}.")
            place = following
            if on_step is not None:
                on_step(f"out of memory: trying again on {_the(place)}", 0, 1)
        if times == self._times_forgotten:
            self._worked[name] = place
        notes: tuple[str, ...] = _notes(wished, place, tried)
        return replace(answer, notes=(*notes, *answer.notes))

    def forget(self) -> None:
        """Let go of the model that is loaded, and of what worked; returns at once, whoever is loading meanwhile."""
        self._times_forgotten += 1
        self._loaded, self._worked = None, {}

    def unload(self) -> None:
        """Let go of the model, and give back the memory that torch keeps for later; takes a moment."""
        self.forget()
        _collect()

    def move_to(self, device: str) -> None:
        """Load what comes next on another device."""
        self.device = device
        self.forget()

    def _place(self, name: str) -> Place:
        return self._worked.get(name) or Place(choose_device(self.device).name)

    def _load(self, name: str, place: Place, on_step: OnStep | None) -> Predictor:
        with self._loading:
            kept = self._loaded
            if kept is not None and kept[:2] == (name, place):
                return kept[2]
            times = self._times_forgotten
            if kept is not None:
                self._loaded = kept = None  # frees the memory of the one before
                _collect()
            predictor = _load(name, place, on_step)
            if times == self._times_forgotten:
                self._loaded = (name, place, predictor)
            return predictor


def _load(name: str, place: Place, on_step: OnStep | None) -> Predictor:
    if place.precision == FULL:
        return Predictor.load(name, device=place.device, on_step=on_step)
    model = load_model(name, device="cpu", on_step=on_step)
    network = model.network
    if isinstance(network, nn.Module):
        narrow(network, place.precision)  # before it goes to the device, which has no room for more
        network.to(place.device)
    return Predictor(LoadedModel(network, model.info), device=place.device)


def _collect() -> None:
    gc.collect()
    clear_cache()


def _ran_out(error: Exception, device: str) -> bool:
    if isinstance(error, OutOfMemory):
        return True
    return isinstance(error, RuntimeError) and out_of_memory(error, device)


def _after(place: Place) -> Place | None:
    """Return what to try next; None after the last."""
    half = half_precision(place.device) if place.precision == FULL else None
    if half is not None:
        return Place(place.device, half)
    return None if place.device == "cpu" else Place("cpu")


def _the(place: Place) -> str:
    return str(place) if place.device.startswith("cuda") else f"the {place}"


def _what_failed(error: Exception, place: Place) -> str:
    if isinstance(error, CelleError):
        return str(error)
    return f"{_begun(_the(place))} ran out of memory. Close other programs, or choose a smaller model."


def _notes(wished: Place, place: Place, tried: Sequence[Place]) -> tuple[str, ...]:
    """Say what was done about the memory, in this run or in one before."""
    who = _begun(_the(Place(wished.device)))
    if place == wished:
        return (f"{who} ran out of memory; some was freed, and the run repeated.",) if tried else ()
    how = []
    if place.device != wished.device:
        how.append(f"on {_the(Place(place.device))} instead")
    if place.precision != FULL:
        how.append(f"with half precision ({place.precision}), so the numbers differ a little")
    return (f"{who} ran out of memory: predicted {', '.join(how)}.",)


def _begun(text: str) -> str:
    return text[0].upper() + text[1:]
