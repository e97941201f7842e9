"""Rotary positions: pairs of channels are turned by an angle that depends on the token's place."""

import torch
from torch import Tensor


def image_angles(positions: Tensor, frequencies: int) -> Tensor:
    """Return the angles of tokens from their place in the picture (axial rotary, Su et al. 2021).

    Parameters
    ----------
    positions : Tensor
        (N, 2) float rows and columns in [-1, 1].
    frequencies : int
        Frequencies an axis, from pi to 5 pi a unit as in the published models.

    Returns
    -------
    Tensor
        (N, 2 * frequencies) float32 radians: rows first, then columns.
    """
    scale = torch.linspace(1, 5, frequencies, device=positions.device) * torch.pi  # (F,)
    return (positions[:, :, None] * scale).flatten(1)  # (N, 2F)


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Turn the pairs (2j, 2j + 1) of the first channels of each token by its angles; the rest passes unchanged.

    Parameters
    ----------
    x : Tensor
        (..., N, D).
    angles : Tensor
        (N, A) float32 radians with 2 A <= D.
    """
    still = x.shape[-1] // 2 - angles.shape[-1]
    angles = torch.cat([angles, angles.new_zeros(len(angles), still)], dim=-1).repeat_interleave(2, dim=-1)  # (N, D)
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)  # each (..., N, D / 2)
    partner = torch.stack([-odd, even], dim=-1).flatten(-2)  # (..., N, D)
    return x * angles.cos().to(x.dtype) + partner * angles.sin().to(x.dtype)


def token_table(text_rows: int, *, grid: int, dim_head: int, pictures: int = 2) -> Tensor:
    """Return the angles of all tokens of the published models: text, then the codes of each picture.

    A text token has its number as position and stands at (-10, -10), away from the pictures; a code has position 8192
    and its place in [-1, 1], the pictures one diagonally after the other.

    Parameters
    ----------
    text_rows : int
        Tokens before the pictures.
    grid : int
        Codes along an edge of a picture.
    dim_head : int
        Width of an attention head; a third of it is for each of the three axes.
    pictures : int
        2, or 1 for a model without reference image, which keeps the places of the second.

    Returns
    -------
    Tensor
        (text_rows + pictures * grid², 3 * (dim_head // 3 // 2)) float32 radians: number, row, column.
    """
    width = dim_head // 3
    number = 10000 ** (-2 * torch.arange(width // 2) / width)  # (F,)
    pixel = torch.linspace(1, 5, width // 2) * torch.pi  # (F,)
    axis = torch.linspace(-1, 1, 2 * grid).unflatten(0, (2, grid))[2 - pictures :]  # (P, grid)
    places = torch.cat([torch.cartesian_prod(line, line) for line in axis])  # (P * grid², 2)
    text = torch.arange(text_rows).unsqueeze(1) * number  # (T, F)
    away = torch.full((text_rows, 2), -10.0)
    numbers = torch.cat([text, (8192 * number).expand(len(places), -1)])
    return torch.cat([numbers, (torch.cat([away, places]).unsqueeze(-1) * pixel).flatten(1)], dim=-1)
