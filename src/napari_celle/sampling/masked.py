"""Many tokens at once (CELL-E 2, after MaskGIT): fill the surest of the masked tokens, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_celle.sampling.choices import choose
from napari_celle.sampling.filters import keep_top_k
from napari_celle.sampling.noise import Noise, with_noise
from napari_celle.sampling.schedules import SCHEDULES

OnCodes = Callable[[Tensor, Tensor], None]
"""Shown the codes so far, (B, N) int64, and which of them are known, (B, N) bool; the others mean nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What a decoding gives.

    Attributes
    ----------
    tokens : Tensor
        (B, N) int64, no masks left.
    first : Tensor
        (B, N, K) float32 logits before anything is drawn, that is of the first pass; where tokens are drawn one after
        another, those of the pass that knew the tokens before.
    filled_logits : Tensor
        (B, N, K) float32 logits of the pass in which each token was filled; one-hot of the token where it was given.
    step_filled : Tensor
        (B, N) int64 pass in which each token was filled, from 1; 0 where it was given.
    """

    tokens: Tensor
    first: Tensor
    filled_logits: Tensor
    step_filled: Tensor


def decode(  # noqa: PLR0913 - nine, all of them the caller's choice
    logits_fn: Callable[[Tensor, int], Tensor],
    tokens: Tensor,
    *,
    mask_id: int,
    steps: int,
    temperature: float,
    top_k: int | None,
    noise: Noise,
    schedule: str = "cosine",
    confidence: str = "probability",
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
        Passes, at least 1; as many as there are masks fill one token each (with "cosine").
    temperature : float
        Size of the noise against the logits; 0 takes the most probable token and draws nothing.
    top_k : int or None
        Draw among so many best tokens only; None and 0 keep all.
    noise : callable
        From ``sampling.noise``.
    schedule : str
        How many tokens each step fills: a name in ``SCHEDULES``.
    confidence : str
        Which are filled first: a name in ``CONFIDENCES``.

    Raises
    ------
    CelleError
        If there is no such schedule or confidence, or the published schedule cannot fill this batch.
    """
    masks_after, sureness = choose("schedule", schedule, SCHEDULES), choose("confidence", confidence, CONFIDENCES)
    noisy = partial(with_noise, noise=noise, temperature=temperature)
    hidden = tokens == mask_id  # (B, N)
    start = hidden.sum(1).tolist()
    first = logits = logits_fn(tokens, 1).float()  # (B, N, K)
    filled_logits = F.one_hot(tokens.masked_fill(hidden, 0), logits.shape[-1]).to(logits)
    step_filled = torch.zeros_like(tokens)
    for step in range(1, steps + 1):
        hidden = tokens == mask_id
        if not hidden.any():
            break
        if step > 1:
            logits = logits_fn(tokens, step).float()
        scores = noisy(keep_top_k(logits, top_k))
        proposal = scores.argmax(-1)  # (B, N)
        left = masks_after(hidden.sum(1).tolist(), start=start, step=step, steps=steps)
        fill = _surest(sureness(logits, scores, noisy), hidden, left)  # (B, N) bool
        tokens = torch.where(fill, proposal, tokens)
        filled_logits = torch.where(fill.unsqueeze(-1), logits, filled_logits)
        step_filled = step_filled.masked_fill(fill, step)
    return Decoded(tokens=tokens, first=first, filled_logits=filled_logits, step_filled=step_filled)


def by_probability(logits: Tensor, scores: Tensor, noisy: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the log-probability (B, N) of each token's proposal, with noise of its own, as in MaskGIT.

    (The noise with which the proposal was drawn would not do: the best of all noisy log-probabilities of a token is as
    large on average whether the model is sure of it or not.)
    """
    proposal = scores.argmax(-1, keepdim=True)
    return noisy(logits.log_softmax(-1).gather(-1, proposal).squeeze(-1))


def by_score(logits: Tensor, scores: Tensor, noisy: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the best noisy logit (B, N) of each token, as the authors' code does (oddity 19)."""
    return scores.amax(-1)


CONFIDENCES = {"probability": by_probability, "score": by_score}
"""Which tokens are filled first: those of the largest value."""


def _surest(sure: Tensor, hidden: Tensor, left: list[int]) -> Tensor:
    """Return (B, N) bool: the surest of the hidden tokens, all but ``left`` of each row."""
    order = sure.masked_fill(~hidden, float("inf")).argsort(dim=-1, stable=True)  # least sure first, given ones last
    rank = order.argsort(dim=-1)  # (B, N)
    return hidden & (rank >= torch.tensor(left, device=rank.device).unsqueeze(1))
