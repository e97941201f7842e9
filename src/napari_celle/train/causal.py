"""Training of CELL-E (Khwaja et al. 2022): each token from those before it."""

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_celle.models.causal import CausalCelle
from napari_celle.train.published import PublishedTraining
from napari_celle.train.tokens import Batch


class CausalTraining(PublishedTraining):
    """Cross-entropy of the next residue, nucleus code and protein code; padding after the protein is not counted."""

    model: CausalCelle

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the mean cross-entropies in nats of "residues", "nucleus" and "image"; no part that is not there."""
        model, layout = self.model, self.model.layout
        logits = model.logits(model.embed(batch.hidden), batch.nucleus, batch.protein[:, :-1])  # (B, N - 1, V)
        each = F.cross_entropy(logits.float().transpose(1, 2), self._next(batch), reduction="none")  # (B, N - 1)
        each = F.pad(each, (1, 0))  # the first token is asked of nobody
        told = torch.ones_like(each, dtype=torch.bool)
        told[:, 0] = False
        own = batch.ids.shape[1]
        told[:, layout.residues - own : layout.residues] &= batch.ids != model.alphabet.pad
        spans = {"residues": layout.residue_span, "nucleus": layout.nucleus_span, "image": layout.protein_span}
        return {name: each[:, span][told[:, span]].mean() for name, span in spans.items() if told[:, span].any()}

    def _next(self, batch: Batch) -> Tensor:
        """Return the columns (B, N - 1) of all tokens but the first."""
        model, vocabulary = self.model, self.model.vocabulary
        nucleus = batch.nucleus + vocabulary.reference_codes.start
        tokens = torch.cat([batch.ids, nucleus, batch.protein + vocabulary.protein_codes.start], dim=1)
        return tokens if model.own_start else tokens[:, 1:]
