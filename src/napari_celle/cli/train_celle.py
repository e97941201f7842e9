"""``napari-celle train celle``: phase 3 of the papers, the transformer of CELL-E or CELL-E 2."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.training import (
    Accelerator,
    Batch,
    Debug,
    Devices,
    Every,
    Nodes,
    Precision,
    Seed,
    Steps,
    Workers,
    check_installed,
    check_writable,
)
from napari_celle.config import Channel, Decoding, Hardware, TrainConfig
from napari_celle.errors import CelleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_celle.data.pairs import Pairs
    from napari_celle.models.checkpoints.tokenizers import Tokenizer
    from napari_celle.train.record import RunRecord
    from napari_celle.train.start import Start
    from napari_celle.types import OnStep

NONE = "none"


@dataclass(frozen=True, slots=True)
class _Data:
    """Where the pairs of pictures come from: a table of files, or so many drawn ones of the proteins of a table."""

    table: Path
    drawn: int | None
    held_out: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Model:
    """What the model is; None where nothing was said."""

    decoding: Decoding | None
    start: str | None
    nucleus_vqgan: str | None
    protein_vqgan: str | None
    embedding: str | None
    residues: int | None
    dim: int | None
    depth: int | None
    heads: int | None


def celle(
    table: Annotated[
        Path,
        Option(
            help="CSV with the columns nucleus and protein (files, relative to it), sequence, and, if wanted, split "
            "(train, val); with --simulated, proteins with locations like deeploc2_swissprot.csv.gz.",
            metavar="CSV",
        ),
    ],
    out: Annotated[Path, Option(help="Folder of the run: model, checkpoints, TensorBoard.", metavar="DIR")],
    simulated: Annotated[
        int | None, Option(min=2, help="Draw so many cells of the proteins of folds 0-2, a tenth more of fold 3.")
    ] = None,
    held_out: Annotated[
        list[Path] | None,
        Option(help="With --simulated: CSV or FASTA of proteins whose relatives are left out; may be repeated."),
    ] = None,
    decoding: Annotated[
        Decoding | None, Option(help="causal: CELL-E; masked: CELL-E 2, which is taken when left out.")
    ] = None,
    start: Annotated[
        str | None, Option("--from", help="Go on with an installed model, or with the one in a folder.")
    ] = None,
    vqgan: Annotated[str | None, Option(help="Model whose two image tokenizers are taken.", metavar="NAME")] = None,
    nucleus_vqgan: Annotated[
        str | None,
        Option(help="Folder of 'train vqgan', or a model; none: the model sees no nuclei.", metavar="NAME"),
    ] = None,
    protein_vqgan: Annotated[str | None, Option(help="Folder of 'train vqgan', or a model.", metavar="NAME")] = None,
    embedding: Annotated[
        str | None,
        Option(
            help="What gives residues their vectors: random (taken when left out), one-hot, descriptors, none (the "
            "model reads no sequence), or a language model like esm2-480.",
            metavar="NAME",
        ),
    ] = None,
    train_embedding: Annotated[
        bool | None,
        Option("--train-embedding/--fix-embedding", help="Train it too, or not; else random only is trained."),
    ] = None,
    residues: Annotated[
        int | None, Option(min=1, help="Longest part of a protein that is read; 1,000 when left out.")
    ] = None,
    dim: Annotated[int | None, Option(min=1, help="Width of the transformer; 256 when left out.")] = None,
    depth: Annotated[int | None, Option(min=1, help="Its layers; 8 when left out.")] = None,
    heads: Annotated[int | None, Option(min=1, help="Its attention heads of 64; 4 when left out.")] = None,
    loss_weights: Annotated[
        str,
        Option(
            help="code (CELL-E: 1,1,7 over 9; CELL-E 2: 1,0,1 over 2), paper (1,1,8 over 9), or three numbers for "
            "residues, nucleus, image.",
            metavar="R,N,I",
        ),
    ] = "code",
    schedule: Annotated[
        Literal["cosine", "scaled-cosine"],
        Option(help="CELL-E 2: how many residues are masked, 0-100 % or 0-15 %; of the image always 0-100 %."),
    ] = "scaled-cosine",
    no_sequence_share: Annotated[
        float, Option(min=0.0, max=1.0, help="CELL-E 2: share of the samples in which all residues are masked.")
    ] = 0.05,
    steps: Steps = 20_000,
    batch: Batch = 16,
    accumulate: Annotated[int, Option(min=1, help="Batches whose gradients are added up to one step.")] = 1,
    every: Every = 500,
    seed: Seed = 0,
    learning_rate: Annotated[float, Option(min=0.0, help="Highest learning rate.")] = 3e-4,
    precision: Precision = "bf16-mixed",
    accelerator: Accelerator = "auto",
    devices: Devices = 0,
    nodes: Nodes = 1,
    workers: Workers = 0,
    debug: Debug = False,
) -> None:
    """Train CELL-E or CELL-E 2; stopped or killed, the same command goes on from the last checkpoint.

    Writes the folder OUT/model, which 'napari-celle predict --model OUT/model' takes.
    """
    with readable_errors(debug=debug):
        check_installed()
        from napari_celle.cli.progress import progress_bar
        from napari_celle.train.masks import Masking
        from napari_celle.train.published import loss_weights as read_weights
        from napari_celle.train.run import is_first_process
        from napari_celle.train.tokenizer import Told
        from napari_celle.train.transformer import MODEL, TransformerTraining, train_transformer

        check_writable(out)
        wanted = _Model(
            decoding,
            start,
            nucleus_vqgan or vqgan,
            protein_vqgan or vqgan,
            embedding=embedding,
            residues=residues,
            dim=dim,
            depth=depth,
            heads=heads,
        )
        masking = Masking(residues=schedule, no_sequence=no_sequence_share)
        data = _Data(table, simulated, tuple(held_out or ()))
        first = is_first_process()
        with progress_bar(quiet=not first) as on_step:
            begun = _start(wanted, seed=seed, on_step=on_step)
            config = begun.network.config
            weights = read_weights(loss_weights, decoding=config.decoding)
            pairs = _read(data, begun, out, seed=seed, on_step=on_step)
            kind = config.embedding.kind
            training = TransformerTraining(
                begun,
                TrainConfig(
                    steps=steps, batch=batch, accumulate=accumulate, seed=seed, every=every, precision=precision
                ),
                samples=pairs["train"],
                checks=pairs["val"],
                weights=weights,
                masking=masking,
                learning_rate=learning_rate,
                fixed_embedding=not (kind == "random" if train_embedding is None else train_embedding),
            )
            hardware = Hardware(accelerator=accelerator, devices=devices, nodes=nodes, workers=workers)
            record = train_transformer(training, out=out, hardware=hardware, told=Told(on_step, _tell))
        if first:
            _tell_end(record, out / MODEL)


def _start(wanted: _Model, *, seed: int, on_step: "OnStep") -> "Start":
    from napari_celle.train.image_tokenizers import Tokenizers
    from napari_celle.train.start import NewModel, new_start, start_from

    tokenizers = Tokenizers(_tokenizer(wanted.nucleus_vqgan, "nucleus"), _tokenizer(wanted.protein_vqgan, "protein"))
    sizes = {name: getattr(wanted, name) for name in ("embedding", "residues", "dim", "depth", "heads")}
    said = {name: value for name, value in sizes.items() if value is not None}
    if wanted.start is None:
        if wanted.nucleus_vqgan is None or wanted.protein_vqgan is None:
            raise CelleError(
                "A new model needs image tokenizers: give --nucleus-vqgan and --protein-vqgan, each the folder of a "
                "finished 'napari-celle train vqgan' or a model; or go on with a model with --from."
            )
        return new_start(NewModel(wanted.decoding or "masked", **said), tokenizers, seed=seed, on_step=on_step)
    if wanted.decoding is not None or said or wanted.nucleus_vqgan == NONE:
        names = ", ".join(f"--{name}" for name in ("decoding", *sizes))
        raise CelleError(f"{wanted.start} is what it is: leave out {names} and --nucleus-vqgan none.")
    return start_from(wanted.start, tokenizers, on_step=on_step)


def _tokenizer(name: str | None, channel: Channel) -> "Tokenizer | None":
    from napari_celle.models.checkpoints.tokenizers import find_tokenizer

    return None if name is None or (name == NONE and channel == "nucleus") else find_tokenizer(name, channel=channel)


def _read(data: _Data, begun: "Start", out: Path, *, seed: int, on_step: "OnStep") -> "Mapping[str, Pairs]":
    """Return the pairs to train on ("train") and for the validation ("val")."""
    from napari_celle.analysis.constructs import read_constructs
    from napari_celle.data.drawn_pairs import draw_pairs
    from napari_celle.data.pair_table import read_pairs

    size = begun.network.config.protein.image_size
    if data.drawn is None:
        if data.held_out:
            raise CelleError("--held-out is for --simulated. What your table holds is for you to choose.")
        return read_pairs(data.table, size=size, seed=seed, on_step=on_step)
    if begun.network.grey:
        raise CelleError(
            "The tokenizer of the protein knows grey-scale pictures, drawn cells have threshold images. Give one that "
            "was trained with --threshold."
        )
    held_out = [each.sequence for path in data.held_out for each in read_constructs(path)]
    return draw_pairs(data.table, data.drawn, folder=out, size=size, seed=seed, held_out=held_out, on_step=on_step)


def _tell(record: "RunRecord") -> None:
    values = {name.removeprefix("val/"): value for name, value in record.metrics.items() if name.startswith("val/")}
    parts = ", ".join(f"{name} {value:.4f}" for name, value in values.items() if name != "loss")
    typer.echo(
        f"Step {record.steps} of {record.config['steps']}: loss {values['loss']:.4f} ({parts}), {record.seconds:.0f} s",
        err=True,
    )


def _tell_end(record: "RunRecord", model: Path) -> None:
    step, loss = record.best["step"], record.best["value"]
    typer.echo(f"{model} has the model of step {step}, whose loss of the validation was lowest: {loss:.4f}.")
    typer.echo(f"Try it: napari-celle predict --model {model} --nucleus IMG")
