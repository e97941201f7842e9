"""Request to prediction: the only place that knows the order of the stages."""

import time
from dataclasses import dataclass, replace

import numpy as np
import torch

from napari_celle import sequence as residues
from napari_celle.device import choose_device, out_of_memory
from napari_celle.errors import CelleError, DeviceError
from napari_celle.framing import find_frame
from napari_celle.image import check_plane, fit_to_model, fit_to_window, normalise
from napari_celle.models.mini import MiniCelle
from napari_celle.models.registry import DEFAULT_MODEL, MODELS, TINY, LoadedModel, load_model, model_info
from napari_celle.sampling import decode
from napari_celle.sampling.noise import gumbel_noise
from napari_celle.types import ModelInfo, OnStep, Prediction, PredictionRequest, SamplingOptions

__all__ = ["DEFAULT_MODEL", "Predictor", "available_models"]


def available_models() -> tuple[ModelInfo, ...]:
    """Return what is known of every model that means something, the default first; loads no weights."""
    return tuple(model_info(name) for name in MODELS if name != TINY)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """What the model drew in its own frame of (size, size) model pixels."""

    tokens: np.ndarray  # (grid, grid) int64
    threshold: np.ndarray  # (size, size) uint8
    heatmap: np.ndarray  # (size, size) float32 in [0, 1]


class _Stages:
    """Tells of progress and measures the seconds of each stage."""

    def __init__(self, on_step: OnStep | None) -> None:
        self._on_step = on_step
        self._stage, self._since = "", time.perf_counter()
        self.seconds: dict[str, float] = {}

    def enter(self, stage: str, total: int = 1) -> None:
        """End the stage before and begin this one."""
        self.leave()
        self._stage = stage
        self.tell(0, total)

    def tell(self, done: int, total: int) -> None:
        """Report within a stage; the listener may raise to stop."""
        if self._on_step is not None:
            self._on_step(self._stage, done, total)

    def leave(self) -> None:
        """End the stage that runs."""
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = now - self._since
        self._stage, self._since = "", now


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
        self._network: MiniCelle = model.network
        self.info = model.info
        self.device = device

    @classmethod
    def load(cls, name: str = DEFAULT_MODEL, *, device: str = "auto", on_step: OnStep | None = None) -> "Predictor":
        """Load a model by name.

        Parameters
        ----------
        name : str
            One of :func:`available_models`.
        device : str
            "auto", or a device as torch names it.
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
        return cls(load_model(name, device=chosen, on_step=on_step), device=chosen)

    def __call__(self, request: PredictionRequest, on_step: OnStep | None = None) -> Prediction:
        """Answer one request.

        Parameters
        ----------
        request : PredictionRequest
            The question.
        on_step : callable or None
            ``on_step(stage, done, total)``, also after each transformer layer; what it raises stops the work.

        Raises
        ------
        SequenceError, ImageError
            If the sequence or an image cannot be used.
        DeviceError
            If the device ran out of memory.
        """
        try:
            return self._predict(request, _Stages(on_step))
        except RuntimeError as error:
            if isinstance(error, CelleError) or not out_of_memory(error, self.device):
                raise
            raise DeviceError(
                f"{self.device} ran out of memory while {self.info.name} was working. Close other programs, "
                "or choose the device 'cpu'."
            ) from error

    def _predict(self, request: PredictionRequest, stages: _Stages) -> Prediction:
        stages.enter("reading the sequence")
        sequence = residues.clean(request.sequence)
        part = residues.read_part(len(sequence), window=self.info.residues, first_residue=request.first_residue)
        ids = residues.tokenize(sequence[slice(*part)])
        stages.enter("finding nuclei")
        image = check_plane(request.nucleus)
        frame = find_frame(request, image, self.info)
        options = _filled(request.sampling, self.info.sampling)
        drawn = self._draw(
            ids,
            fit_to_model(image, frame.window, size=self.info.image_size, scale=frame.scale),
            options=options,
            stages=stages,
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
            notes=(*_sequence_notes(len(sequence), part), *frame.notes),
        )

    @torch.inference_mode()
    def _draw(self, ids: np.ndarray, pixels: np.ndarray, *, options: SamplingOptions, stages: _Stages) -> _Drawn:
        """Run the network on residue ids (L,) and nucleus pixels (size, size) of any range."""
        network, device = self._network, self.device
        stages.enter("encoding the nucleus")
        picture = torch.from_numpy(normalise(pixels)).to(device)[None, None]  # (1, 1, S, S)
        nucleus = network.nucleus.encode(picture)  # (1, 256)
        stages.enter("reading the protein")
        embedded = network.embed(torch.from_numpy(ids).to(device)[None])  # (1, L + 1, dim)
        steps, depth = options.steps or 1, network.config.transformer.depth
        stages.enter("placing the protein", steps * depth)
        decoded = decode(
            lambda tokens, step: network.image_logits(
                embedded,
                nucleus,
                tokens,
                on_layer=lambda done, _: stages.tell((step - 1) * depth + done, steps * depth),
            ),
            torch.full_like(nucleus, network.mask_id),
            mask_id=network.mask_id,
            steps=steps,
            temperature=0.0 if options.temperature is None else options.temperature,
            top_k=options.top_k,
            noise=gumbel_noise([torch.Generator().manual_seed(options.seed)]),
        )
        stages.enter("drawing the picture")
        threshold = network.protein.decode(decoded.tokens)[0] > 0.5  # (S, S)
        heatmap = network.protein.decode_mixtures(decoded.first.softmax(-1))[0].clamp(0, 1)  # (S, S)
        grid = network.protein.grid
        return _Drawn(
            tokens=decoded.tokens[0].reshape(grid, grid).cpu().numpy(),
            threshold=threshold.to(torch.uint8).cpu().numpy(),
            heatmap=heatmap.float().cpu().numpy(),
        )


def _filled(options: SamplingOptions, defaults: SamplingOptions) -> SamplingOptions:
    """Return the options with the model's defaults where None, checked."""
    steps = defaults.steps if options.steps is None else options.steps
    temperature = defaults.temperature if options.temperature is None else options.temperature
    top_k = defaults.top_k if options.top_k is None else options.top_k
    if steps is None or not 1 <= steps <= 256:
        raise CelleError(f"The number of decoding steps is {steps}. Choose 1 to 256.")
    if temperature is None or not 0 <= temperature < float("inf"):
        raise CelleError(f"The temperature is {temperature}. Choose 0 or more.")
    if top_k is not None and top_k < 1:
        raise CelleError(f"top_k is {top_k}. Choose 1 or more, or leave it out to keep all tokens.")
    return replace(options, steps=steps, temperature=temperature, top_k=top_k)


def _normalised(heatmap: np.ndarray) -> np.ndarray:
    """Return the heat map as a probability map: sum 1; even where the model sees no protein at all."""
    total = heatmap.sum(dtype=np.float64)
    if total == 0:
        return np.full(heatmap.shape, 1 / heatmap.size, np.float32)
    return (heatmap / total).astype(np.float32)


def _sequence_notes(length: int, part: tuple[int, int]) -> tuple[str, ...]:
    start, stop = part
    if stop - start == length:
        return ()
    return (
        f"Only residues {start + 1:,}-{stop:,} of {length:,} were read; choose another first residue to read others.",
    )
