"""How many tokens are still masked after a step."""

import math
from collections.abc import Sequence
from typing import Protocol

import torch

from napari_celle.errors import CelleError


class Schedule(Protocol):
    """From the masks of each item now and at the start the masks of each item after ``step`` (from 1) of ``steps``."""

    def __call__(self, now: Sequence[int], *, start: Sequence[int], step: int, steps: int) -> list[int]:
        """Return one number for each item."""


def cosine(now: Sequence[int], *, start: Sequence[int], step: int, steps: int) -> list[int]:
    """Few tokens first, many last (MaskGIT, Chang et al. 2022): shares of the masks at the start, item by item.

    Every step fills at least one token as long as there are any, and the last step leaves none; as many steps as masks
    fill one token each.

    Examples
    --------
    >>> [cosine([0], start=[256], step=step, steps=4) for step in (1, 2, 3, 4)]
    [[236], [181], [97], [0]]
    """
    if step >= steps:
        return [0 for _ in now]
    share = math.cos(step / steps * math.pi / 2)
    return [max(0, min(masks - step, math.floor(share * masks))) for masks in start]


def published(now: Sequence[int], *, start: Sequence[int], step: int, steps: int) -> list[int]:
    """Shares of the masks that are left now, the first share 0, counted in the first item for all (oddities 18, 44).

    In float32, as the authors' code reckons.

    Examples
    --------
    >>> published([255], start=[256], step=2, steps=8)
    [248]

    Raises
    ------
    CelleError
        If another item has more masks than the first, so that some would be left.
    """
    time = torch.linspace(0, 1, steps, dtype=torch.float32)[step - 1]
    share = 1.0 if step == steps else 1 - torch.cos(time * math.pi / 2)
    fill = max(1, math.ceil(share * now[0]))
    left = [max(0, masks - fill) for masks in now]
    if step == steps and any(left):
        raise CelleError(
            "The published schedule counts the masked tokens of the first image for all, and another image has more of "
            "them. Predict images with different numbers of masked tokens one by one."
        )
    return left


SCHEDULES: dict[str, Schedule] = {"cosine": cosine, "published": published}
"""Schedules by name."""
