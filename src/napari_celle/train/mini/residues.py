"""Training of the residue encoder: the locations of real proteins, and residues that were masked."""

from collections.abc import Iterator

import lightning
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import IterableDataset

from napari_celle.data.batches import length_batches, mask_residues
from napari_celle.data.grafts import LONGEST, grafted
from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.metrics import auc
from napari_celle.nn.residues import ResidueEncoder
from napari_celle.sequence import MASK_ID
from napari_celle.train.schedule import one_cycle

BATCH_RESIDUES = 16_000
NUCLEUS = LOCATIONS.index("Nucleus")


class ResidueBatches(IterableDataset[tuple[Tensor, Tensor, Tensor]]):
    """Batches of (masked ids (B, L), ids (B, L), locations (B, 10)); one pass over the proteins an epoch.

    Parameters
    ----------
    proteins : Proteins
        What to draw from.
    window : int
        Longest part of a protein that is used.
    masked : float
        Share of the proteins in which 15 % of the residues are masked.
    grafts : float
        Share of the purely cytoplasmic proteins that get a piece of another one, see ``data.grafts``.
    seed : int
        Seed of order, crops and masks.
    """

    def __init__(
        self, proteins: Proteins, *, window: int = 1000, masked: float = 0.5, grafts: float = 0.0, seed: int = 0
    ) -> None:
        self.proteins, self.window, self.masked, self.grafts = proteins, window, masked, grafts
        self.rng = np.random.default_rng(seed)

    def most(self) -> int:
        """Return a number of batches that an epoch does not exceed, for schedules."""
        lengths = np.minimum([len(sequence) + LONGEST for sequence in self.proteins.sequences], self.window)
        return int(lengths.sum()) // BATCH_RESIDUES + 2

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        proteins = grafted(self.proteins, self.grafts, self.rng)
        batches = length_batches(proteins.sequences, window=self.window, residues=BATCH_RESIDUES, rng=self.rng)
        for indices, ids in batches:
            fraction = np.where(self.rng.random(len(ids)) < self.masked, 0.15, 0.0)
            hidden = mask_residues(ids, fraction, self.rng)
            locations = torch.from_numpy(proteins.locations[indices]).float()
            yield torch.from_numpy(hidden), torch.from_numpy(ids), locations


class ResidueTraining(lightning.LightningModule):
    """Location labels (binary cross-entropy) plus masked residues (cross-entropy, weight 0.1).

    Parameters
    ----------
    encoder : ResidueEncoder
        Encoder to train.
    steps : int
        Optimiser steps planned, for the one-cycle learning rate.
    learning_rate : float
        Its highest value.
    """

    def __init__(self, encoder: ResidueEncoder, *, steps: int, learning_rate: float = 2e-3) -> None:
        super().__init__()
        self.encoder, self.steps, self.learning_rate = encoder, steps, learning_rate
        self._seen: list[tuple[np.ndarray, np.ndarray]] = []

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], index: int) -> Tensor:
        """Return the loss of one batch."""
        hidden, ids, locations = batch
        residues, summary = self.encoder(hidden)
        loss = F.binary_cross_entropy_with_logits(self.encoder.labels(summary), locations)
        masked = hidden == MASK_ID
        if masked.any():
            loss = loss + 0.1 * F.cross_entropy(self.encoder.residue_logits(residues[masked]), ids[masked])
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor, Tensor], index: int) -> None:
        """Keep the nuclear score of each protein."""
        _, ids, locations = batch
        scores = self.encoder.labels(self.encoder(ids)[1])
        loss = F.binary_cross_entropy_with_logits(scores, locations)
        self.log("val/loss", loss, batch_size=len(ids))
        self._seen.append((scores[:, NUCLEUS].float().numpy(force=True), locations[:, NUCLEUS].numpy(force=True)))

    def on_validation_epoch_end(self) -> None:
        """Log how well nuclear proteins are told from others."""
        scores, truth = (np.concatenate(part) for part in zip(*self._seen, strict=True))
        self._seen.clear()
        self.log("val/nuclear_auc", auc(scores, truth > 0), prog_bar=True)

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle learning rate."""
        return one_cycle(self.encoder, learning_rate=self.learning_rate, steps=self.steps, weight_decay=0.05)
