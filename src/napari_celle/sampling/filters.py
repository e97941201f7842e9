"""Which tokens may be drawn, and the noise of a draw."""

import torch
from torch import Tensor


def keep_top_k(logits: Tensor, k: int | None) -> Tensor:
    """Set all but the ``k`` largest logits of the last axis to minus infinity; None keeps all."""
    if k is None or k >= logits.shape[-1]:
        return logits
    smallest = logits.topk(max(1, k), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < smallest, float("-inf"))


def gumbel(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Return Gumbel noise, float32, drawn on the generator's device."""
    uniform = torch.rand(shape, generator=generator, device=generator.device)
    return -torch.log(-torch.log(uniform + 1e-20) + 1e-20)
