"""Which predictor is loaded, on which device; shared by all widgets, so that weights are read once."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from napari_celle.types import ModelInfo, OnStep

if TYPE_CHECKING:
    from napari_celle.predict import Predictor


class Session:
    """Loads predictors when they are first asked for, and keeps the last one.

    Parameters
    ----------
    device : str
        "auto", "cpu", "cuda", "cuda:1", "mps".
    """

    def __init__(self, *, device: str = "auto") -> None:
        self.device = device
        self._lock = Lock()
        self._loaded: tuple[str, Predictor] | None = None

    def models(self) -> tuple[ModelInfo, ...]:
        """List the models to choose from, the default first; loads no weights.

        Raises
        ------
        WeightsError
            The list of weights is missing or damaged.
        """
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
        from napari_celle.predict import Predictor

        with self._lock:
            if self._loaded is None or self._loaded[0] != name:
                self._loaded = None  # frees the memory of the one before
                self._loaded = (name, Predictor.load(name, device=self.device, on_step=on_step))
            return self._loaded[1]


@cache
def shared_session() -> Session:
    """Give the one session of this process: napari builds a widget from the viewer alone."""
    return Session()
