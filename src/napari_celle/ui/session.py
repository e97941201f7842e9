"""Which predictor is loaded, on which device; shared by all widgets, so that weights are read once."""

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_celle.native import load_torch
from napari_celle.types import ModelInfo, OnStep
from napari_celle.ui.preferences import preferences

if TYPE_CHECKING:
    from napari_celle.fallback import AnswerT, Keeper, Place
    from napari_celle.predict import Predictor


class Session(QObject):
    """Loads predictors when they are first asked for, and keeps the last one.

    Signals
    -------
    models_changed
        A model was installed or deleted: whoever lists models lists them anew and keeps what is chosen.
    device_changed
        Another device was chosen.
    memory_changed
        A model was loaded, let go, or had to go elsewhere, maybe in a thread of a job.

    Parameters
    ----------
    device : str
        "auto", "cpu", "cuda", "cuda:1", "mps".
    """

    models_changed = Signal()
    device_changed = Signal()
    memory_changed = Signal()

    def __init__(self, *, device: str = "auto") -> None:
        super().__init__()
        self._device = device
        self._lock = Lock()
        self._keeper: Keeper | None = None

    @property
    def device(self) -> str:
        """The device as it was chosen, "auto" too; setting another lets go of the model that is loaded."""
        return self._device

    @device.setter
    def device(self, device: str) -> None:
        if device == self._device:
            return
        self._device = device
        if self._keeper is not None:
            self._keeper.move_to(device)
        self.device_changed.emit()
        self.memory_changed.emit()

    @property
    def loaded(self) -> "tuple[str, Place] | None":
        """Name of the model that is loaded, and where it is; None if none is."""
        return None if self._keeper is None else self._keeper.loaded

    def models(self) -> tuple[ModelInfo, ...]:
        """List the models to choose from, the default first; loads no weights, but torch: call it in a worker.

        Raises
        ------
        WeightsError
            The list of weights is missing or damaged.
        """
        load_torch()
        from napari_celle.predict import available_models

        return available_models()

    def predictor(self, name: str, on_step: OnStep | None = None) -> "Predictor":
        """Give the predictor of a model, loading it if need be; call it in a worker, it can take seconds.

        Raises
        ------
        WeightsError
            The model is unknown, or its weights are missing or damaged.
        Cancelled
            ``on_step`` asked to stop; nothing is kept.
        """
        try:
            return self._keep().predictor(name, on_step)
        finally:
            self.memory_changed.emit()

    def answer(
        self, name: str, ask: "Callable[[Predictor, OnStep | None], AnswerT]", on_step: OnStep | None = None
    ) -> "AnswerT":
        """Load a model and ask it, with less and less if memory runs out; call it in a worker.

        Parameters
        ----------
        name : str
            Of the model.
        ask : callable
            ``ask(predictor, on_step)`` gives the answer; it may be called several times.
        on_step : callable or None
            Told of progress; what it raises stops.

        Returns
        -------
        Prediction, FieldPrediction or EnsemblePrediction
            Its notes say what was done about the memory.

        Raises
        ------
        CelleError
            As :meth:`napari_celle.fallback.Keeper.answer`.
        """
        try:
            return self._keep().answer(name, ask, on_step)
        finally:
            self.memory_changed.emit()

    def unload(self) -> None:
        """Let go of the model and of what was learned about the memory; call it in a worker."""
        if self._keeper is not None:
            self._keeper.unload()
        self.memory_changed.emit()

    def _keep(self) -> "Keeper":
        load_torch()
        from napari_celle.fallback import Keeper

        with self._lock:
            if self._keeper is None:
                self._keeper = Keeper(self._device)
            return self._keeper


@cache
def shared_session() -> Session:
    """Give the one session of this process: napari builds a widget from the viewer alone."""
    return Session(device=preferences().device)
