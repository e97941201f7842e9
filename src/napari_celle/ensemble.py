"""How sure is a prediction? The same question drawn with several seeds: mean, spread and entropy."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from napari_celle.ensemble_types import EnsemblePrediction, Spread
from napari_celle.errors import CelleError
from napari_celle.framing import find_frame
from napari_celle.image import check_plane
from napari_celle.options import filled
from napari_celle.predict import Predictor
from napari_celle.stages import Stages
from napari_celle.types import OnStep, Prediction, PredictionRequest, SamplingOptions

INTERVAL = 0.95
"""Part of the samples that lies between the ends of an interval."""


def predict_ensemble(
    predictor: Predictor,
    request: PredictionRequest,
    on_step: OnStep | None = None,
    *,
    draws: int = 8,
    temperature: float | None = None,
) -> EnsemblePrediction:
    """Draw the answer to one request several times.

    Parameters
    ----------
    predictor : Predictor
        The model.
    request : PredictionRequest
        The question. Its seed is that of the first draw, and each further draw has the next whole number.
    on_step : callable or None
        ``on_step(stage, done, total)``, draws done and to do; called within each draw too, after every transformer
        layer. What it raises stops the work.
    draws : int
        How often, at least 2.
    temperature : float or None
        Size of the noise against the logits, above 0; None takes that of the request or the model, and 1, at which
        codes are drawn as probable as the model holds them, where that is 0. With one decoding step all codes are
        drawn at once, each without regard to the others, so single draws are grainy.

    Raises
    ------
    SequenceError, ImageError
        If the sequence or an image cannot be used.
    CelleError
        If there are too few draws, or nothing would be drawn by chance.
    DeviceError
        If the device ran out of memory.

    Examples
    --------
    >>> from napari_celle.simulate import draw_field
    >>> nucleus = draw_field(np.random.default_rng(0)).nucleus
    >>> answer = predict_ensemble(Predictor.load("tiny"), PredictionRequest("MSKGEELFTG", nucleus), draws=3)
    >>> answer.seeds, answer.frequency.shape
    ((0, 1, 2), (256, 256))
    """
    if draws < 2:
        raise CelleError(f"{draws} draws show no spread. Choose at least 2.")
    options, notes = _options(request.sampling, predictor.info.sampling, temperature)
    stages = Stages(on_step)
    stages.enter("finding nuclei")
    frame = find_frame(request, check_plane(request.nucleus), predictor.info)
    maps, pictures = _Moments(), _Moments()
    nuclear, drawn = [], []
    stages.enter("drawing samples", draws)
    for done in range(draws):
        question = replace(request, sampling=replace(options, seed=options.seed + done))
        answer = predictor(question, partial(_tell, stages, done, draws), frame=frame)
        maps.add(answer.probability)
        pictures.add(answer.threshold)
        nuclear.append(answer.nuclear_fraction)
        drawn.append(_share_in_nuclei(answer))
    stages.leave()
    return EnsemblePrediction(
        request=request,
        window=answer.window,
        probability=maps.mean.astype(np.float32),
        spread=maps.sd.astype(np.float32),
        frequency=pictures.mean.astype(np.float32),
        entropy=binary_entropy(pictures.mean).astype(np.float32),
        threshold=(pictures.mean > 0.5).astype(np.uint8),
        nuclei=answer.nuclei,
        seeds=tuple(range(options.seed, options.seed + draws)),
        nuclear_fractions=np.array(nuclear),
        drawn_fractions=np.array(drawn),
        nuclear_fraction=spread_of(nuclear),
        drawn_fraction=spread_of(drawn),
        sampling=options,
        residues=answer.residues,
        scale=answer.scale,
        model=answer.model,
        weights_sha256=answer.weights_sha256,
        device=answer.device,
        timings=stages.seconds,
        notes=(*answer.notes, *notes, *_spread_notes(maps.sd)),
        faithful=answer.faithful,
    )


def binary_entropy(frequency: np.ndarray) -> np.ndarray:
    """Return the entropy in bits of something that happens with a frequency in [0, 1]; float64 in [0, 1].

    Examples
    --------
    >>> binary_entropy(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 1.0, 0.0]
    """
    both = np.stack([frequency, 1.0 - frequency]).astype(np.float64)
    bits: np.ndarray = -np.sum(both * np.log2(both, out=np.zeros_like(both), where=both > 0), axis=0)
    return np.abs(bits)  # no -0


def spread_of(values: Sequence[float]) -> Spread:
    """Return the spread of some numbers; those that are NaN do not count.

    Examples
    --------
    >>> spread_of([0.25, 0.75, float("nan")]).mean
    0.5
    """
    numbers = np.array([value for value in values if not np.isnan(value)])
    if not numbers.size:
        return Spread(np.nan, np.nan, np.nan, np.nan)
    low, high = np.quantile(numbers, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    sd = float(numbers.std(ddof=1)) if numbers.size > 1 else np.nan
    return Spread(mean=float(numbers.mean()), sd=sd, low=float(low), high=float(high))


class _Moments:
    """Mean and standard deviation of arrays that come one after another (Welford, Technometrics 1962, 4:419)."""

    def __init__(self) -> None:
        self._count, self.mean, self._squares = 0, np.zeros(()), np.zeros(())

    def add(self, array: np.ndarray) -> None:
        """Take in one more array, of the same shape as the others."""
        array = array.astype(np.float64)
        self._count += 1
        before = array - self.mean
        self.mean = self.mean + before / self._count
        self._squares = self._squares + before * (array - self.mean)

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation (n - 1), float64."""
        deviation: np.ndarray = np.sqrt(self._squares / (self._count - 1))
        return deviation


def _options(
    asked: SamplingOptions, defaults: SamplingOptions, temperature: float | None
) -> tuple[SamplingOptions, tuple[str, ...]]:
    """Return the options as used, and a note if the temperature is not what the request or the model says."""
    options = filled(asked, defaults)
    if temperature is not None:
        if temperature == 0:
            raise CelleError("At temperature 0 all draws are the same. Choose a temperature above 0.")
        return filled(replace(options, temperature=temperature), defaults), ()
    if options.temperature:
        return options, ()
    note = "Drawn at temperature 1: at 0, as single predictions of this model are, all draws would be the same."
    return replace(options, temperature=1.0), (note,)


def _tell(stages: Stages, done: int, total: int, *within: object) -> None:
    """Report the draws that are done, whatever happens within one."""
    stages.tell(done, total)


def _share_in_nuclei(answer: Prediction) -> float:
    """Return the part of the area of the threshold image that lies in nuclei, NaN if it is empty."""
    area = int(answer.threshold.sum(dtype=np.int64))
    return int(answer.threshold[answer.nuclei > 0].sum(dtype=np.int64)) / area if area else float("nan")


def _spread_notes(sd: np.ndarray) -> tuple[str, ...]:
    if sd.any():
        return ()
    return (
        "The probability map is made before anything is drawn and is the same for every seed, so its spread is 0; "
        "how the draws differ is in the frequency and the entropy.",
    )
