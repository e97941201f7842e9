"""The questions and answers that cross a boundary: frozen dataclasses of numpy arrays and plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Pdf = Literal["paper", "published"]
"""The two definitions of the probability map."""

Faithful = Literal["none", "all"]
"""Whether a published model's oddities are mended ("none") or reproduced ("all"); docs/upstream-differences.md."""

OnStep = Callable[[str, int, int], None]
"""``on_step(stage, done, total)``: told of progress, between transformer layers too; raises ``Cancelled`` to stop."""


@dataclass(frozen=True, slots=True)
class SequenceRecord:
    """One protein: a cleaned sequence of one-letter residues and the name it came with ("" if none)."""

    name: str
    sequence: str


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How image tokens are drawn; the same options and seed give the same tokens on the same device.

    Attributes
    ----------
    seed : int
        Seed of the one random generator of a prediction.
    steps : int or None
        Decoding passes; None takes the model's own default.
    temperature : float or None
        Size of the Gumbel noise against the logits, 0 takes the most probable token; None takes the model's default.
    top_k : int or None
        Draw among the k best tokens only; None takes the model's default, and 0 keeps all.
    pdf : str or None
        What the probability map is: "paper", probabilities over the codebook (CELL-E, Theorem 3), or "published", what
        the authors' code draws from the logits; None takes the default, "paper".
    """

    seed: int = 0
    steps: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    pdf: Pdf | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of an image in its own pixels: first row and column, and how many of each."""

    y: int
    x: int
    height: int
    width: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index that cuts the window out of a (Y, X) array."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True, eq=False)
class PredictionRequest:
    """Where does this protein go in these cells?

    Attributes
    ----------
    sequence : str
        Protein, one-letter code; white space, line numbers and a trailing ``*`` are cleaned.
    nucleus : np.ndarray
        (Y, X) nucleus channel, any real dtype and range, any size.
    sampling : SamplingOptions
        How tokens are drawn.
    centre : tuple of float or None
        (y, x) pixel the window is centred on; None is the middle of the image. The window is moved to fit in.
    pixel_size_um : float or None
        Edge of a pixel in micrometres, to resample to the model's own pixel size.
    nucleus_diameter_px : float or None
        Typical nucleus diameter in pixels; goes before ``pixel_size_um``. When both are None the diameter is
        measured, and the image resampled only if it lies outside the model's range.
    nuclei : np.ndarray or None
        (Y, X) integer labels to use as nucleus mask, 0 for background; None finds the nuclei.
    first_residue : int
        0-based start of the part that is read when the sequence is longer than the model's window.
    embedding : np.ndarray or None
        (T, D) float vectors of the residue tokens, in place of what the model itself makes of the sequence: D is the
        model's, and the first row is that of its start token where it has one; zeros fill the rest of its window.
    """

    sequence: str
    nucleus: np.ndarray
    sampling: SamplingOptions = SamplingOptions()
    centre: tuple[float, float] | None = None
    pixel_size_um: float | None = None
    nucleus_diameter_px: float | None = None
    nuclei: np.ndarray | None = None
    first_residue: int = 0
    embedding: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The answer, in the pixels of ``request.nucleus[window.slices]``; every array is (Y, X) of that window.

    Attributes
    ----------
    request : PredictionRequest
        The question.
    window : Window
        The part of ``request.nucleus`` that was looked at.
    threshold : np.ndarray
        uint8, 1 where the protein is brighter than the threshold, else 0.
    probability : np.ndarray
        float32 probability map (PDF), not negative, sum 1 over the window.
    heatmap : np.ndarray
        float32 in [0, 1]: the probability map before it was normalised.
    image : np.ndarray or None
        float32 grey-scale protein image, of a model that draws one (then ``threshold`` is what is above its mean).
    faithful : str
        Whether the oddities of the authors' code were reproduced; means nothing for celle-mini.
    nuclei : np.ndarray
        int32 nucleus labels, 0 for background.
    tokens : np.ndarray
        (16, 16) int64 codes of the protein image.
    nuclear_fraction : float
        Sum of the probability map inside the nuclei, in [0, 1].
    sampling : SamplingOptions
        As used: the model's defaults filled in.
    residues : tuple of int
        (start, stop), 0-based, of the part of the cleaned sequence that the model read.
    scale : float
        Model pixels per image pixel; 1 when the image was not resampled.
    model : str
        Name of the model.
    weights_sha256 : str
        Hash over all its weight files.
    device : str
        Device it ran on, for example "cpu" or "cuda:0".
    timings : Mapping of str to float
        Seconds of each stage.
    notes : tuple of str
        What the user should know, for example that only a part of a long sequence was read.
    """

    request: PredictionRequest
    window: Window
    threshold: np.ndarray
    probability: np.ndarray
    heatmap: np.ndarray
    nuclei: np.ndarray
    tokens: np.ndarray
    nuclear_fraction: float
    sampling: SamplingOptions
    residues: tuple[int, int]
    scale: float
    model: str
    weights_sha256: str
    device: str
    timings: Mapping[str, float]
    notes: tuple[str, ...] = ()
    image: np.ndarray | None = None
    faithful: Faithful = "none"


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A prediction that is being drawn.

    Attributes
    ----------
    window : Window
        The part of ``request.nucleus`` that is looked at.
    picture : np.ndarray
        (Y, X) of the window, float32 in [0, 1]: the protein image as far as it is drawn, NaN elsewhere.
    known : float
        Part of the picture that is drawn, in [0, 1].
    """

    window: Window
    picture: np.ndarray
    known: float


@dataclass(frozen=True, slots=True, eq=False)
class SequenceRequest:
    """Which residues would put a protein there?

    Attributes
    ----------
    sequence : str
        Protein with ``<mask>`` at each residue to be found.
    nucleus : np.ndarray
        (Y, X) nucleus channel, any real dtype and range.
    protein : np.ndarray
        (Y, X) of the same frame: where the protein shall be. A mask, or a picture of two values, says so by what is
        above 0; a measured channel is thresholded as the model's training pictures were.
    sampling : SamplingOptions
        How residues are drawn; ``steps`` and ``pdf`` have no meaning here.
    standard_residues : bool
        Only the 20 standard amino acids are proposed. (A faithful model proposes X, B, U, Z and O too, oddity 29.)
    at_once : int
        Residues that are filled in one pass.
    centre, pixel_size_um, nucleus_diameter_px
        As in :class:`PredictionRequest`.
    """

    sequence: str
    nucleus: np.ndarray
    protein: np.ndarray
    sampling: SamplingOptions = SamplingOptions()
    standard_residues: bool = True
    at_once: int = 1
    centre: tuple[float, float] | None = None
    pixel_size_um: float | None = None
    nucleus_diameter_px: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SequencePrediction:
    """The answer to a :class:`SequenceRequest`.

    Attributes
    ----------
    request : SequenceRequest
        The question.
    sequence : str
        The whole protein, masks filled.
    positions : tuple of int
        0-based places in ``sequence`` that were filled, in the order in which they were.
    probabilities : np.ndarray
        (len(positions), 20) float32: what the model held of each standard amino acid (order of
        ``sequence.AMINO_ACIDS``) in the pass in which the place was filled; rows sum to 1.
    sampling : SamplingOptions
        As used.
    model, weights_sha256, device : str
        As in :class:`Prediction`.
    notes : tuple of str
        What the user should know.
    """

    request: SequenceRequest
    sequence: str
    positions: tuple[int, ...]
    probabilities: np.ndarray
    sampling: SamplingOptions
    model: str
    weights_sha256: str
    device: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a user should know of a model before running it.

    Attributes
    ----------
    name, summary, licence : str
        Name; what it can and cannot do, in a sentence or two; licence of the weights.
    residues : int
        Longest part of a sequence that it reads; 0 for a model that reads none.
    image_size : int
        Edge of its square window in model pixels.
    pixel_size_um : float
        Edge of a model pixel in micrometres.
    nucleus_diameter_px : tuple of float
        Smallest, typical and largest nucleus diameter it was trained on, in model pixels.
    weights_sha256 : str
        Hash over all its weight files.
    sampling : SamplingOptions
        Its defaults.
    nuclear_threshold : float or None
        A protein is called nuclear when its nuclear fraction is above this, chosen on proteins it was not trained on;
        None if nobody chose one, then 0.5 is used.
    """

    name: str
    summary: str
    licence: str
    residues: int
    image_size: int
    pixel_size_um: float
    nucleus_diameter_px: tuple[float, float, float]
    weights_sha256: str = ""
    sampling: SamplingOptions = field(default_factory=lambda: SamplingOptions(steps=1, temperature=1.0))
    nuclear_threshold: float | None = None
