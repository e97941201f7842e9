"""Training of CELL-E 2 (Khwaja et al. 2023): protein codes and residues that were masked."""

import torch.nn.functional as F
from torch import Tensor

from napari_celle.models.masked import MaskedCelle
from napari_celle.models.published import LOWEST
from napari_celle.train.published import PublishedTraining
from napari_celle.train.tokens import Batch


class MaskedTraining(PublishedTraining):
    """Cross-entropy of the masked protein codes and of the masked residues, and of nothing else."""

    model: MaskedCelle

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the mean cross-entropies in nats of "image" and "residues"; no part without masks."""
        model, layout = self.model, self.model.layout
        codes = batch.protein.masked_fill(batch.masked, model.mask_id)
        features = model(model.embed(batch.hidden), batch.nucleus, codes)  # (B, N, dim)
        image = model.protein_logits(features[:, layout.protein_span][batch.masked])  # (M, codes)
        losses = {"image": F.cross_entropy(image.float(), batch.protein[batch.masked])}
        asked = batch.hidden != batch.ids
        if asked.any():
            residues = self._residue_logits(features[:, layout.residue_span][asked])
            losses["residues"] = F.cross_entropy(residues, batch.ids[asked])
        return losses

    def _residue_logits(self, features: Tensor) -> Tensor:
        """Return the logits (M, R) of residues, the lowest number for the mask, from features (M, dim)."""
        model = self.model
        rows = slice(0, model.vocabulary.residues)
        logits = F.linear(features, model.head.weight[rows], model.head.bias[rows]).float()
        if model.vocabulary.residue_mask is not None:
            logits[:, model.vocabulary.residue_mask] = LOWEST
        return logits
