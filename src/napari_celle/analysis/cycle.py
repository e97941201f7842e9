"""From the sequence to the picture and back: which residues does a model find again in its own picture?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from napari_celle.analysis.constructs import read_constructs
from napari_celle.analysis.tables import for_json
from napari_celle.errors import CelleError
from napari_celle.files.images import NucleusImage
from napari_celle.metrics import bootstrap
from napari_celle.predict import Predictor
from napari_celle.segment import segment_nuclei
from napari_celle.sequence import AMINO_ACIDS, MASK
from napari_celle.types import OnStep, Prediction, PredictionRequest, SamplingOptions, SequenceRequest

SHARE = 0.15
"""Share of the residues that is masked, as in the training of protein language models."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """A share of masked residues, averaged over proteins, with its 95 % bootstrap interval over proteins."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CycleScores:
    """Masked residues found again from the predicted picture, and by chance.

    Attributes
    ----------
    n, residues : int
        Proteins, and residues that were masked in all of them.
    share : float
        Share of each protein's residues that was masked.
    own_picture, other_picture : Recovery
        Completed from the picture that the model predicts of this protein, and from that of another one of the table.
    gain : Recovery
        The first minus the second, protein by protein: what the picture tells of the residues.
    most_frequent, background : Recovery
        Without a model: always the most frequent residue of the table, and draws of residues as frequent as there (the
        expected share).
    most_frequent_residue : str
        One letter.
    """

    n: int
    residues: int
    share: float
    own_picture: Recovery
    other_picture: Recovery
    gain: Recovery
    most_frequent: Recovery
    background: Recovery
    most_frequent_residue: str

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON; None instead of NaN."""
        return for_json(asdict(self))


def read_cycle_sequences(path: Path | str, *, limit: int | None, seed: int) -> tuple[str, ...]:
    """Return ``limit`` proteins of a table or FASTA file drawn at random, all if it is None; in the file's order.

    The protein stands where :func:`napari_celle.analysis.constructs.read_constructs` looks for it.

    Raises
    ------
    CelleError
        The file, or a protein of it, cannot be used.
    """
    sequences = [each.sequence for each in read_constructs(path)]
    chosen = np.sort(np.random.default_rng(seed).permutation(len(sequences))[:limit])
    return tuple(sequences[row] for row in chosen)


def cycle_scores(
    predictor: Predictor,
    sequences: Sequence[str],
    images: Sequence[NucleusImage],
    *,
    share: float = SHARE,
    seed: int = 0,
    on_step: OnStep | None = None,
) -> CycleScores:
    """Predict each protein's picture, mask residues, and complete them from its own picture and another protein's.

    All masked residues are found in one pass, each the model's most probable one. Only standard amino acids are masked,
    and of a protein longer than the model reads its first part is used.

    Parameters
    ----------
    predictor : Predictor
        The model.
    sequences : sequence of str
        Cleaned proteins, at least two different ones.
    images : sequence of NucleusImage
        Each protein is predicted in one window: of a random image, around a random place.
    share : float
        Share of the residues that is masked, in (0, 1]; at least one is.
    seed : int
        Of images, places, masks, other proteins, draws and intervals.
    on_step : callable or None
        Told after each protein; may raise to stop.

    Raises
    ------
    CelleError
        If the model finds no residues from pictures, or there is nothing to compare or to mask.
    """
    sequences = _readable(predictor, sequences, share)
    rng = np.random.default_rng(seed)
    masks = [_places(sequence, share, rng) for sequence in sequences]
    others = [_other(number, sequences, rng) for number in range(len(sequences))]
    pictures = _pictures(predictor, sequences, images, rng=rng, seed=seed, on_step=on_step)
    found = np.zeros((len(sequences), 2))
    for number, (sequence, places) in enumerate(zip(sequences, masks, strict=True)):
        for column, picture in enumerate((pictures[number], pictures[others[number]])):
            found[number, column] = _recovery(predictor, sequence, places, picture, seed=seed)
        if on_step is not None:
            on_step("finding residues", number + 1, len(sequences))
    return _scores(sequences, masks, found, share=share, seed=seed)


def _readable(predictor: Predictor, sequences: Sequence[str], share: float) -> list[str]:
    """Return the parts of the proteins that the model reads; errors as :func:`cycle_scores`."""
    if not predictor.reads_pictures:
        raise CelleError(
            f"{predictor.info.name} draws one code after another and reads no picture of a protein, so it cannot find "
            "residues from one. Choose celle-mini or a CELL-E 2 model."
        )
    if predictor.info.residues == 0:
        raise CelleError(f"{predictor.info.name} reads no sequence. Choose a model that does.")
    if not 0 < share <= 1:
        raise CelleError(f"A share of {share:g} of the residues cannot be masked. Choose one above 0, and 1 at most.")
    read = [sequence[: predictor.info.residues] for sequence in sequences]
    if len(set(read)) < 2:
        raise CelleError("A picture is compared with that of another protein. Give at least two different proteins.")
    bare = [str(row) for row, sequence in enumerate(read, start=1) if not set(sequence) & set(AMINO_ACIDS)]
    if bare:
        raise CelleError(
            f"Proteins {', '.join(bare)} have no standard amino acid that could be masked. Leave them out."
        )
    return read


def _places(sequence: str, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return the sorted places (M,) of residues to mask."""
    standard = [place for place, letter in enumerate(sequence) if letter in AMINO_ACIDS]
    count = min(max(round(share * len(sequence)), 1), len(standard))
    return np.sort(rng.choice(standard, size=count, replace=False))


def _other(number: int, sequences: Sequence[str], rng: np.random.Generator) -> int:
    """Return which protein's picture stands for chance: one with another sequence."""
    return int(rng.choice([other for other, each in enumerate(sequences) if each != sequences[number]]))


def _pictures(
    predictor: Predictor,
    sequences: Sequence[str],
    images: Sequence[NucleusImage],
    *,
    rng: np.random.Generator,
    seed: int,
    on_step: OnStep | None,
) -> list[Prediction]:
    nuclei = [segment_nuclei(image.pixels) for image in images]
    pictures = []
    for number, sequence in enumerate(sequences, start=1):
        which = int(rng.integers(len(images)))
        height, width = images[which].pixels.shape
        request = PredictionRequest(
            sequence=sequence,
            nucleus=images[which].pixels,
            sampling=SamplingOptions(seed=seed),
            centre=(float(rng.uniform(0, height - 1)), float(rng.uniform(0, width - 1))),
            pixel_size_um=images[which].pixel_size_um,
            nuclei=nuclei[which],
        )
        pictures.append(predictor(request))
        if on_step is not None:
            on_step("predicting", number, len(sequences))
    return pictures


def _recovery(predictor: Predictor, sequence: str, places: np.ndarray, picture: Prediction, *, seed: int) -> float:
    """Return the share of masked residues that is found from a picture, in the window and scale it was drawn in."""
    letters = list(sequence)
    for place in places:
        letters[place] = MASK
    answer = predictor.complete(
        SequenceRequest(
            sequence="".join(letters),
            nucleus=picture.request.nucleus[picture.window.slices],
            protein=picture.threshold,
            sampling=SamplingOptions(seed=seed, temperature=0),
            at_once=len(places),
            nucleus_diameter_px=predictor.info.nucleus_diameter_px[1] / picture.scale,
        )
    )
    return float(np.mean([answer.sequence[place] == sequence[place] for place in places]))


def _scores(
    sequences: Sequence[str], masks: Sequence[np.ndarray], found: np.ndarray, *, share: float, seed: int
) -> CycleScores:
    counts = Counter(letter for sequence in sequences for letter in sequence if letter in AMINO_ACIDS)
    most_frequent = max(AMINO_ACIDS, key=lambda letter: counts[letter])
    hidden = [[sequence[place] for place in places] for sequence, places in zip(sequences, masks, strict=True)]
    total = counts.total()
    nothing = np.zeros(len(sequences))

    def recovery(shares: np.ndarray, less: np.ndarray = nothing) -> Recovery:
        low, high = bootstrap(_mean_difference, shares, less, rng=np.random.default_rng(seed))
        return Recovery(_mean_difference(shares, less), low, high)

    return CycleScores(
        n=len(sequences),
        residues=sum(map(len, hidden)),
        share=share,
        own_picture=recovery(found[:, 0]),
        other_picture=recovery(found[:, 1]),
        gain=recovery(found[:, 0], found[:, 1]),
        most_frequent=recovery(np.array([np.mean([each == most_frequent for each in row]) for row in hidden])),
        background=recovery(np.array([np.mean([counts[each] / total for each in row]) for row in hidden])),
        most_frequent_residue=most_frequent,
    )


def _mean_difference(shares: np.ndarray, less: np.ndarray) -> float:
    return float((shares - less).mean())
