"""A table of pairs of pictures in files: read, checked as a whole, and split for training and validation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from napari_celle.data.pairs import FilePairs
from napari_celle.data.tables.authors import authors_layout
from napari_celle.data.tables.pair_rows import OWN, OWN_COLUMNS, Layout, Row, check_rows, check_sequences, file_pairs
from napari_celle.errors import CelleError
from napari_celle.types import OnStep

SPLITS = ("train", "val")
TEST = "test"
"""Split that no training looks at."""

VALIDATION = 0.1
"""Share of the proteins that is kept for validation where a table does not say which."""

SPLIT = "split"
_FIRST = 2  # line of the first row in the file; 1 is the header
_LISTED = 100  # problems of a table that are shown


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table of pairs whose pictures have not been looked at.

    Attributes
    ----------
    path : Path
        The file.
    frame : pd.DataFrame
        All of it as text, its index the numbers of the lines.
    layout : Layout
        What its columns mean.
    """

    path: Path
    frame: pd.DataFrame
    layout: Layout


def read_table(path: Path) -> Table:
    """Read a CSV of pairs, ours or of the authors' layout (``data.tables.authors``), and know it by its columns.

    Raises
    ------
    CelleError
        If there is no such file, it is no table, or columns are missing.
    """
    if not path.is_file():
        raise CelleError(f"There is no table {path}. Give a CSV with the columns {', '.join(OWN_COLUMNS)}.")
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        raise CelleError(f"The table {path} cannot be read: {error}. Save it as CSV with commas.") from None
    frame.index += _FIRST
    layout = authors_layout(frame.columns)
    missing = [name for name in OWN_COLUMNS if name not in frame]
    if layout is None and missing:
        raise CelleError(
            f"The table {path} lacks the column {', '.join(missing)}. Its columns are {', '.join(frame.columns)}; the "
            "authors' layout has image_path, or nucleus_image_path and target_image_path, and a sequence."
        )
    return Table(path, frame, layout if missing and layout is not None else OWN)


def read_pairs(table: Path, *, size: int, seed: int = 0, on_step: OnStep | None = None) -> dict[str, FilePairs]:
    """Read the pairs of a table to train on, and check all of them: each picture is opened.

    Parameters
    ----------
    table : Path
        CSV with the columns ``nucleus`` and ``protein`` (files, relative to the table), ``sequence``, and, if wanted,
        ``split`` ("train" or "val"; rows of "test" are left alone); or of the authors' layout, see ``tables.authors``.
        Without split a tenth of the proteins, at least one, is kept for validation, with all their pictures; a table
        of one protein validates on what it trains on.
    size : int
        Smallest picture that can be used: the model's edge in pixels.
    seed : int
        For the choice of the validation.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    dict of str to FilePairs
        "train" and "val".

    Raises
    ------
    CelleError
        If there is no such table, a column is missing, a split is empty; or naming all rows that cannot be used.
    """
    found = read_table(table)
    given = SPLIT in found.frame
    if given:
        found = replace(found, frame=found.frame[found.frame[SPLIT] != TEST])
    rows = _rows(found, size=size, splits=SPLITS if given else (), on_step=on_step)
    splits = [row.split for row in rows] if given else _splits(rows, seed=seed)
    pairs = {name: file_pairs(row for row, split in zip(rows, splits, strict=True) if split == name) for name in SPLITS}
    empty = [name for name, part in pairs.items() if not len(part)]
    if rows and empty == ["val"] and not given:
        return {"train": pairs["train"], "val": pairs["train"]}
    if empty:
        raise CelleError(f"{table} has no row of the split {' and '.join(empty)}. Both, train and val, are needed.")
    return pairs


def read_dataset(table: Path, *, split: str | None = None, size: int = 1, on_step: OnStep | None = None) -> FilePairs:
    """Read the pairs of any one split of a table, for example "test", and check them: each picture is opened.

    Parameters
    ----------
    table : Path
        As for :func:`read_pairs`.
    split : str or None
        What the column ``split`` says of the rows that are wanted; None takes all rows. Other rows are not looked at.
    size : int
        Smallest picture that can be used: the model's edge in pixels.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    FilePairs
        In the order of the table; a ``data.pairs.Pairs``.

    Raises
    ------
    CelleError
        If there is no such table, a column is missing, the split is empty; or naming all rows that cannot be used.
    """
    found = read_table(table)
    if split is not None:
        found = _only(found, split)
    if found.frame.empty:
        raise CelleError(f"The table {table} has no rows. Give one with at least one pair of pictures.")
    return file_pairs(_rows(found, size=size, on_step=on_step))


def read_sequences(table: Table) -> list[str]:
    """Return the cleaned sequence of each row; no picture is opened.

    Raises
    ------
    CelleError
        Naming all rows whose sequence cannot be used.
    """
    sequences, problems = check_sequences(table.frame, table.layout, folder=table.path.parent)
    _raise(problems, table)
    return sequences


def _only(table: Table, split: str) -> Table:
    """Return the rows of one split."""
    if SPLIT not in table.frame:
        raise CelleError(
            f"The table {table.path} has no column split. Write one with 'napari-celle data split', or take all rows."
        )
    counts = table.frame[SPLIT].value_counts()
    if split not in counts:
        there = ", ".join(f"{name or 'none'} ({count:,})" for name, count in counts.items())
        raise CelleError(f"{table.path} has no row of the split {split}. Its splits are {there or 'none'}.")
    return replace(table, frame=table.frame[table.frame[SPLIT] == split])


def _rows(table: Table, *, size: int, splits: Sequence[str] = (), on_step: OnStep | None = None) -> list[Row]:
    """Return all rows; an error names those that cannot be used."""
    rows, problems = check_rows(
        table.frame, table.layout, folder=table.path.parent, size=size, splits=splits, on_step=on_step
    )
    _raise(problems, table)
    return rows


def _raise(problems: Sequence[str], table: Table) -> None:
    if not problems:
        return
    more = f" ... and {len(problems) - _LISTED:,} more" if len(problems) > _LISTED else ""
    raise CelleError(
        f"{len(problems):,} of {len(table.frame):,} rows of {table.path} cannot be used. "
        f"{' '.join(problems[:_LISTED])}{more}"
    )


def _splits(rows: Sequence[Row], *, seed: int) -> list[str]:
    """Keep all pictures of some proteins for validation."""
    proteins = sorted({row.sequence for row in rows})
    count = max(1, round(VALIDATION * len(proteins))) if len(proteins) > 1 else 0
    kept = set(np.random.default_rng(seed).permutation(proteins)[:count].tolist())
    return ["val" if row.sequence in kept else "train" for row in rows]
