"""Locations drawn from what the residue encoder believes, for the pictures that the transformer learns from.

The encoder has learned from the labels what can be told from a sequence, and how surely; the transformer shall learn to
draw just that. Taught with the labels themselves, it would learn by heart that the encoder is right about the proteins
of the training, and be too sure about all others (docs/adr/0015-beliefs.md).
"""

from dataclasses import replace

import numpy as np
import torch

from napari_celle.data.batches import length_batches
from napari_celle.data.localization import can_be_drawn
from napari_celle.data.proteins import Proteins
from napari_celle.nn.residues import ResidueEncoder

BATCH_RESIDUES = 16_000
_ROUNDS = 30  # of proportional fitting; shares are then right to the third decimal


@torch.inference_mode()
def location_logits(encoder: ResidueEncoder, proteins: Proteins) -> np.ndarray:
    """Return the logits of the locations (N, 10) float32, in the order of ``proteins``."""
    logits = np.zeros(proteins.locations.shape, np.float32)
    longest = max(map(len, proteins.sequences))
    rng = np.random.default_rng(0)  # for the order, which does not matter
    for chosen, ids in length_batches(proteins.sequences, window=longest, residues=BATCH_RESIDUES, rng=rng):
        _, summary = encoder(torch.from_numpy(ids))
        logits[chosen] = encoder.labels(summary).numpy()
    return logits


def believed(encoder: ResidueEncoder, proteins: Proteins, *, window: int, rng: np.random.Generator) -> Proteins:
    """Replace the labels of proteins by labels drawn as the encoder believes.

    Each protein gets one of the sets of labels that occur, drawn from a softmax over the sets of the sum of their
    labels' logits plus a bias, which makes each set as frequent as it is.

    Parameters
    ----------
    encoder : ResidueEncoder
        Trained, in evaluation mode.
    proteins : Proteins
        Proteins that it learned from.
    window : int
        So many first residues are kept: what the model reads of a protein.
    rng : np.random.Generator
        For the draws.

    Returns
    -------
    Proteins
        Those that can be drawn, in the same order.
    """
    kept = np.flatnonzero(can_be_drawn(proteins.locations))
    proteins = Proteins(
        accessions=tuple(proteins.accessions[index] for index in kept),
        sequences=tuple(proteins.sequences[index][:window] for index in kept),
        locations=proteins.locations[kept],
    )
    sets, counts = np.unique(proteins.locations, axis=0, return_counts=True)  # (S, 10), (S,)
    chances = _chances(location_logits(encoder, proteins) @ sets.T.astype(np.float32), counts / counts.sum())
    chosen = (chances.cumsum(1) < rng.random((len(chances), 1))).sum(1).clip(max=len(sets) - 1)
    return replace(proteins, locations=sets[chosen])


def _chances(scores: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the softmax (N, S) of scores (N, S) with a bias a column that makes the mean of each ``shares`` (S,)."""
    bias = np.zeros(len(shares))
    for _ in range(_ROUNDS):
        shifted = scores + bias
        chances = np.exp(shifted - shifted.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        bias += np.log(shares / chances.mean(0))
    return chances
