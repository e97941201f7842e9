"""The discriminator of patches (Isola et al. 2017): it tells decoded pictures from real ones; what fooling it costs."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_HIGHEST = 1e4  # of the balancing weight


class PatchDiscriminator(nn.Module):
    """Convolutions that judge overlapping patches of 70 x 70 pixels.

    Parameters
    ----------
    channels : int
        Channels of the first convolution.
    """

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(1, channels, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for level, stride in enumerate((2, 2, 1)):
            width = channels * 2**level
            layers += [
                nn.Conv2d(width, 2 * width, 4, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(2 * width),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(8 * channels, 1, 4, padding=1))
        self.apply(_start)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (B, 1, S / 8 - 2, S / 8 - 2), higher for real, from pixels (B, 1, S, S)."""
        return self.layers(pixels)


def _start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d):
        nn.init.normal_(layer.weight, 0.0, 0.02)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1.0, 0.02)


def fooling(discriminator: nn.Module, decoded: Tensor) -> Tensor:
    """Return what the decoder is to make small: minus the judgement; the discriminator learns nothing from it."""
    with _resting(discriminator):
        return -discriminator(decoded).float().mean()


def telling(discriminator: nn.Module, decoded: Tensor, pixels: Tensor) -> Tensor:
    """Return what the discriminator is to make small, the hinge loss; the decoder learns nothing from it."""
    real, made = discriminator(pixels.detach()).float(), discriminator(decoded.detach()).float()
    return (F.relu(1 - real).mean() + F.relu(1 + made).mean()) / 2


def balance(reconstruction: Tensor, fooled: Tensor, weight: Tensor) -> Tensor:
    """Return the factor that makes both losses pull equally at the decoder's last weights (Esser et al. 2021)."""
    pulls = [torch.autograd.grad(loss, weight, retain_graph=True)[0].norm() for loss in (reconstruction, fooled)]
    return (pulls[0] / (pulls[1] + 1e-4)).clamp(0, _HIGHEST).detach()


@contextmanager
def _resting(module: nn.Module) -> Iterator[None]:
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)
