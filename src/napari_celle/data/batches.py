"""Proteins to batches of residue ids of similar length."""

from collections.abc import Iterator, Sequence

import numpy as np

from napari_celle.sequence import MASK_ID, PAD_ID, tokenize


def crop(ids: np.ndarray, window: int, rng: np.random.Generator) -> np.ndarray:
    """Cut a random run of ``window`` residues out of a longer protein; a shorter one is returned as it is."""
    start = int(rng.integers(max(1, len(ids) - window + 1)))
    return ids[start : start + window]


def pad(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Stack id rows of different lengths into (B, L) int64, padded at the end."""
    out = np.full((len(rows), max(map(len, rows))), PAD_ID, np.int64)
    for line, row in zip(out, rows, strict=True):
        line[: len(row)] = row
    return out


def mask_residues(ids: np.ndarray, fraction: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Replace about ``fraction`` (B,) of each row's residues (B, L) by the mask, never the padding."""
    hidden = rng.random(ids.shape) < fraction[:, None]
    return np.where(hidden & (ids != PAD_ID), MASK_ID, ids)


def length_batches(
    sequences: Sequence[str], *, window: int, residues: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Go once through all proteins in batches of similar length and random order.

    Parameters
    ----------
    sequences : sequence of str
        Proteins.
    window : int
        Longest part of a protein that is used.
    residues : int
        About so many residues a batch, padding included.
    rng : np.random.Generator
        For order and crops.

    Yields
    ------
    indices : np.ndarray
        (B,) which proteins.
    ids : np.ndarray
        (B, L) int64 residue ids, padded at the end.
    """
    lengths = np.minimum([len(sequence) for sequence in sequences], window)
    order = np.argsort(lengths * rng.uniform(0.9, 1.1, len(lengths)))
    ends = np.searchsorted(np.cumsum(lengths[order]), np.arange(residues, lengths.sum(), residues))
    chunks = [chunk for chunk in np.split(order, ends) if len(chunk)]
    for position in rng.permutation(len(chunks)):
        chunk = chunks[position]
        yield chunk, pad([crop(tokenize(sequences[index]), window, rng) for index in chunk])


def similar_lengths(lengths: np.ndarray, *, batch: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Go once through items (N,) in batches of similar length and random order; a rest smaller than a batch is left.

    Yields
    ------
    np.ndarray
        (batch,) indices.
    """
    order = np.argsort(lengths * rng.uniform(0.9, 1.1, len(lengths)))
    chunks = order[: len(order) // batch * batch].reshape(-1, batch)
    yield from rng.permutation(chunks)
