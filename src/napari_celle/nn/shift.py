"""Token shift: image tokens take part of their channels from the neighbours above and to the left (CELL-E)."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True)
class ImageTokens:
    """Where the pictures' tokens begin in the sequence, and how many stand in a row of the picture."""

    start: int
    row: int


def shift(x: Tensor, image: ImageTokens) -> Tensor:
    """Shift a whole sequence; what comes before the pictures stays as it is.

    The first quarter of the channels comes from the token one row above (zero in the first row), the second from the
    token to the left (zero in the first column). All pictures form one grid, one below the other.

    Parameters
    ----------
    x : Tensor
        (B, N, dim).
    image : ImageTokens
        Where the pictures lie.
    """
    text, pictures = x[:, : image.start], x[:, image.start :]
    above, left, *own = pictures.chunk(4, dim=-1)  # each (B, M, dim / 4)
    above = F.pad(above, (0, 0, image.row, 0))[:, : pictures.shape[1]]
    column = torch.arange(pictures.shape[1], device=x.device) % image.row  # (M,)
    left = F.pad(left, (0, 0, 1, 0))[:, :-1] * (column != 0).unsqueeze(-1)
    return torch.cat([text, torch.cat([above, left, *own], dim=-1)], dim=1)


class ShiftMemory:
    """Shifts a sequence that comes bit by bit: first its beginning, then one image token at a time.

    Parameters
    ----------
    published : bool
        Do as the authors' cached code does (docs/upstream-differences.md, oddity 1): it looks two rows up instead of
        one, into shifted tokens of the beginning, and forgets the left neighbour in every second row only.
    """

    def __init__(self, *, published: bool) -> None:
        self._published = published
        self._last: Tensor | None = None  # (B, lag, dim): what the next tokens take from
        self._done = 0  # image tokens so far; those after the beginning only, if published

    def __call__(self, x: Tensor, image: ImageTokens) -> Tensor:
        """Return the shifted ``x`` (B, N, dim); N is 1 after the first call."""
        lag = 2 * image.row if self._published else image.row
        if self._last is None:
            shifted = shift(x, image)
            kept = (shifted if self._published else x)[:, image.start :]
            self._done = 0 if self._published else kept.shape[1]
            self._last = F.pad(kept, (0, 0, lag, 0))[:, -lag:]
            return shifted
        above, left = self._last[:, :1].chunk(4, dim=-1)[0], self._last[:, -1:].chunk(4, dim=-1)[1]
        if self._done % lag == 0:
            left = torch.zeros_like(left)
        self._last = torch.cat([self._last[:, 1:], x], dim=1)
        self._done += 1
        return torch.cat([above, left, *x.chunk(4, dim=-1)[2:]], dim=-1)
