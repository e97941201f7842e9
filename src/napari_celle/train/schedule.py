"""The optimiser and the course of the learning rate that most trainings share."""

import torch
from torch import nn


def one_cycle(module: nn.Module, *, learning_rate: float, steps: int, weight_decay: float = 0.01) -> dict[str, object]:
    """Return Lightning's optimiser and scheduler: AdamW, warm-up to ``learning_rate``, cosine to zero."""
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, betas=(0.9, 0.98), weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps, pct_start=0.1)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
