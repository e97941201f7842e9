"""A table of pairs is written again with a column that says which are trained on, validated on and tested on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_celle.data.splitting.homology import Families, find_families, highest_identity
from napari_celle.data.splitting.splits import check_shares, split_proteins
from napari_celle.data.tables.pair_table import SPLIT, Table, read_sequences, read_table
from napari_celle.errors import OutputError


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """How large a split is."""

    pairs: int
    proteins: int
    families: int


@dataclass(frozen=True, slots=True)
class SplitReport:
    """What became of a table.

    Attributes
    ----------
    splits : Mapping of str to SplitCounts
        Those that have any pairs.
    program : str
        What looked for families, "mmseqs" or "cd-hit"; "" where each protein stands alone.
    highest_identity : float or None
        Between proteins of different splits, see ``data.splitting.homology``; None where nobody looked.
    """

    splits: Mapping[str, SplitCounts]
    program: str
    highest_identity: float | None


def split_table(
    table: Path, out: Path, shares: Mapping[str, float], *, seed: int, identity: float | None = None
) -> SplitReport:
    """Share the proteins of a table out at random, and write it with the column ``split``.

    Parameters
    ----------
    table : Path
        As for :func:`napari_celle.data.tables.pair_table.read_pairs`; a column ``split`` that it has is replaced.
        Pictures are not looked at.
    out : Path
        CSV to write, in the folder of the table, in which its paths begin; it may be the table.
    shares : Mapping of str to float
        Split to its share of the proteins; the sum is 1.
    seed : int
        Of the choice.
    identity : float or None
        Proteins so similar stay together, see :func:`napari_celle.data.splitting.homology.find_families`; None for
        equal ones only.

    Raises
    ------
    CelleError
        The table or the shares cannot be used; there are too few proteins; no program can look for families.
    OutputError
        The new table cannot be written, or not there.
    """
    check_shares(shares)
    if out.resolve().parent != table.resolve().parent:
        raise OutputError(f"The paths in {table} begin in its folder: write the new table there too, not to {out}.")
    found = read_table(table)
    sequences = read_sequences(found)
    families = None if identity is None else find_families(sequences, identity=identity)
    numbers = None if families is None else families.number_of
    splits = split_proteins(sequences, shares, rng=np.random.default_rng(seed), clusters=numbers)
    highest = None if families is None else highest_identity(sequences, dict(zip(sequences, splits, strict=True)))
    _write(found, splits, out)
    counts = {name: _counts(name, splits, sequences, families) for name in shares if name in splits}
    return SplitReport(counts, "" if families is None else families.program, highest)


def _counts(name: str, splits: Sequence[str], sequences: Sequence[str], families: Families | None) -> SplitCounts:
    chosen = [sequence for sequence, split in zip(sequences, splits, strict=True) if split == name]
    proteins = set(chosen)
    alone = {protein: number for number, protein in enumerate(proteins)}
    numbers = alone if families is None else families.number_of
    return SplitCounts(len(chosen), len(proteins), len({numbers[protein] for protein in proteins}))


def _write(table: Table, splits: Sequence[str], out: Path) -> None:
    part = out.with_name(f"{out.name}.part")
    try:
        table.frame.assign(**{SPLIT: list(splits)}).to_csv(part, index=False)
        part.replace(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror or error}. Choose another with --out.") from None
