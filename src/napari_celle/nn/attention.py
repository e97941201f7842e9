"""Multi-head attention with rotary positions."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.nn.memory import KeyValues
from napari_celle.nn.rotary import rotate


class Attention(nn.Module):
    """Every token looks at every token (Vaswani et al. 2017), or at those before it; keys of padding are left out.

    Parameters
    ----------
    dim, heads, dim_head : int
        Width of a token, number of heads, width of a head.
    rotate_values : bool
        Turn the values as queries and keys are.
    causal : bool
        A token sees itself and those before it only.
    """

    def __init__(
        self, dim: int, *, heads: int, dim_head: int, rotate_values: bool = False, causal: bool = False
    ) -> None:
        super().__init__()
        self.heads, self.rotate_values, self.causal = heads, rotate_values, causal
        self.to_qkv = nn.Linear(dim, 3 * heads * dim_head, bias=False)
        self.to_out = nn.Linear(heads * dim_head, dim)

    def forward(
        self, x: Tensor, angles: Tensor, visible: Tensor | None = None, memory: KeyValues | None = None
    ) -> Tensor:
        """Attend.

        Parameters
        ----------
        x : Tensor
            (B, N, dim) tokens.
        angles : Tensor
            (N, A) rotary angles of these tokens.
        visible : Tensor or None
            (B, N) bool, False at keys that nobody may see.
        memory : KeyValues or None
            Keys and values of earlier tokens, to which these are added; after the beginning, one token at a time.
        """
        q, k, v = self._heads(x, angles)
        mask = self._mask(x, visible, memory)
        if memory is not None:
            k, v = memory.append(k, v)
        attend = _explicit if torch.is_grad_enabled() and x.device.type == "cpu" else F.scaled_dot_product_attention
        return self.to_out(attend(q, k, v, mask).transpose(1, 2).flatten(2))

    def weights(self, x: Tensor, angles: Tensor) -> Tensor:
        """Return how much each token looks at each: (B, H, N, N), rows sum to 1; arguments as in :meth:`forward`."""
        q, k, _ = self._heads(x, angles)
        return _weights(q, k, self._mask(x, None, None))

    def _heads(self, x: Tensor, angles: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values, each (B, H, N, D)."""
        q, k, v = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return rotate(q, angles), rotate(k, angles), rotate(v, angles) if self.rotate_values else v

    def _mask(self, x: Tensor, visible: Tensor | None, memory: KeyValues | None) -> Tensor | None:
        """Return which keys may be seen, broadcast to (B, H, N, N); None for all."""
        mask = None if visible is None else visible[:, None, None, :]  # (B, 1, 1, N)
        if not self.causal or (memory is not None and memory.tokens):  # one new token sees all
            return mask
        past = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).tril()
        return past if mask is None else past & mask


def _weights(q: Tensor, k: Tensor, mask: Tensor | None) -> Tensor:
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)  # (B, H, N, N)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1)


def _explicit(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Attention as it is written; its backward pass on a CPU is several times quicker than the fused kernel's."""
    return _weights(q, k, mask) @ v
