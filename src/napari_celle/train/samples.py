"""Sample pictures of a training run, for TensorBoard."""

import lightning
import torch
from torch import Tensor


def in_rows(*rows: Tensor, most: int = 8) -> Tensor:
    """Put pictures (B, Y, X) of several kinds below each other: (rows * Y, most * X) float32 in [0, 1]."""
    return torch.cat([torch.cat(list(row[:most].float()), dim=1) for row in rows]).clamp(0, 1)


def show(module: lightning.LightningModule, name: str, picture: Tensor) -> None:
    """Write a picture, (Y, X) in [0, 1] or (Y, X, 3) uint8, to the run's log, where there is one."""
    if module.logger is not None:
        kind = "HW" if picture.ndim == 2 else "HWC"
        module.logger.experiment.add_image(name, picture.cpu(), module.global_step, dataformats=kind)
