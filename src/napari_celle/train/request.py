"""What a training of CELL-E or CELL-E 2 is asked for, in plain values, and the training that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from napari_celle.config import Channel, Decoding, TrainConfig
from napari_celle.data.drawn_pairs import draw_pairs
from napari_celle.data.pairs import Pairs
from napari_celle.data.tables.pair_table import read_pairs
from napari_celle.errors import CelleError
from napari_celle.models.checkpoints.tokenizers import Tokenizer, find_tokenizer
from napari_celle.train.image_tokenizers import Tokenizers
from napari_celle.train.masks import Masking
from napari_celle.train.published import loss_weights
from napari_celle.train.start import NewModel, Start, new_start, start_from
from napari_celle.train.transformer import TransformerTraining
from napari_celle.types import OnStep

NONE = "none"
"""Name of a nucleus tokenizer that is not there: the model sees no nuclei."""

_SIZES = ("embedding", "residues", "dim", "depth", "heads")


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """The options of ``napari-celle train celle`` that decide the weights, but for the pictures; None: nothing said.

    Attributes
    ----------
    decoding : str or None
        "causal" (CELL-E) or "masked" (CELL-E 2, taken when None).
    start : str or None
        Model to go on with.
    nucleus_vqgan, protein_vqgan : str or None
        Image tokenizers: a model, a folder of ``train vqgan``; "none" of the nucleus.
    embedding : str or None
        See :func:`napari_celle.train.residue_embedding.residue_embedding`.
    train_embedding : bool or None
        Whether it is trained too; None: only "random" is.
    residues, dim, depth, heads : int or None
        Sizes, see :class:`napari_celle.train.start.NewModel`.
    loss_weights : str
        See :func:`napari_celle.train.published.loss_weights`.
    schedule, no_sequence_share
        Of the masks, see :class:`napari_celle.train.masks.Masking`.
    steps, batch, accumulate, every, seed, precision
        See :class:`napari_celle.config.TrainConfig`.
    learning_rate : float
        The highest.
    """

    decoding: Decoding | None = None
    start: str | None = None
    nucleus_vqgan: str | None = None
    protein_vqgan: str | None = None
    embedding: str | None = None
    train_embedding: bool | None = None
    residues: int | None = None
    dim: int | None = None
    depth: int | None = None
    heads: int | None = None
    loss_weights: str = "code"
    schedule: Literal["cosine", "scaled-cosine"] = "scaled-cosine"
    no_sequence_share: float = 0.05
    steps: int = 20_000
    batch: int = 16
    accumulate: int = 1
    every: int = 500
    seed: int = 0
    learning_rate: float = 3e-4
    precision: str = "bf16-mixed"


@dataclass(frozen=True, slots=True)
class PairsRequest:
    """Where the pairs of pictures come from.

    Attributes
    ----------
    table : Path
        Pictures in files, or, where some are to be drawn, proteins with locations.
    drawn : int or None
        So many cells are drawn to train on.
    folder : Path
        Where drawn cells are kept.
    held_out : tuple of str
        Sequences whose relatives are not drawn.
    """

    table: Path
    drawn: int | None
    folder: Path
    held_out: tuple[str, ...] = ()


def begin(request: TrainingRequest, *, on_step: OnStep | None = None) -> Start:
    """Build or load the model that is to be trained; what is wrong is told before any picture is read.

    Raises
    ------
    CelleError
        If what was asked for does not fit together.
    WeightsError
        If weights are missing.
    """
    start = _start(request, on_step=on_step)
    loss_weights(request.loss_weights, decoding=start.network.decoding)
    return start


def find_pairs(request: PairsRequest, begun: Start, *, seed: int, on_step: OnStep | None = None) -> Mapping[str, Pairs]:
    """Return the pairs to train on ("train") and for the validation ("val").

    Raises
    ------
    CelleError
        If they cannot be read, or do not fit the model.
    """
    size = begun.network.config.protein.image_size
    if request.drawn is None:
        return read_pairs(request.table, size=size, seed=seed, on_step=on_step)
    if begun.network.grey:
        raise CelleError(
            "The tokenizer of the protein knows grey-scale pictures, drawn cells have threshold images. Give one that "
            "was trained with --threshold."
        )
    return draw_pairs(
        request.table,
        request.drawn,
        folder=request.folder,
        size=size,
        seed=seed,
        held_out=request.held_out,
        on_step=on_step,
    )


def assemble(request: TrainingRequest, begun: Start, pairs: Mapping[str, Pairs]) -> TransformerTraining:
    """Return the training of a model on pairs.

    Raises
    ------
    CelleError
        If there are no such loss weights or masks.
    """
    config = begun.network.config
    trained = config.embedding.kind == "random" if request.train_embedding is None else request.train_embedding
    numbers = {name: getattr(request, name) for name in ("steps", "batch", "accumulate", "seed", "every", "precision")}
    return TransformerTraining(
        begun,
        TrainConfig(**numbers),
        samples=pairs["train"],
        checks=pairs["val"],
        weights=loss_weights(request.loss_weights, decoding=config.decoding),
        masking=Masking(residues=request.schedule, no_sequence=request.no_sequence_share),
        learning_rate=request.learning_rate,
        fixed_embedding=not trained,
    )


def _start(request: TrainingRequest, *, on_step: OnStep | None) -> Start:
    tokenizers = Tokenizers(_tokenizer(request.nucleus_vqgan, "nucleus"), _tokenizer(request.protein_vqgan, "protein"))
    said = {name: getattr(request, name) for name in _SIZES if getattr(request, name) is not None}
    if request.start is None:
        if request.nucleus_vqgan is None or request.protein_vqgan is None:
            raise CelleError(
                "A new model needs image tokenizers: give --nucleus-vqgan and --protein-vqgan, each the folder of a "
                "finished 'napari-celle train vqgan' or a model; or go on with a model with --from."
            )
        model = NewModel(request.decoding or "masked", **said)
        return new_start(model, tokenizers, seed=request.seed, on_step=on_step)
    if request.decoding is not None or said or request.nucleus_vqgan == NONE:
        names = ", ".join(f"--{name}" for name in ("decoding", *_SIZES))
        raise CelleError(f"{request.start} is what it is: leave out {names} and --nucleus-vqgan none.")
    return start_from(request.start, tokenizers, on_step=on_step)


def _tokenizer(name: str | None, channel: Channel) -> Tokenizer | None:
    return None if name is None or (name == NONE and channel == "nucleus") else find_tokenizer(name, channel=channel)
