"""Training of the transformer (phase 3): protein tokens that were masked, and residues that were masked."""

import lightning
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from napari_celle.data.batches import crop, pad, similar_lengths
from napari_celle.errors import CelleError
from napari_celle.models.mini import MiniCelle
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.sequence import MASK_ID, PAD_ID, tokenize
from napari_celle.train.masks import Masking, mask_image, mask_sequence
from napari_celle.train.schedule import one_cycle
from napari_celle.train.tokens import Batch, TokenBatches, TokenTable

RESIDUE_WEIGHT = 0.1
VECTOR_WEIGHT = 2.0
"""Of the distance between expected and true code vector, against the cross-entropy: noise makes many codes equally
likely for one structure, and what the probability map needs is their mean."""
WRONG_NUCLEUS = 0.05
"""Share of the nucleus tokens that training replaces by others, since real nuclei are not quite like drawn ones."""


SEEN = (32, 32, 32, 32, 32, 64, 64, 64, 64, 64, 128, 128, 128, 256, 256, 1000)
"""Numbers of residues that the transformer sees, one drawn for each batch: mostly few, since these are cheap."""

MASKING = Masking(whole_sequence=0.65, no_sequence=0.05, no_image=0.3)
"""Most proteins whole and many pictures hidden, as they are when a picture is predicted."""


class MiniBatches(TokenBatches[TokenTable]):
    """Batches of proteins of similar length, for celle-mini.

    Parameters
    ----------
    table, batch, masking, seed
        As in :class:`TokenBatches`.
    residue_window : int
        Longest part of a protein that the encoder sees.
    seen : tuple of int
        Numbers of residues that the transformer sees, one drawn for each batch: the encoder has already told each
        residue about the whole.
    """

    def __init__(
        self,
        table: TokenTable,
        *,
        batch: int,
        masking: Masking = MASKING,
        residue_window: int = 1000,
        seen: tuple[int, ...] = SEEN,
        seed: int = 0,
    ) -> None:
        super().__init__(table, batch=batch, masking=masking, seed=seed)
        if len(table) < batch:
            raise CelleError(
                f"There are {len(table):,} samples, fewer than a batch of {batch:,}. Choose a smaller one."
            )
        self.residue_window, self.seen = residue_window, seen
        self.lengths = np.array([min(len(sequence), residue_window) for sequence in table.sequences])
        self._pass: tuple[int, list[np.ndarray]] = (-1, [])

    def _chosen(self, number: int) -> np.ndarray:
        turn, place = divmod(number, len(self.table) // self.batch)
        if turn != self._pass[0]:
            rng = np.random.default_rng((self.seed, turn, 1))
            self._pass = turn, list(similar_lengths(self.lengths, batch=self.batch, rng=rng))
        return self._pass[1][place]

    def _batch(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        ids = pad([crop(tokenize(self.table.sequences[index]), self.residue_window, rng) for index in chosen])
        protein = self.table.protein[chosen].astype(np.int64)
        seen = int(rng.choice(self.seen))
        start = int(rng.integers(max(1, int(self.lengths[chosen].min()) - seen + 1)))
        return Batch(
            hidden=torch.from_numpy(np.where(mask_sequence(ids != PAD_ID, self.masking, rng), MASK_ID, ids)),
            ids=torch.from_numpy(ids),
            nucleus=torch.from_numpy(_disturbed(self.table.nucleus[chosen].astype(np.int64), rng)),
            protein=torch.from_numpy(protein),
            masked=torch.from_numpy(mask_image(protein.shape, self.masking, rng)),
            window=(start, start + seen),
        )


def _disturbed(nucleus: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    wrong = rng.choice(nucleus.ravel(), size=nucleus.shape)
    return np.where(rng.random(nucleus.shape) < WRONG_NUCLEUS, wrong, nucleus)


def _standardised(tokenizer: ImageTokenizer) -> Tensor:
    """Return the code vectors (codes, D) with mean 0 and standard deviation 1 along each axis."""
    codes = tokenizer.vqgan.quantizer.embedding.weight.detach()
    return (codes - codes.mean(0)) / codes.std(0)


@torch.no_grad()
def start_from_codebooks(model: MiniCelle, *, seed: int) -> None:
    """Let codes with similar vectors start with similar embeddings and output weights: they look alike."""
    generator = torch.Generator().manual_seed(seed)
    for tokenizer, weight in (
        (model.nucleus, model.nucleus_embedding.weight),
        (model.protein, model.protein_embedding.weight[: model.protein.codes]),
        (model.protein, model.to_protein.weight),
    ):
        codes = _standardised(tokenizer)
        projection = (
            torch.randn(codes.shape[1], weight.shape[1], generator=generator) / codes.shape[1] ** 0.5
        )  # (D, dim)
        weight.copy_(codes @ projection * weight.std())


class CelleTraining(lightning.LightningModule):
    """Cross-entropy of masked protein tokens, error of their expected code vectors, and a little of masked residues.

    The tokenizers and the residue encoder stay as they are.

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

    def on_train_start(self) -> None:
        """Switch the dropout of the encoder off: what it believes is what is drawn."""
        self.model.encoder.eval()

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
