"""Tables of proteins that a user hands over: CSV to columns, with every problem said at once."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from napari_celle.errors import CelleError, SequenceError
from napari_celle.sequence import clean

SHOWN = 5
"""So many bad rows are named in an error, the others are counted."""


def read_table(path: Path | str, *, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV file, gzipped or not, as text; nothing is taken for a missing value.

    Parameters
    ----------
    path : Path or str
        The file.
    columns : sequence of str
        Must be there.

    Raises
    ------
    CelleError
        The file is missing, no table, has no rows, or lacks columns; the message names it.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise CelleError(f"There is no table {path}. Check the path of the CSV file.") from None
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CelleError(f"{path} cannot be read as a table: {reason}. Give a CSV file with a first line.") from None
    missing = [column for column in columns if column not in frame]
    if missing:
        raise CelleError(f"{path} lacks the column {', '.join(missing)}. It has {', '.join(map(str, frame))}.")
    if frame.empty:
        raise CelleError(f"{path} has no rows. Give a table with at least one protein.")
    return frame


def read_sequences(values: Iterable[str], *, table: Path | str) -> tuple[str, ...]:
    """Return cleaned proteins.

    Raises
    ------
    SequenceError
        Naming the rows (counted from 1, without the first line of the file) that hold no protein.
    """
    cleaned, problems = [], []
    for row, value in enumerate(values, start=1):
        try:
            cleaned.append(clean(value))
        except SequenceError as error:
            problems.append(f"row {row}: {error}")
    if problems:
        raise SequenceError(f"{table} has {_listed(problems)}")
    return tuple(cleaned)


def read_flags(values: Iterable[str], *, column: str, table: Path | str) -> np.ndarray:
    """Return a column of 0 and 1 as (N,) bool.

    Raises
    ------
    CelleError
        Naming the rows that hold something else.
    """
    flags = [value.strip() for value in values]
    problems = [f"row {row}: {flag!r}" for row, flag in enumerate(flags, start=1) if flag not in ("0", "1")]
    if problems:
        raise CelleError(f"The column {column} of {table} has {_listed(problems)}. Use 0 and 1.")
    return np.array([flag == "1" for flag in flags])


def write_table(path: Path, **columns: object) -> None:
    """Write columns of one length, by name, as CSV; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(path, index=False)


def for_json(values: Mapping[str, object]) -> dict[str, object]:
    """Return a mapping whose NaN, at any depth, became None: JSON has no NaN."""
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return for_json(value)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _listed(problems: Sequence[str]) -> str:
    more = f"; and {len(problems) - SHOWN:,} more" if len(problems) > SHOWN else ""
    return "; ".join(problems[:SHOWN]) + more
