"""The noise of a draw: from scores the noise of the same shape, from one seeded generator for each item."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Noise = Callable[[Tensor], Tensor]
"""From scores (B, ...) float the noise of the same shape, float32, on the same device."""


def gumbel(uniform: Tensor) -> Tensor:
    """Return Gumbel noise from numbers that are uniform in [0, 1); 0 and 1 give finite noise too."""
    return -torch.log(-torch.log(uniform + 1e-20) + 1e-20)


def gumbel_noise(generators: Sequence[torch.Generator]) -> Noise:
    """Return Gumbel noise of one generator for each item, so that a batch gives what its items give one by one.

    Parameters
    ----------
    generators : sequence of torch.Generator
        As many as the batch has items; the noise is drawn on their device.
    """

    def noise(scores: Tensor) -> Tensor:
        shape = scores.shape[1:]
        return torch.stack([_drawn(shape, own) for _, own in zip(scores, generators, strict=True)]).to(scores.device)

    return noise


def whole_vocabulary_noise(
    generators: Sequence[torch.Generator], *, shape: tuple[int, ...], cut: tuple[slice, ...]
) -> Noise:
    """Return noise as the authors' code draws it: for all tokens and columns of the logits, of which a part is used.

    Parameters
    ----------
    generators : sequence of torch.Generator
        As in :func:`gumbel_noise`.
    shape : tuple of int
        What is drawn for each item at each call: tokens and columns.
    cut : tuple of slice
        What of it belongs to the scores: as many numbers as these have.
    """

    def noise(scores: Tensor) -> Tensor:
        drawn = [_drawn(shape, own)[cut] for _, own in zip(scores, generators, strict=True)]
        return torch.stack(drawn).reshape(scores.shape).to(scores.device)

    return noise


def with_noise(scores: Tensor, *, noise: Noise, temperature: float) -> Tensor:
    """Return ``scores + temperature * noise``; nothing is drawn at temperature 0.

    The authors' code divides the logits by the temperature instead, which orders the tokens the same way.
    """
    return scores + temperature * noise(scores) if temperature > 0 else scores


def _drawn(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    return gumbel(torch.rand(tuple(shape), generator=generator, device=generator.device))
