"""How many tokens are still masked after a step."""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]
"""From the share of the steps done, in [0, 1], to the share of the tokens still masked, in [0, 1]."""


def cosine(done: float) -> float:
    """Few tokens first, many last (MaskGIT, Chang et al. 2022).

    Examples
    --------
    >>> round(cosine(0.5), 3)
    0.707
    """
    return math.cos(done * math.pi / 2)


def masks_left(schedule: Schedule, *, step: int, steps: int, masked: int) -> int:
    """Return how many of the ``masked`` tokens at the start stay masked after ``step`` (from 1) of ``steps``.

    Every step fills at least one token as long as there are any, and the last step leaves none.

    Examples
    --------
    >>> [masks_left(cosine, step=step, steps=4, masked=256) for step in (1, 2, 3, 4)]
    [236, 181, 97, 0]
    """
    if step >= steps:
        return 0
    return max(0, min(masked - step, math.floor(schedule(step / steps) * masked)))
