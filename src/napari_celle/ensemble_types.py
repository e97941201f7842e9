"""The answer of several draws of one prediction; as types.py."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from napari_celle.types import Faithful, PredictionRequest, SamplingOptions, Window


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, standard deviation (n - 1), and the ends of the middle 95 % of some numbers; NaN where there are none.

    The ends are quantiles of the samples themselves, interpolated: of few samples hardly less than the extremes.
    """

    mean: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class EnsemblePrediction:
    """What several draws have in common; every array is (Y, X) of ``request.nucleus[window.slices]``.

    All of it is what the model believes, at the temperature that was used: it says how much the draws differ, not how
    far they are from the truth.

    Attributes
    ----------
    request : PredictionRequest
        The question.
    window : Window
        The part of ``request.nucleus`` that was looked at.
    probability : np.ndarray
        float32, mean of the probability maps, sum 1 over the window.
    spread : np.ndarray
        float32, standard deviation (n - 1) of the probability maps, in their unit. The map "paper" of a model that
        fills many codes at once is made before anything is drawn: then this is 0 everywhere, and a note says so.
    frequency : np.ndarray
        float32 in [0, 1], mean of the threshold images: in how many of the draws the protein was there.
    entropy : np.ndarray
        float32 in [0, 1], in bits, of this frequency f: -f log2 f - (1 - f) log2(1 - f) (Shannon, Bell Syst Tech J
        1948, 27:379), 0 where all draws agree, 1 where half of them do. Of few draws it is too low on average.
    threshold : np.ndarray
        uint8, 1 where the protein was there in more than half of the draws, else 0.
    nuclei : np.ndarray
        int32 nucleus labels, 0 for background.
    seeds : tuple of int
        One for each draw; with ``sampling`` it gives the draw again.
    nuclear_fractions, drawn_fractions : np.ndarray
        (draws,) float64 in [0, 1]: the part inside nuclei of each probability map, and of the area of each threshold
        image, NaN where that is empty.
    nuclear_fraction, drawn_fraction : Spread
        Of the two.
    sampling : SamplingOptions
        As used, with the first seed.
    residues, scale, model, weights_sha256, device, timings, notes, faithful
        As in :class:`napari_celle.types.Prediction`.
    """

    request: PredictionRequest
    window: Window
    probability: np.ndarray
    spread: np.ndarray
    frequency: np.ndarray
    entropy: np.ndarray
    threshold: np.ndarray
    nuclei: np.ndarray
    seeds: tuple[int, ...]
    nuclear_fractions: np.ndarray
    drawn_fractions: np.ndarray
    nuclear_fraction: Spread
    drawn_fraction: Spread
    sampling: SamplingOptions
    residues: tuple[int, int]
    scale: float
    model: str
    weights_sha256: str
    device: str
    timings: Mapping[str, float]
    notes: tuple[str, ...] = ()
    faithful: Faithful = "none"
