"""A table of pairs of pictures in files: read, checked as a whole, and split for training and validation."""

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from napari_celle.data.pairs import FilePairs, joined_sha256
from napari_celle.errors import CelleError, ImageError
from napari_celle.files.images import NucleusImage, read_image
from napari_celle.image import check_plane
from napari_celle.sequence import clean
from napari_celle.types import OnStep

SPLITS = ("train", "val")
VALIDATION = 0.1
"""Share of the proteins that is kept for validation where a table does not say which."""

_COLUMNS = ("nucleus", "protein", "sequence")
_LISTED = 100  # problems of a table that are shown


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a table that has been checked."""

    nucleus: Path
    protein: Path
    sequence: str
    split: str
    digest: str
    pixel_size_um: float | None


def read_pairs(table: Path, *, size: int, seed: int = 0, on_step: OnStep | None = None) -> dict[str, FilePairs]:
    """Read a table of pairs, and check all of it: each picture is opened once.

    Parameters
    ----------
    table : Path
        CSV with the columns ``nucleus`` and ``protein`` (files, relative to the table), ``sequence``, and, if wanted,
        ``split`` ("train" or "val"). Without it a tenth of the proteins, at least one, is kept for validation, with
        all their pictures; a table of one protein validates on what it trains on.
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
    frame = _read_table(table)
    rows = _read_rows(frame, table, size=size, on_step=on_step)
    chosen = "split" in frame
    splits = [row.split for row in rows] if chosen else _splits(rows, seed=seed)
    pairs = {
        name: _file_pairs(row for row, split in zip(rows, splits, strict=True) if split == name) for name in SPLITS
    }
    empty = [name for name, part in pairs.items() if not len(part)]
    if rows and empty == ["val"] and not chosen:
        return {"train": pairs["train"], "val": pairs["train"]}
    if empty:
        raise CelleError(f"{table} has no row of the split {' and '.join(empty)}. Both, train and val, are needed.")
    return pairs


def _read_table(table: Path) -> pd.DataFrame:
    if not table.is_file():
        raise CelleError(f"There is no table {table}. Give a CSV with the columns {', '.join(_COLUMNS)}.")
    try:
        frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        raise CelleError(f"The table {table} cannot be read: {error}. Save it as CSV with commas.") from None
    missing = [name for name in _COLUMNS if name not in frame]
    if missing:
        raise CelleError(
            f"The table {table} lacks the column {', '.join(missing)}. Its columns are {', '.join(frame.columns)}."
        )
    return frame


def _read_rows(frame: pd.DataFrame, table: Path, *, size: int, on_step: OnStep | None) -> list[_Row]:
    """Return all rows; an error names all that cannot be used."""
    rows, problems = [], []
    for line, values in enumerate(frame.to_dict("records"), start=2):  # 1 is the header
        if on_step is not None:
            on_step("reading pictures", line - 2, len(frame))
        try:
            rows.append(_checked(values, folder=table.parent, size=size))
        except CelleError as error:
            problems.append(f"line {line}: {error}")
    if problems:
        more = f" ... and {len(problems) - _LISTED:,} more" if len(problems) > _LISTED else ""
        raise CelleError(
            f"{len(problems):,} of {len(frame):,} rows of {table} cannot be used. {' '.join(problems[:_LISTED])}{more}"
        )
    return rows


def _checked(values: Mapping[Hashable, str], *, folder: Path, size: int) -> _Row:
    """Return a row whose pictures and sequence can be used; an error names all that is wrong with it."""
    problems: list[str] = []
    pictures = _open(values, folder, problems)
    _check_sizes(pictures, size, problems)
    try:
        sequence = clean(values["sequence"])
    except CelleError as error:
        problems.append(str(error))
    split = values.get("split", "train")
    if split not in SPLITS:
        problems.append(f"The split {split!r} is none of {', '.join(SPLITS)}.")
    if problems:
        raise CelleError(" ".join(problems))
    nucleus, protein = pictures["nucleus"], pictures["protein"]
    digest = joined_sha256(hashlib.sha256(path.read_bytes()).hexdigest() for path in (nucleus.path, protein.path))
    return _Row(nucleus.path, protein.path, sequence, split, digest, nucleus.pixel_size_um)


def _open(values: Mapping[Hashable, str], folder: Path, problems: list[str]) -> dict[str, NucleusImage]:
    """Return the pictures of a row that can be used; what is wrong with the others is added to the problems."""
    pictures = {}
    for name in ("nucleus", "protein"):
        try:
            picture = read_image(folder / values[name])
            _check_pixels(picture.pixels, name, picture.path)
            pictures[name] = picture
        except ImageError as error:
            problems.append(str(error))
    return pictures


def _check_sizes(pictures: Mapping[str, NucleusImage], size: int, problems: list[str]) -> None:
    shapes = {name: picture.pixels.shape for name, picture in pictures.items()}
    if len(set(shapes.values())) > 1:
        problems.append(f"The pictures differ in size: {_by_name(shapes)}. Take both from one field of view.")
    elif shapes and min(next(iter(shapes.values()))) < size:
        problems.append(f"The pictures are smaller than the {size} x {size} pixels of the model: {_by_name(shapes)}.")


def _check_pixels(pixels: np.ndarray, name: str, path: Path) -> None:
    try:
        if name == "nucleus":
            check_plane(pixels)
        elif not np.isfinite(pixels).all():
            raise ImageError("The protein image has pixels that are NaN or infinite. Replace them, for example by 0.")
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None


def _by_name(shapes: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {height} x {width}" for name, (height, width) in shapes.items())


def _splits(rows: Sequence[_Row], *, seed: int) -> list[str]:
    """Keep all pictures of some proteins for validation."""
    proteins = sorted({row.sequence for row in rows})
    count = max(1, round(VALIDATION * len(proteins))) if len(proteins) > 1 else 0
    kept = set(np.random.default_rng(seed).permutation(proteins)[:count].tolist())
    return ["val" if row.sequence in kept else "train" for row in rows]


def _file_pairs(rows: Iterable[_Row]) -> FilePairs:
    rows = tuple(rows)
    return FilePairs(
        nucleus=tuple(row.nucleus for row in rows),
        protein=tuple(row.protein for row in rows),
        sequences=tuple(row.sequence for row in rows),
        digests=tuple(row.digest for row in rows),
        pixel_sizes_um=tuple(row.pixel_size_um for row in rows if row.pixel_size_um is not None),
    )
