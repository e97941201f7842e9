"""One token after another (CELL-E)."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_celle.errors import CelleError
from napari_celle.sampling.choices import choose
from napari_celle.sampling.filters import FILTERS
from napari_celle.sampling.masked import Decoded
from napari_celle.sampling.noise import Noise, with_noise


def decode(
    logits_fn: Callable[[Tensor], Tensor],
    given: Tensor,
    *,
    length: int,
    temperature: float,
    top_k: int | None,
    noise: Noise,
    keep: str = "top-k",
) -> Decoded:
    """Draw all tokens.

    Parameters
    ----------
    logits_fn : callable
        ``(tokens so far (B, n)) -> (B, K)`` logits of the next token; called with the given tokens first, then with one
        token more each time.
    given : Tensor
        (B, m) int64, the first tokens of the image, as a rule none: m = 0. (The authors' option takes 112 of 256.)
    length : int
        Tokens in all, N.
    temperature : float
        Size of the noise against the logits; 0 takes the most probable token and draws nothing.
    top_k : int or None
        Draw among so many best tokens only; None and 0 keep all.
    noise : callable
        From ``sampling.noise``; asked for (B, K) at each token.
    keep : str
        Which tokens may be drawn: a name in ``FILTERS``.

    Raises
    ------
    CelleError
        If there is no such filter, or nothing is left to be drawn.
    """
    kept, start = choose("filter", keep, FILTERS), given.shape[1]
    if start >= length:
        raise CelleError(f"{start} tokens are given of an image of {length}. Leave at least one to be drawn.")
    tokens, drawn = given, []  # drawn: (B, K) each
    for _ in range(start, length):
        logits = logits_fn(tokens).float()
        drawn.append(logits)
        scores = with_noise(kept(logits, top_k), noise=noise, temperature=temperature)
        tokens = torch.cat([tokens, scores.argmax(-1, keepdim=True)], dim=1)
    later = torch.stack(drawn, dim=1)  # (B, N - m, K)
    logits = torch.cat([F.one_hot(given, later.shape[-1]).to(later), later], dim=1)
    steps = torch.arange(1 - start, length - start + 1, device=given.device).clamp(min=0)  # 1 is the first drawn
    return Decoded(tokens=tokens, first=logits, filled_logits=logits, step_filled=steps.expand(len(given), -1))
