"""Request to prediction: the only place that knows the order of the stages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import numpy as np

from napari_celle.completion import complete
from napari_celle.device import choose_device, out_of_memory
from napari_celle.drawing import draw
from napari_celle.errors import CelleError, OutOfMemory, SequenceError, WeightsError
from napari_celle.framing import ModelFrame, find_frame
from napari_celle.image import check_plane, fit_to_model, fit_to_window
from napari_celle.models.network import Network, ReadsPictures
from napari_celle.models.registry import DEFAULT_MODEL, LoadedModel, load_model, model_info, model_names
from napari_celle.options import filled
from napari_celle.preprocess import RECIPES
from napari_celle.sequence import clean, read_part
from napari_celle.stages import Stages
from napari_celle.types import (
    Faithful,
    ModelInfo,
    OnStep,
    Prediction,
    PredictionRequest,
    SequencePrediction,
    SequenceRequest,
    Sketch,
)

__all__ = ["DEFAULT_MODEL", "Predictor", "available_models"]


def available_models() -> tuple[ModelInfo, ...]:
    """Return what is known of the default model and of all that were installed, in this order; loads no weights.

    An installed model that cannot be read is left out: the others can still be used.
    """
    infos = [model_info(DEFAULT_MODEL)]
    for name in model_names()[1:]:
        with suppress(WeightsError):  # 'napari-celle weights verify' names it
            infos.append(model_info(name))
    return tuple(infos)


class Predictor:
    """Answers where a protein goes in the cells of a nucleus image.

    Parameters
    ----------
    model : LoadedModel
        Network and what is known of it.
    device : str
        Where the network lies, as torch names it.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_celle.simulate import draw_field
    >>> nucleus = draw_field(np.random.default_rng(0)).nucleus
    >>> prediction = Predictor.load("tiny")(PredictionRequest("MSKGEELFTG", nucleus))
    >>> prediction.probability.shape, round(float(prediction.probability.sum()), 3)
    ((256, 256), 1.0)
    """

    def __init__(self, model: LoadedModel, *, device: str) -> None:
        self._network: Network = model.network
        self.info = model.info
        self.device = device

    @classmethod
    def load(
        cls,
        name: str = DEFAULT_MODEL,
        *,
        device: str = "auto",
        faithful: Faithful = "none",
        on_step: OnStep | None = None,
    ) -> "Predictor":
        """Load a model by name.

        Parameters
        ----------
        name : str
            One of :func:`available_models`.
        device : str
            "auto", or a device as torch names it.
        faithful : str
            "none" mends what the authors' code of a published model does by mistake; "all" reproduces it, for
            comparison (docs/upstream-differences.md).
        on_step : callable or None
            Told of progress.

        Raises
        ------
        WeightsError
            If there is no such model, or its weights are missing or damaged.
        DeviceError
            If the device is not there.
        """
        chosen = choose_device(device).name
        return cls(load_model(name, device=chosen, faithful=faithful, on_step=on_step), device=chosen)

    def __call__(
        self,
        request: PredictionRequest,
        on_step: OnStep | None = None,
        *,
        frame: ModelFrame | None = None,
        on_sketch: Callable[[Sketch], None] | None = None,
    ) -> Prediction:
        """Answer one request.

        Parameters
        ----------
        request : PredictionRequest
            The question.
        on_step : callable or None
            ``on_step(stage, done, total)``, also after each transformer layer; what it raises stops the work.
        frame : ModelFrame or None
            Where to look in ``request.nucleus``, from a caller that knows it already; None finds it.
        on_sketch : callable or None
            Shown what is drawn so far: after each pass of a model that fills many codes at once, after each row of
            codes of one that draws them one after another. A model of one pass has nothing to show.

        Raises
        ------
        SequenceError, ImageError
            If the sequence or an image cannot be used.
        OutOfMemory
            If the device ran out of memory.
        """
        with self._memory():
            return self._predict(request, Stages(on_step), frame, on_sketch)

    @property
    def reads_pictures(self) -> bool:
        """Whether :meth:`complete` works: CELL-E draws one code after another and reads no picture of a protein."""
        return isinstance(self._network, ReadsPictures)

    def complete(self, request: SequenceRequest, on_step: OnStep | None = None) -> SequencePrediction:
        """Find the masked residues of a protein that shall go to a place in these cells.

        Parameters
        ----------
        request : SequenceRequest
            The question.
        on_step : callable or None
            As in :meth:`__call__`.

        Raises
        ------
        SequenceError, ImageError
            If the sequence or an image cannot be used.
        CelleError
            If the model cannot do this: CELL-E reads no picture of a protein.
        OutOfMemory
            If the device ran out of memory.
        """
        with self._memory():
            return complete(self._network, self.info, request, device=self.device, stages=Stages(on_step))

    @contextmanager
    def _memory(self) -> Iterator[None]:
        """Say in our words that the device ran out of memory."""
        try:
            yield
        except RuntimeError as error:
            if isinstance(error, CelleError) or not out_of_memory(error, self.device):
                raise
            other = "or take a smaller model" if self.device == "cpu" else "or choose the device 'cpu'"
            raise OutOfMemory(
                f"{self.device} ran out of memory while {self.info.name} was working. Close other programs, {other}."
            ) from error

    def _predict(
        self,
        request: PredictionRequest,
        stages: Stages,
        frame: ModelFrame | None,
        on_sketch: Callable[[Sketch], None] | None,
    ) -> Prediction:
        recipe, options = RECIPES[self._network.pixels], filled(request.sampling, self.info.sampling)
        stages.enter("reading the sequence")
        sequence, part, residues = self._read(request)
        stages.enter("finding nuclei")
        image = check_plane(request.nucleus)
        frame = frame or find_frame(request, image, self.info)
        pixels = fit_to_model(
            image,
            frame.window,
            size=self.info.image_size,
            scale=frame.scale,
            anti_aliasing=recipe.anti_aliasing,
        )
        prepared = recipe.prepare(pixels, dtype=np.asarray(request.nucleus).dtype)
        drawn = draw(
            self._network,
            residues,
            prepared,
            options=options,
            device=self.device,
            stages=stages,
            on_sketch=None if on_sketch is None else partial(_pass_on, on_sketch, frame),
        )
        heatmap = np.clip(fit_to_window(drawn.heatmap, frame.window, scale=frame.scale), 0, 1)
        probability = _normalised(heatmap)
        stages.leave()
        return Prediction(
            request=request,
            window=frame.window,
            threshold=fit_to_window(drawn.threshold, frame.window, scale=frame.scale, order=0),
            probability=probability,
            heatmap=heatmap,
            nuclei=frame.nuclei,
            tokens=drawn.tokens,
            nuclear_fraction=float(probability[frame.nuclei > 0].sum(dtype=np.float64)),
            sampling=options,
            residues=part,
            scale=frame.scale,
            model=self.info.name,
            weights_sha256=self.info.weights_sha256,
            device=self.device,
            timings=stages.seconds,
            notes=(*_sequence_notes(len(sequence), part), *frame.notes, *_map_notes(heatmap)),
            image=None if drawn.image is None else fit_to_window(drawn.image, frame.window, scale=frame.scale),
            faithful=self._network.faithful,
        )

    def _read(self, request: PredictionRequest) -> tuple[str, tuple[int, int], np.ndarray]:
        """Return the cleaned sequence, the part of it that is read, and residue ids (T,) or vectors (L, D)."""
        if request.embedding is not None:
            vectors = np.asarray(request.embedding)
            if vectors.ndim != 2 or vectors.size == 0 or vectors.dtype.kind != "f" or not np.isfinite(vectors).all():
                raise SequenceError("The embedding has to be an array (residues, values) of finite real numbers.")
            return request.sequence, (0, len(vectors)), vectors
        if self.info.residues == 0:
            return request.sequence, (0, 0), self._network.residue_ids("")
        sequence = clean(request.sequence)
        part = read_part(len(sequence), window=self.info.residues, first_residue=request.first_residue)
        ids = self._network.residue_ids(sequence, start=part[0])
        return sequence, (part[0], part[0] + self._network.alphabet.residues_in(ids)) if len(ids) else part, ids


def _pass_on(on_sketch: Callable[[Sketch], None], frame: ModelFrame, picture: np.ndarray) -> None:
    """Show a sketch (size, size) in the pixels of the window."""
    known = 1 - float(np.isnan(picture).mean())
    on_sketch(Sketch(frame.window, fit_to_window(picture, frame.window, scale=frame.scale, order=0), known))


def _normalised(heatmap: np.ndarray) -> np.ndarray:
    """Return the heat map as a probability map: sum 1; even where the model sees no protein at all."""
    total = heatmap.sum(dtype=np.float64)
    if total == 0:
        return np.full(heatmap.shape, 1 / heatmap.size, np.float32)
    return (heatmap / total).astype(np.float32)


def _map_notes(heatmap: np.ndarray) -> tuple[str, ...]:
    if not np.isnan(heatmap).any():
        return ()
    return ("The probability map is not a number, as in the authors' code: choose one step, or do not be faithful.",)


def _sequence_notes(length: int, part: tuple[int, int]) -> tuple[str, ...]:
    start, stop = part
    if stop - start >= length:
        return ()
    if stop == 0:
        return ("This model reads no sequence: its picture is the same for every protein.",)
    return (
        f"Only residues {start + 1:,}-{stop:,} of {length:,} were read; choose another first residue to read others.",
    )
