"""The codebook of an image tokenizer."""

import torch
from torch import Tensor, nn


class Quantizer(nn.Module):
    """Nearest code by squared distance (van den Oord et al. 2017); the first of equally near ones.

    Parameters
    ----------
    codes : int
        Size of the codebook.
    dim : int
        Length of a code vector.
    """

    def __init__(self, codes: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(codes, dim)
        nn.init.uniform_(self.embedding.weight, -1 / codes, 1 / codes)

    def nearest(self, z: Tensor) -> Tensor:
        """Return the ids (B, H, W) int64 of the codes nearest to ``z`` (B, D, H, W)."""
        flat = z.permute(0, 2, 3, 1)  # (B, H, W, D)
        codes = self.embedding.weight  # (K, D)
        distance = flat.square().sum(-1, keepdim=True) + codes.square().sum(-1) - 2 * flat @ codes.T  # (B, H, W, K)
        return distance.argmin(-1)

    def vectors(self, ids: Tensor) -> Tensor:
        """Return the code vectors (B, D, H, W) of ids (B, H, W)."""
        return self.embedding(ids).permute(0, 3, 1, 2)

    def mixtures(self, weights: Tensor) -> Tensor:
        """Return the weighted code vectors (B, D, H, W) of ``weights`` (B, H, W, K)."""
        return torch.einsum("bhwk,kd->bdhw", weights, self.embedding.weight)
