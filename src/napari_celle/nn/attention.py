"""Multi-head attention with rotary positions."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.nn.rotary import rotate


class Attention(nn.Module):
    """Every token looks at every token (Vaswani et al. 2017); keys of padding are left out.

    Parameters
    ----------
    dim, heads, dim_head : int
        Width of a token, number of heads, width of a head.
    """

    def __init__(self, dim: int, *, heads: int, dim_head: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_qkv = nn.Linear(dim, 3 * heads * dim_head, bias=False)
        self.to_out = nn.Linear(heads * dim_head, dim)

    def forward(self, x: Tensor, angles: Tensor, visible: Tensor | None = None) -> Tensor:
        """Return (B, N, dim) from ``x`` (B, N, dim), ``angles`` (N, A) and ``visible`` (B, N) bool keys."""
        q, k, v = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # each (B, H, N, D)
        mask = None if visible is None else visible[:, None, None, :]  # (B, 1, 1, N)
        attend = _explicit if torch.is_grad_enabled() and x.device.type == "cpu" else F.scaled_dot_product_attention
        out = attend(rotate(q, angles), rotate(k, angles), v, mask)
        return self.to_out(out.transpose(1, 2).flatten(2))


def _explicit(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Attention as it is written; its backward pass on a CPU is several times quicker than the fused kernel's."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)  # (B, H, N, N)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1) @ v
