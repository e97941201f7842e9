"""The transformer over all tokens: pre-norm, LayerScale, gated feed-forward."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.config import TransformerConfig
from napari_celle.nn.attention import Attention
from napari_celle.nn.memory import LayerMemory, Memory
from napari_celle.nn.shift import ImageTokens, ShiftMemory, shift

OnLayer = Callable[[int, int], None]
"""``on_layer(done, total)`` is called after each layer and may raise to stop."""


class FeedForward(nn.Module):
    """Gated GELU (Shazeer 2020)."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.wide = nn.Linear(dim, 2 * hidden)
        self.narrow = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, N, dim) from (B, N, dim)."""
        value, gate = self.wide(x).chunk(2, dim=-1)
        return self.narrow(value * F.gelu(gate))


class Layer(nn.Module):
    """``x += scale * attention(norm(x))``, then ``x += scale * feed_forward(norm(x))`` (LayerScale: Touvron 2021)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        dim = config.dim
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = Attention(
            dim,
            heads=config.heads,
            dim_head=config.dim_head,
            rotate_values=config.rotate_values,
            causal=config.causal,
        )
        self.feed_forward = FeedForward(dim, config.feed_forward * dim)
        self.attention_scale = nn.Parameter(torch.full((dim,), 0.3))
        self.feed_forward_scale = nn.Parameter(torch.full((dim,), 0.3))

    def forward(
        self,
        x: Tensor,
        angles: Tensor,
        *,
        visible: Tensor | None = None,
        image: ImageTokens | None = None,
        memory: LayerMemory | None = None,
    ) -> Tensor:
        """Return (B, N, dim) from (B, N, dim); see :meth:`Transformer.forward`."""
        keys, first, second = (memory.keys, memory.attention, memory.feed_forward) if memory else (None, None, None)
        y = _shifted(self.attention_norm(x), image, first)
        x = x + self.attention_scale * self.attention(y, angles, visible, keys)
        y = _shifted(self.feed_forward_norm(x), image, second)
        return x + self.feed_forward_scale * self.feed_forward(y)


def _shifted(x: Tensor, image: ImageTokens | None, memory: ShiftMemory | None) -> Tensor:
    if image is None:
        return x
    return shift(x, image) if memory is None else memory(x, image)


class Transformer(nn.Module):
    """A stack of layers and a last LayerNorm."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.token_shift = config.token_shift
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.dim)

    def forward(
        self,
        x: Tensor,
        angles: Tensor,
        *,
        visible: Tensor | None = None,
        image: ImageTokens | None = None,
        memory: Memory | None = None,
        on_layer: OnLayer | None = None,
    ) -> Tensor:
        """Run all layers.

        Parameters
        ----------
        x : Tensor
            (B, N, dim) tokens.
        angles : Tensor
            (N, A) rotary angles in radians.
        visible : Tensor or None
            (B, N) bool, False at padding; None when there is none.
        image : ImageTokens or None
            Where the pictures' tokens lie; used by a transformer with token shift.
        memory : Memory or None
            What a causal transformer keeps of earlier tokens; ``x`` are then those that follow.
        on_layer : callable or None
            Told after each layer; may raise to stop.
        """
        image = image if self.token_shift else None
        for index, layer in enumerate(self.layers):
            kept = None if memory is None else memory.layers[index]
            x = layer(x, angles, visible=visible, image=image, memory=kept)
            if on_layer is not None:
                on_layer(index + 1, len(self.layers))
        return self.norm(x)
