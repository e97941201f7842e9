"""What the training of CELL-E and of CELL-E 2 (phase 3) share: what is trained, the weighted loss, the log."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import lightning
import torch
from torch import Tensor

from napari_celle.models.embedder import set_trainable
from napari_celle.models.published import PublishedCelle
from napari_celle.train.residues import one_cycle
from napari_celle.train.tokens import Batch


@dataclass(frozen=True, slots=True)
class LossWeights:
    """What the mean cross-entropies of residues, nucleus codes and protein codes count in the loss.

    The default is that of CELL-E's code, 1, 1 and 7 over 9; the paper prints 1/9, 1/9 and 8/9. CELL-E 2, whose nucleus
    is never masked, has ``CELLE2``.
    """

    residues: float = 1 / 9
    nucleus: float = 1 / 9
    image: float = 7 / 9

    def total(self, losses: dict[str, Tensor]) -> Tensor:
        """Return the weighted sum of losses by the names of the weights."""
        weights = {"residues": self.residues, "nucleus": self.nucleus, "image": self.image}
        return torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()


PAPER = LossWeights(1 / 9, 1 / 9, 8 / 9)
"""As printed in the paper of CELL-E."""

CELLE2 = LossWeights(residues=1 / 2, nucleus=0, image=1 / 2)
"""The default of CELL-E 2's code."""


class PublishedTraining(lightning.LightningModule, ABC):
    """Cross-entropy of a model of the papers.

    The image tokenizers stay as they are.

    Parameters
    ----------
    model : PublishedCelle
        Model with trained tokenizers.
    steps : int
        Optimiser steps planned.
    weights : LossWeights
        What the parts of the loss count.
    learning_rate : float
        Highest learning rate.
    fixed_embedding : bool
        What gives residues their vectors stays as it is; otherwise it is trained too, language models without dropout.
    """

    def __init__(
        self,
        model: PublishedCelle,
        *,
        steps: int,
        weights: LossWeights,
        learning_rate: float = 3e-4,
        fixed_embedding: bool = True,
    ) -> None:
        super().__init__()
        self.model, self.steps, self.weights, self.learning_rate = model, steps, weights, learning_rate
        for tokenizer in (model.reference, model.protein):
            if tokenizer is not None:
                tokenizer.requires_grad_(False)
        set_trainable(model.embedder, not fixed_embedding)

    @abstractmethod
    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the mean cross-entropies in nats, by the names of ``LossWeights``."""

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the loss of one batch."""
        return self._log(batch, "train")

    def validation_step(self, batch: Batch, index: int) -> None:
        """Log the losses."""
        self._log(batch, "val")

    def _log(self, batch: Batch, stage: str) -> Tensor:
        losses = self.losses(batch)
        total = self.weights.total(losses)
        values = {f"{stage}/{name}": loss for name, loss in (losses | {"loss": total}).items()}
        self.log_dict(values, batch_size=len(batch.ids), sync_dist=stage == "val")
        return total

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle learning rate."""
        return one_cycle(self.model, learning_rate=self.learning_rate, steps=self.steps)
