import torch
from torch import nn

from napari_celle.train.schedule import one_cycle


def test_the_learning_rate_rises_in_the_first_tenth_and_falls_to_nothing():
    parts = one_cycle(nn.Linear(2, 2), learning_rate=0.5, steps=100)
    optimizer, schedule = parts["optimizer"], parts["lr_scheduler"]["scheduler"]
    rates = []
    for _ in range(99):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert max(rates) == rates[9] == 0.5
    assert rates[0] < 0.05
    assert rates[-1] < 0.001
    assert isinstance(optimizer, torch.optim.AdamW)
