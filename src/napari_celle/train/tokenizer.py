"""A whole training of an image tokenizer: from pictures to a folder that other commands can use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from napari_celle.config import Hardware, TokenizerConfig, TrainConfig, VqganConfig, VqganLoss
from napari_celle.errors import CelleError
from napari_celle.models.checkpoints.tokenizers import Tokenizer, write_tokenizer
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.codebook import save_codebook
from napari_celle.train.perceptual import Vgg16
from napari_celle.train.record import RunRecord, tensors_sha256
from napari_celle.train.run import RunOptions, is_first_process, run
from napari_celle.train.samples import in_rows, save_png
from napari_celle.train.vqgan import PictureBatches, VqganTraining
from napari_celle.types import OnStep

NETWORKS: Mapping[str, VqganConfig] = {
    "paper": VqganConfig(),
    "small": VqganConfig(
        patch=4, channels=32, multipliers=(1, 2, 3), blocks=1, norm_groups=8, z_channels=32, embed_dim=32
    ),
}
"""Sizes of tokenizers: that of both papers, and one that learns within minutes on a CPU."""

SMALLEST = 32
CODES, RECONSTRUCTIONS = "codes.png", "reconstructions.png"
_SHOWN = 8


@dataclass(frozen=True, slots=True, eq=False)
class TokenizerTraining:
    """What decides the weights of an image tokenizer.

    Attributes
    ----------
    config : TokenizerConfig
        What is trained.
    loss : VqganLoss
        What it is trained for.
    numbers : TrainConfig
        Steps and the like; how many batches a validation has follows from ``checks``.
    samples, checks : sequence of np.ndarray
        Pictures to train on and for the validation, prepared, see ``data.pictures``.
    start : Mapping of str to Tensor or None
        Weights to begin with; None for random ones.
    vgg : Vgg16 or None
        For the perceptual term; None leaves it out.
    """

    config: TokenizerConfig
    loss: VqganLoss
    numbers: TrainConfig
    samples: Sequence[np.ndarray]
    checks: Sequence[np.ndarray]
    start: Mapping[str, Tensor] | None = None
    vgg: Vgg16 | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Who is told of a training; nothing here changes the weights.

    Attributes
    ----------
    on_step : callable or None
        Of each step; what it raises stops the training, which goes on from its last checkpoint later.
    on_record : callable or None
        Of what ``run.json`` says after each checkpoint.
    """

    on_step: OnStep | None = None
    on_record: Callable[[RunRecord], None] | None = None


def network(name: str, *, size: int) -> VqganConfig:
    """Return one of ``NETWORKS`` for pictures of ``size`` x ``size`` pixels.

    Raises
    ------
    CelleError
        If there is none of that name, or the size does not fit it.
    """
    if name not in NETWORKS:
        raise CelleError(f"There is no network {name!r}. Choose from {', '.join(NETWORKS)}.")
    config = NETWORKS[name]
    pixels = config.image_size // config.grid
    if size < SMALLEST or size % pixels:
        raise CelleError(
            f"Pictures of {size} x {size} pixels do not fit the network: a token stands for {pixels} x {pixels} "
            f"pixels. Choose a size of {SMALLEST} or more that {pixels} divides."
        )
    config = replace(config, image_size=size)
    return replace(config, attention=(config.grid,))


def train_tokenizer(
    training: TokenizerTraining, *, out: Path, hardware: Hardware | None = None, told: Told | None = None
) -> RunRecord:
    """Train an image tokenizer, or go on with it; write ``vqgan.safetensors`` and ``config.json``, and two pictures.

    Parameters
    ----------
    training : TokenizerTraining
        What decides the weights.
    out : Path
        Folder of the run, see :func:`napari_celle.train.run.run`; of the pictures, ``codes.png`` shows all codes, and
        ``reconstructions.png`` pictures of the validation over what the tokenizer makes of them.
    hardware : Hardware or None
        Where it computes.
    told : Told or None
        Who is told of it.

    Returns
    -------
    RunRecord
        What ``run.json`` says.

    Raises
    ------
    CelleError
        As :func:`napari_celle.train.run.run`.
    """
    told = told or Told()
    torch.manual_seed(training.numbers.seed)
    vqgan = Vqgan(training.config.vqgan)
    if training.start is not None:
        vqgan.load_state_dict(training.start)
    module = VqganTraining(vqgan, steps=training.numbers.steps, loss=training.loss, vgg=training.vgg)
    samples, checks, numbers = _batches(training)
    options = RunOptions(hardware or Hardware(), _made_of(training), on_step=told.on_step, on_record=told.on_record)
    record = run(module, samples, checks, numbers, out=out, options=options)
    if is_first_process():
        _write(module.eval(), checks, training.config, out)
    return record


def _batches(training: TokenizerTraining) -> tuple[PictureBatches, PictureBatches, TrainConfig]:
    numbers, size = training.numbers, training.config.vqgan.image_size
    batch = min(numbers.batch, len(training.checks))
    samples = PictureBatches(training.samples, batch=numbers.batch, size=size, seed=numbers.seed)
    checks = PictureBatches(training.checks, batch=batch, size=size, augment=False)
    return samples, checks, replace(numbers, checks=min(numbers.checks, len(training.checks) // batch))


def _made_of(training: TokenizerTraining) -> dict[str, object]:
    return {
        "tokenizer": training.config.to_dict(),
        "loss": training.loss.to_dict(),
        "started_from": "" if training.start is None else tensors_sha256(training.start),
        "vgg": "" if training.vgg is None else tensors_sha256(training.vgg.state_dict()),
    }


@torch.inference_mode()
def _write(module: VqganTraining, checks: PictureBatches, config: TokenizerConfig, out: Path) -> None:
    vqgan = module.vqgan.cpu()
    write_tokenizer(Tokenizer(config, vqgan.state_dict()), out)
    save_codebook(vqgan, module.counts.numpy(force=True), out / CODES)
    pixels = checks[0][:_SHOWN]
    decoded = vqgan.decode(vqgan.quantizer.vectors(vqgan.encode(pixels)))
    rows = (255 * in_rows(pixels[:, 0], decoded[:, 0], most=_SHOWN)).round().to(torch.uint8)
    save_png(rows.numpy(), out / RECONSTRUCTIONS)
