"""From the logits of a decoding to the heat map: the two definitions of the probability map."""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.sampling import Decoded
from napari_celle.types import Faithful


class Heatmap(Protocol):
    """From a decoding to the heat map (B, S, S) float32 in [0, 1]."""

    def __call__(self, tokenizer: ImageTokenizer, decoded: Decoded, *, faithful: Faithful = "none") -> Tensor:
        """Return the heat map; ``tokenizer`` is the protein's."""


def paper(tokenizer: ImageTokenizer, decoded: Decoded, *, faithful: Faithful = "none") -> Tensor:
    """Decode the code vectors that are expected under the probabilities of the codes (CELL-E, Theorem 3), and clip.

    The probabilities are those before anything is drawn, at temperature 1 and of all codes, whatever the sampling: so
    the map of a model that fills many codes at once does not depend on the seed. One that draws code after code knows
    the probabilities only after the codes before, and its map is that of one course of drawing. A code that was given
    is certain.
    """
    codes = decoded.first.shape[-1]
    sure = F.one_hot(decoded.tokens, codes).to(decoded.first)
    given = (decoded.step_filled == 0).unsqueeze(-1)
    return _clipped(tokenizer.decode_mixtures(torch.where(given, sure, decoded.first.softmax(-1))))


def published_causal(tokenizer: ImageTokenizer, decoded: Decoded, *, faithful: Faithful = "none") -> Tensor:
    """Decode the code vectors weighted by the raw logits, no probabilities at all, and clip (oddity 14)."""
    return _clipped(tokenizer.decode_mixtures(decoded.filled_logits))


def published_masked(tokenizer: ImageTokenizer, decoded: Decoded, *, faithful: Faithful = "none") -> Tensor:
    """Decode the code vectors weighted by the logits, each place's divided by their largest size; shift, and clip.

    The shift would bring the brightest pixel to 1 if it is below, and the darkest to 0 if it is above; a picture that
    needs both is shifted by the sum. The logits of a place are those of the pass in which it was filled. With
    ``faithful="all"`` only those of the last pass count, 0 / 0 elsewhere, and the map is nothing but NaN unless all
    codes were filled in one pass, or given (oddity 17).
    """
    weights, steps = decoded.filled_logits, decoded.step_filled
    if faithful == "all":
        weights = weights * (steps == steps.max()).unsqueeze(-1)
    weights = weights / weights.abs().amax(-1, keepdim=True)  # (B, N, K) in [-1, 1]
    pixels = tokenizer.decode_mixtures(weights)  # (B, S, S)
    darkest, brightest = (edge(pixels, dim=(1, 2), keepdim=True) for edge in (torch.amin, torch.amax))
    return _clipped(pixels + (1 - brightest).clamp(min=0) - darkest.clamp(min=0))


HEATMAPS: dict[tuple[str, str], Heatmap] = {
    ("causal", "paper"): paper,
    ("causal", "published"): published_causal,
    ("masked", "paper"): paper,
    ("masked", "published"): published_masked,
}
"""Heat maps by decoding ("causal", "masked") and definition of the probability map ("paper", "published")."""


def _clipped(pixels: Tensor) -> Tensor:
    return pixels.float().clamp(0, 1)
