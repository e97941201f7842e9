"""The table of real proteins with their locations (DeepLoc 2.0's SwissProt set), and what must be left out of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from napari_celle.errors import CelleError

LOCATIONS = (
    "Cytoplasm",
    "Nucleus",
    "Extracellular",
    "Cell membrane",
    "Mitochondrion",
    "Plastid",
    "Endoplasmic reticulum",
    "Lysosome/Vacuole",
    "Golgi apparatus",
    "Peroxisome",
)
"""Columns of the table, in its order; a protein has one or more of them."""

LEARN, CHOOSE, REPORT = (0, 1, 2), (3,), (4,)
"""Homology folds to train on, to choose on, and for reports."""

HELD_OUT_ACCESSIONS = frozenset(
    {
        *("P11387", "P30189", "Q969P6"),  # human TOP1, its Drosophila relative, TOP1MT
        *("P01106", "P04198", "P12524"),  # MYC, MYCN, MYCL
        *("P05221", "Q86SE8", "P06748", "O75607"),  # nucleoplasmin of the frog; NPM2, NPM1, NPM3
    }
)
HELD_OUT_GENES = frozenset({"TOP1", "TOP1MT", "MYC", "MYCN", "MYCL", "NPM1", "NPM2", "NPM3"})
SHARED_RESIDUES = 15


@dataclass(frozen=True, slots=True, eq=False)
class Proteins:
    """Proteins and their locations.

    Attributes
    ----------
    accessions, sequences : tuple of str
        UniProt accession and one-letter sequence of each.
    locations : np.ndarray
        (N, 10) bool, columns as in ``LOCATIONS``.
    """

    accessions: tuple[str, ...]
    sequences: tuple[str, ...]
    locations: np.ndarray

    def __len__(self) -> int:
        return len(self.sequences)


def read_proteins(table: Path, *, folds: Iterable[int], held_out: Iterable[str] = (), plants: bool = True) -> Proteins:
    """Read proteins of some homology folds, without those kept for testing.

    Parameters
    ----------
    table : Path
        CSV with the columns ``accession``, ``gene``, ``kingdom``, ``partition``, ``sequence`` and ``LOCATIONS``.
    folds : iterable of int
        Partitions (0-4) to take.
    held_out : iterable of str
        Sequences of the experiments to predict later; proteins that share 15 residues in a row with one are left
        out, and so are the papers' proteins and their relatives by name.
    plants : bool
        Whether to keep Viridiplantae.
    """
    if not table.is_file():
        raise CelleError(f"The protein table {table} does not exist. Give the path of deeploc2_swissprot.csv.gz.")
    frame = pd.read_csv(table, keep_default_na=False)
    frame = frame[frame["partition"].isin(list(folds))]
    if not plants:
        frame = frame[frame["kingdom"] != "Viridiplantae"]
    frame = frame[_may_be_learned(frame, held_out)]
    return Proteins(
        accessions=tuple(frame["accession"]),
        sequences=tuple(frame["sequence"]),
        locations=frame[list(LOCATIONS)].to_numpy(bool),
    )


def pieces(sequence: str, length: int = SHARED_RESIDUES) -> set[str]:
    """Return all runs of ``length`` residues of a sequence.

    Examples
    --------
    >>> sorted(pieces("MKRP", 3))
    ['KRP', 'MKR']
    """
    return {sequence[start : start + length] for start in range(len(sequence) - length + 1)}


def _may_be_learned(frame: pd.DataFrame, held_out: Iterable[str]) -> "pd.Series[bool]":
    forbidden = set[str]().union(*(pieces(sequence) for sequence in held_out))
    named = frame["accession"].str.split("-").str[0].isin(HELD_OUT_ACCESSIONS) | frame["gene"].isin(HELD_OUT_GENES)
    related = frame["sequence"].map(lambda sequence: not forbidden.isdisjoint(pieces(sequence)))
    return ~(named | related)
