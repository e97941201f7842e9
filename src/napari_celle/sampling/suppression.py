"""What a masked residue may become."""

from dataclasses import dataclass

import torch
from torch import Tensor

BANNED, FORCED = float("-inf"), float("inf")


@dataclass(frozen=True, slots=True)
class ResidueIds:
    """What the ids of the residue tokens mean.

    Attributes
    ----------
    mask, pad, start, end : int
        Ids of a residue to be found, of what fills the window, and of what stands before and after the protein.
    standard : tuple of int
        Ids of the 20 standard amino acids.
    residues : tuple of int
        Ids of all letters of amino acids, also X, B, U, Z and O.
    """

    mask: int
    pad: int
    start: int
    end: int
    standard: tuple[int, ...]
    residues: tuple[int, ...]


def only(scores: Tensor, ids: tuple[int, ...]) -> Tensor:
    """Return the scores (..., V) with all but these columns banned."""
    keep = torch.zeros(scores.shape[-1], dtype=torch.bool, device=scores.device)
    keep[list(ids)] = True
    return scores.masked_fill(~keep, BANNED)


def suppress_as_published(scores: Tensor, tokens: Tensor, ids: ResidueIds, *, letters_only: bool) -> Tensor:
    """Ban and force tokens as the authors' code does, by its rules and their exceptions.

    Start and end are banned but at their own places, padding is banned between them and forced outside. With only one
    of them in the text, padding is forced nearly everywhere (oddity 27), and a rule that does not fit, because there
    are more of them than proteins, is left out without a word (28).

    Parameters
    ----------
    scores : Tensor
        (B, N, V).
    tokens : Tensor
        (B, N) int64 as they are now.
    ids : ResidueIds
        What the ids mean.
    letters_only : bool
        Only letters are left, X, B, U, Z and O among them (oddity 29), and start and end at their own places. Without,
        all sorts of tokens are.
    """
    starts, ends = ((tokens == token).nonzero()[:, 1].unsqueeze(1) for token in (ids.start, ids.end))  # (found, 1)
    places = torch.arange(tokens.shape[1], device=tokens.device)
    scores = _set(scores, places != starts, column=ids.start, value=BANNED)
    scores = _set(scores, places != ends, column=ids.end, value=BANNED)
    if len(starts) and len(ends):
        if len(starts) == len(ends) or 1 in (len(starts), len(ends)):
            inside = (places >= starts) & (places <= ends)
            scores = _set(scores, inside, column=ids.pad, value=BANNED)
            scores = _set(scores, ~inside, column=ids.pad, value=FORCED)
    else:
        scores = _set(scores, places != torch.cat([starts, ends]), column=ids.pad, value=FORCED)
    if letters_only:
        scores = only(scores, (*ids.residues, ids.start, ids.end))
    return only(scores, tuple(column for column in range(scores.shape[-1]) if column != ids.mask))


def _set(scores: Tensor, where: Tensor, *, column: int, value: float) -> Tensor:
    """Return the scores with a value where (rows, N) says so, in the first so many items of the batch."""
    rows = len(where)
    if rows > len(scores):
        return scores
    scores = scores.clone()
    scores[:rows, :, column] = scores[:rows, :, column].masked_fill(where, value)
    return scores
