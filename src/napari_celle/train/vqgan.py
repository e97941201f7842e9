"""Training of the image tokenizers (phases 1 and 2): reconstruction and the codebook."""

from collections.abc import Iterator

import lightning
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import IterableDataset

from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.residues import one_cycle


class Pictures(IterableDataset[Tensor]):
    """Endless batches (B, 1, Y, X) float32 in [0, 1] of flipped and turned pictures.

    Parameters
    ----------
    pictures : np.ndarray
        (N, Y, X) uint8 in 0-255, or bool.
    batch : int
        Pictures a batch.
    seed : int
        Seed of order, flips and turns.
    """

    def __init__(self, pictures: np.ndarray, *, batch: int, seed: int = 0) -> None:
        self.pictures, self.batch = pictures, batch
        self.rng = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Tensor]:
        while True:
            chosen = self.rng.integers(len(self.pictures), size=self.batch)
            rows = [turned(self.pictures[index], int(self.rng.integers(8))) for index in chosen]
            yield as_tensor(np.stack(rows))


def turned(picture: np.ndarray, way: int) -> np.ndarray:
    """Return a square picture (Y, X) in one of its eight orientations, ``way`` in 0-7."""
    picture = np.rot90(picture, way % 4)
    return picture[:, ::-1] if way >= 4 else picture


def as_tensor(pictures: np.ndarray) -> Tensor:
    """Return (B, 1, Y, X) float32 in [0, 1] of pictures (B, Y, X), bool or uint8 in 0-255."""
    scale = 1.0 if pictures.dtype == bool else 255.0
    return torch.from_numpy(np.ascontiguousarray(pictures)).float().unsqueeze(1) / scale


class VqganTraining(lightning.LightningModule):
    """Squared and absolute error of the reconstruction, codebook and commitment loss (van den Oord et al. 2017).

    Parameters
    ----------
    vqgan : Vqgan
        Tokenizer to train.
    steps : int
        Optimiser steps planned.
    absolute : float
        Weight of the absolute error; 0 for threshold images, whose decoded mixtures shall be means.
    learning_rate : float
        Highest learning rate.
    """

    def __init__(self, vqgan: Vqgan, *, steps: int, absolute: float, learning_rate: float = 1.5e-3) -> None:
        super().__init__()
        self.steps, self.absolute, self.learning_rate = steps, absolute, learning_rate
        self.vqgan = vqgan.to(memory_format=torch.channels_last)
        self.register_buffer("idle", torch.zeros(vqgan.config.codes))  # steps since a code was last used

    def training_step(self, pixels: Tensor, index: int) -> Tensor:
        """Return the loss of one batch (B, 1, Y, X)."""
        z = self.vqgan.features(pixels.contiguous(memory_format=torch.channels_last)).float()
        ids = self.vqgan.quantizer.nearest(z)
        codes = self.vqgan.quantizer.vectors(ids)
        error = self.vqgan.decode(z + (codes - z).detach()).float() - pixels
        reconstruction = error.square().mean() + self.absolute * error.abs().mean()
        codebook = F.mse_loss(codes, z.detach()) + 0.25 * F.mse_loss(z, codes.detach())
        self._revive(z.detach(), ids)
        self.log_dict({"train/mse": error.square().mean(), "train/codebook": codebook, "train/codes": self._used()})
        return reconstruction + codebook

    def _used(self) -> Tensor:
        return (self.idle < 100).float().mean()

    @torch.no_grad()
    def _revive(self, z: Tensor, ids: Tensor) -> None:
        """Move codes that no picture has used for 100 steps onto features of this batch."""
        self.idle += 1
        self.idle[ids.unique()] = 0
        dead = torch.nonzero(self.idle >= 100).flatten()
        if self.global_step > 0.6 * self.steps or not len(dead):
            return
        flat = z.permute(0, 2, 3, 1).flatten(0, 2)  # (B * H * W, D)
        chosen = torch.randint(len(flat), (len(dead),), device=flat.device)
        self.vqgan.quantizer.embedding.weight[dead] = flat[chosen]
        self.idle[dead] = 0

    def validation_step(self, pixels: Tensor, index: int) -> None:
        """Log the error and the share of pixels on the right side of one half."""
        ids = self.vqgan.encode(pixels)
        out = self.vqgan.decode(self.vqgan.quantizer.vectors(ids))
        self.log("val/mse", F.mse_loss(out, pixels), batch_size=len(pixels))
        self.log("val/pixels", ((out > 0.5) == (pixels > 0.5)).float().mean(), batch_size=len(pixels))

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle learning rate."""
        return one_cycle(self.vqgan, learning_rate=self.learning_rate, steps=self.steps)
