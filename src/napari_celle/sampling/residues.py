"""Masked residues of a sequence, filled from the picture (CELL-E 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_celle.errors import CelleError
from napari_celle.sampling.choices import choose
from napari_celle.sampling.filters import keep_top_k
from napari_celle.sampling.noise import Noise, with_noise
from napari_celle.sampling.suppression import ResidueIds, only, suppress_as_published
from napari_celle.sampling.walks import WALKS, Walk


@dataclass(frozen=True, slots=True)
class Filling:
    """How residues are filled.

    Attributes
    ----------
    order : str
        "outward": from the known residues outwards, and only letters of amino acids are proposed. "published": in the
        order and by the rules of the authors' code, oddities 22 to 29.
    at_once : int
        Residues a pass.
    standard_only : bool
        Only the 20 standard amino acids are proposed, otherwise X, B, U, Z and O too. In the published order it is the
        authors' option ``force_aas``: all letters if True, otherwise other tokens too.
    place : bool
        The residues that are found are put into the sequence. If False the masks stay, and the logits alone are found.
    """

    order: Literal["outward", "published"] = "outward"
    at_once: int = 1
    standard_only: bool = True
    place: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FilledResidues:
    """Sequences whose masks were filled.

    Attributes
    ----------
    tokens : Tensor
        (B, N) int64.
    logits : Tensor
        (B, N, V) float32 raw logits of the pass in which each residue was filled, or looked at in the published order;
        one-hot of the token elsewhere.
    order : tuple
        For each item, for each step: the masked places that were filled.
    """

    tokens: Tensor
    logits: Tensor
    order: tuple[Walk, ...]


def fill(
    logits_fn: Callable[[Tensor, int], Tensor],
    tokens: Tensor,
    *,
    ids: ResidueIds,
    temperature: float,
    top_k: int | None,
    noise: Noise,
    filling: Filling = Filling(),
) -> FilledResidues:
    """Fill all masked residues; the tokens handed in stay as they are (oddity 30).

    Parameters
    ----------
    logits_fn : callable
        ``(tokens (B, N), step) -> (B, N, V)`` logits of every residue token, step from 1.
    tokens : Tensor
        (B, N) int64: ``ids.mask`` where a residue is to be found, others are kept.
    ids : ResidueIds
        What the ids mean.
    temperature : float
        Size of the noise against the logits; 0 takes the most probable residue and draws nothing.
    top_k : int or None
        Draw among so many best tokens only; None and 0 keep all.
    noise : callable
        From ``sampling.noise``; asked for (B, N, V) in each pass.
    filling : Filling
        Order and choice.

    Raises
    ------
    CelleError
        If the authors' code could not fill these masks in its order.
    """
    walks = _walks(tokens, ids, filling)
    order = tuple(_masked(walk, row) for walk, row in zip(walks, tokens == ids.mask, strict=True))
    kept = partial(keep_top_k, k=top_k)
    noisy = partial(with_noise, noise=noise, temperature=temperature)
    logits = logits_fn(tokens, 1).float()  # (B, N, V)
    found = F.one_hot(tokens, logits.shape[-1]).to(logits)
    for step in range(max(map(len, walks))):
        if step > 0 and filling.place:
            logits = logits_fn(tokens, step + 1).float()
        here = _here(walks, step, like=tokens)  # (B, N) bool
        found = torch.where(here.unsqueeze(-1), logits, found)
        if not filling.place:
            continue
        if filling.order == "published":
            scores = suppress_as_published(noisy(kept(logits)), tokens, ids, letters_only=filling.standard_only)
        else:
            scores = noisy(kept(only(logits, ids.standard if filling.standard_only else ids.residues)))
        tokens = torch.where(here & (tokens == ids.mask), scores.argmax(-1), tokens)
    return FilledResidues(tokens=tokens, logits=found, order=order)


def _walks(tokens: Tensor, ids: ResidueIds, filling: Filling) -> list[Walk]:
    """Return the walk of each item of tokens (B, N)."""
    walk = choose("order", filling.order, WALKS)
    if filling.at_once < 1:
        raise CelleError(f"{filling.at_once} residues cannot be filled at once. Choose 1 or more.")
    aside = () if filling.order == "published" else (ids.start, ids.end, ids.pad)
    walks = []
    for row in tokens.cpu():
        masked = row == ids.mask
        others = ~masked & ~torch.isin(row, torch.tensor(aside, dtype=row.dtype))
        walks.append(walk(_places(masked), _places(others), at_once=filling.at_once))
    if not any(walks):
        raise CelleError("No residue is masked. Write <mask> at each residue that is to be found.")
    if filling.order == "published" and len(set(map(len, walks))) > 1:
        raise CelleError(
            "In the published order, sequences can be filled together only in equally many steps. Fill them one by one."
        )
    return walks


def _masked(walk: Walk, masked: Tensor) -> Walk:
    """Return the walk without the places that are not masked (N,) at the start."""
    return tuple(tuple(place for place in step if masked[place]) for step in walk)


def _places(where: Tensor) -> list[int]:
    return where.nonzero().flatten().tolist()


def _here(walks: list[Walk], step: int, *, like: Tensor) -> Tensor:
    """Return (B, N) bool: the places of a step of each walk, nothing for walks that have ended."""
    here = torch.zeros_like(like, dtype=torch.bool)
    for row, walk in enumerate(walks):
        here[row, list(walk[step]) if step < len(walk) else []] = True
    return here
