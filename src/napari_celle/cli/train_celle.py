"""``napari-celle train celle``: phase 3 of the papers, the transformer of CELL-E or CELL-E 2."""

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
from napari_celle.config import Decoding, Hardware
from napari_celle.errors import CelleError

if TYPE_CHECKING:
    from napari_celle.train.record import RunRecord


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
        from napari_celle.analysis.constructs import read_constructs
        from napari_celle.cli.progress import progress_bar
        from napari_celle.train.request import PairsRequest, TrainingRequest, assemble, begin, find_pairs
        from napari_celle.train.run import is_first_process
        from napari_celle.train.tokenizer import Told
        from napari_celle.train.transformer import MODEL, train_transformer

        check_writable(out)
        if held_out and simulated is None:
            raise CelleError("--held-out is for --simulated. What your table holds is for you to choose.")
        wanted = TrainingRequest(
            decoding=decoding,
            start=start,
            nucleus_vqgan=nucleus_vqgan or vqgan,
            protein_vqgan=protein_vqgan or vqgan,
            embedding=embedding,
            train_embedding=train_embedding,
            residues=residues,
            dim=dim,
            depth=depth,
            heads=heads,
            loss_weights=loss_weights,
            schedule=schedule,
            no_sequence_share=no_sequence_share,
            steps=steps,
            batch=batch,
            accumulate=accumulate,
            every=every,
            seed=seed,
            learning_rate=learning_rate,
            precision=precision,
        )
        relatives = tuple(each.sequence for path in held_out or () for each in read_constructs(path))
        first = is_first_process()
        with progress_bar(quiet=not first) as on_step:
            begun = begin(wanted, on_step=on_step)
            pairs = find_pairs(PairsRequest(table, simulated, out, relatives), begun, seed=seed, on_step=on_step)
            training = assemble(wanted, begun, pairs)
            hardware = Hardware(accelerator=accelerator, devices=devices, nodes=nodes, workers=workers)
            record = train_transformer(training, out=out, hardware=hardware, told=Told(on_step, tell))
        if first:
            _tell_end(record, out / MODEL)


def tell(record: "RunRecord") -> None:
    """Print the losses of a validation, a line on standard error."""
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
