"""Rows of a table of pairs: opened and checked, whatever layout the table has."""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from napari_celle.data.pairs import FilePairs, PictureFile, joined_sha256
from napari_celle.errors import CelleError, ImageError
from napari_celle.files.images import NucleusImage
from napari_celle.image import check_plane
from napari_celle.sequence import clean
from napari_celle.types import OnStep

Values = Mapping[Hashable, str]
"""One line of a table: column to text."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table says that things are; each function takes a line of it and the folder that paths begin in.

    Attributes
    ----------
    name : str
        For a person.
    nucleus, protein : callable
        Return where the picture is.
    sequence : callable
        Returns the sequence as it is written there.
    """

    name: str
    nucleus: Callable[[Values, Path], PictureFile]
    protein: Callable[[Values, Path], PictureFile]
    sequence: Callable[[Values, Path], str]


OWN_COLUMNS = ("nucleus", "protein", "sequence")
OWN = Layout(
    "our own",
    lambda values, folder: PictureFile(folder / values["nucleus"]),
    lambda values, folder: PictureFile(folder / values["protein"]),
    lambda values, folder: values["sequence"],
)
"""Our own layout: two files of one plane each, and the sequence."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table that has been checked.

    Attributes
    ----------
    nucleus, protein : PictureFile
        Two pictures of one size.
    sequence : str
        Cleaned.
    split : str
        What the table says; "" where it says nothing.
    digest : str
        SHA-256 of the files.
    shape : tuple of int
        Height and width in pixels.
    dtypes : tuple of str
        Types of the pixels of nucleus and protein.
    pixel_size_um : float or None
        Edge of a pixel in micrometres, where the file of the nucleus says it.
    """

    nucleus: PictureFile
    protein: PictureFile
    sequence: str
    split: str
    digest: str
    shape: tuple[int, int]
    dtypes: tuple[str, str]
    pixel_size_um: float | None


def check_rows(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    folder: Path,
    size: int,
    splits: Sequence[str] = (),
    on_step: OnStep | None = None,
) -> tuple[list[Row], list[str]]:
    """Open all pictures of a table.

    Parameters
    ----------
    frame : pd.DataFrame
        The table as text, its index the numbers of the lines in the file.
    layout : Layout
        What its columns mean.
    folder : Path
        Of the table.
    size : int
        Smallest edge of a picture that can be used, in pixels.
    splits : sequence of str
        What the column ``split`` may say; anything if there are none.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    rows : list of Row
        Those that can be used.
    problems : list of str
        One text for each of the others; it names the line and all that is wrong with it.
    """
    rows, problems = [], []
    for number, (line, values) in enumerate(zip(frame.index, frame.to_dict("records"), strict=True)):
        if on_step is not None:
            on_step("reading pictures", number, len(frame))
        found: list[str] = []
        with _noted(found):
            rows.append(_checked(values, layout, folder=folder, size=size))
        if splits and values["split"] not in splits:
            found.append(f"The split {values['split']!r} is none of {', '.join(splits)}.")
        if found:
            problems.append(f"line {line}: {' '.join(found)}")
    return rows, problems


def check_sequences(frame: pd.DataFrame, layout: Layout, *, folder: Path) -> tuple[list[str], list[str]]:
    """Return the cleaned sequences of a table, and problems as :func:`check_rows`; no picture is opened."""
    sequences, problems = [], []
    for line, values in zip(frame.index, frame.to_dict("records"), strict=True):
        found: list[str] = []
        with _noted(found):
            sequences.append(clean(layout.sequence(values, folder)))
        problems += [f"line {line}: {problem}" for problem in found]
    return sequences, problems


def _checked(values: Values, layout: Layout, *, folder: Path, size: int) -> Row:
    """Return a row whose pictures and sequence can be used; an error names all that is wrong with it."""
    problems: list[str] = []
    files: dict[str, PictureFile] = {}
    pictures: dict[str, NucleusImage] = {}
    for name, find, check in (("nucleus", layout.nucleus, check_plane), ("protein", layout.protein, _check_finite)):
        with _noted(problems):
            files[name] = find(values, folder)
            pictures[name] = _open(files[name], check)
    shapes = {name: picture.pixels.shape for name, picture in pictures.items()}
    _check_sizes(shapes, size, problems)
    sequence = ""
    with _noted(problems):
        sequence = clean(layout.sequence(values, folder))
    if problems:
        raise CelleError(" ".join(dict.fromkeys(problems)))  # a file that holds both is missing once
    height, width = shapes["nucleus"]
    return Row(
        nucleus=files["nucleus"],
        protein=files["protein"],
        sequence=sequence,
        split=values.get("split", ""),
        digest=joined_sha256(hashlib.sha256(file.path.read_bytes()).hexdigest() for file in files.values()),
        shape=(height, width),
        dtypes=(pictures["nucleus"].pixels.dtype.name, pictures["protein"].pixels.dtype.name),
        pixel_size_um=pictures["nucleus"].pixel_size_um,
    )


@contextmanager
def _noted(problems: list[str]) -> Iterator[None]:
    """Add an error to the problems, and go on."""
    try:
        yield
    except CelleError as error:
        problems.append(str(error))


def _open(file: PictureFile, check: Callable[[np.ndarray], object]) -> NucleusImage:
    try:
        picture = file.read()
    except ImageError as error:
        reason, _, choice = str(error).partition(" Choose ")  # what to choose there are options of other commands
        raise ImageError(f"{reason} Save what is needed as a picture of its own." if choice else reason) from None
    try:
        check(picture.pixels)
    except ImageError as error:
        raise ImageError(f"{file.path}: {error}") from None
    return picture


def _check_finite(pixels: np.ndarray) -> None:
    if not np.isfinite(pixels).all():
        raise ImageError("The protein image has pixels that are NaN or infinite. Replace them, for example by 0.")


def _check_sizes(shapes: Mapping[str, tuple[int, ...]], size: int, problems: list[str]) -> None:
    if len(set(shapes.values())) > 1:
        problems.append(f"The pictures differ in size: {_by_name(shapes)}. Take both from one field of view.")
    elif shapes and min(next(iter(shapes.values()))) < size:
        problems.append(f"The pictures are smaller than the {size} x {size} pixels of the model: {_by_name(shapes)}.")


def _by_name(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {height} x {width}" for name, (height, width) in shapes.items())


def file_pairs(rows: Iterable[Row]) -> FilePairs:
    """Return rows as pairs that are read when they are asked for."""
    rows = tuple(rows)
    return FilePairs(
        nucleus=tuple(row.nucleus for row in rows),
        protein=tuple(row.protein for row in rows),
        sequences=tuple(row.sequence for row in rows),
        digests=tuple(row.digest for row in rows),
        pixel_sizes_um=tuple(row.pixel_size_um for row in rows if row.pixel_size_um is not None),
    )
