"""What a table of pairs holds, and all that is wrong with it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from napari_celle.data.tables.pair_rows import Row, check_rows
from napari_celle.data.tables.pair_table import read_table
from napari_celle.types import OnStep


@dataclass(frozen=True, slots=True)
class SplitContents:
    """How large a split is."""

    pairs: int
    proteins: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a table holds; all but ``rows`` and ``problems`` is of the rows that can be used.

    Attributes
    ----------
    layout : str
        What its columns are.
    rows, pairs, proteins : int
        Lines of the table; those that can be used; different sequences.
    splits : Mapping of str to SplitContents
        What the column ``split`` says; "" where there is none.
    shared : int
        Proteins that are in several splits.
    sizes, dtypes : Mapping of str to int
        Height and width of the pictures, and the types of nucleus and protein, the most frequent first.
    residues : tuple of int
        Shortest and longest protein; (0, 0) if there is none.
    problems : tuple of str
        A line each.
    """

    layout: str
    rows: int
    pairs: int
    proteins: int
    splits: Mapping[str, SplitContents]
    shared: int
    sizes: Mapping[str, int]
    dtypes: Mapping[str, int]
    residues: tuple[int, int]
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)


def read_contents(table: Path, *, size: int = 1, on_step: OnStep | None = None) -> Contents:
    """Open all pictures of a table, whatever its splits.

    Parameters
    ----------
    table : Path
        As for :func:`napari_celle.data.tables.pair_table.read_pairs`.
    size : int
        Smallest edge of a picture that is no problem, in pixels.
    on_step : callable or None
        Told of progress; what it raises stops.

    Raises
    ------
    CelleError
        If there is no such table, or columns are missing.
    """
    found = read_table(table)
    rows, problems = check_rows(found.frame, found.layout, folder=table.parent, size=size, on_step=on_step)
    lengths = [len(row.sequence) for row in rows]
    return Contents(
        layout=found.layout.name,
        rows=len(found.frame),
        pairs=len(rows),
        proteins=len({row.sequence for row in rows}),
        splits=_splits(rows),
        shared=_shared(rows),
        sizes=_counted(f"{row.shape[0]} x {row.shape[1]}" for row in rows),
        dtypes=_counted(", ".join(dict.fromkeys(row.dtypes)) for row in rows),
        residues=(min(lengths, default=0), max(lengths, default=0)),
        problems=tuple(problems),
    )


def _splits(rows: Sequence[Row]) -> dict[str, SplitContents]:
    names = dict.fromkeys(row.split for row in rows)
    proteins = {name: [row.sequence for row in rows if row.split == name] for name in names}
    return {name: SplitContents(len(each), len(set(each))) for name, each in proteins.items()}


def _shared(rows: Sequence[Row]) -> int:
    splits = Counter(sequence for sequence, _ in {(row.sequence, row.split) for row in rows})
    return sum(count > 1 for count in splits.values())


def _counted(texts: Iterable[str]) -> dict[str, int]:
    return dict(Counter(texts).most_common())
