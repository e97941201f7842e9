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
