"""Which tokens may be drawn."""

from collections.abc import Callable

import torch
from torch import Tensor

Filter = Callable[[Tensor, int | None], Tensor]
"""From logits (..., K) and k to logits that are minus infinity where a token may not be drawn."""

TYPICAL_MASS, TYPICAL_TOKENS = 0.9, 20
"""Probability that typical sampling keeps at least, and tokens that it keeps at least."""


def keep_top_k(logits: Tensor, k: int | None) -> Tensor:
    """Set all but the ``k`` largest logits of the last axis to minus infinity; None and 0 keep all.

    Tokens as probable as the last one that is kept are kept too, so that the answer does not depend on how a device
    sorts equal numbers. (The authors' code keeps exactly ``k``, whichever the device sorts first.)
    """
    if not k or k >= logits.shape[-1]:
        return logits
    smallest = logits.topk(k, dim=-1).values[..., -1:]
    return logits.masked_fill(logits < smallest, float("-inf"))


def keep_typical(logits: Tensor, k: int | None = None) -> Tensor:
    """Keep the tokens whose information is nearest to what is expected (typical sampling, Meister et al. 2022).

    So many of them are kept that they have a probability of 0.9 together, and at least 20; ``k`` has no meaning.
    """
    information = -logits.log_softmax(-1)  # (..., K) in nats
    probability = logits.softmax(-1)
    expected = torch.special.entr(probability).sum(-1, keepdim=True)
    order = (information - expected).abs().argsort(dim=-1, stable=True)  # most typical first
    before = probability.gather(-1, order).cumsum(-1).roll(1, -1)  # probability of those more typical
    before[..., :TYPICAL_TOKENS] = 0
    drop = torch.zeros_like(order, dtype=torch.bool).scatter(-1, order, before >= TYPICAL_MASS)
    return logits.masked_fill(drop, float("-inf"))


FILTERS: dict[str, Filter] = {"top-k": keep_top_k, "typical": keep_typical}
"""Filters by name."""


def published_top_k(filter_thres: float, vocabulary: int) -> int:
    """Return the k of the authors' option ``filter_thres``, which counts the whole vocabulary (oddities 6 and 20).

    Examples
    --------
    >>> published_top_k(0.9, 1060), published_top_k(0.95, 1060), published_top_k(0.5, 1054)
    (105, 53, 527)
    """
    return max(int((1 - filter_thres) * vocabulary), 1)
