"""The residue encoder: what each residue and the whole protein look like to the image transformer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.config import ResidueEncoderConfig


class ConvBlock(nn.Module):
    """Residual dilated convolution along the sequence, padding kept at zero."""

    def __init__(self, dim: int, *, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.wide = nn.Conv1d(dim, dim, kernel, padding=dilation * (kernel // 2), dilation=dilation)
        self.mix = nn.Conv1d(dim, dim, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return (B, L, dim) from ``x`` (B, L, dim) and ``mask`` (B, L, 1), 1 at residues."""
        y = (self.norm(x) * mask).transpose(1, 2)  # (B, dim, L)
        return x + self.dropout(self.mix(F.gelu(self.wide(y))).transpose(1, 2))


class ResidueEncoder(nn.Module):
    """Ids to one vector a residue, one summary a protein, and from it the location labels.

    Parameters
    ----------
    config : ResidueEncoderConfig
        Sizes.
    vocabulary : int
        Number of residue ids, mask and padding included.
    pad_id : int
        The id of padding.
    """

    def __init__(self, config: ResidueEncoderConfig, *, vocabulary: int, pad_id: int) -> None:
        super().__init__()
        self.ends, self.pad_id = config.ends, pad_id
        self.residue = nn.Embedding(vocabulary, config.dim, padding_idx=pad_id)
        self.from_start = nn.Embedding(config.ends + 1, config.dim)
        self.from_end = nn.Embedding(config.ends + 1, config.dim)
        self.blocks = nn.ModuleList(
            ConvBlock(config.dim, kernel=config.kernel, dilation=dilation, dropout=config.dropout)
            for dilation in config.dilations
        )
        self.norm = nn.LayerNorm(config.dim)
        self.pool = nn.Linear(config.dim, config.pools)
        self.summary = nn.Sequential(
            nn.Linear((config.pools + 1) * config.dim, 2 * config.dim),
            nn.GELU(),
            nn.Dropout(2 * config.dropout),
            nn.Linear(2 * config.dim, config.dim),
        )
        self.labels = nn.Linear(config.dim, config.labels)
        self.residue_logits = nn.Linear(config.dim, vocabulary)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Encode proteins.

        Parameters
        ----------
        ids : Tensor
            (B, L) int64 residue ids, padding at the end.

        Returns
        -------
        residues : Tensor
            (B, L, dim), zero at padding.
        summary : Tensor
            (B, dim) of the whole protein.
        """
        mask = (ids != self.pad_id).unsqueeze(-1)  # (B, L, 1)
        x = (self.residue(ids) + self._places(mask)) * mask
        for block in self.blocks:
            x = block(x, mask)
        x = self.norm(x) * mask
        return x, self.summary(self._pooled(x, mask))

    def _places(self, mask: Tensor) -> Tensor:
        """Return (B, L, dim): how far from either terminus, the same for all that are further than ``ends``."""
        start = torch.arange(mask.shape[1], device=mask.device).clamp(max=self.ends)  # (L,)
        lengths = mask.sum(1)  # (B, 1)
        end = (lengths - 1 - torch.arange(mask.shape[1], device=mask.device)).clamp(0, self.ends)  # (B, L)
        return self.from_start(start) + self.from_end(end)

    def _pooled(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return (B, (pools + 1) * dim): the mean and several weighted means over the residues."""
        weights = self.pool(x).masked_fill(~mask, float("-inf")).softmax(1)  # (B, L, pools)
        chosen = torch.einsum("blp,bld->bpd", weights, x)
        mean = x.sum(1, keepdim=True) / mask.sum(1, keepdim=True)
        return torch.cat([mean, chosen], dim=1).flatten(1)
