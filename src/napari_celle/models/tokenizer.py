"""Pictures to token ids and back."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.config import VqganConfig
from napari_celle.nn.vqgan import Vqgan


class ImageTokenizer(nn.Module):
    """Encode pictures to ids, decode ids or mixtures of codes to pictures."""

    def __init__(self, config: VqganConfig) -> None:
        super().__init__()
        self.grid, self.codes, self.patch = config.grid, config.codes, config.patch
        self.vqgan = Vqgan(config)

    def encode(self, pixels: Tensor) -> Tensor:
        """Return ids (B, grid²) int64, row by row, from pixels (B, 1, S, S) float in [0, 1]."""
        return self.vqgan.encode(pixels).flatten(1)

    def decode(self, ids: Tensor) -> Tensor:
        """Return pixels (B, S, S), unbounded, from ids (B, grid²)."""
        return self._pixels(self.vqgan.quantizer.vectors(self._square(ids)))

    def decode_mixtures(self, weights: Tensor) -> Tensor:
        """Return pixels (B, S, S), unbounded, from the weights of all codes at each place (B, grid², codes)."""
        return _without_grid(self._pixels(self.vqgan.quantizer.mixtures(self._square(weights))), self.patch)

    def _square(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(1, (self.grid, self.grid))

    def _pixels(self, vectors: Tensor) -> Tensor:
        # torch's group normalisation of channels-last maps sums in another order for each number of threads: pictures
        # of the published decoder move by up to 2e-4. (The reference outputs were made so, with two threads.)
        return self.vqgan.decode(vectors.contiguous(memory_format=torch.channels_last)).squeeze(1)


def _without_grid(pixels: Tensor, patch: int) -> Tensor:
    """Smooth pixels (B, S, S) over one patch: a decoder that draws patches leaves their grid in mixtures of codes."""
    if patch == 1:
        return pixels
    line = torch.ones(patch + 1, dtype=pixels.dtype, device=pixels.device)
    line[1:-1] = 2  # patch + 1 pixels, symmetric, and blind to everything that repeats each patch
    kernel = torch.outer(line, line) / line.sum() ** 2
    padded = F.pad(pixels.unsqueeze(1), [patch // 2] * 4, mode="replicate")
    return F.conv2d(padded, kernel[None, None]).squeeze(1)
