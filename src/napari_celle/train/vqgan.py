"""Training of the image tokenizers (phases 1 and 2): reconstruction, codebook, and a discriminator of patches."""

from collections.abc import Sequence

import lightning
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, distributed, nn

from napari_celle.config import VqganLoss
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.codebook import code_pictures, draw_codebook
from napari_celle.train.discriminator import PatchDiscriminator, balance, fooling, telling
from napari_celle.train.order import generator, shuffled
from napari_celle.train.perceptual import Vgg16
from napari_celle.train.record import arrays_sha256
from napari_celle.train.samples import in_rows, show
from napari_celle.train.schedule import one_cycle
from napari_celle.train.views import draw_view, middle

COMMITMENT = 0.25
_IDLE = 100  # steps without use after which a code is moved


class PictureBatches:
    """Batches (B, 1, size, size) float32 in [0, 1] by number: random crops, flipped and turned.

    Parameters
    ----------
    pictures : np.ndarray or sequence of np.ndarray
        (N, Y, X), or N of (Y, X) that may differ; uint8 in 0-255, bool, or float in [0, 1]; Y and X at least ``size``.
    batch : int
        Pictures a batch.
    size : int or None
        Edge of the crops; None for that of the pictures, which are square then.
    seed : int
        Seed of order, crops, flips and turns.
    augment : bool
        False takes the middle of each picture as it is, for validation.
    """

    def __init__(
        self,
        pictures: np.ndarray | Sequence[np.ndarray],
        *,
        batch: int,
        size: int | None = None,
        seed: int = 0,
        augment: bool = True,
    ) -> None:
        self.pictures, self.batch, self.seed, self.augment = pictures, batch, seed, augment
        self.size = size or len(pictures[0])

    def __getitem__(self, number: int) -> Tensor:
        """Return batch ``number``."""
        chosen = shuffled(number, batch=self.batch, count=len(self.pictures), seed=self.seed)
        rng = generator(self.seed, number)
        return as_tensor(np.stack([self._cut(self.pictures[index], rng) for index in chosen]))

    def _cut(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        view = draw_view(picture.shape, self.size, rng) if self.augment else middle(picture.shape, self.size)
        return view.of(picture)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the pictures."""
        return arrays_sha256(*self.pictures)


def as_tensor(pictures: np.ndarray) -> Tensor:
    """Return (B, 1, Y, X) float32 in [0, 1] of pictures (B, Y, X), uint8 in 0-255, bool, or float in [0, 1]."""
    scale = 255.0 if pictures.dtype == np.uint8 else 1.0
    return torch.from_numpy(np.ascontiguousarray(pictures)).float().unsqueeze(1) / scale


class VqganTraining(lightning.LightningModule):
    """Reconstruction, codebook and commitment loss (van den Oord et al. 2017), later also a discriminator.

    Tokenizer and discriminator take their steps together: each loss reaches its own weights only.

    Parameters
    ----------
    vqgan : Vqgan
        Tokenizer to train.
    steps : int
        Optimiser steps planned.
    loss : VqganLoss
        What it is trained for.
    vgg : Vgg16 or None
        For the perceptual term; None leaves it out.
    """

    def __init__(self, vqgan: Vqgan, *, steps: int, loss: VqganLoss, vgg: Vgg16 | None = None) -> None:
        super().__init__()
        self.steps, self.loss = steps, loss
        self.vqgan = vqgan.to(memory_format=torch.channels_last)
        self.vgg = vgg if loss.perceptual else None
        self.discriminator = PatchDiscriminator() if loss.adversary else None
        codes = vqgan.config.codes
        self.register_buffer("idle", torch.zeros(codes))  # steps since a code was last used
        self.register_buffer("counts", torch.zeros(codes, dtype=torch.int64))  # uses of each code in the validation

    def training_step(self, pixels: Tensor, index: int) -> Tensor:
        """Return the loss of one batch (B, 1, Y, X)."""
        z = self.vqgan.features(pixels.contiguous(memory_format=torch.channels_last)).float()
        ids = self.vqgan.quantizer.nearest(z)
        codes = self.vqgan.quantizer.vectors(ids)
        decoded = self.vqgan.decode(z + (codes - z).detach()).float()
        reconstruction = self._reconstruction(decoded, pixels)
        codebook = F.mse_loss(codes, z.detach()) + COMMITMENT * F.mse_loss(z, codes.detach())
        self._revive(z.detach(), ids)
        mse = F.mse_loss(decoded.detach(), pixels)
        self.log_dict({"train/mse": mse, "train/codebook": codebook, "train/codes": self._used()})
        if self.discriminator is not None and self.global_step >= self.loss.adversary_from:
            reconstruction = reconstruction + self._adversary(self.discriminator, reconstruction, decoded, pixels)
        return reconstruction + codebook

    def _reconstruction(self, decoded: Tensor, pixels: Tensor) -> Tensor:
        error = decoded - pixels
        total = self.loss.squared * error.square().mean() + self.loss.absolute * error.abs().mean()
        return total if self.vgg is None else total + self.loss.perceptual * self.vgg(decoded, pixels)

    def _adversary(self, discriminator: nn.Module, reconstruction: Tensor, decoded: Tensor, pixels: Tensor) -> Tensor:
        fooled = fooling(discriminator, decoded)
        factor = self.loss.adversary * balance(reconstruction, fooled, self._last_weight())
        told = telling(discriminator, decoded, pixels)
        self.log_dict({"train/fooling": fooled, "train/balance": factor, "train/telling": told})
        return factor * fooled + told

    def _last_weight(self) -> Tensor:
        return [layer for layer in self.vqgan.decoder if isinstance(layer, nn.Conv2d)][-1].weight

    def _used(self) -> Tensor:
        return (self.idle < _IDLE).float().mean()

    @torch.no_grad()
    def _revive(self, z: Tensor, ids: Tensor) -> None:
        """Move codes that no picture has used for 100 steps onto features of this batch."""
        used = torch.bincount(ids.flatten(), minlength=len(self.idle))
        _add_up(used)
        self.idle += 1
        self.idle[used > 0] = 0
        dead = torch.nonzero(self.idle >= _IDLE).flatten()
        if self.global_step > 0.6 * self.steps or not len(dead):
            return
        flat = z.permute(0, 2, 3, 1).flatten(0, 2)  # (B * H * W, D)
        codes = self.vqgan.quantizer.embedding.weight
        codes[dead] = flat[torch.randint(len(flat), (len(dead),), device=flat.device)]
        if _many_processes():
            distributed.broadcast(codes, 0)
        self.idle[dead] = 0

    def on_validation_epoch_start(self) -> None:
        """Count anew."""
        self.counts.zero_()

    def validation_step(self, pixels: Tensor, index: int) -> None:
        """Log the error and the share of pixels on the right side of one half; show the first pictures."""
        ids = self.vqgan.encode(pixels)
        out = self.vqgan.decode(self.vqgan.quantizer.vectors(ids)).float()
        self.counts += torch.bincount(ids.flatten(), minlength=len(self.counts))
        values = {
            "val/mse": F.mse_loss(out, pixels),
            "val/mae": F.l1_loss(out, pixels),
            "val/pixels": ((out > 0.5) == (pixels > 0.5)).float().mean(),
        }
        self.log_dict(values, batch_size=len(pixels), sync_dist=_many_processes())
        if index == 0:
            show(self, "pictures and their reconstructions", in_rows(pixels[:, 0], out[:, 0]))

    def on_validation_epoch_end(self) -> None:
        """Log the share of codes that the validation used; show the codebook."""
        _add_up(self.counts)
        self.log("val/codes", (self.counts > 0).float().mean(), sync_dist=_many_processes())
        if self.logger is not None and self.trainer.is_global_zero:
            sheet = draw_codebook(code_pictures(self.vqgan), self.counts.numpy(force=True))
            show(self, "codebook", torch.from_numpy(sheet))

    def configure_optimizers(self) -> dict[str, object] | torch.optim.Optimizer:
        """AdamW with a one-cycle learning rate, or Adam with a constant one as in the papers."""
        trained = nn.ModuleList([self.vqgan, *([] if self.discriminator is None else [self.discriminator])])
        if self.loss.one_cycle:
            return one_cycle(trained, learning_rate=self.loss.learning_rate, steps=self.steps)
        return torch.optim.Adam(trained.parameters(), lr=self.loss.learning_rate, betas=(0.5, 0.9))

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip the gradients of tokenizer and discriminator apart: the one's must not shrink the other's."""
        if gradient_clip_val:
            for part in filter(None, (self.vqgan, self.discriminator)):
                nn.utils.clip_grad_norm_(part.parameters(), gradient_clip_val)


def _many_processes() -> bool:
    return distributed.is_available() and distributed.is_initialized()


def _add_up(counts: Tensor) -> None:
    """Add the counts of all processes, in place."""
    if _many_processes():
        distributed.all_reduce(counts)
