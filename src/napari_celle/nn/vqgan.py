"""The image tokenizer's convolutions (Esser et al. 2021): picture to code vectors and back."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.config import VqganConfig
from napari_celle.nn.quantizer import Quantizer


def _norm(channels: int, groups: int) -> nn.GroupNorm:
    return nn.GroupNorm(groups, channels, eps=1e-6)


class ResidualBlock(nn.Module):
    """Twice norm, x * sigmoid(x), 3 x 3 convolution; plus the input."""

    def __init__(self, channels: int, out: int, *, groups: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = _norm(channels, groups), _norm(out, groups)
        self.conv1 = nn.Conv2d(channels, out, 3, padding=1)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1)
        self.shortcut = nn.Conv2d(channels, out, 1) if channels != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, out, H, W) from (B, channels, H, W)."""
        y = self.conv1(F.silu(self.norm1(x)))
        return self.shortcut(x) + self.conv2(F.silu(self.norm2(y)))


class AttentionBlock(nn.Module):
    """Single-head attention over the places of a feature map; plus the input."""

    def __init__(self, channels: int, *, groups: int) -> None:
        super().__init__()
        self.norm = _norm(channels, groups)
        self.to_qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.to_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) from (B, C, H, W)."""
        q, k, v = self.to_qkv(self.norm(x)).flatten(2).transpose(1, 2).chunk(3, dim=-1)  # each (B, HW, C)
        out = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).unflatten(2, x.shape[2:])  # (B, C, H, W)
        return x + self.to_out(out)


class Downsample(nn.Module):
    """Halve height and width: a zero column at the right, a zero row at the bottom, convolution of stride 2."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H / 2, W / 2) from (B, C, H, W)."""
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    """Double height and width: nearest neighbour, then convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, 2 H, 2 W) from (B, C, H, W)."""
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


def _middle(channels: int, groups: int) -> list[nn.Module]:
    return [
        ResidualBlock(channels, channels, groups=groups),
        AttentionBlock(channels, groups=groups),
        ResidualBlock(channels, channels, groups=groups),
    ]


def _encoder(config: VqganConfig) -> nn.Sequential:
    """Return pixels (B, 1, S, S) to features (B, D, grid, grid)."""
    groups, width = config.norm_groups, config.channels
    parts: list[nn.Module] = [nn.PixelUnshuffle(config.patch), nn.Conv2d(config.patch**2, width, 3, padding=1)]
    last = len(config.multipliers) - 1
    for level, multiplier in enumerate(config.multipliers):
        for _ in range(config.blocks):
            parts.append(ResidualBlock(width, config.channels * multiplier, groups=groups))
            width = config.channels * multiplier
            parts += [AttentionBlock(width, groups=groups)] if config.resolution(level) in config.attention else []
        parts += [Downsample(width)] if level < last else []
    parts += [
        *_middle(width, groups),
        _norm(width, groups),
        nn.SiLU(),
        nn.Conv2d(width, config.z_channels, 3, padding=1),
    ]
    return nn.Sequential(*parts, nn.Conv2d(config.z_channels, config.embed_dim, 1))


def _decoder(config: VqganConfig) -> nn.Sequential:
    """Return code vectors (B, D, grid, grid) to pixels (B, 1, S, S), unbounded."""
    groups = config.norm_groups
    width = config.channels * config.multipliers[-1]
    parts: list[nn.Module] = [nn.Conv2d(config.embed_dim, config.z_channels, 1)]
    parts += [nn.Conv2d(config.z_channels, width, 3, padding=1), *_middle(width, groups)]
    for level, multiplier in reversed(list(enumerate(config.multipliers))):
        for _ in range(config.blocks + 1):
            parts.append(ResidualBlock(width, config.channels * multiplier, groups=groups))
            width = config.channels * multiplier
            parts += [AttentionBlock(width, groups=groups)] if config.resolution(level) in config.attention else []
        parts += [Upsample(width)] if level > 0 else []
    last = max(1, config.finish)
    parts += [_norm(width, groups), nn.SiLU(), nn.Conv2d(width, last * config.patch**2, 3, padding=1)]
    return nn.Sequential(*parts, nn.PixelShuffle(config.patch), *_finish(config.finish))


def _finish(channels: int) -> list[nn.Module]:
    if not channels:
        return []
    first, last = nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, 1, 3, padding=1)
    return [nn.SiLU(), first, nn.SiLU(), last]


class Vqgan(nn.Module):
    """Encoder, codebook and decoder."""

    def __init__(self, config: VqganConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder, self.decoder = _encoder(config), _decoder(config)
        self.quantizer = Quantizer(config.codes, config.embed_dim)

    def features(self, pixels: Tensor) -> Tensor:
        """Return (B, D, grid, grid) from pixels (B, 1, S, S), before quantisation."""
        return self.encoder(pixels)

    def decode(self, vectors: Tensor) -> Tensor:
        """Return pixels (B, 1, S, S), unbounded, from code vectors (B, D, grid, grid)."""
        return self.decoder(vectors)

    @torch.no_grad()
    def encode(self, pixels: Tensor) -> Tensor:
        """Return ids (B, grid, grid) int64 from pixels (B, 1, S, S)."""
        return self.quantizer.nearest(self.features(pixels))
