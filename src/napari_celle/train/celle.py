"""Training of the transformer (phase 3): protein tokens that were masked, and residues that were masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import lightning
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import IterableDataset

from napari_celle.data.batches import crop, mask_residues, pad, similar_lengths
from napari_celle.models.mini import MiniCelle
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.sequence import MASK_ID, PAD_ID, tokenize
from napari_celle.train.residues import one_cycle
from napari_celle.train.vqgan import as_tensor, turned

RESIDUE_WEIGHT = 0.1
VECTOR_WEIGHT = 2.0
"""Of the distance between expected and true code vector, against the cross-entropy: noise makes many codes equally
likely for one structure, and what the probability map needs is their mean."""
WRONG_NUCLEUS = 0.05
"""Share of the nucleus tokens that training replaces by others, since real nuclei are not quite like drawn ones."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenTable:
    """Pictures as tokens: nucleus and protein (N, 256) int16, and the sequence of each, N strings."""

    nucleus: np.ndarray
    protein: np.ndarray
    sequences: Sequence[str]


class Batch(NamedTuple):
    """What one step learns from; B samples, L residues. A tuple, since Lightning moves no frozen dataclass.

    Attributes
    ----------
    hidden, ids : Tensor
        (B, L) int64 residue ids with and without masks, padded at the end.
    nucleus, protein : Tensor
        (B, 256) int64 token ids.
    masked : Tensor
        (B, 256) bool, protein tokens to be found.
    window : tuple of int
        (start, stop) of the residues that the transformer sees; the encoder always sees all.
    """

    hidden: Tensor
    ids: Tensor
    nucleus: Tensor
    protein: Tensor
    masked: Tensor
    window: tuple[int, int]


@torch.inference_mode()
def tokens_of(tokenizer: ImageTokenizer, pictures: np.ndarray, *, ways: np.ndarray, batch: int = 16) -> np.ndarray:
    """Return the tokens (N, 256) int16 of pictures (N, Y, X), each turned in its way (N,) in 0-7 first."""
    rows = []
    for start in range(0, len(pictures), batch):
        part = slice(start, start + batch)
        turns = np.stack([turned(picture, way) for picture, way in zip(pictures[part], ways[part], strict=True)])
        rows.append(tokenizer.encode(as_tensor(turns)).numpy().astype(np.int16))
    return np.concatenate(rows)


class TokenBatches(IterableDataset[Batch]):
    """Endless batches from a table of tokens.

    Parameters
    ----------
    table : TokenTable
        Samples.
    batch : int
        Samples a batch.
    residue_window : int
        Longest part of a protein that the encoder sees.
    seen : tuple of int
        Numbers of residues that the transformer sees, one drawn for each batch: the encoder has already told each
        residue about the whole, and short runs make training cheap.
    seed : int
        Seed of everything.
    """

    def __init__(
        self,
        table: TokenTable,
        *,
        batch: int,
        residue_window: int = 1000,
        seen: tuple[int, ...] = (32, 64, 128, 256, 1000),
        seed: int = 0,
    ) -> None:
        self.table, self.batch, self.residue_window, self.seen = table, batch, residue_window, seen
        self.rng = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Batch]:
        lengths = np.array([min(len(sequence), self.residue_window) for sequence in self.table.sequences])
        while True:
            for chosen in similar_lengths(lengths, batch=self.batch, rng=self.rng):
                yield self._batch(chosen, shortest=int(lengths[chosen].min()))

    def _batch(self, chosen: np.ndarray, *, shortest: int) -> Batch:
        rng = self.rng
        ids = pad([crop(tokenize(self.table.sequences[index]), self.residue_window, rng) for index in chosen])
        fraction = rng.choice([0.0, 0.15, 1.0], p=[0.65, 0.3, 0.05], size=len(ids))  # 1: no sequence at all
        protein = self.table.protein[chosen].astype(np.int64)
        share = np.where(rng.random(len(ids)) < 0.3, 1.0, np.cos(rng.random(len(ids)) * np.pi / 2))
        seen = int(rng.choice(self.seen))
        start = int(rng.integers(max(1, shortest - seen + 1)))
        return Batch(
            hidden=torch.from_numpy(mask_residues(ids, fraction, rng)),
            ids=torch.from_numpy(ids),
            nucleus=torch.from_numpy(self._disturbed(self.table.nucleus[chosen].astype(np.int64))),
            protein=torch.from_numpy(protein),
            masked=torch.from_numpy(rng.random(protein.shape) < share[:, None]),
            window=(start, start + seen),
        )

    def _disturbed(self, nucleus: np.ndarray) -> np.ndarray:
        wrong = self.rng.choice(nucleus.ravel(), size=nucleus.shape)
        return np.where(self.rng.random(nucleus.shape) < WRONG_NUCLEUS, wrong, nucleus)


def _standardised(tokenizer: ImageTokenizer) -> Tensor:
    """Return the code vectors (codes, D) with mean 0 and standard deviation 1 along each axis."""
    codes = tokenizer.vqgan.quantizer.embedding.weight.detach()
    return (codes - codes.mean(0)) / codes.std(0)


@torch.no_grad()
def start_from_codebooks(model: MiniCelle) -> None:
    """Let codes with similar vectors start with similar embeddings and output weights: they look alike."""
    for tokenizer, weight in (
        (model.nucleus, model.nucleus_embedding.weight),
        (model.protein, model.protein_embedding.weight[: model.protein.codes]),
        (model.protein, model.to_protein.weight),
    ):
        codes = _standardised(tokenizer)
        projection = torch.randn(codes.shape[1], weight.shape[1]) / codes.shape[1] ** 0.5  # (D, dim)
        weight.copy_(codes @ projection * weight.std())


class CelleTraining(lightning.LightningModule):
    """Cross-entropy of masked protein tokens, error of their expected code vectors, and a little of masked residues.

    The tokenizers and the residue encoder stay as they are; the encoder's dropout stays on, so that the transformer
    does not trust it more than unseen proteins deserve.

    Parameters
    ----------
    model : MiniCelle
        Model with trained tokenizers and encoder.
    steps : int
        Optimiser steps planned.
    learning_rate : float
        Highest learning rate.
    """

    def __init__(self, model: MiniCelle, *, steps: int, learning_rate: float = 1e-3) -> None:
        super().__init__()
        self.model, self.steps, self.learning_rate = model, steps, learning_rate
        for part in (model.nucleus, model.protein, model.encoder):
            part.requires_grad_(False)
        self.register_buffer("vectors", _standardised(model.protein))

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the loss of one batch."""
        losses = self._losses(batch)
        self.log_dict({f"train/{name}": loss for name, loss in losses.items()}, batch_size=len(batch.ids))
        return losses["image"] + VECTOR_WEIGHT * losses["vectors"] + RESIDUE_WEIGHT * losses["residues"]

    def validation_step(self, batch: Batch, index: int) -> None:
        """Log the losses."""
        losses = self._losses(batch)
        self.log_dict({f"val/{name}": loss for name, loss in losses.items()}, batch_size=len(batch.ids))

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        model, span = self.model, slice(*batch.window)
        embedded = model.embed(batch.hidden)  # (B, L + 1, dim)
        embedded = torch.cat([embedded[:, :-1][:, span], embedded[:, -1:]], dim=1)
        hidden, ids = batch.hidden[:, span], batch.ids[:, span]
        tokens = batch.protein.masked_fill(batch.masked, model.mask_id)
        features = model(embedded, batch.nucleus, tokens, visible=hidden != PAD_ID)
        layout = model.layout(hidden.shape[1])
        logits = model.to_protein(features[:, layout.protein_span][batch.masked]).float()  # (M, codes)
        truth = batch.protein[batch.masked]  # (M,)
        asked = hidden == MASK_ID
        residues = model.to_residue(features[:, layout.residue_span][asked]).float()
        return {
            "image": F.cross_entropy(logits, truth),
            "vectors": F.mse_loss(logits.softmax(-1) @ self.vectors, self.vectors[truth]),
            "residues": F.cross_entropy(residues, ids[asked]) if asked.any() else residues.sum(),
        }

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle learning rate."""
        return one_cycle(self.model, learning_rate=self.learning_rate, steps=self.steps, weight_decay=0.02)
