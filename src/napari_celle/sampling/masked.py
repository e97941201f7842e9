"""Many tokens at once (CELL-E 2, after MaskGIT): fill the surest of the masked tokens, step by step."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_celle.sampling.filters import gumbel, keep_top_k
from napari_celle.sampling.schedules import cosine, masks_left


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What a decoding gives.

    Attributes
    ----------
    tokens : Tensor
        (B, N) int64, no masks left.
    logits : Tensor
        (B, N, K) float, of the first pass: what is probable at each place before anything is drawn.
    """

    tokens: Tensor
    logits: Tensor


def decode(
    logits_fn: Callable[[Tensor, int], Tensor],
    tokens: Tensor,
    *,
    mask_id: int,
    steps: int,
    temperature: float,
    top_k: int | None,
    generators: list[torch.Generator],
) -> Decoded:
    """Fill all masked tokens.

    Parameters
    ----------
    logits_fn : callable
        ``(tokens (B, N), step) -> (B, N, K)`` logits of every token; K does not count the mask.
    tokens : Tensor
        (B, N) int64; ``mask_id`` where a token is to be found, others are kept.
    mask_id : int
        The id of a masked token.
    steps : int
        Passes, at least 1.
    temperature : float
        Size of the Gumbel noise against the logits; 0 takes the most probable token.
    top_k : int or None
        Draw among so many best tokens only.
    generators : list of torch.Generator
        One for each item, so that a batch gives what its items give one by one.
    """
    masked = (tokens == mask_id).sum(1)  # (B,) at the start
    first = logits = logits_fn(tokens, 1).float()  # (B, N, K)
    for step in range(1, steps + 1):
        hidden = tokens == mask_id  # (B, N)
        if not hidden.any():
            break
        if step > 1:
            logits = logits_fn(tokens, step).float()
        scores = keep_top_k(logits, top_k)
        if temperature > 0:
            noise = torch.stack([gumbel(logits.shape[1:], generator) for generator in generators])
            scores = scores + temperature * noise.to(logits.device)
        best, proposal = scores.max(-1)  # (B, N)
        left = [masks_left(cosine, step=step, steps=steps, masked=int(count)) for count in masked]
        tokens = torch.where(_surest(best, hidden, left), proposal, tokens)
    return Decoded(tokens=tokens, logits=first)


def _surest(best: Tensor, hidden: Tensor, left: list[int]) -> Tensor:
    """Return (B, N) bool: the hidden tokens with the best scores, all but ``left`` of each row."""
    order = best.masked_fill(~hidden, float("inf")).argsort(dim=-1)  # least sure first, given tokens last
    fill = hidden.clone()
    for row, count in enumerate(left):
        fill[row, order[row, :count]] = False
    return fill
