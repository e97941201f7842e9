"""What the training of CELL-E and of CELL-E 2 (phase 3) share: what is trained, the weighted loss, the log."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import lightning
import torch
from torch import Tensor

from napari_celle.errors import CelleError
from napari_celle.models.causal import CausalCelle
from napari_celle.models.embedder import set_trainable
from napari_celle.models.masked import MaskedCelle
from napari_celle.train.samples import in_rows, show
from napari_celle.train.schedule import one_cycle
from napari_celle.train.tokens import Batch
from napari_celle.types import SamplingOptions

SHOWN = 4
"""Samples whose pictures are drawn at each validation."""

_DRAWING = SamplingOptions(steps=4, temperature=0.5)


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


WEIGHTS: Mapping[str, Mapping[str, LossWeights]] = {
    "code": {"causal": LossWeights(), "masked": CELLE2},
    "paper": {"causal": PAPER, "masked": PAPER},
}
"""Loss weights by name, for each way of decoding."""


def loss_weights(text: str, *, decoding: str) -> LossWeights:
    """Read loss weights: a name in ``WEIGHTS``, or three numbers for residues, nucleus and image.

    Raises
    ------
    CelleError
        If it is neither.

    Examples
    --------
    >>> loss_weights("1,0,3", decoding="masked")
    LossWeights(residues=1.0, nucleus=0.0, image=3.0)
    """
    if text in WEIGHTS:
        return WEIGHTS[text][decoding]
    try:
        residues, nucleus, image = map(float, text.split(","))
    except ValueError:
        residues = nucleus = image = -1.0
    if not (min(residues, nucleus, image) >= 0 and 0 < residues + nucleus + image < float("inf")):
        raise CelleError(
            f"{text!r} are no loss weights. Give {' or '.join(WEIGHTS)}, or three numbers, not all 0, for residues, "
            "nucleus and image, like 1,1,7."
        )
    return LossWeights(residues, nucleus, image)


class PublishedTraining(lightning.LightningModule, ABC):
    """Cross-entropy of a model of the papers.

    The image tokenizers stay as they are.

    Parameters
    ----------
    model : CausalCelle or MaskedCelle
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
        model: CausalCelle | MaskedCelle,
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
        """Return the mean cross-entropies in nats of a batch of tokens, by the names of ``LossWeights``."""

    @torch.no_grad()
    def in_tokens(self, batch: Batch) -> Batch:
        """Return a batch with tokens in place of its pixels, encoded in full precision whatever the training's is."""
        if not batch.protein.is_floating_point():
            return batch
        with torch.autocast(self.device.type, enabled=False):
            nucleus, protein = self.model.encode_reference(batch.nucleus), self.model.protein.encode(batch.protein)
        return batch._replace(nucleus=nucleus, protein=protein)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the loss of one batch."""
        return self._log(self.in_tokens(batch), "train")

    def validation_step(self, batch: Batch, index: int) -> None:
        """Log the losses; show the first pictures and what the model draws for them."""
        tokens = self.in_tokens(batch)
        self._log(tokens, "val")
        if index == 0 and self.trainer.is_global_zero and batch.protein.is_floating_point():
            pictures = in_rows(batch.nucleus[:, 0], batch.protein[:, 0], self.drawn(tokens), most=SHOWN)
            show(self, "nucleus, protein, prediction", pictures)

    def drawn(self, batch: Batch, *, most: int = SHOWN) -> Tensor:
        """Return pictures (B, S, S) float32, unbounded, that the model draws for the first samples of a batch."""
        model = self.model
        generators = [torch.Generator().manual_seed(number) for number in range(min(most, len(batch.ids)))]
        decoded = model.generate(
            model.embed(batch.ids[:most]), batch.nucleus[:most], sampling=_DRAWING, noise=model.noise(generators)
        )
        return model.protein.decode(decoded.tokens).float()

    def _log(self, batch: Batch, stage: str) -> Tensor:
        losses = self.losses(batch)
        total = self.weights.total(losses)
        values = {f"{stage}/{name}": loss for name, loss in (losses | {"loss": total}).items()}
        self.log_dict(values, batch_size=len(batch.ids), sync_dist=stage == "val")
        return total

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle learning rate."""
        return one_cycle(self.model, learning_rate=self.learning_rate, steps=self.steps)
