"""Pictures compared by the features of VGG-16 (Zhang et al. 2018, without their learned weights)."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.errors import WeightsError

_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, which VGG-16 was trained on


class Vgg16(nn.Module):
    """The convolutions of VGG-16, named as in torchvision's file of weights; they are never trained."""

    mean: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = 3
        for level in _WIDTHS:
            for out in level:
                layers += [nn.Conv2d(width, out, 3, padding=1), nn.ReLU()]
                width = out
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(_SPREAD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    def levels(self, pixels: Tensor) -> list[Tensor]:
        """Return the features (B, C, S / 2^n, S / 2^n) of five levels of grey pixels (B, 1, S, S) in [0, 1]."""
        x = (pixels.expand(-1, 3, -1, -1) - self.mean) / self.spread
        found = []
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                found.append(x)
            x = layer(x)
        return found

    def forward(self, decoded: Tensor, pixels: Tensor) -> Tensor:
        """Return the mean squared distance between unit feature vectors, summed over the levels; 0 for equal ones."""
        pairs = zip(self.levels(decoded), self.levels(pixels), strict=True)
        return torch.stack([(_unit(one) - _unit(other)).square().sum(1).mean() for one, other in pairs]).sum()


def _unit(features: Tensor) -> Tensor:
    return F.normalize(features.float(), dim=1, eps=1e-6)


def read_vgg16(path: Path) -> Vgg16:
    """Read torchvision's weights of VGG-16, ``vgg16-397923af.pth``.

    Raises
    ------
    WeightsError
        If the file is missing or none of VGG-16.
    """
    network = Vgg16()
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        found = {name: tensor for name, tensor in tensors.items() if name.startswith("features.")}
        network.load_state_dict(found)
    except Exception as error:  # noqa: BLE001 - torch raises whatever a foreign file makes it raise
        raise WeightsError(
            f"{path} is not torchvision's file of VGG-16's weights (vgg16-397923af.pth): "
            f"{str(error).splitlines()[0]}. Give that file, or leave the perceptual term out."
        ) from None
    return network
