"""``napari-celle train vqgan``: phases 1 and 2 of the papers, an image tokenizer for nuclei or proteins."""

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
from napari_celle.config import Channel, Hardware, TokenizerConfig, TrainConfig, VqganLoss
from napari_celle.errors import CelleError

if TYPE_CHECKING:
    import numpy as np

    from napari_celle.models.checkpoints.tokenizers import Tokenizer
    from napari_celle.train.record import RunRecord
    from napari_celle.types import OnStep

_PAPERS_RATE = 4.5e-6  # for each picture of a batch


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Where the pictures come from: a folder or a table of pairs, or so many drawn ones."""

    folder: Path | None
    drawn: int | None
    table: Path | None


def vqgan(
    out: Annotated[Path, Option(help="Folder of the run: weights, pictures, checkpoints, TensorBoard.", metavar="DIR")],
    pictures: Annotated[
        Path | None,
        Option(
            help="Folder with TIFF or PNG pictures, one plane of one channel each; or a table of pairs, as for 'train "
            "celle', of which --channel is taken.",
            metavar="DIR|CSV",
        ),
    ] = None,
    simulated: Annotated[int | None, Option(min=2, help="Draw so many pictures instead.")] = None,
    channel: Annotated[Channel, Option(help="What the pictures show.")] = "nucleus",
    table: Annotated[
        Path | None,
        Option(help="Draw where these proteins are (folds 0-2); else one compartment a picture.", metavar="CSV"),
    ] = None,
    threshold: Annotated[bool, Option("--threshold", help="Train on threshold images of the protein.")] = False,
    network: Annotated[Literal["paper", "small"] | None, Option(help="Size; the papers' when left out.")] = None,
    size: Annotated[int | None, Option(help="Edge of the random crops, in pixels; 256 when left out.")] = None,
    steps: Steps = 50_000,
    batch: Batch = 16,
    every: Every = 500,
    seed: Seed = 0,
    learning_rate: Annotated[
        float | None, Option(min=0.0, help="4.5e-6 times --batch when left out, as in the papers.")
    ] = None,
    precision: Precision = "bf16-mixed",
    adversary_from: Annotated[int, Option(min=0, help="Step from which on a discriminator takes part.")] = 10_000,
    no_perceptual: Annotated[bool, Option("--no-perceptual", help="Leave out the perceptual term.")] = False,
    vgg: Annotated[
        Path | None, Option(help="torchvision's weights of VGG-16, for the perceptual term.", metavar="FILE")
    ] = None,
    start: Annotated[
        str | None, Option("--from", help="Begin with the tokenizer of a model, or with that in a folder.")
    ] = None,
    accelerator: Accelerator = "auto",
    devices: Devices = 0,
    nodes: Nodes = 1,
    workers: Workers = 0,
    debug: Debug = False,
) -> None:
    """Train an image tokenizer; stopped or killed, the same command goes on from the last checkpoint."""
    with readable_errors(debug=debug):
        check_installed()
        from napari_celle.cli.progress import progress_bar
        from napari_celle.models.checkpoints.tokenizers import find_tokenizer
        from napari_celle.train.perceptual import read_vgg16
        from napari_celle.train.run import is_first_process
        from napari_celle.train.tokenizer import TokenizerTraining, Told, train_tokenizer

        source = _Pictures(pictures, simulated, table)
        _check(source, out, channel=channel, threshold=threshold)
        found = None if start is None else find_tokenizer(start, channel=channel)
        config = _config(found, channel=channel, threshold=threshold, network=network, size=size)
        loss = VqganLoss(
            perceptual=0.0 if no_perceptual or vgg is None else 1.0,
            adversary=0.8 if adversary_from < steps else 0.0,
            adversary_from=adversary_from,
            learning_rate=_PAPERS_RATE * batch if learning_rate is None else learning_rate,
        )
        first = is_first_process()
        if first:
            _tell_what_is_left_out(loss, steps, asked=not no_perceptual)
        with progress_bar(quiet=not first) as on_step:
            samples, checks = _read(source, config, seed=seed, on_step=on_step)
            training = TokenizerTraining(
                config,
                loss,
                TrainConfig(steps=steps, batch=batch, seed=seed, every=every, precision=precision),
                samples=samples,
                checks=checks,
                start=None if found is None else found.tensors,
                vgg=read_vgg16(vgg) if vgg is not None and loss.perceptual else None,
            )
            hardware = Hardware(accelerator=accelerator, devices=devices, nodes=nodes, workers=workers)
            record = train_tokenizer(training, out=out, hardware=hardware, told=Told(on_step, _tell))
        if first:
            typer.echo(
                f"{_figures(record)}\n{out} has the tokenizer (vqgan.safetensors, config.json) and its pictures."
            )


def _check(source: _Pictures, out: Path, *, channel: Channel, threshold: bool) -> None:
    if (source.folder is None) == (source.drawn is None):
        raise CelleError("Say where the pictures come from: either --pictures FOLDER or --simulated NUMBER.")
    if source.table is not None and (source.drawn is None or channel != "protein"):
        raise CelleError("--table says where drawn proteins are: use it with --simulated and --channel protein.")
    if threshold and channel != "protein":
        raise CelleError("--threshold is for proteins: add --channel protein, or leave it out.")
    check_writable(out)


def _config(
    found: "Tokenizer | None", *, channel: Channel, threshold: bool, network: str | None, size: int | None
) -> TokenizerConfig:
    if found is None:
        from napari_celle.train.tokenizer import network as network_of

        vqgan = network_of(network or "paper", size=256 if size is None else size)
        return TokenizerConfig(vqgan, channel, threshold=threshold)
    if network is not None or size not in (None, found.config.vqgan.image_size):
        raise CelleError(
            f"The tokenizer given with --from has its own size, {found.config.vqgan.image_size} pixels: leave out "
            "--network and --size."
        )
    if threshold and not found.config.threshold:
        raise CelleError("The tokenizer given with --from knows grey-scale pictures: leave out --threshold.")
    return found.config


def _read(
    source: _Pictures, config: TokenizerConfig, *, seed: int, on_step: "OnStep"
) -> "tuple[list[np.ndarray], list[np.ndarray]]":
    from napari_celle.data.pictures import draw_pictures, pair_pictures, read_pictures, split
    from napari_celle.data.proteins import LEARN, read_proteins
    from napari_celle.data.tables.pair_table import read_pairs

    if source.folder is not None and source.folder.is_file():
        pairs = read_pairs(source.folder, size=config.vqgan.image_size, seed=seed, on_step=on_step)
        return pair_pictures(pairs["train"], config, on_step=on_step), pair_pictures(pairs["val"], config)
    if source.folder is not None:
        return split(read_pictures(source.folder, config, on_step=on_step), seed=seed)
    locations = None
    if source.table is not None:
        locations = read_proteins(source.table, folds=LEARN, plants=False).locations
    drawn = draw_pictures(source.drawn or 0, config, seed=seed, locations=locations, on_step=on_step)
    return split(drawn, seed=seed)


def _tell_what_is_left_out(loss: VqganLoss, steps: int, *, asked: bool) -> None:
    if asked and not loss.perceptual:
        typer.echo(
            "Without the perceptual term: give torchvision's vgg16-397923af.pth with --vgg to have it.", err=True
        )
    if not loss.adversary:
        typer.echo(f"Without discriminator: it would begin after step {loss.adversary_from} of {steps}.", err=True)


def _tell(record: "RunRecord") -> None:
    if record.steps < record.config["steps"]:
        typer.echo(_figures(record), err=True)


def _figures(record: "RunRecord") -> str:
    values = record.metrics
    return (
        f"Step {record.steps} of {record.config['steps']}: error {values['val/mae']:.4f}, "
        f"{values['val/pixels']:.1%} of pixels on the right side of one half, {values['val/codes']:.0%} of codes used, "
        f"{record.seconds:.0f} s"
    )
