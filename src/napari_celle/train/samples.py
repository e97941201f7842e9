"""Sample pictures of a training run, in its log and in files."""

import os
from pathlib import Path

import lightning
import numpy as np
import torch
from PIL import Image
from torch import Tensor


def in_rows(*rows: Tensor, most: int = 8) -> Tensor:
    """Put pictures (B, Y, X) of several kinds below each other: (rows * Y, most * X) float32 in [0, 1]."""
    return torch.cat([torch.cat(list(row[:most].float()), dim=1) for row in rows]).clamp(0, 1)


def show(module: lightning.LightningModule, name: str, picture: Tensor) -> None:
    """Write a picture, (Y, X) in [0, 1] or (Y, X, 3) uint8, to the run's log, where there is one."""
    if module.logger is not None:
        kind = "HW" if picture.ndim == 2 else "HWC"
        module.logger.experiment.add_image(name, picture.cpu(), module.global_step, dataformats=kind)


def save_png(picture: np.ndarray, path: Path) -> None:
    """Write a picture, (Y, X) or (Y, X, 3) uint8, as PNG, at once or not at all."""
    part = path.with_name(f"{path.name}.part")
    Image.fromarray(picture).save(part, format="png")
    os.replace(part, path)
